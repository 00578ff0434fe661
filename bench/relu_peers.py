#!/usr/bin/env python3
"""Units found: nadir's ReLU objective beside the best of 20 runs of Adam and L-BFGS in PyTorch on the same problem.

The problem is mean loss + lambda/2 (sum of squares of all weights) over two-layer ReLU networks on the same standardized
features and a constant one. Adam: full batch, cosine decay, learning rates 1e-2 and 3e-3; L-BFGS: strong Wolfe line
search; widths 100 and 500; float64, one thread. Prints Markdown. Needs PyTorch and scikit-learn.

With --holdout, that share of the rows (drawn by seed 0) is kept out of training, and R2 or the share of right classes on
it is told as well; of the peers, that of the run whose objective is the least.

    bench/relu_peers.py [--only diabetes] [--seeds 5] [--steps 2000] [--holdout 0.2]
"""
import argparse
import pathlib
import tempfile
import time

import numpy as np
import torch
from relu_bounds import ROOT, arrays, train, write

PROBLEMS = [("diabetes", 0.1), ("wisconsin", 0.01), ("digits38", 0.01), ("iris", 0.01), ("planted1000x10", 0.1)]


def features(name, inside):
    """Of all rows, standardized by those inside; the target too, or -1 and 1."""
    X, y, quantity = arrays(name)
    X = X[:, X[inside].std(0) > 0]
    X = np.c_[(X - X[inside].mean(0)) / X[inside].std(0), np.ones(len(X))]
    y = (y - y[inside].mean()) / y[inside].std() if quantity else 2.0 * y - 1
    return torch.tensor(X), torch.tensor(y), quantity


def score(X, y, quantity, U, w):
    f = torch.relu(X @ U.T) @ w
    return (1 - ((f - y) ** 2).mean() / y.var(correction=0) if quantity else (f * y > 0).double().mean()).item()


def objective(X, y, quantity, U, w, decay):
    f = torch.relu(X @ U.T) @ w
    loss = ((f - y) ** 2).mean() / 2 if quantity else torch.nn.functional.softplus(-y * f).mean()
    return loss + decay / 2 * ((U ** 2).sum() + (w ** 2).sum())


def start(d, width, seed):
    draw = torch.Generator().manual_seed(seed)
    U = torch.randn(width, d, generator=draw, dtype=torch.float64) / d ** 0.5
    w = torch.randn(width, generator=draw, dtype=torch.float64) / width ** 0.5
    return U.requires_grad_(), w.requires_grad_()


def adam(problem, decay, width, seed, steps):
    U, w = start(problem[0].shape[1], width, seed)
    optimizer = torch.optim.Adam([U, w], lr=1e-2 if seed % 2 == 0 else 3e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        optimizer.zero_grad()
        objective(*problem, U, w, decay).backward()
        optimizer.step()
        schedule.step()
    return objective(*problem, U, w, decay).item(), U, w


def lbfgs(problem, decay, width, seed, steps):
    U, w = start(problem[0].shape[1], width, seed)
    optimizer = torch.optim.LBFGS([U, w], max_iter=steps, history_size=20, line_search_fn="strong_wolfe",
                                  tolerance_grad=1e-10, tolerance_change=1e-13)

    def closure():
        optimizer.zero_grad()
        value = objective(*problem, U, w, decay)
        value.backward()
        return value

    optimizer.step(closure)
    return objective(*problem, U, w, decay).item(), U, w


def compare(options, name, ratio, folder):
    """A line of the table."""
    n = len(arrays(name)[0])
    outside, inside = np.split(np.random.default_rng(0).permutation(n), [round(options.holdout * n)])
    inside = np.sort(inside)
    data, test, model = (str(pathlib.Path(folder) / part) for part in ("training.csv", "test.csv", "m.nadir"))
    write(data, name, inside)
    write(test, name, outside)
    largest = train(options.nadir, data, model, "--lambda", 1e9)["largest_lambda"]
    measured = ["--test", test] if len(outside) else []
    run = train(options.nadir, data, model, "--lambda", ratio * largest, "--gap", options.gap, "--time-limit", 10,
                *measured)
    X, y, quantity = features(name, inside)
    problem, decay = (X[inside], y[inside], quantity), ratio * largest
    found, seconds = {}, []
    for method in (adam, lbfgs):
        for width in (100, 500):
            for seed in range(options.seeds):
                begin = time.perf_counter()
                value, *network = method(problem, decay, width, seed, options.steps)
                seconds.append(time.perf_counter() - begin)
                if method not in found or value < found[method][0]:
                    found[method] = value, network
    best, network = min(found.values(), key=lambda one: one[0])
    scores = ""
    if len(outside):
        ours = run["test"]["r2" if quantity else "accuracy"]
        scores = f"{ours:.4f}, {score(X[outside], y[outside], quantity, *network):.4f}"
    return (f"| {name} | {ratio:g} | {run['objective']:.8g}, {run['units']} | {run['lower_bound']:.6g} | "
            f"{run['seconds']:.1f} | {found[adam][0]:.8g} | {found[lbfgs][0]:.8g} | "
            f"{(best - run['objective']) / run['objective']:.1e} | {np.median(seconds):.1f} | {scores} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nadir", default=str(ROOT / "build" / "nadir"))
    parser.add_argument("--only", default="")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--holdout", type=float, default=0)
    parser.add_argument("--gap", default="1e-2")
    options = parser.parse_args()
    torch.set_num_threads(1)
    print("| set | lambda / lambda_max | nadir: F, units | proven below | seconds, training and proof | best of Adam | best of "
          "L-BFGS | (best - nadir's) / nadir's | seconds a run, median | score on rows kept out: nadir, best |\n"
          + "| --- " * 10 + "|")
    with tempfile.TemporaryDirectory() as folder:
        for name, ratio in PROBLEMS:
            if options.only in name:
                print(compare(options, name, ratio, folder), flush=True)


if __name__ == "__main__":
    main()
