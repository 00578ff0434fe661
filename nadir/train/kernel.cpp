// Method kernel: kernel machines of the space of infinitely many units.
#include "nadir/base/printed.hpp"
#include "nadir/kernel/fit.hpp"
#include "nadir/train/methods.hpp"
#include "nadir/train/words.hpp"

namespace nadir::train {

Trained train_kernel(const Table& table, const std::vector<Index>& rows, const Settings& settings, int threads,
                     Follower& follower) {
  const Watches watches = watches_for(follower, "lambda", "trainings");
  kernel::KernelFit fit =
      kernel::fit(table, rows, penalized_recipe(settings), settings.kernel, settings.seed, threads,
                  path::FitWatch{watches.choice, watches.training}, begin_with<KernelMachine>(settings));
  Trained trained;
  trained.method = "kernel";
  trained.neurons = fit.network.samples.rows();
  trained.bound_of = "all functions of the kernel's space";
  trained.more = {{"power", fit.network.power}, {"outputs", fit.network.outputs()}};
  trained.lines.emplace_back("network", kernel_in_words(fit.network));
  trained.model.network = std::move(fit.network);
  trained.outputs = std::move(fit.outputs);
  tell_fit(trained, fit, "kernel_norm");
  return trained;
}

}  // namespace nadir::train
