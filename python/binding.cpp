// The library for Python: arrays and options in, model files and reports out. All else is in python/nadir.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>

#include "nadir/base/error.hpp"
#include "nadir/base/threads.hpp"
#include "nadir/base/version.hpp"
#include "nadir/exchange/gated.hpp"
#include "nadir/exchange/networks.hpp"
#include "nadir/exchange/polynomial.hpp"
#include "nadir/model/predictions.hpp"
#include "nadir/report/text.hpp"
#include "nadir/train/certify.hpp"
#include "nadir/train/certify_gated.hpp"
#include "nadir/train/certify_linear.hpp"
#include "nadir/train/certify_parallel.hpp"
#include "nadir/train/certify_polynomial.hpp"
#include "nadir/train/options_json.hpp"
#include "nadir/verify/verify.hpp"
#include "python/flow_binding.hpp"
#include "python/homogeneous_binding.hpp"
#include "python/interrupt.hpp"
#include "python/owned.hpp"

namespace nb = nanobind;

namespace nadir::python {
namespace {

using nlohmann::json;
using Array = nb::ndarray<nb::ro, nb::ndim<2>, nb::device::cpu>;

std::string to_string(const nb::bytes& bytes) { return {bytes.c_str(), bytes.size()}; }
nb::bytes to_bytes(const std::string& text) { return nb::bytes(text.data(), text.size()); }

Element element_of(const nb::dlpack::dtype& type) {
  using Code = nb::dlpack::dtype_code;
  const auto is = [&](Code code, int bits) {
    return type.code == static_cast<std::uint8_t>(code) && type.bits == bits && type.lanes == 1;
  };
  if (is(Code::Float, 64)) return Element::float64;
  if (is(Code::Float, 32)) return Element::float32;
  if (is(Code::UInt, 8)) return Element::uint8;
  if (is(Code::Int, 8)) return Element::int8;
  if (is(Code::UInt, 16)) return Element::uint16;
  if (is(Code::Int, 16)) return Element::int16;
  if (is(Code::UInt, 32)) return Element::uint32;
  if (is(Code::Int, 32)) return Element::int32;
  if (is(Code::UInt, 64)) return Element::uint64;
  if (is(Code::Int, 64)) return Element::int64;
  throw InputError("X: numbers of this type are not supported; give float64");
}

/// The array where it lies.
ArrayView view_of(const Array& X) {
  const auto rows = static_cast<std::int64_t>(X.shape(0)), columns = static_cast<std::int64_t>(X.shape(1));
  const bool by_rows = (X.stride(1) == 1 || columns == 1) && (X.stride(0) == columns || rows == 1);
  const bool by_columns = (X.stride(0) == 1 || rows == 1) && (X.stride(1) == rows || columns == 1);
  if (!by_rows && !by_columns) throw InputError("X: neither rows nor columns lie one after the other");
  return {static_cast<const char*>(X.data()), element_of(X.dtype()), rows, columns, !by_rows};
}

/// Tells a Python function of the iterations, and asks Ctrl-C and it whether to go on.
class PythonFollower : public train::Follower {
 public:
  PythonFollower(std::optional<nb::callable> callback, bool take_signals)
      : interrupts_(take_signals), callback_(std::move(callback)) {}

  void show(const std::string& /*text*/) override {}
  void see(const Progress& now) override {
    if (!callback_ || told_to_stop_) return;
    const nb::gil_scoped_acquire locked;
    try {
      const nb::object answer = (*callback_)(now.iteration, now.objective, now.lower_bound);
      if (answer.is(nb::handle(Py_False))) told_to_stop_ = true;
    } catch (nb::python_error& error) {
      raised_.emplace(std::move(error));
      told_to_stop_ = true;
    }
  }
  int interrupts() override { return told_to_stop_ ? 2 : interrupts_.seen(); }

  /// Where the training ended with an error: if it had been interrupted, there is nothing to be returned yet, and
  /// KeyboardInterrupt is raised; if a callback raised, that is.
  void fail() {
    if (raised_) throw nb::python_error(std::move(*raised_));
    if (interrupts_.count() == 0) return;
    PyErr_SetNone(PyExc_KeyboardInterrupt);
    throw nb::python_error();
  }

  /// To be called with the interpreter's lock, at the end: raises what the callback raised, and KeyboardInterrupt where
  /// Ctrl-C was pressed twice. Returns whether the training was interrupted.
  bool end() {
    if (raised_) throw nb::python_error(std::move(*raised_));
    if (interrupts_.count() < 2) return interrupts_.count() == 1;
    PyErr_SetNone(PyExc_KeyboardInterrupt);
    throw nb::python_error();
  }

 private:
  Interrupts interrupts_;
  std::optional<nb::callable> callback_;
  std::atomic<bool> told_to_stop_ = false;
  std::optional<nb::python_error> raised_;
};

json train_on(const Table& table, train::Settings& settings, train::Follower& follower, std::string& file) {
  const auto begin = std::chrono::steady_clock::now();
  const std::vector<Index> rows = usable_rows(table, settings.recipe);
  train::settle_task(table, rows, settings);
  train::Trained trained = train::train(table, rows, settings, follower);
  train::Outcome outcome;
  outcome.train = train::measure_training(trained, resolve_threads(settings.threads));
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  json report = train::to_json(trained, outcome);
  report["bound_of"] = trained.bound_of;
  for (const IgnoredColumn& column : trained.ignored)
    report["ignored_columns"].push_back({{"column", column.name}, {"reason", column.reason}});
  trained.training = {};
  file = encode_model(trained.model);
  return report;
}

nb::tuple train_python(const Array& X, const nb::bytes& y, const std::string& options,
                       std::optional<nb::callable> callback, bool take_signals, const Model* begin_with) {
  PythonFollower follower(std::move(callback), take_signals);
  std::string file, report;
  std::string labels = to_string(y);
  try {
    const nb::gil_scoped_release unlocked;
    train::Settings settings = train::settings_from(json::parse(options));
    if (begin_with != nullptr) settings.begin_with = &begin_with->network;
    report = train_on(table_over(view_of(X), std::move(labels), "arrays"), settings, follower, file).dump();
  } catch (const InputError&) {
    follower.fail();
    throw;
  }
  const bool interrupted = follower.end();
  return nb::make_tuple(to_bytes(file), report, interrupted);
}

/// n × K: outputs of the network, or the probabilities of the classes, for rows of the columns that the model was
/// trained on.
Owned outputs_of(const Model& model, const Array& X, int threads, bool probabilities) {
  Matrix result;
  {
    const nb::gil_scoped_release unlocked;
    const ArrayView view = view_of(X);
    Table table = table_over(view, "", "X");
    table.source.labels = model.recipe.source.labels;
    const std::vector<Index> rows = usable_rows(table, {});
    const Sign sign = sign_of(model.network);
    const Dataset dataset =
        sign == Sign::any ? apply_in_place(model.recipe, table, rows) : apply_recipe(model.recipe, table, rows, sign);
    result = outputs(model.network, dataset, resolve_threads(threads));
    if (probabilities) result = class_probabilities(result);
  }
  return owned(std::move(result));
}

std::string describe(const Model& model) {
  json quantity = nullptr;
  if (model.recipe.quantity)
    quantity = {{"offset", model.recipe.quantity->offset}, {"range", model.recipe.quantity->range}};
  return json{{"classes", model.recipe.classes},
              {"quantity", quantity},
              {"format", model.recipe.source.format},
              {"columns", model.recipe.source.columns},
              {"loss", loss_of(model)},
              {"probabilities", !model.recipe.quantity && has_probabilities(model)},
              {"objective", model.objective},
              {"certificate", to_json(model.certificate)},
              {"words", report::describe(model.certificate)},
              {"notes", model.notes}}
      .dump();
}

/// The file with further notes under one name; network, evidence and certificate stay as they are.
nb::bytes with_note(Model model, const std::string& name, const std::string& note) {
  model.notes[name] = json::parse(note);
  return to_bytes(encode_model(model));
}

RecipeOptions certify_recipe(const json& wanted) {
  RecipeOptions recipe;
  recipe.scale = wanted.at("scale"), recipe.task = wanted.at("task");
  recipe.target_scale = "none", recipe.keep_constant = true;
  return recipe;
}

exchange::Between between_of(const json& wanted) {
  const bool leaky = wanted.at("activation") == "leaky_relu";
  return {leaky ? exchange::Activation::leaky_relu : exchange::Activation::relu,
          leaky ? wanted.at("slope").get<double>() : 0};
}

/// Each tells a network that is a file in memory, as `nadir certify` reads it, with the options of its --method.
train::CertifiedNetwork judge_relu(const std::string& bytes, const std::string& name, const Table& table,
                                   const json& wanted, train::Follower& follower) {
  train::CertifyRequest request{name, "arrays", {}, {}, train::value_of<std::uint64_t>(wanted.at("seed"), "seed")};
  train::set_options(request.options, relu::certify_option_table(), wanted);
  const exchange::Layers layers = exchange::read_layers_from_bytes(bytes, name, between_of(wanted));
  request.source = layers.source;
  return train::certify(table, certify_recipe(wanted), exchange::to_two_layer(layers, name), request, follower);
}
train::CertifiedParallel judge_parallel(const std::string& bytes, const std::string& name, const Table& table,
                                        const json& wanted, train::Follower& follower) {
  const exchange::Branches branches = exchange::read_branches_from_bytes(bytes, name, between_of(wanted));
  const exchange::ReadParallel read = exchange::to_parallel(branches, name);
  train::ParallelRequest request{name, "arrays", branches.source, read.constant, {}, 0};
  train::set_options(request.options, train::parallel_option_table(), wanted);
  request.seed = train::value_of<std::uint64_t>(wanted.at("seed"), "seed");
  return train::certify_parallel(table, certify_recipe(wanted), read.network, request, follower);
}
train::CertifiedGated judge_gated(const std::string& bytes, const std::string& name, const Table& table,
                                  const json& wanted, train::Follower& follower) {
  const exchange::ReadGated read = exchange::read_gated_from_bytes(bytes, name);
  train::GatedRequest request{name, "arrays", read.source, {}, read.strict};
  train::set_options(request.options, train::gated_certify_option_table(), wanted);
  return train::certify_gated(table, with_fixed(certify_recipe(wanted), read.scale), read.network, request, follower);
}
train::CertifiedPolynomial judge_polynomial(const std::string& bytes, const std::string& name, const Table& table,
                                            const json& wanted, train::Follower& follower) {
  const exchange::ReadPolynomial read = exchange::read_polynomial_from_bytes(bytes, name);
  train::PolynomialRequest request{name, "arrays", read.source, {}};
  train::set_options(request.options, train::polynomial_certify_option_table(), wanted);
  return train::certify_polynomial(table, with_fixed(certify_recipe(wanted), read.scale), read.network, request,
                                   follower);
}

/// Options are those of the method, and method, activation, slope, seed, task and scale.
nb::tuple certify_python(const nb::bytes& network, const std::string& name, const Array& X, const nb::bytes& y,
                         const std::string& options, bool take_signals) {
  PythonFollower follower(std::nullopt, take_signals);
  const std::string bytes = to_string(network);
  std::string labels = to_string(y), file, report;
  {
    const nb::gil_scoped_release unlocked;
    const auto begin = std::chrono::steady_clock::now();
    const json wanted = json::parse(options);
    const Table table = table_over(view_of(X), std::move(labels), "arrays");
    const auto tell = [&](const auto& told) {
      file = encode_model(told.model);
      const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
      report = train::to_json(told, seconds.count(), "").dump();
    };
    if (wanted.at("method") == "parallel")
      tell(judge_parallel(bytes, name, table, wanted, follower));
    else if (wanted.at("method") == "gated")
      tell(judge_gated(bytes, name, table, wanted, follower));
    else if (wanted.at("method") == "spectral")
      tell(judge_polynomial(bytes, name, table, wanted, follower));
    else
      tell(judge_relu(bytes, name, table, wanted, follower));
  }
  const bool interrupted = follower.end();
  return nb::make_tuple(to_bytes(file), report, interrupted);
}

json describe_certify_options(const std::string& method) {
  if (method == "parallel") return train::describe(train::parallel_option_table());
  if (method == "gated") return train::describe(train::gated_certify_option_table());
  if (method == "spectral") return train::describe(train::polynomial_certify_option_table());
  return train::describe(relu::certify_option_table());
}

/// The same with --method linear. Options are gap and residual, and task and scale.
nb::tuple certify_linear_python(const nb::bytes& network, const std::string& name, const Array& X, const nb::bytes& y,
                                const std::string& options) {
  const std::string bytes = to_string(network);
  std::string labels = to_string(y), file, report;
  {
    const nb::gil_scoped_release unlocked;
    const auto begin = std::chrono::steady_clock::now();
    const json wanted = json::parse(options);
    const exchange::Layers layers = exchange::read_layers_from_bytes(bytes, name, {exchange::Activation::none, 0});
    const train::JudgedChain told = train::certify_linear(
        table_over(view_of(X), std::move(labels), "arrays"), certify_recipe(wanted), exchange::to_chain(layers, name),
        {name, "arrays", layers.source, wanted.at("gap"), wanted.at("residual")});
    file = encode_model(told.model);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    report = train::to_json(told, seconds.count(), "").dump();
  }
  return nb::make_tuple(to_bytes(file), report);
}

std::string verify_python(const nb::bytes& model, const nb::bytes& data) {
  const std::string file = to_string(model);
  verify::Sources sources{to_string(data), {}};
  const nb::gil_scoped_release unlocked;
  const verify::Verdict verdict = verify::verify(file, sources);
  json checks = json::array();
  for (const verify::Check& check : verdict.checks)
    checks.push_back({{"name", check.name}, {"passed", check.passed}, {"detail", check.detail}});
  return json{{"accepted", verdict.accepted}, {"checks", checks}}.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace
}  // namespace nadir::python

NB_MODULE(_core, module) {
  using namespace nadir;
  using namespace nadir::python;
  nb::register_exception_translator([](const std::exception_ptr& thrown, void*) {
    try {
      std::rethrow_exception(thrown);
    } catch (const UsageError& error) {
      PyErr_SetString(PyExc_ValueError, error.what());
    } catch (const InputError& error) {
      PyErr_SetString(PyExc_ValueError, error.what());
    } catch (const ResourceError& error) {
      PyErr_SetString(PyExc_MemoryError, error.what());
    }
  });
  module.attr("version") = std::string(version);
  module.def("describe_options", [] { return train::describe_options().dump(); });
  module.def("train", &train_python, nb::arg("X"), nb::arg("y"), nb::arg("options"), nb::arg("callback").none(),
             nb::arg("take_signals"), nb::arg("begin_with").none());
  module.def("describe_certify_options",
             [](const std::string& method) { return describe_certify_options(method).dump(); });
  module.def("certify", &certify_python, nb::arg("network"), nb::arg("name"), nb::arg("X"), nb::arg("y"),
             nb::arg("options"), nb::arg("take_signals"));
  module.def("certify_linear", &certify_linear_python, nb::arg("network"), nb::arg("name"), nb::arg("X"), nb::arg("y"),
             nb::arg("options"));
  module.def("verify", &verify_python, nb::arg("model"), nb::arg("data"));
  add_flow(module);
  add_homogeneous(module);
  nb::class_<Model>(module, "Model")
      .def("__init__",
           [](Model* self, const nb::bytes& file, const std::string& name) {
             new (self) Model(decode_model({file.c_str(), file.size()}, name));
           })
      .def("outputs", &outputs_of, nb::arg("X"), nb::arg("threads"), nb::arg("probabilities"))
      .def("describe", &describe)
      .def("with_note", &with_note)
      .def("trace", [](const Model& model) { return owned(model.trace); });
}
