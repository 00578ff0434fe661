#!/usr/bin/env python3
"""Where F1 adapts and F2 does not (Bach 2017; Berthier 2018, section 1): excess risk against the number of samples for a target that
looks at 2 of 20 coordinates.

f(x) = |x1 + x2| - |x1 - x2| with x standard normal and noise of deviation 0.5. F1: ReLU networks of any width with weight decay
(`ReluRegressor`). F2: the arc-cosine kernel of the same units (`KernelRegressor`, power 1). Both choose lambda by five folds (the
best one). F2 is shown the two coordinates alone, too: what it could do if it knew them.

Writes adaptivity.csv and adaptivity.svg to experiments/results and prints Markdown. Needs the Python package nadir, numpy and matplotlib.
"""
import concurrent.futures
import csv
import time

import numpy as np

import nadir
from particle_problems import geometric_mean, parser, plotter, save

INPUTS, NOISE = 20, 0.5
SIZES = (125, 250, 500, 1000, 2000)
METHODS = ("F1", "F2", "F2 of the 2 coordinates")


def target(X):
    return np.abs(X[:, 0] + X[:, 1]) - np.abs(X[:, 0] - X[:, 1])


def excess_risks(samples, seed):
    """By method: the mean squared distance to the target on 10,000 other rows."""
    random = np.random.default_rng([samples, seed])
    X, other = random.normal(size=(samples, INPUTS)), random.normal(size=(10_000, INPUTS))
    y = target(X) + NOISE * random.normal(size=samples)
    wanted = {"rule": "best", "path": 15, "threads": 1, "seed": seed}
    f1 = nadir.ReluRegressor(**wanted, nodes=20, gap=1e-2).fit(X, y).predict(other)
    f2 = nadir.KernelRegressor(**wanted, power=1).fit(X, y).predict(other)
    known = nadir.KernelRegressor(**wanted, power=1).fit(X[:, :2], y).predict(other[:, :2])
    return [float(((f - target(other))**2).mean()) for f in (f1, f2, known)]


def main():
    made = parser(__doc__)
    made.add_argument("--repeats", type=int, default=5)
    made.add_argument("--processes", type=int, default=2)
    made.add_argument("--most", type=int, default=SIZES[-1], help="samples")
    a = made.parse_args()
    plt, begin = plotter(), time.monotonic()
    sizes = [samples for samples in SIZES if samples <= a.most]
    tasks = [(samples, a.seed + repeat) for samples in sizes for repeat in range(a.repeats)]
    with concurrent.futures.ProcessPoolExecutor(a.processes) as pool:
        risks = np.array(list(pool.map(excess_risks, *zip(*tasks)))).reshape(len(sizes), a.repeats, len(METHODS))
    with open(a.out / "adaptivity.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["samples", "repeat", *METHODS])
        writer.writerows([samples, r, *risks[i, r]] for i, samples in enumerate(sizes) for r in range(a.repeats))
    means = geometric_mean(risks, axis=1)
    figure, axis = plt.subplots(figsize=(5.5, 4))
    for k, (method, colour) in enumerate(zip(METHODS, ("tab:blue", "tab:orange", "tab:gray"))):
        axis.fill_between(sizes, risks[:, :, k].min(axis=1), risks[:, :, k].max(axis=1), color=colour, alpha=0.2, linewidth=0)
        axis.loglog(sizes, means[:, k], "o-", color=colour, label=method)
    axis.set_xlabel("samples")
    axis.set_ylabel("excess risk")
    axis.legend()
    save(figure, a, "adaptivity")
    print("| samples | " + " | ".join(METHODS) + " | F2 / F1 |\n| ---: | ---: | ---: | ---: | ---: |")
    for samples, row in zip(sizes, means):
        print(f"| {samples} | " + " | ".join(f"{risk:.2e}" for risk in row) + f" | {row[1] / row[0]:.2f} |")
    print(f"\n{time.monotonic() - begin:.0f} s, {a.processes} processes")


if __name__ == "__main__":
    main()
