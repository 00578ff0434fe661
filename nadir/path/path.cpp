#include "nadir/path/path.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>

#include "nadir/base/error.hpp"
#include "nadir/base/threads.hpp"

namespace nadir::path {
namespace {

/// What the rows weigh together: their number, where all count alike.
double total_weight(const Dataset& dataset) {
  return dataset.weights.size() > 0 ? dataset.weights.sum() : static_cast<double>(dataset.samples());
}

/// The share of rows put into a wrong class, or the mean square of f − y; by the rows' weights.
double mean_error(const Goal& goal, const Dataset& dataset, const Matrix& f) {
  double sum = 0;
  for (Index i = 0; i < f.rows(); ++i) {
    const double weight = dataset.weights.size() > 0 ? dataset.weights[i] : 1;
    if (goal.classes == 0) {
      const double off = f(i, 0) - dataset.targets[i];
      sum += weight * (off * off);
      continue;
    }
    Index best = f(i, 0) >= 0 ? 1 : 0;
    if (f.cols() > 1) f.row(i).maxCoeff(&best);
    sum += best == dataset.labels[static_cast<std::size_t>(i)] ? 0 : weight;
  }
  return sum / total_weight(dataset);
}

/// Mean over folds, weighted by their rows, and the standard error of it.
struct Summary {
  double mean = 0, error = 0;
};

Summary summarize(const std::vector<double>& values, const std::vector<Fold>& folds) {
  double whole = 0, sum = 0;
  for (std::size_t k = 0; k < folds.size(); ++k) {
    const double weight = total_weight(folds[k].validation);
    whole += weight, sum += weight * values[k];
  }
  Summary result{sum / whole, 0};
  for (const double value : values) result.error += (value - result.mean) * (value - result.mean);
  const auto count = static_cast<double>(values.size());
  result.error = std::sqrt(result.error / (count - 1) / count);
  return result;
}

/// Standard error of what the losses of the folds have above those of the best lambda: what makes a fold hard for both
/// is not in it.
std::vector<double> excess_errors(const std::vector<std::vector<double>>& by_fold, std::size_t best,
                                  const std::vector<Fold>& folds) {
  std::vector<double> result;
  for (std::vector<double> values : by_fold) {
    for (std::size_t k = 0; k < values.size(); ++k) values[k] -= by_fold[best][k];
    result.push_back(summarize(values, folds).error);
  }
  return result;
}

/// Whether the least is behind: the losses have risen three times in a row since, by more than its standard error.
bool has_turned(const std::vector<double>& losses, double standard_error) {
  constexpr std::ptrdiff_t times = 3;
  const auto least = std::min_element(losses.begin(), losses.end());
  return losses.end() - least > times && losses.back() > *least + standard_error &&
         std::is_sorted(losses.end() - times - 1, losses.end());
}

/// One fold on its way down the path, and its place in the checkpoint.
class FoldRun {
 public:
  FoldRun(const Fold& fold, const MakeTrainer& make, Stage stage, Index outputs, std::size_t most)
      : fold_(fold), make_(make), stage_(std::move(stage)), kept_(stage_.find()) {
    if (!kept_) return;
    const Index rows = fold_.validation.samples();
    const Index trainings = kept_->count("trainings", static_cast<Index>(most));
    const Matrix& all = kept_->matrix("outputs", trainings, rows * outputs);
    for (Index i = 0; i < all.rows(); ++i) outputs_.push_back(ConstMatrixView(all.row(i).data(), rows, outputs));
    large_ = kept_->count("large", 1) == 1;
  }

  /// Outputs for the rows left out at a place of the path: of an earlier run, or of a training now; empty where the
  /// watch said stop.
  Matrix at(std::size_t place, double lambda, const Watch& watch) {
    if (place < outputs_.size()) return outputs_[place];
    if (!trainer_) {
      trainer_ = make_(fold_);
      if (kept_) trainer_->restore(*kept_);
    }
    Matrix f = trainer_->train(lambda, watch);
    if (f.size() == 0) return f;
    outputs_.push_back(f);
    large_ = trainer_->is_large();
    if (stage_) keep();
    return f;
  }

  /// Whether its network is, after the training at this place.
  bool is_large_at(std::size_t place) const { return large_ && place + 1 == outputs_.size(); }

 private:
  void keep() const {
    State state = trainer_->state();
    Matrix all(static_cast<Index>(outputs_.size()), outputs_.front().size());
    for (Index i = 0; i < all.rows(); ++i)
      all.row(i) = outputs_[static_cast<std::size_t>(i)].reshaped<Eigen::RowMajor>().transpose();
    state.set("trainings", static_cast<double>(outputs_.size()));
    state.set("outputs", std::move(all));
    state.set("large", large_ ? 1 : 0);
    stage_.keep(std::move(state));
  }

  const Fold& fold_;
  const MakeTrainer& make_;
  Stage stage_;
  std::optional<State> kept_;
  std::unique_ptr<FoldTrainer> trainer_;
  std::vector<Matrix> outputs_;  ///< by lambda
  bool large_ = false;
};

}  // namespace

std::vector<double> lambda_path(double largest, double ratio, int count) {
  std::vector<double> lambdas;
  for (int i = 0; i < count; ++i)
    lambdas.push_back(largest * std::pow(ratio, count > 1 ? static_cast<double>(i) / (count - 1) : 0.0));
  return lambdas;
}

std::vector<double> levels_above(double largest, double lambda) {
  std::vector<double> levels;
  for (double level = largest / 3; level > lambda * 1.5; level /= 3) levels.push_back(level);
  levels.push_back(lambda);
  return levels;
}

TrainingLoss loss_of(const Goal& goal, const Dataset& dataset) {
  if (goal.classes == 0) return {goal.loss, dataset.targets, goal.huber_delta, dataset.weights};
  return {goal.loss, dataset.labels, goal.classes, dataset.weights};
}

std::size_t choose_lambda(const std::vector<double>& losses, const std::vector<double>& excess_errors,
                          const std::string& rule) {
  const auto best = static_cast<std::size_t>(std::min_element(losses.begin(), losses.end()) - losses.begin());
  if (rule == "best") return best;
  for (std::size_t i = 0; i < best; ++i)
    if (losses[i] <= losses[best] + excess_errors[i]) return i;
  return best;
}

PathChoice cross_validate(const Goal& goal, const std::vector<Fold>& folds, const MakeTrainer& make, Index rows,
                          const std::vector<double>& lambdas, const std::string& rule, int threads,
                          const std::function<bool(int, int)>& watch, const Stage& stage) {
  std::vector<FoldRun> runs;
  for (std::size_t k = 0; k < folds.size(); ++k)
    runs.emplace_back(folds[k], make, stage.part(std::to_string(k)), loss_of(goal, folds[k].validation).outputs(),
                      lambdas.size());
  PathChoice choice;
  choice.folds = static_cast<int>(folds.size());
  std::vector<std::vector<Matrix>> outputs;  // by lambda, by fold
  std::vector<std::vector<double>> by_fold;  // the losses, too
  std::atomic<bool> go_on = true;
  std::mutex lock;
  int done = 0;
  const int total = static_cast<int>(lambdas.size() * folds.size());
  for (std::size_t place = 0; place < lambdas.size(); ++place) {
    const double lambda = lambdas[place];
    std::vector<Matrix> f(folds.size());
    std::vector<double> losses(folds.size()), errors(folds.size());
    for_each_task(static_cast<int>(folds.size()), threads, [&](int number) {
      const auto k = static_cast<std::size_t>(number);
      f[k] = runs[k].at(place, lambda, [&](const Progress&) { return go_on.load(); });
      if (f[k].size() == 0) return;
      losses[k] = loss_of(goal, folds[k].validation).value(f[k]);
      errors[k] = mean_error(goal, folds[k].validation, f[k]);
      const std::lock_guard guard(lock);
      if (watch && !watch(++done, total)) go_on = false;
    });
    choice.complete = std::all_of(f.begin(), f.end(), [](const Matrix& part) { return part.size() > 0; });
    if (!choice.complete) break;
    const Summary loss = summarize(losses, folds);
    choice.lambdas.push_back(lambda);
    choice.losses.push_back(loss.mean);
    choice.standard_errors.push_back(loss.error);
    choice.errors.push_back(summarize(errors, folds).mean);
    outputs.push_back(std::move(f));
    by_fold.push_back(losses);
    choice.best = choose_lambda(choice.losses, {}, "best");
    if (std::any_of(runs.begin(), runs.end(), [&](const FoldRun& run) { return run.is_large_at(place); })) break;
    if (has_turned(choice.losses, choice.standard_errors[choice.best])) break;
  }
  if (choice.lambdas.empty()) throw InputError("stopped before any lambda had been cross-validated; give --lambda");
  choice.excess_errors = excess_errors(by_fold, choice.best, folds);
  choice.chosen = choose_lambda(choice.losses, choice.excess_errors, rule);
  const std::vector<Matrix>& f = outputs[choice.chosen];
  choice.out_of_fold = Matrix::Zero(rows, f.front().cols());
  for (std::size_t k = 0; k < folds.size(); ++k)
    for (std::size_t i = 0; i < folds[k].places.size(); ++i) {
      auto row = choice.out_of_fold.row(folds[k].places[i]);
      row = f[k].row(static_cast<Index>(i));
      if (goal.classes == 0)  // in the whole's units
        row(0) = goal.quantity.scaled(row(0) * folds[k].quantity.range + folds[k].quantity.offset);
    }
  return choice;
}

}  // namespace nadir::path
