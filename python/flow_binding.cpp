// Particle gradient flow for Python. Particles come and go as one array, m × (1 + d), of rows (wⱼ, vⱼ).
#include "python/flow_binding.hpp"

#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "nadir/base/error.hpp"
#include "nadir/particle/flow.hpp"
#include "python/interrupt.hpp"
#include "python/owned.hpp"

namespace nb = nanobind;

namespace nadir::python {
namespace {

using particle::Activation;
using particle::FlowOptions;
using particle::FlowResult;
using particle::Particles;
using Numbers = nb::ndarray<const double, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

Activation activation_of(const std::string& name) {
  if (name == "relu") return Activation::relu;
  if (name == "squared_relu") return Activation::squared_relu;
  if (name == "cubed_relu") return Activation::cubed_relu;
  if (name == "sigmoid") return Activation::sigmoid;
  throw UsageError("activation is " + name + "; there are relu, squared_relu, cubed_relu and sigmoid");
}

Eigen::Map<const Vector> vector_of(const Numbers& numbers) {
  return {numbers.data(), static_cast<Index>(numbers.shape(0))};
}

Particles particles_of(const Rows& rows, const std::string& activation) {
  const auto all = matrix_of(rows);
  return {activation_of(activation), all.col(0), all.rightCols(all.cols() - 1)};
}
Matrix as_rows(const Particles& particles) {
  Matrix rows(particles.count(), 1 + particles.inputs());
  rows << particles.weights, particles.positions;
  return rows;
}

FlowOptions options_of(double step, Index steps, Index batch, Index record_every, double lambda) {
  FlowOptions options;
  options.step = step, options.steps = steps, options.batch = batch, options.lambda = lambda;
  options.record_every = record_every;
  return options;
}

/// Runs `work`, which is given what to ask whether to go on, without the interpreter's lock. Raises KeyboardInterrupt
/// where Ctrl-C was pressed twice.
template <class Work>
nb::tuple told(bool take_signals, const Work& work) {
  FlowResult result;
  const Interrupts interrupts(take_signals);
  {
    const nb::gil_scoped_release unlocked;
    result = work([&] { return interrupts.count() == 0; });
  }
  if (interrupts.count() > 1) {
    PyErr_SetNone(PyExc_KeyboardInterrupt);
    throw nb::python_error();
  }
  particle::Trajectory& on_the_way = result.trajectory;
  return nb::make_tuple(owned(as_rows(result.particles)), result.steps, std::string(to_string(result.stop)),
                        on_the_way.steps, owned(on_the_way.losses), owned(std::move(on_the_way.particles)));
}

nb::tuple flow_python(const Rows& start, const std::string& activation, const Rows& X, const Numbers& y, double step,
                      Index steps, Index batch, Index record_every, double lambda, std::uint64_t seed,
                      bool take_signals) {
  const FlowOptions options = options_of(step, steps, batch, record_every, lambda);
  return told(take_signals, [&](const GoOn& go_on) {
    Random random(seed);
    return particle::flow(particles_of(start, activation), matrix_of(X), vector_of(y), options, random, go_on);
  });
}

/// `draw`: given a number of samples, returns as many rows of features and targets.
nb::tuple flow_drawn_python(const Rows& start, const std::string& activation, const nb::callable& draw, double step,
                            Index steps, Index batch, Index record_every, double lambda, bool take_signals) {
  const FlowOptions options = options_of(step, steps, batch, record_every, lambda);
  const particle::Draw fill = [&](Matrix& features, Vector& targets) {
    const nb::gil_scoped_acquire locked;
    const auto [X, y] = nb::cast<std::pair<Rows, Numbers>>(draw(features.rows()));
    if (static_cast<Index>(X.shape(0)) != features.rows() || static_cast<Index>(X.shape(1)) != features.cols() ||
        static_cast<Index>(y.shape(0)) != targets.size())
      throw UsageError("draw: the samples are not as many, or not of as many features, as were asked for");
    features = matrix_of(X), targets = vector_of(y);
  };
  return told(take_signals,
              [&](const GoOn& go_on) { return particle::flow(particles_of(start, activation), fill, options, go_on); });
}

}  // namespace

void add_flow(nb::module_& module) {
  module.def("flow", &flow_python);
  module.def("flow_drawn", &flow_drawn_python);
  module.def("start_on_sphere", [](const std::string& activation, Index count, Index inputs, double radius,
                                   std::uint64_t seed) {
    Random random(seed);
    return owned(as_rows(particle::start_on_sphere(activation_of(activation), count, inputs, radius, random)));
  });
  module.def("start_without_weight", [](const std::string& activation, Index count, Index inputs, std::uint64_t seed) {
    Random random(seed);
    return owned(as_rows(particle::start_without_weight(activation_of(activation), count, inputs, random)));
  });
  module.def("particle_outputs", [](const Rows& particles, const std::string& activation, const Rows& X) {
    return owned(particle::outputs(particles_of(particles, activation), matrix_of(X)));
  });
}

}  // namespace nadir::python
