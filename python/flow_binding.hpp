#pragma once
#include <nanobind/nanobind.h>

namespace nadir::python {

/// Particle gradient flow, for python/nadir/flow.py.
void add_flow(nanobind::module_& module);

}  // namespace nadir::python
