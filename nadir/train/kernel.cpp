// Method kernel: kernel machines of the space of infinitely many units, or networks of some of them.
#include "nadir/base/printed.hpp"
#include "nadir/kernel/fit.hpp"
#include "nadir/kernel/random_units.hpp"
#include "nadir/train/methods.hpp"
#include "nadir/train/words.hpp"

namespace nadir::train {
namespace {

Trained train_random_units(const Table& table, const std::vector<Index>& rows, const Settings& settings, int threads,
                           const path::FitWatch& watch) {
  kernel::RandomUnitsFit fit =
      kernel::fit_random_units(table, rows, penalized_recipe(settings), settings.kernel, settings.seed, threads, watch);
  const auto units = static_cast<long>(fit.network.units.rows());
  Trained trained;
  trained.neurons = units;
  trained.bound_of = "all output weights of these units";
  trained.more = {{"power", fit.network.power}, {"units", units}, {"outputs", fit.network.outputs()}};
  trained.lines.emplace_back(
      "network", printed("%ld random %s%s, %ld output weights", units, unit_in_words(fit.network.power).c_str(),
                         units == 1 ? "" : "s", static_cast<long>(fit.network.unit_outputs.size())));
  trained.model.network = std::move(fit.network);
  trained.outputs = std::move(fit.outputs);
  tell_fit(trained, fit, "output_weights");
  return trained;
}

Trained train_machine(const Table& table, const std::vector<Index>& rows, const Settings& settings, int threads,
                      const path::FitWatch& watch) {
  kernel::KernelFit fit = kernel::fit(table, rows, penalized_recipe(settings), settings.kernel, settings.seed, threads,
                                      watch, begin_with<KernelMachine>(settings));
  Trained trained;
  trained.neurons = fit.network.samples.rows();
  trained.bound_of = "all functions of the kernel's space";
  trained.more = {{"power", fit.network.power}, {"outputs", fit.network.outputs()}};
  trained.lines.emplace_back("network", kernel_in_words(fit.network));
  trained.model.network = std::move(fit.network);
  trained.outputs = std::move(fit.outputs);
  tell_fit(trained, fit, "kernel_norm");
  return trained;
}

}  // namespace

Trained train_kernel(const Table& table, const std::vector<Index>& rows, const Settings& settings, int threads,
                     Follower& follower) {
  const Watches watches = watches_for(follower, "lambda", "trainings");
  const path::FitWatch watch{watches.choice, watches.training};
  Trained trained = settings.kernel.random_units > 0 ? train_random_units(table, rows, settings, threads, watch)
                                                     : train_machine(table, rows, settings, threads, watch);
  trained.method = "kernel";
  return trained;
}

}  // namespace nadir::train
