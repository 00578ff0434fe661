#!/usr/bin/env python3
"""Units of each output's own beside units shared by all outputs: accuracy on rows held out, size of the network, gap.

For each seed a fifth of the rows is held out, and `nadir train --method relu` chooses lambda on the others; each model is
given to nadir-verify. Prints Markdown. Needs scikit-learn, for its data sets.

    bench/relu_shared.py [--seeds 10] [--only iris]
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile

import numpy as np
from sklearn import datasets

ROOT = pathlib.Path(__file__).resolve().parent.parent
SETS = ("iris", "seeds", "wine", "digits")
DIGITS = 4  # 0 to 3: four outputs at most are bounded by cones of output weights


def written(name, folder):
    """The table as a file."""
    if name == "seeds":
        return ROOT / "data" / "seeds.csv"
    X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    X, y = (X[y < DIGITS], y[y < DIGITS]) if name == "digits" else (X, y)
    path = pathlib.Path(folder) / f"{name}.csv"
    heads = ",".join([f"x{j}" for j in range(X.shape[1])] + ["class"])
    np.savetxt(path, np.c_[X, y], "%.17g", ",", header=heads, comments="")
    return path


def run(name, units, seed, folder):
    table, model = written(name, folder), pathlib.Path(folder) / "m.nadir"
    words = [ROOT / "build/nadir", "train", table, "--target", "class", "--method", "relu", "--units", units, "--holdout",
             "0.2", "--seed", str(seed), "--threads", "1", "--time-limit", "30", "--json", "--out", model]
    told = json.loads(subprocess.run(words, capture_output=True, check=False).stdout)
    verdict = subprocess.run([ROOT / "build/nadir-verify", model, table], capture_output=True, check=False)
    assert verdict.returncode == 0, (name, units, seed)
    weights = told["units"] * (told["features"] + (told["outputs"] if told["shared"] else 1))
    return [100 * told["test"]["accuracy"], told["units"], weights, told["relative_gap"],
            told["claim"] == "certified", told["seconds"]]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    print("| set | units | accuracy held out | units in number | weights | largest gap | certified | seconds |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name in [name for name in SETS if asked.only in name]:
        for units in ("separate", "shared"):
            with tempfile.TemporaryDirectory() as folder:
                runs = [run(name, units, seed, folder) for seed in range(1, asked.seeds + 1)]
            score, count, weights, gap, certified, seconds = map(list, zip(*runs))
            error = statistics.stdev(score) / len(score) ** 0.5
            print(f"| {name} | {units} | {statistics.mean(score):.1f} ± {error:.1f} | {statistics.mean(count):.1f} | "
                  f"{statistics.mean(weights):.0f} | {max(gap):.2g} | {sum(certified)} of {len(runs)} | "
                  f"{statistics.mean(seconds):.1f} |", flush=True)


if __name__ == "__main__":
    main()
