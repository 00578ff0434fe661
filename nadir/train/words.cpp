#include "nadir/train/words.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "nadir/base/hexfloat.hpp"
#include "nadir/base/printed.hpp"

namespace nadir::train {

using nlohmann::json;

std::string weights_in_words(const json& objective, const Recipe& recipe) {
  if (!objective.contains("weights")) return "";
  const json& weights = objective["weights"];
  std::string text;
  for (const ColumnRecipe& column : recipe.columns)
    if (weights.contains("column") && weights["column"] == column.index)
      text = "column " + (column.name.empty() ? std::to_string(column.index + 1) : column.name);
  if (!weights.contains("classes")) return text;
  text += text.empty() ? "by class:" : ", and by class:";
  for (std::size_t r = 0; r < recipe.classes.size(); ++r)
    text += printed("%s %s %.4g", r > 0 ? "," : "", recipe.classes[r].c_str(),
                    from_hex(weights["classes"].at(r).get<std::string>()));
  return text;
}

std::string chain_in_words(const BiasedChain& network) {
  std::string text;
  for (const Index width : widths_of(network.chain))
    text += (text.empty() ? "linear, " : " -> ") + std::to_string(width);
  return text + (network.has_biases() ? ", with biases" : "");
}

std::string unit_in_words(int power) {
  const char* const units[] = {"step", "ReLU unit", "squared ReLU unit"};
  return units[power];
}

std::string kernel_in_words(const KernelMachine& network) {
  return printed("arc-cosine kernel of power %d (%ss), %ld samples, %ld output%s", network.power,
                 unit_in_words(network.power).c_str(), static_cast<long>(network.samples.rows()),
                 static_cast<long>(network.outputs()), network.outputs() == 1 ? "" : "s");
}

std::string parallel_in_words(const ParallelNetwork& network) {
  std::string text = printed("%ld parallel %s sub-network%s", static_cast<long>(network.count()),
                             network.slope == 0 ? "ReLU" : printed("leaky ReLU (%g)", network.slope).c_str(),
                             network.count() == 1 ? "" : "s");
  const std::vector<Index> widths = network.widths();
  for (std::size_t k = 0; k < widths.size(); ++k) text += (k == 0 ? ", " : " -> ") + std::to_string(widths[k]);
  return text;
}

std::string loss_in_words(const std::string& loss, bool half, const std::string& reduction) {
  const std::string squared = half ? "half the squared error" : "the squared error";
  return (loss == "squared" ? squared : loss) + (reduction == "sum" ? ", summed over" : ", mean over") + " the rows";
}

json certify_notes(const std::string& network, const std::string& data, Stop stop, const std::string& sentence,
                   int iterations) {
  return {{"method", "certify"},
          {"network", std::filesystem::path(network).filename().string()},
          {"data", std::filesystem::path(data).filename().string()},
          {"stop", to_string(stop)},
          {"stop_sentence", sentence},
          {"iterations", iterations}};
}

nlohmann::json certificate_told(const Certificate& certificate, bool improved, double lambda) {
  return {{"kind", certificate.evidence.kind},
          {"network", improved ? "improved" : "given"},
          {"lambda", lambda},
          {"objective", certificate.objective},
          {"lower_bound", certificate.lower_bound},
          {"relative_gap", certificate.relative_gap},
          {"claim", to_string(certificate.claim)}};
}

}  // namespace nadir::train
