#!/usr/bin/env python3
"""Theorems 2.1 and 2.2 of Yun, Sra and Jadbabaie (2018), case by case: chains made to be global minima, saddles or neither, and
what `nadir certify --method linear` says of them.

Data: 120 rows of 4 normal features and 3 classes. With R the least-squares map and u_1, u_2, u_3 its directions in the outputs,
the largest part of the data first, chains whose product is the sum of u_j u_j^T R over a set J are critical points; with k the
narrowest layer, they are global minima for J = {1, .., k} and saddles for all other sets. Writes
experiments/results/linear_verdicts.csv and prints Markdown. Needs numpy.
"""
import argparse
import csv
import json
import pathlib
import subprocess
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "experiments" / "results"


def problem(random):
    """Features, labels, the least-squares map and its directions."""
    X = random.normal(size=(120, 4)) @ np.diag([1, 2, 0.5, 1])
    labels = (X @ random.normal(size=(4, 3)) + random.normal(size=(120, 3))).argmax(axis=1)
    Y = np.eye(3)[labels]
    R = np.linalg.lstsq(X, Y, rcond=None)[0].T
    return X, labels, R, np.linalg.svd(R @ X.T)[0]


def critical(R, directions, hidden, chosen):
    """Layers of these hidden widths whose product keeps the chosen directions of R."""
    U = directions[:, [j - 1 for j in chosen]]
    inner = [np.eye(after, before) * (np.arange(before) < len(chosen)) for before, after in zip(hidden, hidden[1:])]
    first, last = np.zeros((hidden[0], R.shape[1])), np.zeros((R.shape[0], hidden[-1]))
    first[:len(chosen)], last[:, :len(chosen)] = U.T @ R, U
    return [first, *inner, last]


def mixed(layers, random):
    """The same product, by weights of another basis between the layers."""
    for i in range(len(layers) - 1):
        G = random.normal(size=(len(layers[i]),) * 2) + 2 * np.eye(len(layers[i]))
        layers[i], layers[i + 1] = G @ layers[i], layers[i + 1] @ np.linalg.inv(G)
    return layers


def moved(layers, by, random):
    return [W + by * random.normal(size=W.shape) for W in layers]


def cases(R, directions, random):
    """Name, theorem, hidden widths, what is true, layers."""
    for hidden, sets in (((5,), [(1, 2, 3), (1, 2), (2, 3), ()]), ((5, 6), [(1, 2, 3), (2, 3), ()]), ((4, 3, 7), [(1, 2, 3), (1, 3)]),
                         ((2,), [(1, 2), (1, 3), (2, 3), (1,)]), ((1, 4), [(1,), (3,), ()]), ((2, 5, 2), [(1, 2), (1, 3)])):
        k = min(*hidden, 3)
        theorem = "2.1" if k == 3 else "2.2"
        for chosen in sets:
            best = chosen == tuple(range(1, k + 1))
            layers = critical(R, directions, hidden, chosen)
            name = "J = {" + ", ".join(map(str, chosen)) + "}" if chosen else "all weights 0"
            yield name, theorem, hidden, "global minimum" if best else "saddle", layers
            if chosen and len(chosen) == k:
                yield name + ", another basis", theorem, hidden, "global minimum" if best else "saddle", mixed(layers, random)
    best = critical(R, directions, (5,), (1, 2, 3))
    yield "random weights", "", (5,), "not critical", [random.normal(size=W.shape) for W in best]
    yield "a global minimum, moved by 1e-3", "", (5,), "not critical", moved(best, 1e-3, random)
    yield "a saddle, moved by 1e-3", "", (2,), "not critical", moved(critical(R, directions, (2,), (1, 3)), 1e-3, random)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nadir", default=str(ROOT / "build" / "nadir"))
    parser.add_argument("--seed", type=int, default=0)
    a = parser.parse_args()
    random = np.random.default_rng(a.seed)
    X, labels, R, directions = problem(random)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        data, network = f"{folder}/data.npz", f"{folder}/chain.npz"
        np.savez(data, X=X, y=labels)
        for name, theorem, hidden, truth, layers in cases(R, directions, random):
            np.savez(network, **{f"W{i}": W for i, W in enumerate(layers, 1)})
            done = subprocess.run([a.nadir, "certify", network, data, "--method", "linear", "--json", "--out", f"{network}.nadir"],
                                  capture_output=True, text=True, check=False)
            if done.returncode not in (0, 4):  # 4: finished, and no global minimum
                raise SystemExit(done.stderr.strip())
            told = json.loads(done.stdout)
            rows.append({"hidden": " ".join(map(str, hidden)), "case": name, "theorem": theorem, "truth": truth,
                         "verdict": told["claim"].replace("_", " "), "relative_gap": told["relative_gap"],
                         "gradient": told["largest_gradient_ratio"], "way_down": told["witness"]["order"] if told["witness"] else ""})
    RESULTS.mkdir(exist_ok=True)
    with open(RESULTS / "linear_verdicts.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    print("| hidden widths | chain | theorem | is a | verdict | relative gap | gradient | way down: order |\n"
          "| --- | --- | --- | --- | --- | ---: | ---: | ---: |")
    for row in rows:
        print(f"| {row['hidden']} | {row['case']} | {row['theorem']} | {row['truth']} | {row['verdict']} | {row['relative_gap']:.1e} | "
              f"{row['gradient']:.0e} | {row['way_down']} |")
    print(f"\n{sum(row['truth'] == row['verdict'] for row in rows)} of {len(rows)} verdicts are right.")


if __name__ == "__main__":
    main()
