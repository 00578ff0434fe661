#!/usr/bin/env python3
"""Units found: nadir's ReLU objective beside the best of 20 runs of Adam and L-BFGS in PyTorch on the same problem.

The problem is mean loss + lambda/2 (sum of squares of all weights) over two-layer ReLU networks on the same standardized
features and a constant one. Adam: full batch, cosine decay, learning rates 1e-2 and 3e-3; L-BFGS: strong Wolfe line
search; widths 100 and 500; float64, one thread. Prints Markdown. Needs PyTorch and scikit-learn.

    bench/relu_peers.py [--only diabetes] [--seeds 5] [--steps 2000]
"""
import argparse
import pathlib
import tempfile
import time

import numpy as np
import torch
from relu_bounds import ROOT, arrays, train, write

PROBLEMS = [("diabetes", 0.1), ("wisconsin", 0.01), ("digits38", 0.01), ("iris", 0.01), ("planted1000x10", 0.1)]


def features(name):
    X, y, quantity = arrays(name)
    X = X[:, X.std(0) > 0]
    X = np.c_[(X - X.mean(0)) / X.std(0), np.ones(len(X))]
    y = (y - y.mean()) / y.std() if quantity else 2.0 * y - 1
    return torch.tensor(X), torch.tensor(y), quantity


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
    return objective(*problem, U, w, decay).item()


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
    return objective(*problem, U, w, decay).item()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nadir", default=str(ROOT / "build" / "nadir"))
    parser.add_argument("--only", default="")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=2000)
    options = parser.parse_args()
    torch.set_num_threads(1)
    print("| set | lambda / lambda_max | nadir: F, units | proven below | seconds, training and proof | best of Adam | best of "
          "L-BFGS | (best - nadir's) / nadir's | seconds a run, median |\n" + "| --- " * 9 + "|")
    with tempfile.TemporaryDirectory() as folder:
        for name, ratio in PROBLEMS:
            if options.only not in name:
                continue
            data, model = str(pathlib.Path(folder) / "d.csv"), f"{folder}/m.nadir"
            write(data, name)
            largest = train(options.nadir, data, model, "--lambda", 1e9)["largest_lambda"]
            run = train(options.nadir, data, model, "--lambda", ratio * largest, "--gap", "1e-2", "--time-limit", 10)
            found, seconds = {}, []
            problem = features(name)
            for method in (adam, lbfgs):
                for width in (100, 500):
                    for seed in range(options.seeds):
                        begin = time.perf_counter()
                        value = method(problem, ratio * largest, width, seed, options.steps)
                        seconds.append(time.perf_counter() - begin)
                        found[method] = min(value, found.get(method, np.inf))
            best = min(found.values())
            print(f"| {name} | {ratio:g} | {run['objective']:.8g}, {run['units']} | {run['lower_bound']:.6g} | "
                  f"{run['seconds']:.1f} | {found[adam]:.8g} | {found[lbfgs]:.8g} | "
                  f"{(best - run['objective']) / run['objective']:.1e} | {np.median(seconds):.1f} |", flush=True)


if __name__ == "__main__":
    main()
