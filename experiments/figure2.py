#!/usr/bin/env python3
"""Figure 2: training score and test error of the spectral method against batch SGD, over iterations and seconds.

One stratified 80/20 split (--seed), features min-max on the training rows. The network is the one that
`nadir train --model published` chooses (p by (4)), or with --rule concave the same exponents with radii 1 and the
smallest common p of hidden concavity, 1 + max alpha. The spectral method is run twice: by nadir (its plain map,
--memory 0, stopped after k = 0, 1, 2, ...) and in numpy as SGD is; only the latter is drawn over seconds.
SGD maximises the same score (2) from the same flat start: batches of 5 %, one step size throughout, and after each step
the Euclidean projection onto the balls of the norms. One iteration of SGD in the pictures is one epoch.
Writes results/figure2-<set>-<rule>.svg and .json, prints Markdown. Needs numpy and matplotlib.
"""
import argparse
import csv
import json
import pathlib
import subprocess
import tempfile
import time

import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from polynomial import Network, arrays, split  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "experiments" / "results"


def trace(network, data, step, iterations, budget):
    """[iteration, seconds, score, test error] along `step`; only the steps are timed."""
    x, y, x_test, y_test = data
    z, spent, rows = network.start, 0.0, []
    for k in range(iterations + 1):
        rows.append([k, spent, float(network.score(z, x, y)), network.error(z, x_test, y_test)])
        if spent > budget:
            break
        begin = time.perf_counter()
        z = step(z, x, y)
        spent += time.perf_counter() - begin
    return rows


def sgd_epoch(network, size, generator):
    def epoch(z, x, y):
        for rows in np.array_split(generator.permutation(len(y)), 20):
            z = network.project([b + size * d for b, d in zip(z, network.gradient(z, x[rows], y[rows]))])
        return z
    return epoch


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nadir", default=str(ROOT / "build" / "nadir"))
    parser.add_argument("--set", default="cancer")
    parser.add_argument("--rule", choices=["published", "concave"], default="published")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--iterations", type=int, default=60)
    parser.add_argument("--budget", type=float, default=20, help="seconds for each curve")
    arguments = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    head, train, test = split(arguments.set, arguments.seed)
    data = arrays(train, test)
    with tempfile.TemporaryDirectory() as folder:
        for name, rows in (("train", train), ("test", test)):
            with open(f"{folder}/{name}.csv", "w", newline="") as file:
                csv.writer(file).writerows([head, *rows])

        def nadir(*options):
            done = subprocess.run([arguments.nadir, "train", f"{folder}/train.csv", "--target", head[-1], "--method",
                                   "spectral", "--test", f"{folder}/test.csv", "--threads", "1", "--seed", str(arguments.seed), "--quiet",
                                   "--json", "--out", f"{folder}/model.nadir", *options],
                                  capture_output=True, text=True)
            if done.returncode not in (0, 4):  # 4: finished, gap not proved
                raise SystemExit(done.stderr.strip())
            return json.loads(done.stdout)

        shape = nadir("--model", "published")["network"]
        layer = shape["hidden"][0]
        if arguments.rule == "concave":
            shape["output_p"] = layer["p"][0] = (1 + max(layer["exponents"])) * (1 + 1e-12)
            shape["output_radius"] = layer["radius"] = 1.0
        given = ["--model", "given", "--hidden", str(layer["units"]), "--alpha",
                 ",".join(map(repr, layer["exponents"])), "--p-rule", "given", "--p-w", repr(shape["output_p"]),
                 "--p-u", repr(layer["p"][0]), "--rho-w", repr(shape["output_radius"]), "--rho-u",
                 repr(layer["radius"]), "--epsilon", repr(shape["epsilon"])]
        best = nadir(*given)
        curves, k = {"spectral (nadir)": []}, 0
        while k <= arguments.iterations:
            answers = [nadir(*given, "--memory", "0", "--gap", "1e-300", "--change", "0", "--max-iterations", str(k))
                       for _ in range(3)]
            curves["spectral (nadir)"].append([answers[0]["iterations"], min(a["seconds"] for a in answers),
                                               -answers[0]["objective"], 1 - answers[0]["test"]["accuracy"]])
            if answers[0]["iterations"] < k:
                break
            k += 1 if k < 10 else 5
    network = Network(shape, data[0].shape[1], shape["classes"])
    curves["spectral (numpy)"] = trace(network, data, network.spectral_step, arguments.iterations, arguments.budget)
    for size in (1e-2, 1e-1, 1.0, 10.0, 100.0):
        epoch = sgd_epoch(network, size, np.random.default_rng(arguments.seed))
        curves[f"SGD, step {size:g}"] = trace(network, data, epoch, arguments.iterations, arguments.budget)
    top = max(-best["objective"], *(row[2] for rows in curves.values() for row in rows))
    draw_and_print(arguments, shape, best, curves, top)


def draw_and_print(arguments, shape, best, curves, top):
    figure, axes = plt.subplots(2, 2, figsize=(10, 7), layout="constrained")
    layer = shape["hidden"][0]
    figure.suptitle(f"{arguments.set}, n1 = {layer['units']}, p_w = {shape['output_p']:.4g}, p_u = {layer['p'][0]:.4g}")
    for (name, rows), color in zip(curves.items(), ["black", "dimgray", "C0", "C1", "C2", "C3", "C4"]):
        for column, (label, scale) in enumerate((("iterations (SGD: epochs)", "linear"), ("seconds", "log"))):
            at = [max(row[column], 1e-5) if column else row[0] for row in rows]
            if column and name == "spectral (nadir)":
                continue  # its seconds are of a whole training, certificate included
            axes[0, column].plot(at, [max((top - r[2]) / abs(top), 1e-16) for r in rows], ".-", color=color, label=name)
            axes[1, column].plot(at, [100 * r[3] for r in rows], ".-", color=color)
            axes[0, column].set(yscale="log", xscale=scale, ylabel="(best score − score) / best score")
            axes[1, column].set(xscale=scale, xlabel=label, ylabel="test error, %")
    axes[0, 0].legend(fontsize="small")
    path = RESULTS / f"figure2-{arguments.set}-{arguments.rule}"
    matplotlib.rcParams["svg.hashsalt"] = "nadir"
    figure.savefig(path.with_suffix(".svg"), metadata={"Date": None})
    path.with_suffix(".json").write_text(json.dumps({"network": shape, "claim": best["claim"],
                                                     "relative_gap": best["relative_gap"], "best_score": top,
                                                     "columns": ["iteration", "seconds", "score", "test_error"],
                                                     "curves": curves}) + "\n")
    print(f"{arguments.set}, {arguments.rule}: {layer['units']} units, p_w = {shape['output_p']:.5g}, p_u = "
          f"{layer['p'][0]:.5g}; optimum {best['claim']}, relative gap {best['relative_gap']:.1e}\n")
    print("| method | iterations | seconds | (best − score) / best | test error |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name, rows in curves.items():
        print(f"| {name} | {rows[-1][0]} | {rows[-1][1]:.3f} | {(top - rows[-1][2]) / abs(top):.1e} | "
              f"{100 * rows[-1][3]:.1f} % |")


if __name__ == "__main__":
    main()
