#pragma once
// ONNX files while they are written: tensors and nodes by name, as onnx.proto (see onnx_wire.hpp) has their bytes.
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "nadir/base/matrix.hpp"

namespace nadir::exchange {

/// What a node is told beside its inputs.
struct Attribute {
  std::string name;
  std::variant<std::int64_t, std::vector<std::int64_t>, std::vector<std::string>> value;
};

/// TensorProto.DataType, of what we write.
enum class OnnxType { boolean = 9, float64 = 11, int64 = 7, text = 8 };

/// A graph with one node after the other; a tensor is known by the name that its maker returns. The same calls give the
/// same bytes.
class OnnxWriter {
 public:
  /// `outputs`: names that only `node` may give.
  explicit OnnxWriter(const std::set<std::string>& outputs) : names_(outputs) {}

  /// An input of N × columns. It is called `name` if that is free, else `otherwise`, or like it.
  std::string input(const std::string& name, const std::string& otherwise, OnnxType type, Index columns);

  /// Constants: rows × columns, or of one dimension.
  std::string numbers(const Matrix& matrix);
  std::string number_list(const Vector& list);
  std::string number(double value);  ///< of no dimension
  std::string integers(const std::vector<std::int64_t>& list);
  std::string texts(const std::vector<std::string>& list);

  /// An operator of one output, which is called `output` if that is given. Operators on texts live in ai.onnx.ml.
  std::string node(const std::string& type, const std::vector<std::string>& inputs,
                   const std::vector<Attribute>& attributes = {}, const std::string& output = "");

  /// Makes a tensor an output of N × columns, or of N where columns is 0.
  void output(const std::string& name, OnnxType type, Index columns);

  /// The whole file, with these texts as metadata. Throws InputError, beginning with `name`, beyond the 2 GiB that
  /// protobuf allows.
  std::string finish(const std::map<std::string, std::string>& metadata, const std::string& name) const;

 private:
  std::string fresh(const std::string& type);
  std::string tensor(OnnxType type, const std::vector<std::int64_t>& shape, const char* bytes, std::size_t size);

  std::set<std::string> names_;                  // that are taken
  std::string nodes_, tensors_, inputs_, ends_;  // fields of the graph
  bool has_texts_ = false;
};

}  // namespace nadir::exchange
