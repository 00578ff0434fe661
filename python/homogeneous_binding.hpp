#pragma once
#include <nanobind/nanobind.h>

namespace nadir::python {

/// Parallel positively homogeneous sub-networks, for python/nadir/parallel.py.
void add_homogeneous(nanobind::module_& module);

}  // namespace nadir::python
