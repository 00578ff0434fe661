// Kernel machines as operators of ONNX. There is no arc cosine for doubles in the runtime: angles are made of square
// roots and a series (docs/math/kernel.md, section 6), and of power 0 those near 0 and pi of differences (section 1).
#include <cmath>
#include <numbers>

#include "nadir/exchange/onnx_networks.hpp"
#include "nadir/net/arc_cosine.hpp"

namespace nadir::exchange {
namespace {

/// Arithmetic of tensors and numbers.
class Arithmetic {
 public:
  explicit Arithmetic(OnnxWriter& onnx) : onnx_(onnx) {}
  std::string number(double value) { return onnx_.number(value); }
  std::string add(const std::string& a, const std::string& b) { return onnx_.node("Add", {a, b}); }
  std::string subtract(const std::string& a, const std::string& b) { return onnx_.node("Sub", {a, b}); }
  std::string multiply(const std::string& a, const std::string& b) { return onnx_.node("Mul", {a, b}); }
  std::string divide(const std::string& a, const std::string& b) { return onnx_.node("Div", {a, b}); }
  std::string root(const std::string& a) { return onnx_.node("Sqrt", {a}); }

  /// θ from sine and cosine of its half.
  std::string angle(const std::string& half_sine, const std::string& half_cosine) {
    const std::string one = number(1);
    std::string t = divide(half_sine, add(one, half_cosine));  // tan(θ/4)
    for (int halving = 0; halving < 2; ++halving) t = divide(t, add(one, root(add(one, multiply(t, t)))));
    const std::string square = multiply(t, t);
    std::string series = number(1.0 / 23);
    for (int i = 10; i >= 0; --i) series = subtract(number(1.0 / (2 * i + 1)), multiply(square, series));
    return multiply(number(16), multiply(t, series));
  }

 private:
  OnnxWriter& onnx_;
};

/// Of the angles between rows and samples, N × n each.
struct HalfAngles {
  std::string sine, cosine;
};

HalfAngles half_angles(Arithmetic& at, const std::string& cosine) {
  const std::string one = at.number(1), half = at.number(0.5);
  return {at.root(at.multiply(half, at.subtract(one, cosine))), at.root(at.multiply(half, at.add(one, cosine)))};
}

/// The same, where a row (of u, N × d) and a sample (a column of v, d × n) lie on one line, or nearly, as ‖u − v‖ / 2
/// and ‖u + v‖ / 2, which have all digits. Only pairs with |cosine| > 0.99 are looked at.
HalfAngles all_digits(Arithmetic& at, OnnxWriter& onnx, const HalfAngles& angles, const std::string& cosine,
                      const std::string& u, const std::string& v) {
  const std::string pairs = onnx.node("NonZero", {onnx.node("Greater", {onnx.node("Abs", {cosine}), at.number(0.99)})});
  const auto places = [&](std::int64_t which) {
    return onnx.node("Gather", {pairs, onnx.integers({which})}, {{"axis", 0}});
  };
  const std::vector<std::int64_t> features_first{2, 0, 1};
  const std::string rows =
      onnx.node("Transpose", {onnx.node("Gather", {u, places(0)}, {{"axis", 0}})}, {{"perm", features_first}});
  const std::string samples = onnx.node("Gather", {v, places(1)}, {{"axis", 1}});
  const std::string where = onnx.node("Transpose", {pairs}, {{"perm", std::vector<std::int64_t>{1, 0}}});
  const auto put = [&](const std::string& into, const std::string& vectors) {
    const std::string square =
        onnx.node("ReduceSum", {at.multiply(vectors, vectors), onnx.integers({0, 1})}, {{"keepdims", 0}});
    return onnx.node("ScatterND", {into, where, at.multiply(at.number(0.5), at.root(square))});
  };
  return {put(angles.sine, at.subtract(rows, samples)), put(angles.cosine, at.add(rows, samples))};
}

/// J, entry by entry.
std::string kernel_of(Arithmetic& at, const HalfAngles& half, const std::string& cosine, int power) {
  const std::string rest = at.subtract(at.number(std::numbers::pi), at.angle(half.sine, half.cosine));
  if (power == 0) return rest;
  const std::string sine = at.multiply(at.number(2), at.multiply(half.sine, half.cosine));
  if (power == 1) return at.add(sine, at.multiply(rest, cosine));
  const std::string squares = at.multiply(at.number(2), at.multiply(cosine, cosine));
  return at.add(at.multiply(at.number(3), at.multiply(sine, cosine)), at.multiply(rest, at.add(at.number(1), squares)));
}

}  // namespace

OnnxOutputs write_network(OnnxWriter& onnx, const OnnxFeatures& features, const KernelMachine& network) {
  Arithmetic at(onnx);
  const Directions samples = directions_of(network.samples, network.power);
  std::string x = features.tensor;
  if (features.constant) x = onnx.node("Pad", {x, onnx.integers({0, 0, 0, 1}), onnx.number(1)});
  const std::string norm = at.root(onnx.node("ReduceSum", {at.multiply(x, x), onnx.integers({1})}, {{"keepdims", 1}}));
  const std::string unit = at.divide(x, onnx.node("Max", {norm, at.number(1e-300)}));
  const std::string directions = onnx.numbers(samples.rows.transpose());
  const std::string product = onnx.node("MatMul", {unit, directions});
  const std::string cosine = onnx.node("Clip", {product, at.number(-1), at.number(1)});
  HalfAngles half = half_angles(at, cosine);
  if (network.power == 0) half = all_digits(at, onnx, half, cosine, unit, directions);
  const double d = static_cast<double>(network.inputs()), pi = std::numbers::pi;
  const double kappa = network.power == 0 ? 1 : network.power == 1 ? std::sqrt(d) : std::sqrt(d * (d + 2));
  const Matrix weights = samples.sizes.asDiagonal() * network.coefficients / (2 * pi * kappa);
  const std::string sums = onnx.node("MatMul", {kernel_of(at, half, cosine, network.power), onnx.numbers(weights)});
  std::string size = norm;
  if (network.power == 0)
    size = onnx.node("Cast", {onnx.node("Greater", {norm, at.number(0)})},
                     {{"to", static_cast<std::int64_t>(OnnxType::float64)}});
  if (network.power == 2) size = at.multiply(norm, norm);
  return {at.multiply(sums, size), network.outputs()};
}

}  // namespace nadir::exchange
