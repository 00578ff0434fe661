"""Runs an exported network on the rows of a table and compares with `nadir predict`.

6_deploy.py NET.onnx DATA LABELS PROBABILITIES
"""
import csv
import sys

import numpy as np
import onnxruntime

net, data, labels, shares = sys.argv[1:5]
with open(data, encoding="utf-8") as file:
    X = np.array([[float(cell) for cell in row[:-1]] for row in list(csv.reader(file))[1:]])
label, probabilities = onnxruntime.InferenceSession(net).run(None, {"X": X})
print(label[:5], probabilities[:5], sep="\n")

with open(labels, encoding="utf-8") as file:
    assert [row[0] for row in list(csv.reader(file))[1:]] == label.tolist()
with open(shares, encoding="utf-8") as file:
    told = np.array([[float(p) for p in row] for row in list(csv.reader(file))[1:]])
assert np.allclose(told, probabilities, rtol=1e-12, atol=0)
print(f"{len(told)} rows: the same as nadir predict")
