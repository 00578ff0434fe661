#!/usr/bin/env python3
"""Certified width: the smallest common p = p_w = p_u that each certificate proves, for n1 = 2, 5, 10, 20, 50 units.

One hidden layer, exponents evenly from 1 to 4, all radii 1, epsilon 1e-6, all rows of iris and pima. Features:
"[0,1]": each column min-max; "l1=1": the same, then all divided by the largest row sum, so that the sum of no row
exceeds 1. Every number comes from `nadir train --all-certificates`; each certificate's p is bisected on a
logarithmic scale (it is taken to be monotone in p). Column (4) is the larger of the p_w and p_u of the paper's rule.
Writes experiments/results/certified_width.csv and prints Markdown. Standard library only.
"""
import argparse
import concurrent.futures
import csv
import json
import math
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
CERTIFICATES = ["theorem_1", "theorem_4_5", "thompson", "hilbert", "box", "hidden_concavity"]
HEADS = {"equation_4": "(4)", "theorem_1": "Theorem 1", "theorem_4_5": "Theorem 4", "thompson": "Thompson",
         "hilbert": "Hilbert", "box": "box", "hidden_concavity": "hidden concavity"}


def scaled_copy(source, target, by_largest_row):
    """Writes the data with features min-max scaled, then perhaps divided by the largest row sum; returns the class."""
    with open(source, newline="") as file:
        head, *rows = list(csv.reader(file))
    columns = [[float(cell) for cell in column] for column in list(zip(*rows))[:-1]]
    columns = [[(v - min(c)) / (max(c) - min(c)) for v in c] for c in columns]
    points = [list(point) for point in zip(*columns)]
    if by_largest_row:
        largest = max(math.fsum(point) for point in points)
        points = [[v / largest for v in point] for point in points]
    with open(target, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows([*map(repr, point), row[-1]] for point, row in zip(points, rows))
    return head[-1]


class Problem:
    """A data set and a width; asks the program what holds at some p."""

    def __init__(self, nadir, folder, name, scaling, units):
        self.name, self.scaling, self.units = name, scaling, units
        data = f"{folder}/{name}-{units}-{scaling[0]}.csv"
        target = scaled_copy(ROOT / "data" / f"{name}.csv", data, scaling == "l1=1")
        alpha = ",".join(repr(1 + 3 * i / (units - 1)) for i in range(units))
        self.command = [nadir, "train", data, "--target", target, "--method", "spectral", "--scale", "none",
                        "--model", "given", "--hidden", str(units), "--alpha", alpha, "--epsilon", "1e-6",
                        "--max-iterations", "1", "--threads", "1", "--all-certificates", "--quiet", "--json", "--out", data + ".nadir"]

    def ask(self, *options):
        done = subprocess.run([*self.command, *options], capture_output=True, text=True)
        if done.returncode not in (0, 4):
            raise SystemExit(f"{' '.join(self.command)}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def holds(self, certificate, p):
        steps = "1000" if certificate == "box" else "1"
        answer = self.ask("--p-rule", "given", "--p-w", repr(p), "--p-u", repr(p), "--box-steps", steps)
        return next(t["holds"] for t in answer["certificate"]["tried"] if t["name"] == certificate)

    def smallest(self, certificate, accuracy):
        low, high = 1.01, 1e6
        if not self.holds(certificate, high):
            return math.inf
        while high / low > 1 + accuracy:
            middle = math.sqrt(low * high)
            low, high = (low, middle) if self.holds(certificate, middle) else (middle, high)
        return high

    def row(self):
        network = self.ask("--p-rule", "published", "--box-steps", "1")["network"]
        result = {"data": self.name, "features": self.scaling, "units": self.units,
                  "equation_4": max(network["output_p"], *network["hidden"][0]["p"])}
        for certificate in CERTIFICATES:
            # Hidden concavity needs 1/p + 4/p <= 1, that is p >= 5: asked for just above and just below, not bisected.
            if certificate == "hidden_concavity":
                exact = self.holds(certificate, 5 * (1 + 1e-12)) and not self.holds(certificate, 5 * (1 - 1e-9))
                result[certificate] = 5.0 if exact else math.nan
            else:
                result[certificate] = self.smallest(certificate, 0.01 if certificate == "box" else 0.0005)
        return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nadir", default=str(ROOT / "build" / "nadir"))
    parser.add_argument("--sets", nargs="+", default=["iris", "pima_diabetes"])
    parser.add_argument("--units", nargs="+", type=int, default=[2, 5, 10, 20, 50])
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(arguments.processes) as pool:
        problems = [Problem(arguments.nadir, folder, name, scaling, units) for name in arguments.sets
                    for scaling in ("l1=1", "[0,1]") for units in arguments.units]
        rows = list(pool.map(Problem.row, problems))
    path = ROOT / "experiments" / "results" / "certified_width.csv"
    path.parent.mkdir(exist_ok=True)
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print("| data | features | n1 | " + " | ".join(HEADS.values()) + " |")
    print("| --- | --- |" + " ---: |" * (1 + len(HEADS)))
    for row in rows:
        print(f"| {row['data']} | {row['features']} | {row['units']} | "
              + " | ".join(f"{row[key]:.4g}" if key != "box" else f"{row[key]:.3g}" for key in HEADS) + " |")


if __name__ == "__main__":
    main()
