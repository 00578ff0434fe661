#!/usr/bin/env bash
# The network with its preprocessing as ONNX: the same answers without nadir, here from Python.
source "$(dirname "$0")/paths.sh"
nadir export patients.nadir --to patients.onnx
nadir predict patients.nadir "$data/haberman.csv" --out labels.csv
nadir predict patients.nadir "$data/haberman.csv" --proba --out probabilities.csv
"${PYTHON:-python3}" "$here/6_deploy.py" patients.onnx "$data/haberman.csv" labels.csv probabilities.csv
