#pragma once
// What a model says of features: outputs, and what they mean (docs/certificate-format.md, sections 3 to 5).
#include <optional>
#include <string>
#include <vector>

#include "nadir/model/model_file.hpp"

namespace nadir {

/// What the features of this kind of network may be.
Sign sign_of(const Network& network);

/// n × K. The bits do not depend on `threads`.
Matrix outputs(const Network& network, const Matrix& features, int threads = 1);
/// Of the rows of a data set, wherever they lie; the same bits.
Matrix outputs(const Network& network, const Dataset& dataset, int threads = 1);

/// The loss that the outputs were trained for, as section 5.2 names it; softmax for polynomial networks.
std::string loss_of(const Model& model);

/// The class of each row: that of the largest output, or for a single output the second one where it is at least 0.
std::vector<int> classes_of(const Matrix& outputs);

/// Whether the model's outputs stand for probabilities of classes: under the losses softmax and logistic.
bool has_probabilities(const Model& model);
/// n × classes, for a model that has them.
Matrix class_probabilities(const Matrix& outputs);

}  // namespace nadir
