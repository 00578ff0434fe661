#!/usr/bin/env python3
"""Figure 1: decision regions on a made set of two features and three classes, interleaved curved bands.

Draws the set (--seed), trains the default and the published model on it, lets `nadir plot` draw the regions as
experiments/results/figure1-<model>.svg, writes figure1.json and prints Markdown. Standard library only.
"""
import argparse
import json
import math
import pathlib
import random
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "experiments" / "results"
MODELS = {"best": ["--model", "best"], "published1": ["--model", "published", "--layers", "1"],
          "published2": ["--model", "published", "--layers", "2"]}


def write_bands(path, rows, seed):
    """Three bands around arcs of one shape, one above the other: y = 1.2 sin(x) + 0.9 class + noise, 0 <= x <= pi."""
    generator = random.Random(seed)
    with open(path, "w") as file:
        file.write("x,y,class\n")
        for i in range(rows):
            band, x = i % 3, generator.uniform(0, math.pi)
            y = 1.2 * math.sin(x) + 0.9 * band + generator.gauss(0, 0.15)
            file.write(f"{x:.6f},{y:.6f},{'abc'[band]}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nadir", default=str(ROOT / "build" / "nadir"))
    parser.add_argument("--seed", type=int, default=0, help="of the set, of the hold-out and of the draws")
    parser.add_argument("--rows", type=int, default=300)
    arguments = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    results = {}
    print("| model | neurons | training accuracy | test accuracy | claim | relative gap |")
    print("| --- | ---: | ---: | ---: | --- | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        data, model = f"{folder}/bands.csv", f"{folder}/bands.nadir"
        write_bands(data, arguments.rows, arguments.seed)
        for name, options in MODELS.items():
            train = subprocess.run([arguments.nadir, "train", data, "--target", "class", "--method", "spectral",
                                    "--holdout", "0.2", "--seed", str(arguments.seed), "--quiet", "--json", "--out",
                                    model, *options], capture_output=True, text=True)
            if train.returncode not in (0, 4):  # 4: finished, gap not proved
                raise SystemExit(train.stderr.strip())
            answer = json.loads(train.stdout)
            subprocess.run([arguments.nadir, "plot", model, data, "--out", str(RESULTS / f"figure1-{name}.svg")],
                           check=True, stdout=subprocess.DEVNULL)
            results[name] = {key: answer[key] for key in ("neurons", "claim", "relative_gap", "train", "test")}
            print(f"| {name} | {answer['neurons']} | {100 * answer['train']['accuracy']:.1f} | "
                  f"{100 * answer['test']['accuracy']:.1f} | {answer['claim']} | {answer['relative_gap']:.1e} |")
    (RESULTS / "figure1.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
