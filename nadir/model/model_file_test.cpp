#include "nadir/model/model_file.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "nadir/base/error.hpp"
#include "nadir/base/hexfloat.hpp"
#include "nadir/data/safetensors.hpp"
#include "nadir/model/predictions.hpp"

namespace nadir {
namespace {

Model small_model() {
  Model model;
  ReadOptions read;
  read.target = "y";
  const Table table = read_table_from_bytes("a,b,y\n1,2,no\n3,1,yes\n2,5,no\n", "t.csv", read);
  model.recipe = fit_recipe(table, {0, 1, 2}, {});
  PolynomialNetwork& network = model.network.emplace<PolynomialNetwork>();
  network.hidden.resize(1);
  auto& layer = network.hidden[0];
  layer.weights.resize(2, 2);
  layer.weights << 0.5, 0, 0.25, 1;
  layer.mask.resize(2, 2);
  layer.mask << true, false, true, true;
  layer.exponents.resize(2);
  layer.exponents << 1, 2.5;
  network.output = Matrix::Constant(2, 2, 0.125);
  model.objective = {{"kind", "softmax_minus_outputs"}};
  model.certificate = make_certificate(0.25, {0.24}, 0.69, 0.5, {});
  model.certificate.samples = 2;
  model.training_rows = {true, false, true};
  model.trace = Matrix::Random(4, 3);
  model.notes = {{"seed", 3}};
  return model;
}

/// Of each loss that section 5.2 knows.
const std::vector<std::string> losses = {"squared", "huber", "logistic", "squared_hinge", "softmax"};

Model gated_model(const std::string& loss) {
  const bool quantity = loss == "squared" || loss == "huber", softmax = loss == "softmax";
  Model model;
  ReadOptions read;
  read.target = "y";
  const Table table = read_table_from_bytes(quantity  ? "a,b,y\n1,2,0.5\n3,1,2\n2,5,-1\n4,4,1\n"
                                            : softmax ? "a,b,y\n1,2,no\n3,1,yes\n2,5,so\n4,4,yes\n"
                                                      : "a,b,y\n1,2,no\n3,1,yes\n2,5,no\n4,4,yes\n",
                                            "t.csv", read);
  RecipeOptions recipe;
  recipe.task = quantity ? "regression" : "classification";
  recipe.scale = "standard", recipe.bias = true;
  model.recipe = fit_recipe(table, {0, 1, 3}, recipe);
  if (softmax) model.recipe.classes = {"no", "so", "yes"};
  GatedNetwork& network = model.network.emplace<GatedNetwork>();
  network.outputs = softmax ? 3 : 1;
  network.gates = Matrix::Random(4, 3);
  network.weights = Matrix::Random(2 * network.outputs, 3);
  model.dual = Matrix::Random(3, network.outputs);
  model.objective = {
      {"kind", "penalized"}, {"loss", {{"kind", loss}}}, {"lambda", to_hex(0.125)}, {"penalty", "group"}};
  if (loss == "huber") model.objective["loss"]["delta"] = to_hex(1.5);
  model.certificate = make_certificate(0.25, {0.24}, 0.69, 0.5, Evidence{.kind = "dual_point"});
  model.certificate.samples = 3;
  model.training_rows = {true, true, false, true};
  model.trace = Matrix::Random(4, 3);
  return model;
}

std::string refusal(const Model& model) {
  try {
    decode_model(encode_model(model), "m");
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(ModelFile, GivesBackWhatWasWritten) {
  const Model model = small_model();
  const std::string bytes = encode_model(model);
  EXPECT_EQ(bytes, encode_model(model));
  const Model back = decode_model(bytes, "m");
  EXPECT_EQ(back.recipe, model.recipe);
  const auto& network = std::get<PolynomialNetwork>(model.network);
  const auto& network_back = std::get<PolynomialNetwork>(back.network);
  EXPECT_EQ(network_back.hidden[0].weights, network.hidden[0].weights);
  EXPECT_EQ(network_back.hidden[0].mask, network.hidden[0].mask);
  EXPECT_EQ(network_back.hidden[0].exponents, network.hidden[0].exponents);
  EXPECT_EQ(network_back.output, network.output);
  EXPECT_EQ(back.dual.size(), 0);
  EXPECT_EQ(back.objective, model.objective);
  EXPECT_EQ(back.certificate, model.certificate);
  EXPECT_EQ(back.notes, model.notes);
  EXPECT_EQ(back.training_rows, model.training_rows);
  EXPECT_EQ(back.trace, model.trace);
}

TEST(ModelFile, RefusesEveryTruncationAndEveryFlippedByte) {
  const std::string bytes = encode_model(small_model());
  for (std::size_t length = 0; length < bytes.size(); length += 7)
    EXPECT_THROW(decode_model(bytes.substr(0, length), "m"), InputError) << length;
  for (std::size_t place = 0; place < bytes.size(); ++place) {
    std::string damaged = bytes;
    damaged[place] = static_cast<char>(damaged[place] ^ 1);
    EXPECT_THROW(decode_model(damaged, "m"), InputError) << place;
  }
}

TEST(ModelFile, PolynomialNetworksHaveNoQuantities) {
  Model model = small_model();
  model.recipe.classes.clear();
  model.recipe.quantity = Quantity{0, 1};
  try {
    decode_model(encode_model(model), "m");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "m: a polynomial network has classes, and the recipe's target is a quantity");
  }
}

TEST(ModelFile, GivesBackGatedNetworks) {
  for (const std::string& loss : losses) {
    SCOPED_TRACE(loss);
    const Model model = gated_model(loss);
    const Model back = decode_model(encode_model(model), "m");
    const auto& network = std::get<GatedNetwork>(model.network);
    const auto& network_back = std::get<GatedNetwork>(back.network);
    EXPECT_EQ(network_back.gates, network.gates);
    EXPECT_EQ(network_back.weights, network.weights);
    EXPECT_EQ(network_back.outputs, network.outputs);
    EXPECT_EQ(back.dual, model.dual);
    EXPECT_EQ(back.recipe, model.recipe);
    EXPECT_EQ(back.objective, model.objective);
    EXPECT_EQ(back.certificate, model.certificate);
    EXPECT_EQ(back.training_rows, model.training_rows);
    EXPECT_EQ(back.trace, model.trace);
    EXPECT_EQ(encode_model(back), encode_model(model));
  }
}

Model linear_model() {
  Model model = gated_model("squared");
  model.dual.resize(0, 0);
  model.network = BiasedChain{{{Matrix::Random(2, 3), Matrix::Random(1, 2)}}, {Vector(), Vector::Random(1)}};
  model.rank = {Matrix::Random(2, 2), Matrix::Random(1, 3), Matrix::Random(1, 1)};
  model.objective = {{"kind", "mean_loss"}, {"loss", {{"kind", "squared"}}}};
  Evidence evidence{.kind = "reduced_rank"};
  evidence.columns = {0, 2}, evidence.level = 0.125;
  model.certificate = make_certificate(0.25, {0.24}, 0.69, 0.5, evidence);
  model.certificate.samples = 3;
  return model;
}

TEST(ModelFile, GivesBackLinearNetworks) {
  const Model model = linear_model();
  const std::string bytes = encode_model(model);
  const Model back = decode_model(bytes, "m");
  const auto& network = std::get<BiasedChain>(back.network);
  EXPECT_EQ(network.chain.weights, std::get<BiasedChain>(model.network).chain.weights);
  EXPECT_EQ(network.biases[0].size(), 0);
  EXPECT_EQ(network.biases[1], std::get<BiasedChain>(model.network).biases[1]);
  EXPECT_EQ(back.rank.triangle, model.rank.triangle);
  EXPECT_EQ(back.rank.relations, model.rank.relations);
  EXPECT_EQ(back.rank.factor, model.rank.factor);
  EXPECT_EQ(back.certificate, model.certificate);
  EXPECT_EQ(encode_model(back), bytes);
  EXPECT_EQ(outputs(back.network, Matrix::Zero(2, 3))(1, 0), network.biases[1][0]);
}

TEST(ModelFile, RefusesLinearNetworksThatDoNotFit) {
  const auto refused = [](const std::function<void(Model&, BiasedChain&)>& change) {
    Model model = linear_model();
    change(model, std::get<BiasedChain>(model.network));
    return refusal(model);
  };
  EXPECT_NE(refused([](Model&, BiasedChain& n) { n.chain.weights[0] = Matrix::Random(2, 2); }), "accepted");
  EXPECT_NE(refused([](Model&, BiasedChain& n) { n.chain.weights[1] = Matrix::Random(1, 3); }), "accepted");
  EXPECT_NE(refused([](Model&, BiasedChain& n) { n.chain.weights[1] = Matrix::Random(2, 2); }), "accepted");
  EXPECT_NE(refused([](Model&, BiasedChain& n) { n.biases[1] = Vector::Random(2); }), "accepted");
  EXPECT_NE(refused([](Model& m, BiasedChain&) { m.rank.triangle = Matrix::Random(3, 3); }), "accepted");
  EXPECT_NE(refused([](Model& m, BiasedChain&) { m.rank.relations = Matrix::Random(2, 3); }), "accepted");
  EXPECT_NE(refused([](Model& m, BiasedChain&) { m.rank.factor = Matrix::Random(2, 1); }), "accepted");
  EXPECT_NE(refused([](Model& m, BiasedChain&) { m.objective["kind"] = "penalized"; }), "accepted");
  EXPECT_NE(refused([](Model& m, BiasedChain&) { m.certificate.evidence.kind = "dual_point"; }), "accepted");
}

TEST(ModelFile, TensorsOfGatedNetworksHaveTheirPlaces) {
  std::vector<std::string> names;
  for (const Tensor& tensor : decode_tensors(encode_model(gated_model("softmax")), "m").tensors)
    names.push_back(tensor.name);
  EXPECT_EQ(names, (std::vector<std::string>{"gates", "weights", "dual", "trace", "training_rows"}));
}

TEST(ModelFile, AGatedNetworkMayHaveNoActiveGate) {
  Model model = gated_model("squared");
  std::get<GatedNetwork>(model.network).weights.resize(0, 3);
  const Model back = decode_model(encode_model(model), "m");
  EXPECT_EQ(std::get<GatedNetwork>(back.network).active(), 0);
  EXPECT_EQ(outputs(back.network, Matrix::Random(5, 3)), Matrix::Zero(5, 1));
}

TEST(ModelFile, RefusesEveryFlippedByteOfAGatedNetwork) {
  const std::string bytes = encode_model(gated_model("huber"));
  for (std::size_t place = 0; place < bytes.size(); ++place) {
    std::string damaged = bytes;
    damaged[place] = static_cast<char>(damaged[place] ^ 1);
    EXPECT_THROW(decode_model(damaged, "m"), InputError) << place;
  }
}

TEST(ModelFile, SaysWhatIsWrongWithAGatedNetwork) {
  const auto refused = [](const std::string& loss, const std::function<void(Model&, GatedNetwork&)>& change) {
    Model model = gated_model(loss);
    change(model, std::get<GatedNetwork>(model.network));
    return refusal(model);
  };
  using M = Model;
  using G = GatedNetwork;
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(refused("softmax", [](M&, G&) {}), "accepted");
  EXPECT_EQ(refused("softmax", [](M&, G& g) { g.gates.resize(0, 3); }), "m: the network has no gates");
  EXPECT_EQ(refused("softmax", [](M&, G& g) { g.weights = Matrix::Ones(7, 3); }),
            "m: the weights do not fit the gates or the outputs");
  EXPECT_EQ(refused("logistic", [](M&, G& g) { g.weights = Matrix::Ones(2, 4); }),
            "m: the weights do not fit the gates or the outputs");
  EXPECT_EQ(refused("softmax", [](M&, G& g) { g.weights = Matrix::Ones(15, 3); }),
            "m: the network has more active gates than gates");
  EXPECT_EQ(refused("squared", [](M&, G& g) { g.gates(3, 0) = nan; }), "m: a gate or a weight is not a finite number");
  EXPECT_EQ(refused("squared", [](M&, G& g) { g.weights(0, 0) = HUGE_VAL; }),
            "m: a gate or a weight is not a finite number");
  EXPECT_EQ(refused("squared",
                    [](M&, G& g) {
                      g.gates = Matrix::Ones(4, 2);
                      g.weights = Matrix::Ones(2, 2);
                    }),
            "m: the network's shape is not that of its recipe");
  for (const auto& shape : {std::pair<Index, Index>{2, 3}, {4, 3}, {3, 1}, {3, 4}})
    EXPECT_EQ(refused("softmax", [&](M& m, G&) { m.dual = Matrix::Ones(shape.first, shape.second); }),
              "m: the dual point does not have a row for each training row and a column for each output");
  EXPECT_EQ(refused("squared", [](M& m, G&) { m.dual(1, 0) = nan; }),
            "m: an entry of the dual point is not a finite number");
  EXPECT_EQ(refused("squared", [](M& m, G&) { m.objective["loss"]["kind"] = "logistic"; }),
            "m: the loss 'logistic' does not fit the recipe's target");
  EXPECT_EQ(refused("softmax", [](M& m, G&) { m.objective["loss"]["kind"] = "squared_hinge"; }),
            "m: the loss 'squared_hinge' does not fit the recipe's target");
  EXPECT_EQ(refused("logistic",
                    [](M& m, G&) {
                      m.objective["loss"] = {{"kind", "huber"}, {"delta", to_hex(1)}};
                    }),
            "m: the loss 'huber' does not fit the recipe's target");
  EXPECT_EQ(refused("softmax", [](M& m, G&) { m.objective["loss"]["kind"] = "squared"; }), "accepted");
  EXPECT_EQ(refused("logistic",
                    [](M& m, G& g) { m.objective["loss"]["kind"] = "squared", g.weights.conservativeResize(1, 3); }),
            "m: the weights do not fit the gates or the outputs");
  EXPECT_EQ(refused("logistic", [](M& m, G&) { m.objective["loss"]["kind"] = "cubic"; }),
            "m: the loss 'cubic' is unknown");
  EXPECT_EQ(refused("logistic", [](M& m, G&) { m.objective["kind"] = "softmax_minus_outputs"; }),
            "m: the objective \"softmax_minus_outputs\" is not one of a gated network");
  EXPECT_EQ(refused("logistic", [](M& m, G&) { m.objective["lambda"] = to_hex(0); }),
            "m: the objective's lambda is not above 0");
  for (const std::string loss : {"huber", "logistic"})
    EXPECT_EQ(refused(loss, [](M& m, G&) { m.objective["loss"]["delta"] = to_hex(-1); }),
              "m: the objective's delta is not above 0, or not where it belongs");
  EXPECT_EQ(refused("squared", [](M& m, G&) { m.certificate.evidence = {}; }),
            "m: the evidence 'hidden_concavity' is not one of a gated network");
}

Model power_model() {
  Model model = gated_model("logistic");
  model.network = ReluNetwork{Matrix::Random(4, 3), Matrix::Random(4, 1), {}, {}, 2};
  model.dual = Matrix::Random(model.dual.rows(), 1);
  model.evidence.cones = Matrix::Random(5, 4);
  model.objective["penalty"] = "variation_norm";
  model.certificate.evidence = {.kind = "power_cones"};
  return model;
}

TEST(ModelFile, UnitsOfOtherPowersComeBack) {
  const Model model = power_model(), back = decode_model(encode_model(model), "m");
  EXPECT_EQ(std::get<ReluNetwork>(back.network).power, 2);
  EXPECT_EQ(back.evidence.cones, model.evidence.cones);
  EXPECT_EQ(back.certificate, model.certificate);
  const Matrix x = Matrix::Random(5, 3);
  const auto& network = std::get<ReluNetwork>(model.network);
  const Matrix squares = (x * network.units.transpose()).cwiseMax(0).cwiseAbs2();
  EXPECT_LT((outputs(back.network, x) - squares * network.unit_outputs).cwiseAbs().maxCoeff(), 1e-14);
}

TEST(ModelFile, SimplicialConesComeBackAndHaveAColumnForEachInput) {
  Model model = power_model();
  model.network = ReluNetwork{Matrix::Random(4, 3), Matrix::Random(4, 1)};
  const Index n = model.dual.rows();
  model.evidence = {Matrix::Random(2, n), Matrix(0, 5), Matrix(0, 1), Matrix(0, n), {}, Matrix::Random(6, 4)};
  model.objective["penalty"] = "weight_decay";
  model.certificate.evidence = {.kind = "relu_polar"};
  EXPECT_EQ(decode_model(encode_model(model), "m").evidence.simplices, model.evidence.simplices);
  model.evidence.simplices.conservativeResize(6, 3);
  EXPECT_EQ(refusal(model), "m: the evidence does not have a column more than there are inputs");
}

TEST(ModelFile, UnitsOfOtherPowersAreRefused) {
  const auto refused = [](const std::function<void(Model&, ReluNetwork&)>& change) {
    Model model = power_model();
    change(model, std::get<ReluNetwork>(model.network));
    return refusal(model);
  };
  using M = Model;
  using R = ReluNetwork;
  EXPECT_EQ(refused([](M&, R&) {}), "accepted");
  EXPECT_EQ(refused([](M&, R& r) { r.power = 3; }), "m: the network's power is not 0, 1 or 2");
  EXPECT_EQ(refused([](M& m, R&) { m.evidence.cones.conservativeResize(5, 3); }),
            "m: the evidence does not have four columns");
  EXPECT_EQ(refused([](M& m, R&) { m.objective["penalty"] = "weight_decay"; }),
            "m: the objective \"penalized\" is not one of a ReLU network");
  EXPECT_EQ(refused([](M& m, R&) { m.objective["skip"] = to_hex(0.5); }),
            "m: units that are given, or of this power, have no output biases or linear part beside them");
  EXPECT_EQ(refused([](M& m, R&) { m.objective["loss"]["kind"] = "squared"; }),
            "m: units of this power have one output, and the loss has several");
  EXPECT_EQ(refused([](M& m, R&) { m.certificate.evidence.kind = "relu_polar"; }),
            "m: the evidence 'relu_polar' is not one of a relu network");
}

Model kernel_model() {
  Model model = gated_model("softmax");
  model.network = KernelMachine{Matrix::Random(3, 3), Matrix::Random(3, 3), 2};
  model.dual.resize(0, 0);
  model.objective["penalty"] = "kernel_norm";
  model.certificate.evidence = {.kind = "coefficients"};
  return model;
}

TEST(ModelFile, KernelMachinesComeBack) {
  const Model model = kernel_model(), back = decode_model(encode_model(model), "m");
  const auto& network = std::get<KernelMachine>(model.network);
  const auto& again = std::get<KernelMachine>(back.network);
  EXPECT_EQ(again.samples, network.samples);
  EXPECT_EQ(again.coefficients, network.coefficients);
  EXPECT_EQ(again.power, 2);
  EXPECT_EQ(back.certificate, model.certificate);
  EXPECT_EQ(back.dual.size(), 0);
  const Matrix x = Matrix::Random(5, 3);
  EXPECT_EQ(outputs(back.network, x), outputs(model.network, x));
}

TEST(ModelFile, KernelMachinesAreRefused) {
  const auto refused = [](const std::function<void(Model&, KernelMachine&)>& change) {
    Model model = kernel_model();
    change(model, std::get<KernelMachine>(model.network));
    return refusal(model);
  };
  using M = Model;
  using K = KernelMachine;
  EXPECT_EQ(refused([](M&, K&) {}), "accepted");
  EXPECT_EQ(refused([](M&, K& k) { k.power = 3; }), "m: the network's power is not 0, 1 or 2");
  EXPECT_EQ(refused([](M&, K& k) { k.power = -1; }), "m: the network's power is not 0, 1 or 2");
  EXPECT_EQ(refused([](M&, K& k) { k.coefficients.conservativeResize(2, 3); }),
            "m: the coefficients do not fit the samples or the outputs");
  EXPECT_EQ(refused([](M&, K& k) { k.coefficients.conservativeResize(3, 2); }),
            "m: the coefficients do not fit the samples or the outputs");
  EXPECT_EQ(refused([](M&, K& k) { k.samples.conservativeResize(3, 2); }),
            "m: the network's shape is not that of its recipe");
  EXPECT_EQ(refused([](M&, K& k) { k.coefficients(1, 1) = std::nan(""); }),
            "m: a sample or a coefficient is not a finite number");
  EXPECT_EQ(refused([](M& m, K&) { m.objective["penalty"] = "group"; }),
            "m: the objective \"penalized\" is not one of a kernel network");
  EXPECT_EQ(refused([](M& m, K&) { m.certificate.evidence = {.kind = "dual_point"}; }),
            "m: the evidence 'dual_point' is not one of a kernel network");
}

Model parallel_model() {
  Model model = gated_model("softmax");
  model.network = ParallelNetwork{{Matrix::Random(4, 3), Matrix::Random(6, 2)}, 3, 0.25};
  model.objective["penalty"] = "product_of_norms";
  model.certificate.evidence = {.kind = "layer_norms", .features_norm = 2.5, .dual_norm = 0.125};
  return model;
}

TEST(ModelFile, ParallelNetworksComeBack) {
  const Model model = parallel_model(), back = decode_model(encode_model(model), "m");
  const auto& again = std::get<ParallelNetwork>(back.network);
  EXPECT_EQ(again.layers, std::get<ParallelNetwork>(model.network).layers);
  EXPECT_EQ(again.outputs, 3);
  EXPECT_EQ(again.slope, 0.25);
  EXPECT_EQ(back.certificate, model.certificate);
  EXPECT_EQ(back.dual, model.dual);
  const Matrix x = Matrix::Random(5, 3);
  EXPECT_EQ(outputs(back.network, x), outputs(model.network, x));
}

Model units_model() {
  Model model = parallel_model();
  const long samples = model.certificate.samples;
  model.certificate.evidence = {.kind = "layer_units"};
  auto& network = std::get<ParallelNetwork>(model.network);
  network.slope = 0, network.layers.insert(network.layers.begin() + 1, Matrix::Random(4, 2));
  model.evidence.tree = Matrix::Random(3, 5), model.evidence.relaxed = Matrix::Random(6, 2);
  model.evidence.linear = Matrix::Random(2, samples), model.evidence.output_cones = Matrix::Zero(12, 2);
  model.evidence.scalings = Matrix::Random(8, 1);
  return model;
}

TEST(ModelFile, EvidenceByUnitsComesBack) {
  const Model model = units_model(), back = decode_model(encode_model(model), "m");
  EXPECT_EQ(back.certificate, model.certificate);
  const auto parts = [](const PolarEvidence& of) {
    return std::vector<Matrix>{of.tree, of.relaxed, of.linear, of.output_cones, of.scalings};
  };
  EXPECT_EQ(parts(back.evidence), parts(model.evidence));
}

TEST(ModelFile, EvidenceByUnitsIsRefused) {
  const auto refused = [](const std::function<void(Model&)>& change) {
    Model model = units_model();
    change(model);
    return refusal(model);
  };
  const std::string shape = "m: the evidence does not have the shape that the training rows ask for";
  EXPECT_EQ(refused([](Model&) {}), "accepted");
  EXPECT_EQ(refused([](Model& m) { m.evidence.scalings.resize(0, 0); }),
            "m: tensor 'scalings' is not where the evidence asks for it");
  EXPECT_EQ(
      refused([](Model& m) {
        std::get<ParallelNetwork>(m.network).layers.erase(std::get<ParallelNetwork>(m.network).layers.begin() + 1);
      }),
      "m: tensor 'scalings' is not where the evidence asks for it");
  EXPECT_EQ(refused([](Model& m) { m.evidence.tree.conservativeResize(3, 4); }), shape);
  EXPECT_EQ(refused([](Model& m) { m.evidence.linear.conservativeResize(2, 1); }), shape);
}

TEST(ModelFile, ParallelNetworksAreRefused) {
  const auto refused = [](const std::function<void(Model&, ParallelNetwork&)>& change) {
    Model model = parallel_model();
    change(model, std::get<ParallelNetwork>(model.network));
    return refusal(model);
  };
  using M = Model;
  using P = ParallelNetwork;
  EXPECT_EQ(refused([](M&, P&) {}), "accepted");
  EXPECT_EQ(refused([](M&, P& p) { p.slope = 2; }), "m: the slope of parallel sub-networks is not in -1 ... 1");
  EXPECT_EQ(refused([](M&, P& p) { p.layers.pop_back(); }), "m: parallel sub-networks have two layers or more");
  EXPECT_EQ(refused([](M&, P& p) { p.layers[1].conservativeResize(5, 2); }),
            "m: the last layer does not have a unit for each sub-network and output");
  EXPECT_EQ(refused([](M&, P& p) { p.layers[0].conservativeResize(4, 2); }),
            "m: the network's shape is not that of its recipe");
  EXPECT_EQ(refused([](M& m, P&) { m.dual.conservativeResize(1, 3); }),
            "m: the dual point does not have a row for each training row and a column for each output");
  EXPECT_EQ(refused([](M& m, P&) { m.objective["penalty"] = "group"; }),
            "m: the objective \"penalized\" is not one of a parallel network");
  EXPECT_EQ(refused([](M& m, P&) { m.certificate.evidence = {.kind = "dual_point"}; }),
            "m: the evidence 'dual_point' is not one of a parallel network");
}

TEST(ModelFile, TensorsGoWithTheKindOfTheNetwork) {
  Model model = small_model();
  model.certificate.evidence = {"dual_point", 0};
  EXPECT_EQ(refusal(model), "m: the evidence 'dual_point' is not one of a polynomial network");
}

TEST(Predictions, OneOutputIsTheSecondClassFromZeroOn) {
  Matrix f(4, 1);
  f << -1, 0, 2, -0.0;
  EXPECT_EQ(classes_of(f), (std::vector<int>{0, 1, 1, 1}));
  const Matrix p = class_probabilities(f);
  ASSERT_EQ(p.cols(), 2);
  EXPECT_DOUBLE_EQ(p(0, 1), 1 / (1 + std::exp(1.0)));
  EXPECT_DOUBLE_EQ(p(1, 1), 0.5);
  EXPECT_DOUBLE_EQ(p(2, 0), 1 / (1 + std::exp(2.0)));
  Matrix of_three(1, 3);
  of_three << 1, 3, 2;
  EXPECT_EQ(classes_of(of_three), std::vector<int>{1});
}

TEST(Predictions, ProbabilitiesBelongToSoftmaxAndLogistic) {
  EXPECT_TRUE(has_probabilities(small_model()));
  for (const std::string& loss : losses)
    EXPECT_EQ(has_probabilities(gated_model(loss)), loss == "softmax" || loss == "logistic") << loss;
  EXPECT_EQ(sign_of(small_model().network), Sign::non_negative);
  EXPECT_EQ(sign_of(gated_model("squared").network), Sign::any);
}

TEST(ModelFile, SaysWhatItIsNot) {
  TensorFile other;
  other.metadata = {{"format", "pt"}};
  try {
    decode_model(encode_tensors(other), "weights.safetensors");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "weights.safetensors: its format is 'pt'; this program reads 'nadir-model 1'");
  }
}

}  // namespace
}  // namespace nadir
