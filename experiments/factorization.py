#!/usr/bin/env python3
"""Sparse and non-negative matrix factorization to a proven optimum: random planted problems, by `nadir.factorize` from nothing.

Y = A B' + noise of 0.2, A and B of rank 1 to 8 with absolute values of normal entries (half of them 0 for l1), 5 x 5 to --most x --most.
lambda is 0.05 to 0.5 times the least at which nothing is gained over 0: the largest singular value of Y, norm of a row, or entry.
Writes factorization.json to experiments/results and prints Markdown. Needs the Python package nadir and numpy.
"""
import json
import time

import numpy as np

import nadir
from particle_problems import parser

KINDS = [(("l2", "l2"), "left"), (("l2", "l2"), "both"), (("l1", "l2"), "none"), (("l1", "l2"), "both"), (("l1", "l1"), "none")]


def problem(seed, most, sparse):
    random = np.random.default_rng([seed, 3])
    rows, columns, rank = random.integers(5, most + 1), random.integers(5, most + 1), random.integers(1, 9)
    A, B = np.abs(random.normal(size=(rows, rank))), np.abs(random.normal(size=(columns, rank)))
    if sparse:
        A *= random.uniform(size=A.shape) < 0.5
        B *= random.uniform(size=B.shape) < 0.5
    Y = A @ B.T + 0.2 * random.normal(size=(rows, columns))
    return Y, random.uniform(0.05, 0.5)


def main():
    made = parser(__doc__)
    made.add_argument("--problems", type=int, default=20, help="of each kind")
    made.add_argument("--most", type=int, default=60, help="rows and columns")
    a = made.parse_args()
    records = []
    print("| norms | non-negative | certified | largest relative gap | columns | seconds: median, most |\n| --- | --- | ---: | ---: | ---: | ---: |")
    for norms, signs in KINDS:
        seen = []
        for seed in range(a.seed, a.seed + a.problems):
            Y, share = problem(seed, a.most, "l1" in norms)
            lambda_ = share * {0: np.linalg.norm(Y, 2), 1: np.linalg.norm(Y, axis=1).max(), 2: np.abs(Y).max()}[norms.count("l1")]
            begin = time.monotonic()
            told = nadir.factorize(Y, lambda_, norms=norms, non_negative=signs, gap=1e-5, seed=seed)
            seen.append({"norms": norms, "signs": signs, "rows": len(Y), "columns": Y.shape[1], "lambda": lambda_, "width": len(told),
                         "objective": told.objective, "bound": told.lower_bound, "gap": told.relative_gap, "claim": told.claim,
                         "seconds": time.monotonic() - begin})
        gaps, seconds, widths = (np.array([record[key] for record in seen]) for key in ("gap", "seconds", "width"))
        print(f"| {', '.join(norms)} | {signs} | {sum(record['claim'] == 'certified' for record in seen)} of {len(seen)} | {gaps.max():.1e} | "
              f"{widths.min()} to {widths.max()} | {np.median(seconds):.2f}, {seconds.max():.1f} |", flush=True)
        records += seen
    (a.out / "factorization.json").write_text(json.dumps(records, default=lambda number: number.item()) + "\n")


if __name__ == "__main__":
    main()
