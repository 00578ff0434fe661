#!/usr/bin/env python3
"""Figures 1, 2 and 7 of Berthier (2018): where particles go in two dimensions.

1: 15 ReLU particles from a sphere of radius 0.05, 3 and 4 planted units of radius 2, as |w| v: of 20 problems of each kind the
   first that ends at the optimum, and the one that ends furthest from it.
2: 15 and 3 sigmoid particles from w = 0, 2 planted units of radius 10 and weights of both signs, features on a circle, as v,
   large where |w| is: of 10 problems the first that ends below 1e-4.
7: 20 ReLU particles from spheres of radius 0.05 and 10, 3 planted units; steps of a quarter of the length.
New samples at each step. Writes particle-1, -2, -7 and particle_paths.json to experiments/results and prints Markdown. Needs the
Python package nadir, numpy and matplotlib.
"""
import json
import time

import numpy as np

import nadir
from particle_problems import STEP, parser, planted, plotter, sampler, save, tested

CIRCLE = 2**0.5  # as far from 0 as normal features are on average
SIGMOID_STEP = 0.05


def followed(start, draw, step, steps):
    """A flow, recorded the more often the earlier: weights and positions of the records, and the end."""
    parts, done = [], 0
    for upto in (steps // 1000, steps // 100, steps // 10, steps):
        part = nadir.particle_flow_drawn(start, draw, step=step, steps=upto - done, record_every=max(1, (upto - done) // 200))
        parts.append(part)
        start, done = part.particles, upto
    return np.concatenate([p.weights for p in parts]), np.concatenate([p.positions for p in parts]), start


def relu_run(units, count, radius, seed, steps, step=STEP):
    truth = planted("relu", units, 2, 2, 1000 * units + seed)
    start = nadir.Particles.on_sphere(count, 2, radius, seed=seed)
    weights, positions, end = followed(start, sampler(truth, seed), step, steps)
    test = tested(truth, seed)
    nothing = nadir.Particles(np.zeros(1), np.ones((1, 3)))
    return {"truth": truth, "end": end, "paths": np.abs(weights)[:, :, None] * positions[:, :, :2], "positions": positions,
            "loss": test(end), "relative": test(end) / test(nothing)}


def draw_relu(axis, run, title):
    """|w| v of particles (blue) on their way (grey), and of the planted units (red) with the lines that they lie on."""
    truth, paths = run["truth"], run["paths"]
    marks = np.abs(truth.weights)[:, None] * truth.positions[:, :2]
    for mark in marks:
        axis.plot([0, 20 * mark[0]], [0, 20 * mark[1]], color="red", linewidth=0.6, linestyle=":")
    for j in range(paths.shape[1]):
        axis.plot(paths[:, j, 0], paths[:, j, 1], color="0.6", linewidth=0.7)
    axis.scatter(*marks.T, color="red", marker="+", s=90, zorder=4, label="planted")
    axis.scatter(*paths[-1].T, color="blue", s=14, zorder=3, label="particles")
    limit = 1.1 * max(np.abs(paths).max(), np.abs(marks).max())
    axis.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal", title=title)


def figure1(plt, a):
    runs = {units: [relu_run(units, 15, 0.05, a.seed + repeat, a.steps) for repeat in range(20)] for units in (3, 4)}
    everything = [(units, run) for units in runs for run in runs[units]]
    found = next(item for item in everything if item[1]["relative"] < 1e-6)
    stuck = max(everything, key=lambda item: item[1]["relative"])
    figure, axes = plt.subplots(1, 2, figsize=(9, 4.4))
    for axis, (units, run) in zip(axes, (found, stuck)):
        draw_relu(axis, run, f"{units} planted units, excess loss {run['loss']:.1e}")
    axes[0].legend(fontsize=8)
    save(figure, a, "particle-1")
    told = {f"{units} planted": sorted(run["relative"] for run in runs[units]) for units in runs}
    for name, values in told.items():
        print(f"| 1: ReLU, {name}, 20 problems | relative loss: median {np.median(values):.1e}, worst {values[-1]:.1e}; "
              f"{sum(v < 1e-5 for v in values)} below 1e-5, {sum(v > 1e-3 for v in values)} above 1e-3 |")
    return told


def sigmoid_run(count, seed, steps):
    truth = next(t for t in (planted("sigmoid", 2, 2, 10, 1000 * seed + i) for i in range(100)) if t.weights.prod() < 0)
    start = nadir.Particles.without_weight(count, 2, seed=seed)
    weights, positions, end = followed(start, sampler(truth, seed, CIRCLE), SIGMOID_STEP, steps)
    lines = truth.positions[:, :2] / np.linalg.norm(truth.positions[:, :2], axis=1, keepdims=True)
    cosines = np.abs(end.positions[:, :2] @ lines.T).max(axis=1) / np.linalg.norm(end.positions[:, :2], axis=1)
    near = np.abs(end.weights)[cosines > np.cos(np.radians(5))].sum() / np.abs(end.weights).sum()
    return {"truth": truth, "weights": weights, "positions": positions, "loss": tested(truth, seed, CIRCLE)(end), "near": near}


def figure2(plt, a):
    figure, axes = plt.subplots(1, 2, figsize=(9, 4.4))
    told = {}
    for axis, count in zip(axes, (15, 3)):
        runs = [sigmoid_run(count, a.seed + repeat, 4 * a.steps) for repeat in range(10)]
        shown = next((run for run in runs if run["loss"] < 1e-4), runs[0])
        weights, positions = shown["weights"], shown["positions"]
        for unit in shown["truth"].positions:
            axis.plot(*np.outer(unit[:2] / np.linalg.norm(unit[:2]), [-100, 100]), color="black", linewidth=1)
        for j in range(count):
            axis.plot(positions[:, j, 0], positions[:, j, 1], color="0.6", linewidth=0.7)
        sizes = 5 + 150 * np.abs(weights[-1]) / np.abs(weights[-1]).max()
        axis.scatter(*positions[-1, :, :2].T, s=sizes, c=np.where(weights[-1] < 0, "blue", "red"), zorder=3, alpha=0.8)
        limit = 1.15 * np.abs(positions[:, :, :2]).max()
        axis.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal",
                 title=f"{count} sigmoid particles, excess loss {shown['loss']:.1e}")
        losses, near = sorted(run["loss"] for run in runs), [float(run["near"]) for run in runs]
        told[f"{count} particles"] = {"losses": losses, "weight on the lines": near}
        print(f"| 2: sigmoid, {count} particles, 10 problems | excess loss: median {np.median(losses):.1e}, worst {losses[-1]:.1e}; "
              f"{sum(v < 1e-4 for v in losses)} below 1e-4; within 5 degrees of a planted line: {100 * np.median(near):.0f}% of the weight (median), {100 * min(near):.0f}% (least) |")
    save(figure, a, "particle-2")
    return told


def figure7(plt, a):
    figure, axes = plt.subplots(1, 2, figsize=(9, 4.4))
    told = {}
    for axis, radius in zip(axes, (0.05, 10.0)):
        run = relu_run(3, 20, radius, a.seed, 4 * a.steps, STEP / 4)  # a longer one scatters the particles far from 0
        draw_relu(axis, run, f"r0 = {radius:g}, excess loss {run['loss']:.1e}")
        begin, end = run["positions"][0], run["positions"][-1]
        cosines = np.sum(begin * end, axis=1) / np.linalg.norm(begin, axis=1) / np.linalg.norm(end, axis=1)
        told[f"r0 {radius:g}"] = {"loss": run["loss"], "angles": sorted(np.degrees(np.arccos(np.clip(cosines, -1, 1))))}
        print(f"| 7: r0 = {radius:g} | excess loss {run['loss']:.1e}; positions turned by "
              f"{np.median(told[f'r0 {radius:g}']['angles']):.0f} degrees (median) |")
    save(figure, a, "particle-7")
    return told


def main():
    made = parser(__doc__)
    made.add_argument("--steps", type=int, default=500_000)
    a = made.parse_args()
    plt, begin = plotter(), time.monotonic()
    print("| figure | |\n| --- | --- |")
    results = {"figure 1": figure1(plt, a), "figure 2": figure2(plt, a), "figure 7": figure7(plt, a)}
    (a.out / "particle_paths.json").write_text(json.dumps(results, indent=1) + "\n")
    print(f"\n{time.monotonic() - begin:.0f} s, {(40 + 4 * 20 + 4 * 2) * a.steps / 1e6:.0f} million steps")


if __name__ == "__main__":
    main()
