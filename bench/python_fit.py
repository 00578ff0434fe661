#!/usr/bin/env python3
"""What `fit` takes beside the training itself: Pima, one thread, in turn with the command line under the same options.

    PYTHONPATH=build/python python3 bench/python_fit.py --nadir build/nadir

Milliseconds. `nadir train`: what it reports as time of choosing and training, without reading and writing; `fit`: the whole call;
of both the least of --repeats runs, which other programs on the machine disturb the least. `beside`: the time of the processor
that the call takes before and after the library's function that trains, the median.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile
import time
import warnings

import nadir
import numpy as np
from nadir import _core

ROOT = pathlib.Path(__file__).resolve().parent.parent
CASES = {
    "GatedReluClassifier": ("gated", {"lambda_ratio": 0.1}),
    "ReluClassifier": ("relu", {"lambda_ratio": 0.3, "gap": 0.1}),
    "KernelClassifier": ("kernel", {"lambda_ratio": 0.01}),
    "PolynomialClassifier": ("spectral", {"model": "given", "hidden": (3,)}),
    "LinearNetworkRegressor": ("linear", {"hidden": (2,)}),
    "ReluSumRegressor": ("planted", {"neurons": 2, "max_iterations": 50}),
}


class Stopwatch:
    """Stands for the function that trains, and keeps the processor's time of the last call."""

    def __init__(self, train):
        self.train, self.seconds = train, 0

    def __call__(self, *arguments):
        begin = time.process_time()
        result = self.train(*arguments)
        self.seconds = time.process_time() - begin
        return result


def words_of(options):
    for name, value in options.items():
        text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
        yield from ("--" + name.rstrip("_").replace("_", "-"), text)


def command_line(program, folder, name, method, options):
    """Seconds of the training."""
    task = "classification" if name.endswith("Classifier") else "regression"
    done = subprocess.run([program, "train", "pima.npz", "--method", method, "--task", task, "--threads", "1", "--json", "--out",
                           "m.nadir", *words_of(options)], capture_output=True, text=True, check=False, cwd=folder)
    if done.returncode not in (0, 4):
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)["seconds"]


def fit(watch, name, options, X, y):
    """Seconds of the call, and of the processor beside the training."""
    estimator = getattr(nadir, name)(threads=1, **options)
    begin, processor = time.perf_counter(), time.process_time()
    estimator.fit(X, y)
    return time.perf_counter() - begin, time.process_time() - processor - watch.seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nadir", type=pathlib.Path, default=ROOT / "build" / "nadir")
    parser.add_argument("--repeats", type=int, default=50)
    parser.add_argument("names", nargs="*", default=CASES)
    given = parser.parse_args()
    table = np.genfromtxt(ROOT / "data" / "pima_diabetes.csv", delimiter=",", skip_header=1)
    X, y = np.ascontiguousarray(table[:, :-1]), table[:, -1].astype(int)
    watch = _core.train = Stopwatch(_core.train)
    warnings.simplefilter("ignore")
    print("| estimator | `nadir train` | `fit` | beside |")
    print("| --- | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        np.savez(pathlib.Path(folder) / "pima.npz", X=X, y=y)
        for name in given.names:
            method, options = CASES[name]
            fit(watch, name, options, X, y)  # imports
            theirs, ours, beside = [], [], []
            for _ in range(given.repeats):
                theirs.append(command_line(given.nadir.resolve(), folder, name, method, options))
                for kept, seconds in zip((ours, beside), fit(watch, name, options, X, y)):
                    kept.append(seconds)
            print(f"| {name} |", " | ".join(f"{1e3 * it:.1f}" for it in (min(theirs), min(ours), statistics.median(beside))),
                  "|", flush=True)


if __name__ == "__main__":
    main()
