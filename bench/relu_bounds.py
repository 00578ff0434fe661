#!/usr/bin/env python3
"""How far from the optimum over every width ReLU networks are proven to be, at given lambda / lambda_max, on one core.

Each line is one run of `nadir train --method relu` with a gap to be proven within a time, and one of nadir-verify on its
model. Prints Markdown. Needs scikit-learn, for its data sets.

    bench/relu_bounds.py [--seconds 60] [--only diabetes]
"""
import argparse
import json
import pathlib
import subprocess
import tempfile
import time

import numpy as np
from sklearn import datasets

ROOT = pathlib.Path(__file__).resolve().parent.parent
# set, lambda / lambda_max, gap wanted
RUNS = [("iris", 0.01, 1e-4), ("iris", 0.003, 1e-2), ("wisconsin", 0.3, 1e-4), ("wisconsin", 0.03, 1e-4),
        ("wisconsin", 0.01, 1e-3), ("wisconsin", 0.003, 1e-2), ("digits01", 0.003, 1e-4), ("digits38", 0.1, 1e-4),
        ("digits38", 0.01, 1e-4), ("digits38", 0.003, 1e-4), ("diabetes", 0.3, 1e-2), ("diabetes", 0.1, 1e-2),
        ("planted1000x6", 0.01, 1e-2), ("planted1000x10", 0.1, 1e-2), ("planted300x41", 0.3, 1e-2)]


def planted(n, d, units=5, noise=0.1, seed=1):
    """Answers of a few random ReLU units and noise; d counts the intercept."""
    draw = np.random.default_rng(seed)
    X = draw.standard_normal((n, d - 1))
    ones = np.c_[X, np.ones(n)]
    y = sum(sign * np.maximum(ones @ draw.standard_normal(d) / np.sqrt(d), 0) for sign in [1, -1, 1, -1, 1][:units])
    return X, y + noise * draw.standard_normal(n)


def arrays(name):
    """Features, target, and whether it is a quantity."""
    if name.startswith("planted"):
        return (*planted(*map(int, name[7:].split("x"))), True)
    if name == "diabetes":
        return (*datasets.load_diabetes(return_X_y=True), True)
    if name == "wisconsin":
        return (*datasets.load_breast_cancer(return_X_y=True), False)
    X, y = datasets.load_iris(return_X_y=True) if name == "iris" else datasets.load_digits(return_X_y=True)
    if name == "iris":
        return X, (y == 1).astype(int), False  # one against the rest
    one, two = int(name[6]), int(name[7])
    return X[(y == one) | (y == two)], (y[(y == one) | (y == two)] == two).astype(int), False


def write(path, name, rows=slice(None)):
    X, y, quantity = arrays(name)
    X, y = X[rows], y[rows]
    with open(path, "w", encoding="utf-8") as out:
        out.write(",".join(f"x{j}" for j in range(X.shape[1])) + ",y\n")
        for row, target in zip(X, y):
            out.write(",".join(repr(float(v)) for v in row) + f",{float(target) if quantity else int(target)!r}\n")


def train(program, data, model, *options):
    done = subprocess.run([program, "train", data, "--target", "y", "--method", "relu", "--threads", "1", "--json",
                           "--out", model, *map(str, options)], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 4):  # 4: finished, gap not proved
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nadir", default=str(ROOT / "build" / "nadir"))
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    print("| set | n, d | lambda / lambda_max | units | gap over own patterns | wanted | gap over every width | cones | "
          "seconds | verified in |\n" + "| --- " * 10 + "|")
    with tempfile.TemporaryDirectory() as folder:
        for name, ratio, gap in RUNS:
            if options.only not in name:
                continue
            data, model = f"{folder}/{name}.csv", f"{folder}/m.nadir"
            write(data, name)
            largest = train(options.nadir, data, model, "--lambda", 1e9)["largest_lambda"]
            run = train(options.nadir, data, model, "--lambda", ratio * largest, "--gap", gap, "--time-limit",
                        options.seconds, "--nodes", 1000000)
            begin = time.perf_counter()
            verdict = subprocess.run([f"{options.nadir}-verify", model, data], capture_output=True, check=False)
            seconds = time.perf_counter() - begin
            print(f"| {name} | {run['samples']}, {run['features']} | {ratio:g} | {run['units']} | "
                  f"{run['patterns_relative_gap']:.1e} | {gap:g} | {run['relative_gap']:.2e} | {run['cones']} | "
                  f"{run['seconds']:.2f} | {seconds:.2f} s{'' if verdict.returncode == 0 else ' REJECTED'} |", flush=True)


if __name__ == "__main__":
    main()
