#pragma once
// What a loop hands out after each round, so that it can be taken up again there: named matrices of doubles. All that
// comes after is a function of them, so that a run that was taken up ends with the same bytes.
#include <functional>
#include <map>
#include <string>

#include "nadir/base/matrix.hpp"
#include "nadir/base/watch.hpp"

namespace nadir::path {

/// Every reader throws InputError, naming the part, where there is none of that kind: states come from files.
class State {
 public:
  /// `source` begins the messages.
  explicit State(std::string source = "") : source_(std::move(source)) {}

  void set(const std::string& name, Matrix part) { parts_[name] = std::move(part); }
  void set(const std::string& name, double number) { set(name, Matrix::Constant(1, 1, number)); }
  void set(const std::string& name, const std::vector<Progress>& trace);

  /// Of rows × cols finite numbers; −1: of any number of rows.
  const Matrix& matrix(const std::string& name, Index rows, Index cols) const;
  /// Not a NaN.
  double number(const std::string& name) const;
  /// A whole number from 0 to `most`.
  Index count(const std::string& name, Index most) const;
  /// Whole numbers from 0 to `limit` − 1.
  std::vector<Index> places(const std::string& name, Index size, Index limit) const;
  std::vector<Progress> trace(const std::string& name) const;

  const std::map<std::string, Matrix>& parts() const { return parts_; }

 private:
  const Matrix& part(const std::string& name, Index rows, Index cols) const;
  [[noreturn]] void refuse(const std::string& name) const;

  std::map<std::string, Matrix> parts_;
  std::string source_;
};

/// Numbers as a column, and places of a list as one.
Matrix column_of(const std::vector<Index>& places);

/// How a loop by rounds is taken up, and kept.
struct Continuation {
  const State* from = nullptr;      ///< to go on from in place of the start
  std::function<void(State)> keep;  ///< called where a round begins, with all that this round and later ones depend on

  explicit operator bool() const { return static_cast<bool>(keep); }
};

}  // namespace nadir::path
