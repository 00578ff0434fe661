#pragma once
// Which polars bound units of several outputs, and how (section 6.4 of docs/certificate-format.md): those of each
// output with both signs; or, with the tensor `output_cones`, those of G v in the directions v that it lists.
#include "nadir/verify/proof.hpp"

namespace nadir::verify {
/// G v as section 6.4 has it, with the sum of the sizes of the products in each entry.
struct Combination {
  std::vector<double> g, sizes;
  std::size_t roundings = 0;  // of each entry, relative to its size
};

class OutputDirections {
 public:
  /// `outputs` is K. Refuses an output_cones that section 6.4 refuses.
  OutputDirections(const Container& container, const Document& document);

  std::size_t count() const { return directions_.size(); }
  const std::vector<double>& direction(std::size_t number) const { return directions_[number]; }
  Combination of(const Matrix& dual, std::size_t number) const;
  /// The q that follows from bounds of all directions' polars, none negative.
  double combine(const std::vector<double>& bounds) const;

 private:
  using Generators = std::vector<std::size_t>;
  void read_cones(const Matrix& nodes);
  void read_below(Generators generators, const Matrix& nodes, std::size_t& row);
  std::size_t number_of(const std::vector<double>& direction);
  double over_cone(const Generators& generators, const std::vector<double>& bounds) const;
  double least_norm(const Generators& active, const Generators& all, const std::vector<double>& bounds) const;

  std::size_t outputs_;
  bool shared_;
  std::vector<std::vector<double>> directions_;
  std::vector<Generators> cones_;  // those that are not split; none: no output_cones
};
}  // namespace nadir::verify
