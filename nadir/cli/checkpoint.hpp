#pragma once
// The checkpoint of `nadir train` as a file: read for --resume, written now and then and where the run is interrupted,
// removed where it ends well.
#include <filesystem>

#include "nadir/cli/progress.hpp"
#include "nadir/cli/train.hpp"

namespace nadir::cli {

class CheckpointFile {
 public:
  /// `arguments`: settled. `line` is cleared before anything is said, on stderr, and must outlive it. Throws InputError
  /// as path::Checkpoint does where the run is to resume; UsageError where the method keeps none, and where a
  /// checkpoint is there and nothing was said of it.
  CheckpointFile(const TrainArguments& arguments, const std::filesystem::path& model, ProgressLine& line);

  path::Checkpoint& checkpoint() { return checkpoint_; }
  /// When the model is written.
  void end(bool interrupted);

 private:
  void write(const std::string& bytes, bool last);

  std::filesystem::path path_;
  ProgressLine& line_;
  path::Checkpoint checkpoint_;
  bool kept_;          ///< whether the methods that run keep anything
  bool ours_ = false;  ///< to be replaced, and removed at the end
};

}  // namespace nadir::cli
