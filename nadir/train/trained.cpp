#include "nadir/train/trained.hpp"

#include <filesystem>

#include "nadir/model/predictions.hpp"

namespace nadir::train {

using nlohmann::json;

Measures measure_training(const Trained& trained, int threads) {
  if (trained.outputs.size() > 0) return measure(trained.model, trained.outputs, trained.training);
  return measure(trained.model, outputs(trained.model.network, trained.training, threads), trained.training);
}

json notes_of(const Trained& trained, const std::string& data, std::uint64_t seed) {
  json notes = trained.model.notes;
  json ignored = json::array();
  for (const auto& column : trained.ignored) ignored.push_back({{"column", column.name}, {"reason", column.reason}});
  notes.update({{"method", trained.method},
                {"data", std::filesystem::path(data).filename().string()},
                {"seed", seed},
                {"stop", to_string(trained.stop)},
                {"stop_sentence", trained.stop_sentence},
                {"iterations", trained.iterations},
                {"ignored_columns", ignored}});
  return notes;
}

json to_json(const Trained& trained, const Outcome& outcome) {
  const Certificate& c = trained.model.certificate;
  json result = {{"method", trained.method},
                 {"objective", c.objective},
                 {"lower_bound", c.lower_bound},
                 {"gap", c.objective - c.lower_bound},
                 {"relative_gap", c.relative_gap},
                 {"target_gap", c.target_gap},
                 {"objective_at_zero", c.objective_at_zero},
                 {"claim", to_string(c.claim)},
                 {"stop", to_string(trained.stop)},
                 {"stop_sentence", trained.stop_sentence},
                 {"iterations", trained.iterations},
                 {"seconds", outcome.seconds},
                 {"seconds_loading", outcome.seconds_loading},
                 {"neurons", trained.neurons},
                 {"samples", trained.training.samples()},
                 {"features", trained.training.inputs()},
                 {"train", to_json(outcome.train)},
                 {"test", nullptr},
                 {"model", outcome.model},
                 {"certificate", {{"kind", c.evidence.kind}}}};
  if (outcome.test) result["test"] = to_json(*outcome.test);
  result.update(trained.more, true);
  return result;
}

}  // namespace nadir::train
