// Parallel positively homogeneous sub-networks for Python. Sub-networks come and go as one array, r × size, each row
// the weights of all layers one after the other.
#include "python/homogeneous_binding.hpp"

#include <nanobind/stl/array.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <array>
#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/base/random.hpp"
#include "nadir/homogeneous/meta_algorithm.hpp"
#include "nadir/train/factorize.hpp"
#include "python/interrupt.hpp"
#include "python/owned.hpp"

namespace nb = nanobind;

namespace nadir::python {
namespace {

using namespace nadir::homogeneous;
using LayerTold = std::tuple<Index, Index, std::string, double, Index>;  // inputs, outputs, map, parameter, pool
using ImageTold = std::tuple<Index, Index, Index, Index>;                // height, width, kernel, channels

/// The one of `names` that was asked for, by its place.
template <class Kind, std::size_t count>
Kind kind_of(const std::string& what, const std::string& name, const std::array<const char*, count>& names) {
  std::string all;
  for (std::size_t k = 0; k < count; ++k) {
    if (name == names[k]) return static_cast<Kind>(k);
    all += std::string(k > 0 ? ", " : "") + names[k];
  }
  throw UsageError(what + " is " + name + "; there are " + all);
}

Subnetwork subnetwork_of(const std::vector<LayerTold>& told, const ImageTold& image_told) {
  std::vector<Layer> layers;
  for (const auto& [inputs, outputs, map, parameter, pool] : told)
    layers.push_back({inputs, outputs,
                      kind_of<Map>("the map of a layer", map, std::array{"linear", "relu", "leaky_relu", "power"}),
                      parameter, pool});
  const auto& [height, width, kernel, channels] = image_told;
  return Subnetwork(std::move(layers), {height, width, channels, kernel});
}

Regularizer regularizer_of(const std::string& name, const std::vector<std::string>& norms,
                           const std::vector<bool>& non_negative) {
  Regularizer regularizer;
  regularizer.non_negative = non_negative;
  regularizer.combination =
      kind_of<Combination>("regularizer", name, std::array{"product", "mean_of_powers", "squares", "path"});
  for (const std::string& norm : norms)
    regularizer.norms.push_back(kind_of<Norm>("a norm", norm, std::array{"l1", "l2", "l_inf"}));
  return regularizer;
}

/// `classes`: how many, the targets being their numbers from 0 on; 0: they are quantities.
TrainingLoss loss_of(const std::string& name, double delta, Index classes, const Rows& Y) {
  const auto kind =
      kind_of<LossKind>("loss", name, std::array{"squared", "huber", "logistic", "squared_hinge", "softmax"});
  const auto targets = matrix_of(Y);
  if (classes > 0) {
    std::vector<int> labels;
    for (Index i = 0; i < targets.rows(); ++i) labels.push_back(static_cast<int>(targets(i, 0)));
    return TrainingLoss(kind, std::move(labels), static_cast<int>(classes));
  }
  return kind == LossKind::squared ? TrainingLoss::of_quantities(targets)
                                   : TrainingLoss(kind, Vector(targets.col(0)), delta);
}

std::vector<Vector> rows_of(const Rows& rows) {
  const auto all = matrix_of(rows);
  std::vector<Vector> weights;
  for (Index i = 0; i < all.rows(); ++i) weights.emplace_back(all.row(i).transpose());
  return weights;
}
Owned as_rows(const std::vector<Vector>& weights, Index size) {
  Matrix rows(static_cast<Index>(weights.size()), size);
  for (Index i = 0; i < rows.rows(); ++i) rows.row(i) = weights[static_cast<std::size_t>(i)].transpose();
  return owned(std::move(rows));
}

const char* name_of(Step step) {
  constexpr std::array names{"descended", "resized", "found_zero", "reduced", "appended", "ended"};
  return names[static_cast<std::size_t>(step)];
}

nb::dict told(const MetaResult& result, const Problem& problem, int interrupts) {
  nb::dict all;
  all["weights"] = as_rows(result.at.weights, problem.subnetwork.size());
  all["objective"] = result.at.objective;
  all["lower_bound"] = result.lower_bound;
  all["relative_gap"] = result.relative_gap;
  all["claim"] = std::string(to_string(result.claim));
  all["stop"] = std::string(to_string(result.stop));
  all["no_descent_found"] = result.no_descent_found;
  all["polar"] = result.polar.value / problem.lambda;
  all["polar_bound"] = result.upper.value / problem.lambda;
  all["bound_by"] = result.upper.by;
  all["interrupts"] = interrupts;
  all["added"] = owned(Matrix(result.upper.added));
  nb::list log;
  for (const StepRecord& record : result.log)
    log.append(nb::make_tuple(name_of(record.step), record.objective, record.width, record.polar));
  all["log"] = log;
  return all;
}

nb::dict train_parallel_python(const Rows& X, const Rows& Y, const std::vector<LayerTold>& layers,
                               const ImageTold& image, const std::string& regularizer,
                               const std::vector<std::string>& norms, const std::vector<bool>& non_negative,
                               double lambda, const std::string& loss_name, double delta, Index classes,
                               const Rows& start, double gap, int max_rounds, int descent_iterations, double time_limit,
                               int search_starts, long nodes, std::uint64_t seed, bool take_signals) {
  const Matrix features = matrix_of(X);
  const TrainingLoss loss = loss_of(loss_name, delta, classes, Y);
  const Problem problem{features, loss, subnetwork_of(layers, image), regularizer_of(regularizer, norms, non_negative),
                        lambda};
  MetaOptions options;
  options.gap = gap, options.max_rounds = max_rounds, options.descent_iterations = descent_iterations;
  options.time_limit = time_limit, options.nodes = nodes;
  options.search.starts = search_starts, options.search.seed = seed;
  const Interrupts interrupts(take_signals);
  options.go_on = [&] { return interrupts.count() == 0; };
  MetaResult result;
  {
    const nb::gil_scoped_release unlocked;
    result = homogeneous::train(problem, rows_of(start), options);
  }
  if (interrupts.count() > 1) {
    PyErr_SetNone(PyExc_KeyboardInterrupt);
    throw nb::python_error();
  }
  return told(result, problem, interrupts.count());
}

/// The model file of factors of a matrix that lies in an NPY file, and what it claims.
nb::dict certify_factors_python(const Rows& Y, const Rows& U, const Rows& V, double lambda,
                                const std::array<bool, 2>& l1, const std::array<bool, 2>& non_negative, double gap,
                                const Rows& added, bool take_signals) {
  const Interrupts interrupts(take_signals);
  FactorizationModel model;
  std::string file;
  {
    const nb::gil_scoped_release unlocked;
    const Matrix matrix = (matrix_of(Y).array() + 0.0).matrix();  // -0 becomes 0, as for a reader
    Source source;
    source.format = "npy", source.columns = matrix.cols();
    model = train::certified_factorization(matrix, source, {lambda, l1, non_negative}, {matrix_of(U), matrix_of(V)},
                                           gap, Matrix(matrix_of(added)), [&] { return interrupts.count() == 0; });
    model.notes = {{"method", "factorize"}, {"python", true}};
    file = encode_factorization(model);
  }
  nb::dict all;
  all["model_file"] = nb::bytes(file.data(), file.size());
  all["objective"] = model.certificate.objective;
  all["lower_bound"] = model.certificate.lower_bound;
  all["relative_gap"] = model.certificate.relative_gap;
  all["claim"] = std::string(to_string(model.certificate.claim));
  return all;
}

}  // namespace

void add_homogeneous(nb::module_& module) {
  module.def("certify_factors", &certify_factors_python);
  module.def("is_factorization", [](const nb::bytes& file) { return is_factorization({file.c_str(), file.size()}); });
  module.def("train_parallel", &train_parallel_python);
  // Normal entries of variance 1 / inputs of the layer.
  module.def("random_subnetworks",
             [](const std::vector<LayerTold>& layers, const ImageTold& image, Index count, std::uint64_t seed) {
               const Subnetwork subnetwork = subnetwork_of(layers, image);
               Random random(seed);
               std::vector<Vector> all;
               for (Index i = 0; i < count; ++i) {
                 Vector& weights = all.emplace_back(subnetwork.size());
                 for (double& entry : weights) entry = random.normal();
                 for (std::size_t k = 0; k < layers.size(); ++k)
                   subnetwork.weights(weights, k) /= std::sqrt(static_cast<double>(subnetwork.layers()[k].inputs));
               }
               return as_rows(all, subnetwork.size());
             });
  module.def("parallel_outputs",
             [](const std::vector<LayerTold>& layers, const ImageTold& image, const Rows& weights, const Rows& X) {
               const Subnetwork subnetwork = subnetwork_of(layers, image);
               const Matrix features = matrix_of(X);
               Matrix outputs = Matrix::Zero(features.rows(), subnetwork.outputs());
               for (const Vector& one : rows_of(weights)) outputs += subnetwork.apply(features, one);
               return owned(std::move(outputs));
             });
}

}  // namespace nadir::python
