#include "nadir/path/checkpoint.hpp"

#include <cstring>

#include "nadir/base/error.hpp"
#include "nadir/base/sha256.hpp"
#include "nadir/base/version.hpp"
#include "nadir/data/safetensors.hpp"
#include "nadir/data/strict_json.hpp"

namespace nadir::path {
namespace {

using nlohmann::json;

constexpr const char* format = "nadir checkpoint 1";
constexpr const char* way_out = "; leave out --resume to begin anew";
constexpr const char* data_of = "data ";  // begins the keys of hashes

Tensor tensor_of(const std::string& name, const Matrix& part) {
  Tensor tensor{name, false, {static_cast<std::uint64_t>(part.rows()), static_cast<std::uint64_t>(part.cols())}, {}};
  tensor.bytes.assign(reinterpret_cast<const char*>(part.data()),
                      static_cast<std::size_t>(part.size()) * sizeof(double));
  return tensor;
}

Matrix matrix_of(const TensorView& tensor) {
  Matrix part(static_cast<Index>(tensor.shape[0]), static_cast<Index>(tensor.shape[1]));
  if (!tensor.bytes.empty()) std::memcpy(part.data(), tensor.bytes.data(), tensor.bytes.size());
  return part;
}

/// Over the whole file but for the hash itself.
std::string hash_of(const TensorFile& file) {
  Sha256 hash;
  hash.add(encode_tensors(file));
  return hash.finish();
}

/// File names need not be UTF-8.
std::string as_text(const json& options) { return options.dump(-1, ' ', false, json::error_handler_t::replace); }

/// "--seed was 3 and is 4", of the first option that differs; empty if none does.
std::string difference(const json& before, const json& now) {
  for (const auto& [group, options] : now.items())
    for (const auto& [name, value] : options.items()) {
      const json was = before.contains(group) && before[group].contains(name) ? before[group][name] : json();
      if (was != value) return "--" + name + " was " + was.dump() + " there and is " + value.dump();
    }
  return before == now ? "" : "they are those of another run";
}

}  // namespace

Checkpoint::Checkpoint(json options, Write write, double pause)
    : options_(json::parse(as_text(options))), write_(std::move(write)), pause_(pause) {}

void Checkpoint::load(std::string_view bytes, const std::string& name) {
  static const TensorRules rules{"checkpoint", 64ULL << 20, 1 << 20, {{"F64", 8}}, "is not F64"};
  const auto require = [&](bool holds, const std::string& why) {
    if (!holds) throw InputError(name + ": " + why + way_out);
  };
  TensorFileView view;
  json options;
  try {
    view = view_tensors(bytes, name, rules);
    require(view.metadata["format"] == format, "not a checkpoint");
    require(view.metadata["version"] == version,
            "a checkpoint of nadir " + view.metadata["version"] + ", and this is " + version);
    options = parse_json(view.metadata["options"], name + ": not a valid checkpoint: the options");
  } catch (const InputError& error) {
    const std::string why = error.what();
    throw InputError(why.ends_with(way_out) ? why : why + way_out);
  }
  TensorFile file{view.metadata, {}};
  file.metadata.erase("sha256");
  for (const TensorView& tensor : view.tensors)
    file.tensors.push_back({tensor.name, false, tensor.shape, std::string(tensor.bytes)});
  require(hash_of(file) == view.metadata["sha256"], "a damaged checkpoint: its content does not have its hash");
  const std::string differs = difference(options, options_);
  require(differs.empty(), "a checkpoint of other options: " + differs);

  name_ = name;
  for (const auto& [key, text] : file.metadata)
    if (key.starts_with(data_of)) data_[key.substr(std::strlen(data_of))] = text;
  for (const TensorView& tensor : view.tensors) {
    const std::size_t slash = tensor.name.rfind('/');
    const std::vector<std::uint64_t>& shape = tensor.shape;
    require(slash != std::string::npos && shape.size() == 2 && shape[0] < 1ULL << 40 && shape[1] < 1ULL << 40,
            "not a valid checkpoint: it holds other tensors than a checkpoint's");
    stages_.try_emplace(tensor.name.substr(0, slash), name)
        .first->second.set(tensor.name.substr(slash + 1), matrix_of(tensor));
  }
}

void Checkpoint::require_data(const std::string& stage, const std::string& sha256) {
  const std::lock_guard guard(lock_);
  if (closed_) return;
  const auto [place, is_new] = data_.try_emplace(stage, sha256);
  if (!is_new && place->second != sha256)
    throw InputError(name_ + ": a checkpoint of other data: these rows do not become the features of that training" +
                     way_out);
}

std::optional<State> Checkpoint::find(const std::string& stage) const {
  const std::lock_guard guard(lock_);
  const auto found = stages_.find(stage);
  if (closed_ || found == stages_.end()) return std::nullopt;
  return found->second;
}

void Checkpoint::keep(const std::string& stage, State state) {
  const std::lock_guard guard(lock_);
  if (closed_) return;
  stages_.insert_or_assign(stage, std::move(state));
  if (std::chrono::steady_clock::now() - last_ < pause_) return;
  write_(encode(), false);
  last_ = std::chrono::steady_clock::now();
}

void Checkpoint::close() {
  const std::lock_guard guard(lock_);
  if (closed_) return;
  closed_ = true;
  write_(encode(), true);
}

std::string Checkpoint::encode() const {
  TensorFile file{{{"format", format}, {"version", version}, {"options", options_.dump()}}, {}};
  for (const auto& [stage, sha256] : data_) file.metadata[data_of + stage] = sha256;
  for (const auto& [stage, state] : stages_)
    for (const auto& [name, part] : state.parts()) file.tensors.push_back(tensor_of(stage + "/" + name, part));
  file.metadata["sha256"] = hash_of(file);
  return encode_tensors(file);
}

void Stage::require_data(const std::string& sha256) const {
  if (checkpoint_ != nullptr) checkpoint_->require_data(name_, sha256);
}

std::optional<State> Stage::find() const { return checkpoint_ != nullptr ? checkpoint_->find(name_) : std::nullopt; }

void Stage::keep(State state) const {
  if (checkpoint_ != nullptr) checkpoint_->keep(name_, std::move(state));
}

Steps::Steps(Stage stage, int count) : stage_(std::move(stage)), from_(stage_.find()) {
  if (from_) first_ = static_cast<int>(from_->count("step", count - 1));
}

Continuation Steps::at(int step) const {
  if (!stage_) return {};
  return {from_ && step == first_ ? &*from_ : nullptr, [stage = stage_, step](State state) {
            state.set("step", step);
            stage.keep(std::move(state));
          }};
}

}  // namespace nadir::path
