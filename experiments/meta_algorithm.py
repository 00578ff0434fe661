#!/usr/bin/env python3
"""The meta-algorithm of Haeffele and Vidal (2017), theorem 2, where the optimum is known and where it is enclosed.

a: matrix factorization, random problems up to 200 x 200 of ranks to 20 with noise, lambda over three decades below the largest singular
   value, from random starts, against the soft-thresholded singular values.
b: two-layer ReLU networks with weight decay, n = 20 to 40 in 2 to 4 dimensions, against ReluRegressor: both minimize
   mean (f - y)^2 / 2 + lambda / 2 sum (|u|^2 + w^2), and both prove lower bounds over every width.
Writes meta_algorithm.svg (a run of a and one of b, step by step) and meta_algorithm.json to experiments/results and prints Markdown.
Needs the Python package nadir, numpy and matplotlib; part b scikit-learn besides.
"""
import json
import time

import numpy as np

import nadir
from particle_problems import parser, plotter, save

COLORS = {"descended": "tab:blue", "resized": "tab:cyan", "appended": "tab:green", "found_zero": "tab:orange", "reduced": "tab:red",
          "ended": "black"}


def timed(function, *arguments, **options):
    begin = time.monotonic()
    return function(*arguments, **options), time.monotonic() - begin


def factorization(seed):
    """Y, lambda, and the least objective."""
    random = np.random.default_rng([seed, 1])
    most = 200 if seed % 10 == 0 else 60
    rows, columns, rank = random.integers(2, most + 1), random.integers(2, most + 1), random.integers(1, 21)
    Y = random.normal(size=(rows, rank)) @ random.normal(size=(rank, columns)) + 0.1 * random.normal(size=(rows, columns))
    sigma = np.linalg.svd(Y, compute_uv=False)
    lambda_ = sigma[0] * 10**(-3 * random.uniform())
    return Y, lambda_, np.where(sigma > lambda_, lambda_ * sigma - lambda_**2 / 2, sigma**2 / 2).sum(), int((sigma > lambda_).sum())


def factorizations(a):
    records = []
    for seed in range(a.seed, a.seed + a.factorizations):
        Y, lambda_, best, rank = factorization(seed)
        start = seed % 6
        told, seconds = timed(nadir.factorize, Y, lambda_, start=start, seed=seed)
        records.append({"rows": Y.shape[0], "columns": Y.shape[1], "lambda": lambda_, "start": start, "rank": rank, "width": len(told),
                        "difference": told.objective / best - 1, "proven": 1 - told.lower_bound / best, "seconds": seconds})
    worst = {key: max(abs(r[key]) for r in records) for key in ("difference", "proven", "seconds")}
    print(f"| a: factorizations | {len(records)}, {sum(r['width'] == r['rank'] for r in records)} of the least width, others by up to "
          f"{max(r['width'] - r['rank'] for r in records)} more |")
    print(f"| a: objective over the soft-thresholded singular values' | at most {worst['difference']:.1e} above |")
    print(f"| a: proven lower bound | at most {worst['proven']:.1e} below |")
    print(f"| a: seconds | median {np.median([r['seconds'] for r in records]):.3f}, at most {worst['seconds']:.1f} |")
    return records


def relu_problem(seed):
    random = np.random.default_rng([seed, 2])
    n, d = random.integers(20, 41), random.integers(2, 5)
    X, y = random.normal(size=(n, d)), random.normal(size=n)
    return X, y, 10**random.uniform(-2, -1)


def relu_networks(a):
    records = []
    for seed in range(a.seed, a.seed + a.networks):
        X, y, lambda_ = relu_problem(seed)
        told, seconds = timed(nadir.train_parallel, X, y, [(X.shape[1], 1, "relu"), (1, 1)], lambda_=lambda_, regularizer="squares",
                              start=5, seed=seed, gap=1e-3)
        other = nadir.ReluRegressor(lambda_=lambda_, gap=1e-3, scale="none", target_scale="none", intercept="off", keep_constant=True,
                                    threads=1)
        _, other_seconds = timed(other.fit, X, y)
        records.append({"rows": len(X), "features": X.shape[1], "lambda": lambda_, "meta": [told.lower_bound, told.objective],
                        "relu": [other.lower_bound_, other.objective_], "gaps": [told.relative_gap, other.relative_gap_],
                        "width": len(told), "seconds": [seconds, other_seconds]})
    overlap = sum(max(r["meta"][0], r["relu"][0]) <= min(r["meta"][1], r["relu"][1]) for r in records)
    gaps, seconds = (np.array([r[key] for r in records]) for key in ("gaps", "seconds"))
    print(f"| b: ReLU problems | {len(records)}; the proven intervals overlap in {overlap} |")
    print(f"| b: objectives apart by | at most {max(abs(r['meta'][1] / r['relu'][1] - 1) for r in records):.1e}, relatively |")
    for k, name in enumerate(("meta-algorithm", "ReluRegressor")):
        print(f"| b: {name} | gap at most 1e-3 in {(gaps[:, k] <= 1e-3).sum()}, at most {gaps[:, k].max():.1e}; "
              f"median {np.median(seconds[:, k]):.2f} s |")
    return records


def draw(plt, a):
    """Objective against step, for a factorization from too few factors and a ReLU network from too many units."""
    Y, lambda_, best, _ = factorization(a.seed + 1)
    X, y, mu = relu_problem(a.seed + 2)
    relu = nadir.train_parallel(X, y, [(X.shape[1], 1, "relu"), (1, 1)], lambda_=mu, regularizer="squares", start=60, gap=1e-3,
                                max_rounds=12, seed=a.seed)
    runs = {"matrix factorization": (nadir.factorize(Y, lambda_, start=2, seed=a.seed).log, best, "least value"),
            "two-layer ReLU network": (relu.log, relu.lower_bound, "proven bound")}
    plt.rcParams["svg.fonttype"] = "none"
    figure, axes = plt.subplots(1, 2, figsize=(10, 4))
    for axis, (title, (log, least, name)) in zip(axes, runs.items()):
        above = [max(step.objective / least - 1, 1e-15) for step in log]
        axis.semilogy(above, color="0.8", zorder=0)
        for kind, color in COLORS.items():
            places = [k for k, step in enumerate(log) if step.step == kind]
            axis.scatter(places, [above[k] for k in places], s=14, color=color, label=kind.replace("_", " "))
        widths = axis.twinx()
        widths.step(range(len(log)), [step.width for step in log], color="0.6", linewidth=0.8, where="post")
        widths.set_ylabel("sub-networks (grey)")
        axis.set(xlabel="step", title=title, ylabel=f"objective over the {name}, less 1")
    axes[1].legend(fontsize=8, loc="upper right")
    save(figure, a, "meta_algorithm")


def main():
    made = parser(__doc__)
    for name, count in (("factorizations", 100), ("networks", 100)):
        made.add_argument("--" + name, type=int, default=count)
    a = made.parse_args()
    print("| | |\n| --- | --- |")
    records = {"factorizations": factorizations(a), "networks": relu_networks(a)}
    (a.out / "meta_algorithm.json").write_text(json.dumps(records, default=lambda number: number.item()) + "\n")
    draw(plotter(), a)


if __name__ == "__main__":
    main()
