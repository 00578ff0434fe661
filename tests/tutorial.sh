#!/usr/bin/env bash
# The steps of docs/tutorial.md in their order, and every method, in a folder of their own: tutorial.sh BUILD_DIR SOURCE_DIR PYTHON.
set -euo pipefail
export NADIR_BUILD=$1 PYTHON=$3
source=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
expect() { grep -q -- "$1" said.txt || { echo "step $step did not say: $1"; cat said.txt; exit 1; }; }
for step in 1_train 2_read 3_verify 4_certify 5_lambda 6_deploy methods; do
  "$source/examples/$step.sh" >said.txt 2>&1 || { echo "step $step failed"; cat said.txt; exit 1; }
  case $step in
    1_train) expect "over ReLU networks of any width"; expect "on 61 other rows" ;;
    2_read) expect "Not claimed: anything about data other than the training samples" ;;
    3_verify) expect "^ACCEPTED"; expect "FAIL  *features_hash"; expect "FAIL  *file"; expect "^REJECTED" ;;
    4_certify) expect "objective    0.5628"; expect "unit to add  lowers the objective"; expect "^ACCEPTED" ;;
    5_lambda) expect "chosen among"; expect "certified" ;;
    methods)
      [ "$(grep -c "^ACCEPTED" said.txt)" = "$(($(grep -c "^== " said.txt) + 1))" ] || { cat said.txt; exit 1; } ;;
    6_deploy) expect "the same as nadir predict" ;;
  esac
done
