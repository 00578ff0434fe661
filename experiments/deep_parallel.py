#!/usr/bin/env python3
"""Ten parallel deep ReLU sub-networks of width 4, K = 3 and 4 layers, mean of powers, 100 planted rows of 5 features: the meta-algorithm
of Haeffele and Vidal (2017) against plain gradient descent from the same 20 starts.

The meta-algorithm has 10 rounds of up to 300 steps of L-BFGS; gradient descent has 25,000 steps, which take about as long, each halved in
length where the objective rises and a tenth longer where it falls. Best, median and worst objective, and the processor's seconds of the
median start.
Writes deep_parallel.json to experiments/results and prints Markdown. Needs the Python package nadir and numpy.
"""
import json
import time

import numpy as np

import nadir
from particle_problems import parser


def timed(function, *arguments, **options):
    begin = time.process_time()
    return function(*arguments, **options), time.process_time() - begin


def deep(networks, X):
    """The outputs of each layer of all sub-networks at once, W_k: r x outputs x inputs."""
    layers = [np.broadcast_to(X, (len(networks[0]), *X.shape))]
    for k, W in enumerate(networks):
        z = layers[-1] @ W.transpose(0, 2, 1)
        layers.append(np.maximum(z, 0) if k + 1 < len(networks) else z)
    return layers


def gradient_descent(networks, X, Y, lambda_, steps):
    """The objective after so many steps, accepted or not."""
    def value(networks):
        layers, sizes = deep(networks, X), [np.sqrt((W**2).sum(axis=(1, 2))) for W in networks]
        residual = layers[-1].sum(axis=0) - Y
        return (residual**2).sum() / (2 * len(X)) + lambda_ * sum((s**K).sum() for s in sizes) / K, layers, sizes, residual
    K, rate = len(networks), 0.1
    at = value(networks)
    for step in range(steps):
        _, layers, sizes, residual = at
        back, gradients = np.broadcast_to(residual / len(X), layers[-1].shape), [None] * K
        for k in reversed(range(K)):
            gradients[k] = back.transpose(0, 2, 1) @ layers[k] + lambda_ * (sizes[k]**(K - 2))[:, None, None] * networks[k]
            back = (back @ networks[k]) * (layers[k] > 0) if k else None
        moved = [W - rate * g for W, g in zip(networks, gradients)]
        next_ = value(moved)
        falls = next_[0] < at[0]
        rate *= 1.1 if falls else 0.5
        networks, at = (moved, next_) if falls else (networks, at)
    return at[0]


def deep_networks(a, K):
    random = np.random.default_rng([a.seed, K])
    layers = [nadir.Layer(5, 4, "relu")] + (K - 2) * [nadir.Layer(4, 4, "relu")] + [nadir.Layer(4, 1)]

    def drawn(count, scale):
        return [scale * random.normal(size=(count, layer.outputs, layer.inputs)) for layer in layers]
    X = random.normal(size=(100, 5))
    Y = deep(drawn(3, 0.7), X)[-1].sum(axis=0)
    at_zero = (Y**2).sum() / 200
    record = {"layers": K, "at zero": at_zero, "meta": [], "descent": [], "bound": [], "width": [], "seconds": [[], []]}
    for seed in range(a.starts):
        start = drawn(10, 0.5)
        told, seconds = timed(nadir.train_parallel, X, Y, layers, lambda_=0.01 * at_zero, start=list(zip(*start)), seed=seed, gap=1e-4,
                              search_starts=4, descent_iterations=300, max_rounds=10)
        plain, plain_seconds = timed(gradient_descent, start, X, Y, 0.01 * at_zero, a.steps)
        for key, value in (("meta", told.objective), ("descent", plain), ("bound", told.lower_bound), ("width", len(told))):
            record[key].append(value)
        for seen, value in zip(record["seconds"], (seconds, plain_seconds)):
            seen.append(value)
    meta, plain = ("{:.5f}, {:.5f}, {:.5f}".format(*np.quantile(record[key], [0, 0.5, 1])) for key in ("meta", "descent"))
    print(f"| {K} | {at_zero:.4g} | {meta}, "
          f"{np.median(record['seconds'][0]):.1f} s | {plain}, {np.median(record['seconds'][1]):.1f} s | {max(record['bound']):.3g} |")
    return record


def main():
    made = parser(__doc__)
    made.add_argument("--starts", type=int, default=20)
    made.add_argument("--steps", type=int, default=25_000, help="of gradient descent")
    a = made.parse_args()
    print("| layers | F at zero | meta-algorithm | gradient descent | proven bound |\n| ---: | ---: | --- | --- | ---: |")
    records = [deep_networks(a, K) for K in (3, 4)]
    (a.out / "deep_parallel.json").write_text(json.dumps(records, default=lambda number: number.item()) + "\n")


if __name__ == "__main__":
    main()
