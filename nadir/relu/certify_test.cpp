#include "nadir/relu/certify.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/relu/free_bias.hpp"
#include "nadir/relu/test_util.hpp"

namespace nadir::relu {
namespace {

TwoLayerNetwork random_network(Index units, Index d, Index outputs, bool biases, Random& random) {
  TwoLayerNetwork network;
  network.hidden = normal_matrix(units, d, random);
  network.output = normal_matrix(outputs, units, random);
  if (!biases) return network;
  network.hidden_biases = normal_matrix(units, 1, random).col(0);
  network.output_biases = normal_matrix(outputs, 1, random).col(0);
  return network;
}

/// The objective as a loop over samples and weights, for squared errors.
double squared_objective(const Convention& c, const TwoLayerNetwork& network, const Matrix& X, const Vector& y) {
  double loss = 0, penalty = 0;
  for (Index i = 0; i < X.rows(); ++i) {
    double f = network.output_biases.size() > 0 ? network.output_biases[0] : 0;
    for (Index j = 0; j < network.units(); ++j) {
      double z = network.hidden_biases.size() > 0 ? network.hidden_biases[j] : 0;
      for (Index l = 0; l < X.cols(); ++l) z += network.hidden(j, l) * X(i, l);
      f += network.output(0, j) * (z > 0 ? z : network.slope * z);
    }
    loss += (f - y[i]) * (f - y[i]) * (c.half ? 0.5 : 1);
  }
  if (c.reduction == "mean") loss /= static_cast<double>(X.rows());
  for (Index j = 0; j < network.units(); ++j) {
    double in = network.hidden.row(j).squaredNorm(), out = network.output(0, j) * network.output(0, j);
    if (network.hidden_biases.size() > 0) in += network.hidden_biases[j] * network.hidden_biases[j];
    penalty += c.penalty == "norms" ? std::sqrt(in * out) : (in + out) * (c.penalty == "squares" ? 1 : 0.5);
  }
  const double b = network.output_biases.size() > 0 ? network.output_biases[0] : 0;
  penalty += b * b * (c.penalty == "squares" ? 1 : 0.5);
  return loss + c.lambda * penalty;
}

template <class Visit>
void for_each_convention(const Visit& visit) {
  for (const char* reduction : {"mean", "sum"})
    for (const char* penalty : {"weight-decay", "squares", "norms"})
      for (const bool half : {true, false}) visit(Convention{0.03, reduction, half, penalty});
}

TEST(Convention, ObjectiveIsTheUsersOwn) {
  Random random(1);
  const Matrix X = normal_matrix(12, 3, random);
  const Vector y = normal_matrix(12, 1, random).col(0);
  const TrainingLoss loss(LossKind::squared, y);
  for_each_convention([&](const Convention& c) {
    for (const bool biases : {true, false}) {
      TwoLayerNetwork network = random_network(4, 3, 1, biases, random);
      network.slope = biases ? 0.1 : 0;
      const double expected = squared_objective(c, network, X, y);
      EXPECT_NEAR(evaluate(c, network, X, loss).objective, expected, 1e-13 * expected) << c.penalty << c.reduction;
    }
  });
}

/// Ours times the factor is theirs, for balanced units; and never above it.
TEST(Convention, OursIsTheirsAtBalancedUnits) {
  Random random(2);
  const Matrix X = normal_matrix(12, 3, random);
  Matrix wide(12, 4);
  wide << X, Vector::Ones(12);
  const Vector y = normal_matrix(12, 1, random).col(0);
  const TrainingLoss loss(LossKind::squared, y);
  for_each_convention([&](const Convention& c) {
    for (const double slope : {0.0, 0.3, -0.5})
      for (const bool biases : {true, false}) {
        TwoLayerNetwork network = random_network(4, 3, 1, biases, random);
        network.slope = slope;
        const Matrix& features = biases ? wide : X;
        const Problem problem{features, loss, c.our_lambda(loss, slope), 0, true, biases ? c.our_bias_weight(loss) : 0};
        const double ours = c.factor(loss) * iterate_of(problem, to_relu(network)).objective;
        const double theirs = evaluate(c, network, X, loss).objective;
        if (c.penalty == "norms") {
          EXPECT_NEAR(ours, theirs, 1e-12 * theirs);
        } else {
          EXPECT_LT(ours, theirs);
        }
        for (Index j = 0; j < 4; ++j) {
          const double bias = biases ? network.hidden_biases[j] : 0;
          const double root = std::sqrt(network.output.col(j).norm() / std::hypot(network.hidden.row(j).norm(), bias));
          network.hidden.row(j) *= root, network.output.col(j) /= root;
          if (biases) network.hidden_biases[j] *= root;
        }
        EXPECT_NEAR(ours, evaluate(c, network, X, loss).objective, 1e-12 * theirs);
        EXPECT_LE(lower_bound_of_theirs(c, loss, ours / c.factor(loss)), ours);
        EXPECT_GE(lower_bound_of_theirs(c, loss, ours / c.factor(loss)), ours * (1 - 1e-14));
      }
  });
}

TEST(Convention, StationarityIsThatOfTheGradient) {
  Random random(4);
  const Matrix X = normal_matrix(15, 3, random);
  const TrainingLoss loss(LossKind::softmax, random_labels(15, 3, random), 3);
  for_each_convention([&](const Convention& c) {
    TwoLayerNetwork network = random_network(3, 3, 3, true, random);
    network.slope = 0.2;
    // ‖∇F‖ by differences, the two parts apart.
    const auto gradient_norms = [&](bool with_loss, bool with_penalty) {
      double square = 0;
      const auto value = [&] {
        const Theirs at = evaluate(c, network, X, loss);
        return (with_loss ? at.objective - at.penalty : 0) + (with_penalty ? at.penalty : 0);
      };
      const auto differ = [&](double* entries, Index count) {
        for (Index i = 0; i < count; ++i) {
          const double old = entries[i], h = 1e-6;
          entries[i] = old + h;
          const double up = value();
          entries[i] = old - h;
          const double slope = (up - value()) / (2 * h);
          entries[i] = old, square += slope * slope;
        }
      };
      differ(network.hidden.data(), network.hidden.size());
      differ(network.hidden_biases.data(), network.hidden_biases.size());
      differ(network.output.data(), network.output.size());
      differ(network.output_biases.data(), network.output_biases.size());
      return std::sqrt(square);
    };
    const double expected = gradient_norms(true, true) / (gradient_norms(true, false) + gradient_norms(false, true));
    EXPECT_NEAR(evaluate(c, network, X, loss).stationarity, expected, 1e-6) << c.penalty;
  });
}

/// A table of two columns and a target.
Table planted_table(Index rows, bool classes, Random& random) {
  std::string text = "a,b,y\n";
  for (Index i = 0; i < rows; ++i) {
    const double a = random.normal(), b = random.normal(), y = std::max(0.0, a + 0.5) - std::max(0.0, b - a);
    const std::string target = classes ? (y > 0.3 ? "high" : y < -0.3 ? "low" : "middle") : std::to_string(y);
    text += std::to_string(a) + "," + std::to_string(b) + "," + target + "\n";
  }
  ReadOptions read;
  read.target = "y";
  return read_table_from_bytes(text, "planted.csv", read);
}

RecipeOptions as_it_is() {
  RecipeOptions recipe;
  recipe.scale = recipe.target_scale = "none", recipe.keep_constant = true;
  return recipe;
}

std::vector<Index> all_rows(const Table& table) {
  std::vector<Index> rows;
  for (Index i = 0; i < table.rows; ++i) rows.push_back(i);
  return rows;
}

TEST(Certify, BoundsANetworkAndImprovesIt) {
  Random random(5);
  for (const bool classes : {false, true}) {
    const Table table = planted_table(60, classes, random);
    const TwoLayerNetwork network = random_network(3, 2, classes ? 3 : 1, true, random);
    CertifyOptions options;
    options.lambda = 0.05, options.gap = 0.02, options.nodes = classes ? 5 : 0;
    const Certified given = certify(table, all_rows(table), as_it_is(), network, options, 1, {});
    EXPECT_LT(given.lower_bound, given.best);
    EXPECT_LE(given.best, given.balanced);
    EXPECT_LT(given.balanced, given.given.objective);
    EXPECT_EQ(given.claim, Claim::bounded);
    EXPECT_GT(given.step.decrease, 0);
    EXPECT_GT(given.unit.value, given.lambda);
    options.improve = true;
    const Certified better = certify(table, all_rows(table), as_it_is(), network, options, 1, {});
    EXPECT_NEAR(better.certificate.objective, better.best, 1e-8);
    EXPECT_LT(better.certificate.objective, given.certificate.objective);
    EXPECT_EQ(better.given.objective, given.given.objective);
    if (!classes) {
      EXPECT_EQ(better.certificate.claim, Claim::certified);
    }
  }
}

/// Three columns and a target, of noise alone.
Table noise_table(Index rows, Random& random) {
  std::string text = "a,b,c,y\n";
  for (Index i = 0; i < rows; ++i)
    for (int column = 0; column < 4; ++column) text += std::to_string(random.normal()) + (column < 3 ? "," : "\n");
  ReadOptions read;
  read.target = "y";
  return read_table_from_bytes(text, "noise.csv", read);
}

/// A network that lacks less than half of the gap is certified, not only the one that training it on leads to.
TEST(Certify, ProvesWhatTheGivenNetworkNeeds) {
  Random random(7);
  const Table table = noise_table(100, random);
  CertifyOptions options;
  options.lambda = 0.03, options.gap = 0.05, options.improve = true;
  const TwoLayerNetwork any = random_network(3, 3, 1, true, random);
  const Certified best = certify(table, all_rows(table), as_it_is(), any, options, 1, {});
  TwoLayerNetwork network;
  network.hidden = best.network.units.leftCols(3), network.hidden_biases = best.network.units.col(3);
  network.output = 0.9 * best.network.unit_outputs.transpose(), network.output_biases = best.network.output_biases;
  options.improve = false;
  const Certified given = certify(table, all_rows(table), as_it_is(), network, options, 1, {});
  const double missed = (given.given.objective - best.best) / (given.at_zero - best.best);
  EXPECT_GT(missed, 0.2 * options.gap);
  EXPECT_LT(missed, 0.45 * options.gap);
  EXPECT_EQ(given.claim, Claim::certified) << given.relative_gap;
}

TEST(Certify, RefusesWhatDoesNotFit) {
  Random random(6);
  const Table table = planted_table(60, false, random);
  const auto message_of = [&](const TwoLayerNetwork& network, CertifyOptions options) -> std::string {
    try {
      certify(table, all_rows(table), as_it_is(), network, options, 1, {});
      return "nothing was refused";
    } catch (const std::exception& error) {
      return error.what();
    }
  };
  CertifyOptions options;
  EXPECT_NE(message_of(random_network(2, 2, 1, true, random), options).find("--lambda is wanted"), std::string::npos);
  options.lambda = 0.1;
  EXPECT_NE(message_of(random_network(2, 3, 1, true, random), options).find("2 features, but the network takes 3"),
            std::string::npos);
  EXPECT_NE(message_of(random_network(2, 2, 2, true, random), options).find("has 2 outputs, but"), std::string::npos);
  options.loss = "softmax";
  EXPECT_NE(message_of(random_network(2, 2, 1, true, random), options).find("--loss softmax"), std::string::npos);
}

/// Sums of whole multiples of one number are exact, so that 0 is 0; the domain and the value of the best shift are
/// kept.
TEST(BalancedDual, HasSumsOfZeroAndLosesNothing) {
  Random random(8);
  const Matrix f = normal_matrix(37, 1, random), several = normal_matrix(37, 3, random);
  std::vector<int> two, three;
  for (int i = 0; i < 37; ++i) two.push_back(i % 5 == 0 ? 1 : 0), three.push_back(i % 4 == 0 ? 2 : i % 2);
  const Vector targets = normal_matrix(37, 1, random).col(0).array() + 3;
  const std::vector<std::pair<TrainingLoss, Matrix>> cases{
      {TrainingLoss(LossKind::squared, targets), f},        {TrainingLoss(LossKind::huber, targets, 0.25), f},
      {TrainingLoss(LossKind::logistic, two, 2), f},        {TrainingLoss(LossKind::squared_hinge, two, 2), f},
      {TrainingLoss(LossKind::softmax, three, 3), several}, {TrainingLoss(LossKind::squared, three, 3), several}};
  for (const auto& [loss, at] : cases) {
    SCOPED_TRACE(std::string(to_string(loss.kind())));
    const Matrix G = balanced_dual(loss, at, three);
    for (Index k = 0; k < G.cols(); ++k) EXPECT_EQ(G.col(k).sum(), 0);
    EXPECT_GT(G.norm(), 0);
    const double value = loss.dual_value(G, 1);  // minus infinity outside of the domain
    EXPECT_TRUE(std::isfinite(value));
    // Fenchel: L(f + 1cᵀ) − ⟨−G, f + 1cᵀ⟩ = −L*(−G) at the best c, and the sums are 0.
    Matrix shifted = at, gradient;
    double least = loss.value(at) + G.cwiseProduct(at).sum();
    for (int step = 0; step < 4000; ++step) {
      loss.gradient(shifted, gradient);
      shifted.rowwise() -= 0.5 * gradient.colwise().sum();
      least = std::min(least, loss.value(shifted) + G.cwiseProduct(shifted).sum());
    }
    EXPECT_LE(value, least + 1e-9);
    EXPECT_GE(value, least - (loss.kind() == LossKind::huber ? 0.2 : 1e-6));
  }
}

}  // namespace
}  // namespace nadir::relu
