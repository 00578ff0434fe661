#!/usr/bin/env bash
# Installs what was built, and builds and runs the C++ example against it: examples.sh BUILD_DIR SOURCE_DIR COMPILER.
set -euo pipefail
build=$1 source=$2 compiler=$3
prefix=$build/prefix
rm -rf "$prefix" "$build/examples"
cmake --install "$build" --prefix "$prefix" >/dev/null
cmake -S "$source/examples/cpp" -B "$build/examples" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER="$compiler" \
  -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build "$build/examples" >/dev/null
said=$("$build/examples/certified" "$source/data/iris.csv" class)
echo "$said"
grep -q "no ReLU network of any width is below 0\.[0-9]*: certified" <<<"$said"
grep -q "the first row is of class setosa" <<<"$said"
"$prefix/bin/nadir" --version
"$prefix/bin/nadir-verify" --help >/dev/null
