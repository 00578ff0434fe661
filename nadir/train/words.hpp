#pragma once
// Parts of a model in words, for people, and a certificate as they are told of it.
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "nadir/claim/certificate.hpp"
#include "nadir/data/recipe.hpp"
#include "nadir/net/kernel_machine.hpp"
#include "nadir/net/linear_chain.hpp"
#include "nadir/net/parallel.hpp"

namespace nadir::train {

/// What the rows weigh, by an objective as in the model file; empty where all count alike.
std::string weights_in_words(const nlohmann::json& objective, const Recipe& recipe);

/// "linear, 4 -> 2 -> 1, with biases".
std::string chain_in_words(const BiasedChain& network);
/// "step", "ReLU unit", "squared ReLU unit", by their power.
std::string unit_in_words(int power);
/// "arc-cosine kernel of power 1 (ReLU units), 150 samples, 3 outputs".
std::string kernel_in_words(const KernelMachine& network);
/// "2 parallel ReLU sub-networks, 4 -> 3 -> 3 -> 1".
std::string parallel_in_words(const ParallelNetwork& network);

/// "half the squared error, mean over the rows": a loss as `nadir certify` was told of it, `loss` by its name.
std::string loss_in_words(const std::string& loss, bool half, const std::string& reduction);
/// What the model file notes of every network that was trained elsewhere: from which files, and why the loop ended.
nlohmann::json certify_notes(const std::string& network, const std::string& data, Stop stop,
                             const std::string& sentence, int iterations);
/// Of a network that was trained elsewhere, or of the better one: kind, lambda, numbers and claim.
nlohmann::json certificate_told(const Certificate& certificate, bool improved, double lambda);

}  // namespace nadir::train
