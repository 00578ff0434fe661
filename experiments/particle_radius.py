#!/usr/bin/env python3
"""Figure 6 of Berthier (2018): the radius r0 of the sphere that 20 ReLU particles start on, 3 planted units of radius 2 in two
dimensions, 500,000 new samples, one a step: excess loss on 10,000 others along the way, geometric mean, least and largest of 5
repeats.

Writes particle-6 and particle_radius.csv to experiments/results and prints Markdown. Needs the Python package nadir, numpy and matplotlib.
"""
import concurrent.futures
import csv
import time

import numpy as np

import nadir
from particle_problems import STEP, geometric_mean, parser, planted, plotter, sampler, save, tested

RADII = (0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10)
RECORDS = 100


def run(radius, seed, steps):
    """Excess losses of the records."""
    truth = planted("relu", 3, 2, 2, 3000 + seed)
    start = nadir.Particles.on_sphere(20, 2, radius, seed=seed)
    flow = nadir.particle_flow_drawn(start, sampler(truth, seed), step=STEP, steps=steps, record_every=steps // RECORDS)
    test = tested(truth, seed)
    return [test(flow.at(r)) for r in range(len(flow.times))]


def main():
    made = parser(__doc__)
    made.add_argument("--steps", type=int, default=500_000)
    made.add_argument("--repeats", type=int, default=5)
    made.add_argument("--processes", type=int, default=2)
    a = made.parse_args()
    plt, begin = plotter(), time.monotonic()
    tasks = [(radius, a.seed + repeat, a.steps) for radius in RADII for repeat in range(a.repeats)]
    with concurrent.futures.ProcessPoolExecutor(a.processes) as pool:
        losses = np.array(list(pool.map(run, *zip(*tasks)))).reshape(len(RADII), a.repeats, RECORDS + 1)
    steps = np.arange(RECORDS + 1) * (a.steps // RECORDS)
    means, low, high = geometric_mean(losses, axis=1), losses.min(axis=1), losses.max(axis=1)
    with open(a.out / "particle_radius.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["r0", "steps", "geometric_mean", "least", "largest"])
        writer.writerows([radius, steps[r], means[i, r], low[i, r], high[i, r]]
                         for i, radius in enumerate(RADII) for r in range(0, RECORDS + 1, 5))
    figure, axes = plt.subplots(2, 4, figsize=(12, 5.2), sharex=True, sharey=True)
    for i, axis in enumerate(axes.flat):
        axis.fill_between(steps / 1000, low[i], high[i], color="tab:blue", alpha=0.2, linewidth=0)
        axis.semilogy(steps / 1000, means[i], color="tab:blue")
        axis.set_title(f"r0 = {RADII[i]:g}", fontsize=10)
    for axis in axes[1]:
        axis.set_xlabel("thousand steps")
    for axis in axes[:, 0]:
        axis.set_ylabel("excess loss")
    save(figure, a, "particle-6")
    print("| r0 | after 10% of the steps | at the end | least | largest |\n| ---: | ---: | ---: | ---: | ---: |")
    for i, radius in enumerate(RADII):
        print(f"| {radius:g} | {means[i, RECORDS // 10]:.1e} | {means[i, -1]:.1e} | {low[i, -1]:.1e} | {high[i, -1]:.1e} |")
    seconds = time.monotonic() - begin
    print(f"\n{seconds:.0f} s, {len(tasks) * a.steps / seconds:,.0f} steps a second, {a.processes} processes")


if __name__ == "__main__":
    main()
