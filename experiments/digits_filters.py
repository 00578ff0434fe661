#!/usr/bin/env python3
"""Filters on small images: parallel convolutional sub-networks on scikit-learn's 8 x 8 digits, by the meta-algorithm.

A sub-network has --filters filters, kernel x kernel, whose ReLU has its largest value over all places taken, and then a linear layer to the
ten classes; softmax loss, weight decay. 300 rows to train, 500 others to test.
The lower bound is proven over every number of sub-networks (docs/math/homogeneous.md, section 7). Prints Markdown and writes
digits_filters.json to experiments/results. Needs the Python package nadir, numpy and scikit-learn.
"""
import json
import time

import numpy as np
from sklearn.datasets import load_digits

import nadir
from particle_problems import parser


def trained(a, kernel, X, y):
    layers = [nadir.Layer(kernel**2, a.filters, "relu"), nadir.Layer(a.filters, 10)]
    return nadir.train_parallel(X, y, layers, image=nadir.Image(8, 8, kernel), loss="softmax", regularizer="squares", lambda_=a.penalty,
                                start=5, max_rounds=3, descent_iterations=300, search_starts=4, gap=1e-3, seed=a.seed)


def main():
    made = parser(__doc__)
    made.add_argument("--filters", type=int, default=4, help="of a sub-network")
    made.add_argument("--penalty", type=float, default=0.02, help="lambda")
    made.add_argument("--rows", type=int, default=300)
    a = made.parse_args()
    X, y = load_digits(return_X_y=True)
    order = np.random.default_rng(a.seed).permutation(len(y))
    train, test = order[:a.rows], order[-500:]
    print("| kernel | sub-networks | objective | at zero | proven bound | largest polar found, proven | test accuracy | seconds |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    records = []
    for kernel in (3, 5):
        begin = time.monotonic()
        told = trained(a, kernel, X[train] / 16, y[train])
        record = {"kernel": kernel, "width": len(told), "objective": told.objective, "zero": np.log(10), "bound": told.lower_bound,
                  "by": told.bound_by, "polar": told.polar, "polar_bound": told.polar_bound, "claim": told.claim,
                  "accuracy": float((told.outputs(X[test] / 16).argmax(axis=1) == y[test]).mean()), "seconds": time.monotonic() - begin}
        print("| {kernel} | {width} | {objective:.4f} | {zero:.4f} | {bound:.4f} | {polar:.3f}, {polar_bound:.1f} | {accuracy:.1%} | {seconds:.0f} |"
              .format(**record), flush=True)
        records.append(record)
    (a.out / "digits_filters.json").write_text(json.dumps(records) + "\n")


if __name__ == "__main__":
    main()
