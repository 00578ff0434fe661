#pragma once
// The model file as it lies (section 1 of docs/certificate-format.md) and its document as plain structs (2 to 6), of
// which every rule holds that the text alone decides.
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace nadir::verify {
/// A rule that does not hold: thrown where it is found, caught by the check that asked.
struct Refusal : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// Conditions are written so that a NaN makes them false.
inline void require(bool holds, std::string_view why) {
  if (!holds) throw Refusal(std::string(why));
}
/// SHA-256 over the pieces one after the other, in lower-case hexadecimal.
std::string sha256(const std::vector<std::string_view>& pieces);

enum class Kind { polynomial, gated, relu, linear, kernel, parallel, factorization };
using Flags = std::vector<std::uint8_t>;
/// Row-major doubles.
struct Matrix {
  std::size_t rows = 0, columns = 0;
  std::vector<double> values;
  Matrix() = default;
  Matrix(std::size_t r, std::size_t c) : rows(r), columns(c), values(r * c) {}
  const double* row(std::size_t i) const { return values.data() + i * columns; }
  double* row(std::size_t i) { return values.data() + i * columns; }
};
struct Tensor {
  bool is_bool = false;  // else F64
  std::vector<std::uint64_t> shape;
  std::string_view bytes;
  Flags flags() const { return {bytes.begin(), bytes.end()}; }
};
struct Container {
  std::string document;  // the text `nadir`
  std::map<std::string, Tensor> tensors;
  Kind kind = Kind::polynomial;                       // as the tensors' names say
  std::size_t layers = 0;                             // hidden.1 ... hidden.layers (layer.1, parallel.1) are present
  const Tensor* find(const std::string& name) const;  // null where there is none
};
struct Column {
  char kind = 'i';  // numeric, categorical, ignored: the first letter
  std::size_t index = 0;
  std::string name;
  double offset = 0, range = 1;         // numeric
  std::optional<double> missing_value;  // numeric
  std::vector<std::string> levels;      // categorical
  bool missing_level = false;           // categorical
};
struct Recipe {
  std::string format, array, labels;  // the two are of npz
  char delimiter = ',';
  bool header = false, clip = false, root = false, complement = false, bias = false;
  std::size_t cells = 0;                     // of a record: the source's `columns`
  std::optional<std::size_t> target_column;  // absent: the label comes with the format or from a second file
  std::string target_name;
  std::vector<std::string> classes;            // none where the target is a quantity,
  double target_offset = 0, target_range = 1;  // scaled by these
  bool negative = false;                       // features may be
  bool matrix = false;                         // all cells are numbers of one matrix, without names and target
  std::optional<std::size_t> weight_column;    // section 5.2: of the rows' weights
  std::vector<double> class_weights;           // by class, or none
  std::vector<Column> columns;
  std::size_t features() const;
};
/// A layer of the network, the output the last: exponents of its units, norms of their weights.
struct Layer {
  std::vector<double> exponents;  // none for the output
  bool norm_per_unit = true;
  std::vector<double> p;  // one a unit, or one for the matrix
  double radius = 0;
};
struct Claims {
  bool certified = false, box = false;  // box: the evidence; else hidden_concavity
  bool nonnegative = false;             // ReLU networks: the evidence; else relu_polar or power_cones
  double objective = 0, lower_bound = 0, objective_at_zero = 0, relative_gap = 0, target_gap = 0;
  double patterns_lower_bound = 0, patterns_relative_gap = 0;  // ReLU networks
  double tau = 0, patterns_tau = 0;                            // constrained objectives
  std::vector<std::size_t> columns;                            // linear networks
  double level = 0;
  double bias_scale = 0;                    // of hidden biases at no cost; else 0
  double features_norm = 0, dual_norm = 0;  // parallel sub-networks, by the norms of layers
  bool units = false;                       // those by the units of the first layer
  std::uint64_t samples = 0, steps = 0;
  std::string features_sha256, weights_sha256;
};
enum class Loss { squared, huber, logistic, squared_hinge, softmax };
enum class Penalty {
  none,
  group,
  nuclear,
  l1,
  features,
  weight_decay,
  shared_weight_decay,
  kernel_norm,
  variation_norm,
  product_of_norms,
  output_weights
};
struct Document {
  Kind kind = Kind::polynomial;
  Recipe recipe;
  Claims claims;
  // Polynomial networks.
  std::vector<Layer> layers;
  double epsilon = 0;
  // Other networks: what section 5.2 says.
  Loss loss = Loss::squared;
  double lambda = 0, delta = std::numeric_limits<double>::max();  // delta of a loss other than huber: never reached
  double radius = 0;                                              // of section 5.3; a lambda of 0: there is none
  Penalty penalty = Penalty::none;
  bool free_hidden = false;                 // the last weight of each unit, a hidden bias, costs nothing
  bool shared = false;                      // units feed all outputs, at the cost of one norm
  bool biased = false;                      // output biases, perhaps at no cost
  double bias_weight = 0, skip_weight = 0;  // of the squared output biases, and of the linear part; 0: there are none
  std::size_t outputs = 1;
  int power = 1;     // of a kernel machine, or of the units of a ReLU network
  double slope = 0;  // of parallel sub-networks
  // Of a factorization, of the left and the right factor.
  bool l1[2] = {false, false}, non_negative[2] = {false, false};
  bool given() const { return penalty == Penalty::output_weights; }  // the units of a ReLU network
  bool powers() const { return kind == Kind::relu && power != 1 && !given(); }
  bool polar() const { return kind == Kind::relu && power == 1 && !given() && !claims.nonnegative; }
};
/// tau is at most this, so that a G which touches its domain's border, up to rounding, is inside.
inline constexpr double kMostScale = 1 - 0x1p-42;
/// Views into `file`, which must outlive the result. Nothing is allocated before its size is known to be right.
Container read_container(std::string_view file);
Document read_document(const std::string& text);
/// The bytes of the data file, and of the labels file, which is read only where the recipe takes the labels from there.
struct Sources {
  std::string data;
  std::optional<std::string> labels;
};

double decimal(std::string_view text);  // finite, rounded to nearest
/// Of a row or a class.
inline void require_weight(double weight) {
  require(weight >= 0x1p-100 && weight <= 0x1p100, "a weight is not in 2^-100 ... 2^100");
}
std::string number_text(double number);  // integers without point; else the shortest that reads back the same

struct Dataset {
  Matrix features;                   // of the training rows, exactly the doubles that the recipe defines
  std::vector<std::int32_t> labels;  // 0 ... classes - 1; none where the target is a quantity
  std::vector<double> targets;       // the quantities
  std::vector<double> weights;       // v of section 5.2; none where all rows count alike
  bool factorized = false;           // the features are a matrix to be factorized, without labels and targets
  std::string sha256() const;        // `features_sha256` of section 6
};
/// Rows with training_rows[i] = 0 must be well-formed records, no more.
Dataset make_features(const Recipe& recipe, const Sources& packed, const std::optional<Flags>& training_rows);
/// The matrix of a factorization: all cells of all records.
Dataset make_matrix(const Recipe& recipe, const Sources& packed);
}  // namespace nadir::verify
