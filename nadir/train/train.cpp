#include "nadir/train/train.hpp"

#include "nadir/base/threads.hpp"
#include "nadir/train/methods.hpp"

namespace nadir::train {
namespace {

Trained run_method(const Table& table, const std::vector<Index>& rows, const Settings& settings, int threads,
                   Follower& follower) {
  if (settings.method == "gated") return train_gated(table, rows, settings, threads, follower);
  if (settings.method == "relu") return train_relu(table, rows, settings, threads, follower);
  if (settings.method == "linear") return train_linear(table, rows, settings, threads);
  if (settings.method == "planted") return train_planted(table, rows, settings, follower);
  if (settings.method == "particle") return train_particle(table, rows, settings, follower);
  if (settings.method == "kernel") return train_kernel(table, rows, settings, threads, follower);
  if (settings.method == "spectral") return train_spectral(table, rows, settings, threads, follower);
  return train_auto(table, rows, settings, threads, follower);
}

}  // namespace

void settle_task(const Table& table, const std::vector<Index>& usable, Settings& settings) {
  if (!table.target) return;  // fit_recipe will say what is missing
  const bool regression = task_of(table, usable, settings.recipe.task) == Task::regression;
  if (settings.method == "spectral") require_classification(table, usable, settings.recipe.task, settings.method);
  settings.recipe.task = regression ? "regression" : "classification";
}

Trained train(const Table& table, const std::vector<Index>& rows, const Settings& settings, Follower& follower) {
  Trained trained = run_method(table, rows, settings, resolve_threads(settings.threads), follower);
  trained.model.notes = notes_of(trained, table.path, settings.seed);
  mark_training_rows(trained.model, rows, table.rows);
  trained.model.trace = trace_of(trained.trace);
  return trained;
}

}  // namespace nadir::train
