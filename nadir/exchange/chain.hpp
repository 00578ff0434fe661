#pragma once
// The layers of a file while it is read: each is held against the limits and against the one before.
#include <cstdint>
#include <string>
#include <vector>

#include "nadir/exchange/layers.hpp"

namespace nadir::exchange {

/// "3 x 4", for messages.
std::string in_words(const std::vector<std::uint64_t>& shape);

class Chain {
 public:
  /// `path` begins every message. In what follows, `what` names a part of the file in messages.
  explicit Chain(std::string path) : path_(std::move(path)) {}

  /// Throws InputError: the path, and why.
  [[noreturn]] void fail(const std::string& why) const;

  /// Takes room for weights or biases of this shape. To be called before memory is asked for; throws if there is none.
  void reserve(const std::vector<std::uint64_t>& shape, const std::string& what);

  /// A further layer, without biases or activation. Throws unless finite and of as many inputs as the last has outputs.
  void add(Matrix weights, const std::string& what);

  /// Adds to the biases of the last layer. Throws unless finite; there are as many as outputs.
  void add_biases(const Vector& biases, const std::string& what);

  /// Gives the last layer its activation.
  void activate(Activation activation, double slope);

  bool empty() const { return layers_.list.empty(); }
  const Layer& last() const { return layers_.list.back(); }
  const std::string& path() const { return path_; }

  /// All layers; throws if there are none. What comes next is another chain, under the same limit on weights.
  Layers finish(std::string source);

 private:
  std::string path_;
  std::size_t reserved_ = 0;  // numbers, at most max_weights
  Layers layers_;
  std::string last_;  // what the last layer was called
};

}  // namespace nadir::exchange
