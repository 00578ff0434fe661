#pragma once
// Bounds as evidence: the tensors of docs/certificate-format.md, section 6.4.
#include "nadir/claim/polar_evidence.hpp"
#include "nadir/relu/bounds.hpp"

namespace nadir::relu {

PolarEvidence evidence_of(const WidthBound& widths, PatternsBound patterns, Index samples, Index inputs);
/// Of powers other than 1: section 6.8.
PolarEvidence cones_of(const WidthBound& widths);

}  // namespace nadir::relu
