#include "nadir/spectral/architecture_json.hpp"

#include "nadir/base/error.hpp"
#include "nadir/base/hexfloat.hpp"

namespace nadir::spectral {

nlohmann::json objective_to_json(const Architecture& architecture) {
  nlohmann::json hidden = nlohmann::json::array();
  for (const auto& layer : architecture.hidden)
    hidden.push_back({{"norm", layer.scope == NormScope::matrix ? "matrix" : "unit"},
                      {"p", to_hex(layer.p)},
                      {"radius", to_hex(layer.radius)}});
  return {{"kind", "softmax_minus_outputs"},
          {"epsilon", to_hex(architecture.epsilon)},
          {"hidden", hidden},
          {"output", {{"p", to_hex(architecture.output_p)}, {"radius", to_hex(architecture.output_radius)}}}};
}

Architecture architecture_from_json(const nlohmann::json& objective, const PolynomialNetwork& network) {
  try {
    if (objective.at("kind") != "softmax_minus_outputs")
      throw InputError("the objective " + objective.at("kind").dump() + " is unknown");
    const auto number = [](const nlohmann::json& value) { return from_hex(value.get<std::string>()); };
    Architecture architecture;
    architecture.inputs = network.inputs();
    architecture.classes = static_cast<int>(network.classes());
    architecture.epsilon = number(objective.at("epsilon"));
    architecture.output_p = number(objective.at("output").at("p"));
    architecture.output_radius = number(objective.at("output").at("radius"));
    const auto& hidden = objective.at("hidden");
    if (hidden.size() != network.hidden.size()) throw InputError("the objective and the network differ in layers");
    for (std::size_t j = 0; j < hidden.size(); ++j) {
      HiddenShape layer;
      layer.exponents = network.hidden[j].exponents;
      layer.mask = network.hidden[j].mask;
      layer.scope = hidden[j].at("norm") == "matrix" ? NormScope::matrix : NormScope::unit;
      for (const auto& p : hidden[j].at("p")) layer.p.push_back(number(p));
      layer.radius = number(hidden[j].at("radius"));
      architecture.hidden.push_back(std::move(layer));
    }
    architecture.validate();
    return architecture;
  } catch (const nlohmann::json::exception& error) {
    throw InputError(std::string("the objective is malformed: ") + error.what());
  } catch (const UsageError& error) {
    throw InputError(std::string("the objective is out of range: ") + error.what());
  }
}

}  // namespace nadir::spectral
