#!/usr/bin/env python3
"""Table 1: test accuracy on the seven sets of Gautier, Nguyen and Hein (2016), over stratified 80/20 splits.

Trains each model on each split (`nadir train --holdout 0.2 --seed <split>`), writes one line per run to
experiments/results/<name>.csv and prints Markdown. Standard library only.

    experiments/table1.py                                                    # splits 0 to 19, every model
    experiments/table1.py --splits 20-39 --models best --name table1-fresh   # splits the choice of families never saw
    experiments/table1.py --print-only                                       # the tables again, from the stored runs
"""
import argparse
import concurrent.futures
import csv
import json
import pathlib
import statistics
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SETS = ["cancer", "iris", "banknote", "blood_transfusion", "haberman", "seeds", "pima_diabetes"]
MODELS = {
    "published1": ("published, 1 layer", ["--model", "published", "--layers", "1"]),
    "published2": ("published, 2 layers", ["--model", "published", "--layers", "2"]),
    "masked1": ("masked + bias, 1 layer", ["--model", "masked", "--layers", "1"]),
    "masked2": ("masked + bias, 2 layers", ["--model", "masked", "--layers", "2"]),
    "best": ("ours (`best`)", ["--model", "best"]),
}
PAPER_COLUMNS = ["NLSM1", "NLSM2", "ReLU1", "ReLU2", "SVM"]
PAPER = {
    "cancer": [96.4, 96.4, 95.7, 93.6, 95.7],
    "iris": [90.0, 96.7, 100, 93.3, 100],
    "banknote": [97.1, 96.4, 100, 97.8, 100],
    "blood_transfusion": [76.0, 76.7, 76.0, 76.0, 77.3],
    "haberman": [75.4, 75.4, 70.5, 72.1, 72.1],
    "seeds": [88.1, 90.5, 90.5, 92.9, 95.2],
    "pima_diabetes": [79.2, 80.5, 76.6, 79.2, 79.9],
}
FIELDS = ["set", "model", "split", "test_accuracy", "test_rows", "claim", "relative_gap", "gap", "span", "stop",
          "iterations", "validation_accuracy", "chosen", "seconds"]


def run(nadir, name, model, split, draws):
    """One run of the program; the numbers of it that the tables need."""
    with tempfile.TemporaryDirectory() as folder:
        command = [nadir, "train", str(ROOT / "data" / f"{name}.csv"), "--target", "class", "--method", "spectral",
                   "--holdout", "0.2", "--seed", str(split), "--threads", "1", "--draws", str(draws), "--json",
                   "--quiet", "--out", f"{folder}/model.nadir", *MODELS[model][1]]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 4):  # 4: finished, gap not proved
        raise SystemExit(f"{' '.join(command)}: exit code {done.returncode}: {done.stderr.strip()}")
    answer = json.loads(done.stdout)
    return dict(zip(FIELDS, [name, model, split, answer["test"]["accuracy"], answer["test"]["samples"],
                             answer["claim"], answer["relative_gap"], answer["gap"],
                             answer["objective_at_zero"] - answer["lower_bound"], answer["stop"], answer["iterations"],
                             answer["selection"]["validation_accuracy"], answer["selection"]["chosen"],
                             answer["seconds"]]))


def tables(runs):
    """The table of accuracies beside the paper's, the table of certificates, and the runs that ended without one."""
    models = [model for model in MODELS if any(r["model"] == model for r in runs)]
    sets = [name for name in SETS if any(r["set"] == name for r in runs)]
    cells = {(name, model): [100 * float(r["test_accuracy"]) for r in runs if (r["set"], r["model"]) == (name, model)]
             for name in sets for model in models}
    lines = ["| set | " + " | ".join([MODELS[m][0] for m in models] + ["paper " + c for c in PAPER_COLUMNS]) + " |",
             "| --- |" + " ---: |" * (len(models) + len(PAPER_COLUMNS))]
    for name in sets:
        ours = [f"{statistics.mean(v):.1f} ± {statistics.stdev(v) if len(v) > 1 else 0:.1f}"
                for v in (cells[name, model] for model in models)]
        lines.append(f"| {name} | " + " | ".join(ours + [f"{v:.1f}" for v in PAPER[name]]) + " |")
    means = [f"**{statistics.mean(statistics.mean(cells[name, model]) for name in sets):.2f}**" for model in models]
    paper = [f"{statistics.mean(PAPER[name][i] for name in sets):.2f}" for i in range(len(PAPER_COLUMNS))]
    lines += [f"| mean of {len(sets)} sets | " + " | ".join(means + paper) + " |", "",
              "| model | runs | certified | largest relative gap | median iterations | median seconds |",
              "| --- | ---: | ---: | ---: | ---: | ---: |"]
    for model in models:
        chosen = [r for r in runs if r["model"] == model]
        certified = sum(r["claim"] == "certified" for r in chosen)
        lines.append(f"| {MODELS[model][0]} | {len(chosen)} | {certified} | "
                     f"{max(float(r['relative_gap']) for r in chosen):.1e} | "
                     f"{statistics.median(int(r['iterations']) for r in chosen):g} | "
                     f"{statistics.median(float(r['seconds']) for r in chosen):.2f} |")
    open_runs = [r for r in runs if r["claim"] != "certified"]
    lines += ["", f"Not certified: {len(open_runs)} of {len(runs)}."]
    if open_runs:
        lines += ["", "| model | set | split: relative gap | largest gap |", "| --- | --- | --- | ---: |"]
    for model, name in ((m, n) for m in models for n in sets):
        chosen = [r for r in open_runs if (r["model"], r["set"]) == (model, name)]
        if chosen:
            runs_text = ", ".join(f"{r['split']}: {float(r['relative_gap']):.0e}" for r in chosen)
            lines.append(f"| {MODELS[model][0]} | {name} | {runs_text} | {max(float(r['gap']) for r in chosen):.0e} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nadir", default=str(ROOT / "build" / "nadir"))
    parser.add_argument("--splits", default="0-19", help="first-last")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    parser.add_argument("--models", nargs="+", choices=list(MODELS), default=list(MODELS))
    parser.add_argument("--draws", type=int, default=100, help="architectures drawn a split; the paper's 100")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--name", default="table1", help="of the file of runs")
    parser.add_argument("--print-only", action="store_true")
    arguments = parser.parse_args()
    path = ROOT / "experiments" / "results" / f"{arguments.name}.csv"
    if not arguments.print_only:
        first, last = (int(part) for part in (arguments.splits.split("-") * 2)[:2])
        jobs = [(arguments.nadir, name, model, split, arguments.draws) for model in arguments.models
                for name in arguments.sets for split in range(first, last + 1)]
        with concurrent.futures.ThreadPoolExecutor(arguments.processes) as pool:
            runs = list(pool.map(lambda job: run(*job), jobs))
        path.parent.mkdir(exist_ok=True)
        with open(path, "w", newline="") as file:
            writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(runs)
    with open(path, newline="") as file:
        print(tables(list(csv.DictReader(file))))


if __name__ == "__main__":
    main()
