#include "nadir/cli/checkpoint.hpp"

#include <cstdio>

#include "nadir/base/error.hpp"
#include "nadir/base/file.hpp"
#include "nadir/data/options.hpp"
#include "nadir/train/methods.hpp"

namespace nadir::cli {
namespace {

using nlohmann::json;

template <class Struct>
json values_of(const Struct& options, std::span<const Option<Struct>> table) {
  json values;
  for (const Option<Struct>& option : table)
    std::visit([&](const auto member) { values[std::string(option.name)] = options.*member; }, option.member);
  values.erase("time-limit");  // of each run anew
  return values;
}

/// All that the result depends on, but for the data.
json options_of(const TrainArguments& a) {
  json options = {{"train", {{"method", a.method}, {"holdout", a.holdout}, {"seed", a.seed}}},
                  {"recipe", values_of(train::penalized_recipe(a), recipe_option_table())}};
  if (a.method != "relu") options["gated"] = values_of(a.gated, convex::option_table());
  if (a.method != "gated") options["relu"] = values_of(a.relu, relu::option_table());
  return options;
}

}  // namespace

CheckpointFile::CheckpointFile(const TrainArguments& arguments, const std::filesystem::path& model, ProgressLine& line)
    : path_(arguments.checkpoint_file.empty() ? model.string() + ".checkpoint" : arguments.checkpoint_file),
      line_(line),
      checkpoint_(options_of(arguments), [this](const std::string& bytes, bool last) { write(bytes, last); }),
      kept_(arguments.method == "relu" || arguments.method == "gated" || arguments.method == "auto") {
  if (!kept_ && (arguments.resume || !arguments.checkpoint_file.empty()))
    throw UsageError("--resume and --checkpoint are of the relu, gated and auto methods; leave them out");
  if (path_.lexically_normal() == model.lexically_normal())
    throw UsageError("--checkpoint is " + path_.string() + ", where the model goes; give another file");
  const bool exists = std::filesystem::exists(path_);
  if (kept_ && exists && !arguments.resume_given)
    throw UsageError(path_.string() +
                     ": a training that was interrupted left it; --resume goes on from there, "
                     "--no-resume begins anew");
  ours_ = exists && arguments.resume_given;
  if (!arguments.resume) return;
  if (!exists) throw InputError(path_.string() + ": there is no such checkpoint; leave out --resume to begin anew");
  checkpoint_.load(read_file(path_), path_.string());
}

void CheckpointFile::write(const std::string& bytes, bool last) {
  try {
    write_file(path_, bytes);
    ours_ = true;
    if (!last) return;
    line_.clear();
    std::fprintf(stderr, "nadir: stopping; %s is written: the same command with --resume goes on from there\n",
                 path_.c_str());
  } catch (const std::exception& error) {
    line_.clear();
    std::fprintf(stderr, "nadir: no checkpoint: %s\n", error.what());
  }
}

void CheckpointFile::end(bool interrupted) {
  if (!kept_) return;
  if (interrupted) return checkpoint_.close();
  std::error_code ignored;
  if (ours_) std::filesystem::remove(path_, ignored);
}

}  // namespace nadir::cli
