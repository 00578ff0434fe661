#!/usr/bin/env python3
"""Figures 1 and 2 of Ergen and Pilanci: planted sums of one and of three ReLU units, regularized descent and plain descent.

For each shape (fewer samples than features, as many, more) and each seed a Gaussian set is drawn with targets by planted
units, trained on by `nadir train --method planted` with each rule, with steps in the metric of the samples and along
the gradient, and measured on 100 other samples. Writes experiments/results/planted.csv and planted-<m>.svg and prints
Markdown. Needs numpy and matplotlib.
"""
import argparse
import csv
import json
import pathlib
import statistics
import struct
import subprocess
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "experiments" / "results"
RULES = {"RGD": ["--descent", "regularized"], "RGD, plain steps": ["--descent", "regularized", "--precondition", "off"],
         "GD": ["--descent", "gradient"], "GD, plain steps": ["--descent", "gradient", "--precondition", "off"]}


def tensors(path):
    """The F64 tensors of a model file."""
    raw = pathlib.Path(path).read_bytes()
    size = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:8 + size])
    return {name: np.frombuffer(raw[8 + size + t["data_offsets"][0]:8 + size + t["data_offsets"][1]], "<f8").reshape(t["shape"])
            for name, t in header.items() if name != "__metadata__" and t["dtype"] == "F64"}


def write_rows(path, x, units):
    y = np.maximum(x @ units.T, 0).sum(axis=1)
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([f"x{j}" for j in range(x.shape[1])] + ["y"])
        writer.writerows([[repr(float(v)) for v in row] for row in np.column_stack([x, y])])
    return y


def run(nadir, folder, seed, n, d, m, rule, iterations):
    draw = np.random.default_rng([seed, n, d, m])
    units = draw.normal(size=(m, d))
    y = write_rows(folder / "train.csv", draw.normal(size=(n, d)), units)
    test = draw.normal(size=(100, d))
    of_test = write_rows(folder / "test.csv", test, units)
    words = [nadir, "train", folder / "train.csv", "--target", "y", "--task", "regression", "--method", "planted",
             "--neurons", m, "--intercept", "off", "--max-iterations", iterations, "--gap", "1e-12", "--seed", seed, "--json",
             "--out", folder / "m.nadir", *RULES[rule]]
    result = json.loads(subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False).stdout)
    model = tensors(folder / "m.nadir")
    found = model["units"]
    predicted = np.maximum(test @ found.T, 0).sum(axis=1)
    return {"m": m, "n": n, "d": d, "seed": seed, "rule": rule, "claim": result["claim"], "iterations": result["iterations"],
            "training": 2 * result["objective"] / float(np.mean(y ** 2)),
            "test": float(np.mean((predicted - of_test) ** 2) / np.mean(of_test ** 2)),
            "recovery": float(np.linalg.norm(found - units) / np.linalg.norm(units)) if m == 1 else "",
            "dead": result["dead_samples"]}, 2 * model["trace"][:, 1] / float(np.mean(y ** 2))


def draw_figure(traces, m, shapes):
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "nadir"
    import matplotlib.pyplot as plt
    figure, axes = plt.subplots(1, len(shapes), figsize=(4 * len(shapes), 3.4), sharey=True)
    for axis, (n, d) in zip(axes, shapes):
        for rule in RULES:
            curves = traces[(m, n, rule)]
            length = max(map(len, curves))
            filled = np.array([np.append(c, np.full(length - len(c), c[-1])) for c in curves])
            axis.loglog(np.arange(1, length + 1), np.maximum(np.median(filled, axis=0), 1e-25), label=rule)
        axis.set_title(f"n = {n}, d = {d}")
        axis.set_xlabel("iteration")
    axes[0].set_ylabel("training error, median")
    axes[-1].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(RESULTS / f"planted-{m}.svg", metadata={"Date": None})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nadir", default=str(ROOT / "build" / "nadir"))
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--features", type=int, default=50)
    parser.add_argument("--iterations", type=int, default=10000)
    a = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    d = a.features
    shapes = [(d // 2, d), (d, d), (4 * d, d)]
    records, traces = [], {}
    print("| units | n, d | rule | training error, median (worst) | test error | recovery | iterations | certified | dead samples |")
    print("| ---: | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for m in (1, 3):
        for n, _ in shapes:
            for rule in RULES:
                with tempfile.TemporaryDirectory() as folder:
                    runs = [run(a.nadir, pathlib.Path(folder), seed, n, d, m, rule, a.iterations) for seed in range(a.seeds)]
                those = [record for record, _ in runs]
                records += those
                traces[(m, n, rule)] = [trace for _, trace in runs]
                middle = {key: statistics.median(r[key] for r in those) for key in ("training", "test", "iterations", "dead")}
                worst = max(r["training"] for r in those)
                recovery = f"{statistics.median(r['recovery'] for r in those):.1e}" if m == 1 else ""
                print(f"| {m} | {n}, {d} | {rule} | {middle['training']:.1e} ({worst:.1e}) | {middle['test']:.1e} | {recovery} | "
                      f"{middle['iterations']:g} | {sum(r['claim'] == 'certified' for r in those)} of {len(those)} | "
                      f"{middle['dead']:g} |", flush=True)
        draw_figure(traces, m, shapes)
    with open(RESULTS / "planted.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(records[0]))
        writer.writeheader()
        writer.writerows(records)


if __name__ == "__main__":
    main()
