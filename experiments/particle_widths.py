#!/usr/bin/env python3
"""Figures 3, 4 and 5 of Berthier (2018): how many particles find 10 planted units in 50 dimensions.

3: losses along a run of 20 and one of 5 ReLU particles from a sphere of radius 1: over the last 1,000 samples, and on 10,000 others.
4: ReLU, k = 2 to 50 particles from spheres of radius 0.05 (the paper's), of 0.05 sqrt(k) (the same, if the paper's network is a
   sum and not a mean) and of 1, the excess loss of 5 repeats and its geometric mean; losses below 1e-12 are taken to be that.
5: sigmoid, from w = 0, features on a sphere.
Each repeat has its own planted units, of radius 2 (ReLU) and 7.2 (sigmoid: as long as normal ones). New samples at each step.
Writes particle-3, -4, -5 and particle_widths.csv to experiments/results and prints Markdown. Needs the Python package nadir, numpy and
matplotlib.
"""
import concurrent.futures
import csv
import math
import time

import nadir
from particle_problems import STEP, geometric_mean, parser, planted, plotter, sampler, save, tested

INPUTS, UNITS = 50, 10
COUNTS = (2, 4, 6, 8, 10, 12, 14, 16, 20, 30, 40, 50)
FORMS = {"relu, r0 = 0.05": ("relu", lambda count: 0.05), "relu, r0 = 0.05 sqrt(k)": ("relu", lambda count: 0.05 * count**0.5),
         "relu, r0 = 1": ("relu", lambda count: 1.0), "sigmoid": ("sigmoid", None)}  # of k particles


def problem(form, count, seed):
    """Planted units, the particles' start, and where the features lie."""
    activation, radius = FORMS[form]
    truth = planted(activation, UNITS, INPUTS, 2 if activation == "relu" else (INPUTS + 2)**0.5, 1000 + seed)
    if activation == "relu":
        return truth, nadir.Particles.on_sphere(count, INPUTS, radius(count), seed=seed), None
    return truth, nadir.Particles.without_weight(count, INPUTS, seed=seed), INPUTS**0.5


def run(form, count, seed, steps):
    truth, start, circle = problem(form, count, seed)
    flow = nadir.particle_flow_drawn(start, sampler(truth, seed, circle), step=STEP, steps=steps)
    return {"form": form, "particles": count, "seed": seed, "excess": tested(truth, seed, circle)(flow.particles)}


def figure3(plt, a):
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True)
    for axis, count in zip(axes, (20, 5)):
        truth, start, _ = problem("relu, r0 = 1", count, a.seed)
        flow = nadir.particle_flow_drawn(start, sampler(truth, a.seed), step=STEP, steps=a.steps, record_every=1000)
        test = tested(truth, a.seed)
        steps = flow.times / STEP / 1000
        shown = range(0, len(steps), max(1, len(steps) // 200))
        axis.semilogy(steps[1:], flow.losses[1:], color="0.7", linewidth=0.7, label="last 1,000 samples")
        axis.semilogy(steps[shown], [test(flow.at(r)) for r in shown], color="blue", label="10,000 other samples")
        axis.set(xlabel="thousand steps", title=f"{count} particles")
        print(f"| 3: {count} ReLU particles | excess loss {test(flow.particles):.1e} |")
    axes[0].set_ylabel("loss")
    axes[0].legend(fontsize=8)
    save(figure, a, "particle-3")


def draw_widths(plt, a, records, forms, name):
    figure, axis = plt.subplots(figsize=(6, 4))
    for form, color in zip(forms, ("tab:blue", "tab:green", "tab:orange")):
        those = [r for r in records if r["form"] == form and math.isfinite(r["excess"])]
        axis.scatter([r["particles"] for r in those], [max(r["excess"], 1e-12) for r in those], s=10, color=color, alpha=0.5)
        counts = sorted({r["particles"] for r in those})
        axis.semilogy(counts, [geometric_mean([r["excess"] for r in those if r["particles"] == k]) for k in counts], color=color,
                      label=form)
    axis.axvline(UNITS, color="0.5", linestyle=":")
    axis.set(xlabel="particles", ylabel="excess loss")
    axis.legend(fontsize=8)
    save(figure, a, name)


def main():
    made = parser(__doc__)
    made.add_argument("--steps", type=int, default=1_000_000)
    made.add_argument("--repeats", type=int, default=5)
    made.add_argument("--processes", type=int, default=2)
    a = made.parse_args()
    plt, begin = plotter(), time.monotonic()
    print("| run | |\n| --- | --- |")
    figure3(plt, a)
    tasks = [(form, count, a.seed + repeat, a.steps) for form in FORMS for count in COUNTS for repeat in range(a.repeats)]
    with concurrent.futures.ProcessPoolExecutor(a.processes) as pool:
        records = list(pool.map(run, *zip(*tasks)))
    with open(a.out / "particle_widths.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(records[0]))
        writer.writeheader()
        writer.writerows(records)
    draw_widths(plt, a, records, list(FORMS)[:3], "particle-4")
    draw_widths(plt, a, records, list(FORMS)[3:], "particle-5")
    print("\n| particles | " + " | ".join(FORMS) + " |\n| ---: |" + " --- |" * len(FORMS))
    for count in COUNTS:
        values = {form: [r["excess"] for r in records if r["form"] == form and r["particles"] == count] for form in FORMS}
        print(f"| {count} | " + " | ".join(f"{geometric_mean(v):.1e} ({min(v):.1e} to {max(v):.1e})" for v in values.values()) + " |")
    seconds = time.monotonic() - begin
    print(f"\n{seconds:.0f} s, {len(tasks) * a.steps / seconds:,.0f} steps a second, {a.processes} processes")


if __name__ == "__main__":
    main()
