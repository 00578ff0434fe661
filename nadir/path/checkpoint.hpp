#pragma once
// A run as far as it has come, in one file (docs/checkpoint.md): stages by name, each with the state that it was left
// in. A run that is stopped and taken up again ends with the same bytes as one that is not.
#include <chrono>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "nadir/path/state.hpp"

namespace nadir::path {

/// Stages of folds are kept from several threads.
class Checkpoint {
 public:
  /// Called with the file's bytes: at most once in `pause` seconds while there is news, and when the run is told to
  /// stop, which is the last time. Does not throw.
  using Write = std::function<void(const std::string& bytes, bool last)>;

  /// `options`: of each group of options, name and value of all that the result depends on.
  Checkpoint(nlohmann::json options, Write write, double pause = 60);

  /// Stages from a file; `name` is for messages. Throws InputError unless it is whole, of this version and of these
  /// options; the message names the first option that differs.
  void load(std::string_view bytes, const std::string& name);
  /// Whether the stage's data have this hash; throws InputError if the file was of others.
  void require_data(const std::string& stage, const std::string& sha256);

  std::optional<State> find(const std::string& stage) const;
  void keep(const std::string& stage, State state);
  /// The run was told to stop, and from here on goes another way than one that is not: writes, and keeps nothing more.
  void close();

 private:
  std::string encode() const;

  nlohmann::json options_;
  Write write_;
  std::chrono::duration<double> pause_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
  mutable std::mutex lock_;
  std::string name_;                         ///< of the file that was loaded
  std::map<std::string, std::string> data_;  ///< hashes by stage
  std::map<std::string, State> stages_;
  bool closed_ = false;
};

/// A place in a checkpoint; or in none, and nothing is kept.
class Stage {
 public:
  Stage() = default;
  Stage(Checkpoint* checkpoint, std::string name) : checkpoint_(checkpoint), name_(std::move(name)) {}

  Stage part(const std::string& name) const { return {checkpoint_, name_ + "/" + name}; }
  void require_data(const std::string& sha256) const;
  std::optional<State> find() const;
  void keep(State state) const;
  explicit operator bool() const { return checkpoint_ != nullptr; }

  /// The same watch, whose no closes the checkpoint before anything is done about it.
  template <class... Arguments>
  std::function<bool(Arguments...)> closed_by(std::function<bool(Arguments...)> watch) const {
    if (checkpoint_ == nullptr || !watch) return watch;
    return [checkpoint = checkpoint_, watch = std::move(watch)](Arguments... arguments) {
      const bool go_on = watch(arguments...);
      if (!go_on) checkpoint->close();
      return go_on;
    };
  }

 private:
  Checkpoint* checkpoint_ = nullptr;
  std::string name_;
};

/// A stage of `count` steps, one after the other, each a loop by rounds.
class Steps {
 public:
  Steps(Stage stage, int count);
  /// The step to begin with: those before it are over.
  int first() const { return first_; }
  Continuation at(int step) const;

 private:
  Stage stage_;
  std::optional<State> from_;
  int first_ = 0;
};

}  // namespace nadir::path
