#!/usr/bin/env python3
"""How far from optimal are networks that torch trains? Widths 2, 10 and 100 by Adam, SGD and L-BFGS on three sets.

Each network minimizes the mean loss plus (lambda/2) times the sum of all squared weights and biases, on standardized
columns, in double precision: torch's weight decay. Then `nadir certify` says what the optimum over all widths can at most
be below it, and `--improve` trains on.

    experiments/certify_torch.py            # needs torch; writes experiments/results/certify_torch.csv, prints the table
"""
import argparse
import csv
import json
import pathlib
import subprocess
import tempfile

import numpy as np
import torch

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "experiments" / "results" / "certify_torch.csv"
SETS = {"haberman": 0.02, "iris": 0.02, "pima_diabetes": 0.05}  # and lambda
STEPS = {"adam": 3000, "sgd": 3000, "lbfgs": 3000}


def load(name):
    with open(ROOT / "data" / f"{name}.csv", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    X = np.array([[float(cell) for cell in row[:-1]] for row in rows])
    names = sorted({row[-1] for row in rows})
    return (X - X.mean(0)) / X.std(0), np.array([names.index(row[-1]) for row in rows]), names


def train(X, y, classes, width, method, weight, seed):
    torch.manual_seed(seed)
    outputs = 1 if classes == 2 else classes
    network = torch.nn.Sequential(torch.nn.Linear(X.shape[1], width), torch.nn.ReLU(), torch.nn.Linear(width, outputs))
    inputs, labels = torch.tensor(X), torch.tensor(y)

    def objective():
        f = network(inputs)
        loss = (torch.nn.functional.softplus(-(2.0 * labels - 1) * f[:, 0]).mean() if outputs == 1
                else torch.nn.functional.cross_entropy(f, labels))
        return loss + weight / 2 * sum((p ** 2).sum() for p in network.parameters())

    if method == "lbfgs":
        optimizer = torch.optim.LBFGS(network.parameters(), max_iter=STEPS[method], line_search_fn="strong_wolfe",
                                      tolerance_grad=1e-10, tolerance_change=1e-14)
    else:
        make = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[method]
        optimizer = make(network.parameters(), lr={"adam": 0.01, "sgd": 0.05}[method])

    def closure():
        optimizer.zero_grad()
        value = objective()
        value.backward()
        return value

    for _ in range(1 if method == "lbfgs" else STEPS[method]):
        optimizer.step(closure)
    return network, float(objective())


def certify(program, folder, name, network, table, weight, limit):
    file = folder / f"{name}.npz"
    np.savez(file, **{key: value.numpy() for key, value in network.state_dict().items()})
    done = subprocess.run([program, "certify", file, table, "--target", "class", "--task", "classification", "--lambda",
                           repr(weight), "--improve", "--time-limit", str(limit), "--json", "--out", f"{file}.nadir"],
                          capture_output=True, text=True, check=False)
    if done.returncode not in (0, 4):
        raise SystemExit(done.stderr)
    verdict = subprocess.run([f"{program}-verify", f"{file}.nadir", table], capture_output=True, check=False)
    return json.loads(done.stdout) | {"accepted": verdict.returncode == 0}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=str(ROOT / "build" / "nadir"))
    parser.add_argument("--limit", type=float, default=60, help="seconds a network")
    arguments = parser.parse_args()
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    lines = []
    print("| set | by | width | objective | bound | gap | one unit | trained on |\n"
          "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, weight in SETS.items():
        X, y, names = load(name)
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            table = folder / "table.csv"
            table.write_text(",".join(f"x{j}" for j in range(X.shape[1])) + ",class\n" + "".join(
                ",".join(map(repr, map(float, row))) + f",{names[label]}\n" for row, label in zip(X, y)))
            for method in STEPS:
                for width in (2, 10, 100):
                    network, objective = train(X, y, len(names), width, method, weight, 0)
                    told = certify(arguments.program, folder, f"{method}_{width}", network, table, weight,
                                   arguments.limit)
                    lines.append({"set": name, "method": method, "width": width, "torch": objective,
                                  "difference": told["objective"] - objective, "lower_bound": told["lower_bound"],
                                  "relative_gap": told["relative_gap"], "claim": told["claim"],
                                  "one_unit": told["unit"]["decrease"] if told["unit"] else 0,
                                  "improved": told["better_objective"], "seconds": told["seconds"],
                                  "accepted": told["accepted"]})
                    print(f"| {name} | {method} | {width} | {objective:.7g} | {told['lower_bound']:.6g} | "
                          f"{told['relative_gap']:.2g}{'' if told['claim'] == 'certified' else ', bounded'} | "
                          f"{lines[-1]['one_unit']:.1e} | {told['better_objective']:.7g} |", flush=True)
    with open(RESULTS, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, lines[0].keys())
        writer.writeheader()
        writer.writerows(lines)


if __name__ == "__main__":
    main()
