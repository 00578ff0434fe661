#include "nadir/data/safetensors.hpp"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>

#include "nadir/base/error.hpp"
#include "nadir/data/bytes.hpp"
#include "nadir/data/strict_json.hpp"

namespace nadir {
namespace {

constexpr std::uint64_t kMaxHeader = 64ULL << 20;

using Json = nlohmann::json;

/// Bytes of a tensor of this shape, or nothing if they overflow.
std::optional<std::uint64_t> size_of(const std::vector<std::uint64_t>& shape, std::uint64_t size) {
  for (const std::uint64_t dimension : shape)
    if (__builtin_mul_overflow(size, dimension, &size)) return std::nullopt;
  return size;
}

/// Reads one file; every refusal names it.
class Decoder {
 public:
  Decoder(std::string_view bytes, const std::string& name, const TensorRules& rules)
      : bytes_(bytes), name_(name), rules_(rules) {}

  TensorFileView decode() {
    const Json header = parse_json(cut_header(), name_ + ": not a valid " + rules_.kind + ": the header");
    require(header.is_object(), "the header is not an object");
    const std::string too_many = "there are more than " + std::to_string(rules_.max_tensors) + " tensors";
    require(header.size() <= rules_.max_tensors + 1, too_many);
    TensorFileView file;
    std::vector<Entry> entries;
    for (const auto& [key, value] : header.items()) {
      if (key == "__metadata__")
        file.metadata = metadata(value);
      else
        entries.push_back(entry(key, value));
    }
    require(entries.size() <= rules_.max_tensors, too_many);
    // By place; empty tensors before the one that begins where they lie.
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
      return std::tie(a.begin, a.end, a.tensor.name) < std::tie(b.begin, b.end, b.tensor.name);
    });
    std::uint64_t place = 0;
    for (const Entry& item : entries) {
      require(item.begin == place, "tensor " + in_quotes(item.tensor.name) + " overlaps another or leaves a hole");
      place = item.end;
    }
    require(place == data_.size(), "the tensors do not end at the end of the file");
    for (Entry& item : entries) file.tensors.push_back(std::move(item.tensor));
    return file;
  }

 private:
  struct Entry {
    TensorView tensor;
    std::uint64_t begin;
    std::uint64_t end;
  };

  void require(bool holds, const std::string& why) const {
    if (!holds) throw InputError(name_ + ": not a valid " + rules_.kind + ": " + why);
  }

  /// The header's JSON, with its padding checked and cut off; the rest becomes data_.
  std::string_view cut_header() {
    require(bytes_.size() >= 8, "it is shorter than 8 bytes");
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < 8; ++i)
      length |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes_[i])) << (8 * i);
    require(length <= rules_.max_header,
            "the header's length is above " + std::to_string(rules_.max_header >> 20) + " MiB");
    require(length <= bytes_.size() - 8, "the header is cut short");
    std::string_view header = bytes_.substr(8, length);
    data_ = bytes_.substr(8 + length);
    header = header.substr(0, header.find_last_not_of(' ') + 1);
    require(header.starts_with('{') && header.ends_with('}'), "the header is not an object padded by blanks");
    return header;
  }

  std::map<std::string, std::string> metadata(const Json& json) const {
    require(json.is_object(), "__metadata__ is not an object");
    std::map<std::string, std::string> result;
    for (const auto& [key, value] : json.items()) {
      require(value.is_string(), "__metadata__ holds something other than texts");
      result[key] = value.get<std::string>();
    }
    return result;
  }

  std::vector<std::uint64_t> counts(const Json& json, const std::string& what) const {
    require(json.is_array(), what + " is not a list");
    std::vector<std::uint64_t> result;
    for (const Json& item : json) {
      require(item.is_number_unsigned(), what + " holds something other than counts");
      result.push_back(item.get<std::uint64_t>());
    }
    return result;
  }

  Entry entry(const std::string& key, const Json& json) const {
    const std::string what = "tensor " + in_quotes(key);
    require(json.is_object() && json.size() == 3 && json.contains("dtype") && json.contains("shape") &&
                json.contains("data_offsets"),
            what + " does not consist of dtype, shape and data_offsets");
    const auto type = std::find_if(rules_.types.begin(), rules_.types.end(),
                                   [&](const auto& known) { return json["dtype"] == known.first; });
    require(type != rules_.types.end(), what + " " + rules_.of_other_types);
    Entry result{{key, type->first, counts(json["shape"], what + ": shape"), {}}, 0, 0};
    const std::vector<std::uint64_t> range = counts(json["data_offsets"], what + ": data_offsets");
    require(range.size() == 2 && range[0] <= range[1] && range[1] <= data_.size(), what + " lies outside of the file");
    const std::optional<std::uint64_t> size = size_of(result.tensor.shape, type->second);
    require(size && *size == range[1] - range[0], what + ": the shape does not match its bytes");
    result.begin = range[0];
    result.end = range[1];
    result.tensor.bytes = data_.substr(result.begin, result.end - result.begin);
    return result;
  }

  std::string_view bytes_;
  const std::string& name_;
  const TensorRules& rules_;
  std::string_view data_;
};

}  // namespace

std::string encode_tensors(const TensorFile& file) {
  nlohmann::ordered_json header;
  header["__metadata__"] = file.metadata;
  std::uint64_t place = 0;
  for (const Tensor& tensor : file.tensors) {
    header[tensor.name] = {{"dtype", tensor.boolean ? "BOOL" : "F64"},
                           {"shape", tensor.shape},
                           {"data_offsets", {place, place + tensor.bytes.size()}}};
    place += tensor.bytes.size();
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  if (text.size() > kMaxHeader) throw ResourceError("the model's header exceeds 64 MiB; train on fewer columns");
  std::string bytes;
  bytes.reserve(8 + text.size() + place);
  for (std::size_t i = 0; i < 8; ++i) bytes += static_cast<char>(text.size() >> (8 * i) & 0xFF);
  bytes += text;
  for (const Tensor& tensor : file.tensors) bytes += tensor.bytes;
  return bytes;
}

TensorFile decode_tensors(std::string_view bytes, const std::string& name) {
  static const TensorRules rules{"model file", kMaxHeader, 64, {{"F64", 8}, {"BOOL", 1}}, "is neither F64 nor BOOL"};
  TensorFileView view = view_tensors(bytes, name, rules);
  TensorFile file{std::move(view.metadata), {}};
  for (TensorView& tensor : view.tensors) {
    const bool boolean = tensor.type == "BOOL";
    if (boolean && tensor.bytes.find_first_not_of(std::string_view("\0\1", 2)) != std::string_view::npos)
      throw InputError(name + ": not a valid model file: tensor " + in_quotes(tensor.name) +
                       " holds a BOOL other than 0 and 1");
    file.tensors.push_back({std::move(tensor.name), boolean, std::move(tensor.shape), std::string(tensor.bytes)});
  }
  return file;
}

TensorFileView view_tensors(std::string_view bytes, const std::string& name, const TensorRules& rules) {
  return Decoder(bytes, name, rules).decode();
}

}  // namespace nadir
