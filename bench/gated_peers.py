#!/usr/bin/env python3
"""Gated ReLU training against scnn (Mishkin, Sahiner and Pilanci 2022): same X, y, gates, lambda and objective.

    python3 -m venv peers && peers/bin/pip install pyscnn scikit-learn
    peers/bin/python bench/gated_peers.py --problems diabetes wisconsin --repeats 3

The objective is (1/2n) |f - y|^2 + lambda sum |v_p| for both (digits: ten outputs, against vectors of 0 and 1). The
optimum F* is the lower bound that nadir proves at a gap of 1e-9. Times: for scnn, the first time its own record is at F <= (1 + tolerance) F*, less what the record itself
costs (it is kept every --record iterations); for nadir, the whole training until the *proven* gap is at most tolerance
times F*. Both on --threads threads, in double precision; with one, the processor's seconds, which other programs change little.
Memory: the process's largest resident set.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROBLEMS = ["small", "large", "wisconsin", "diabetes", "digits"]
TOLERANCES = [1e-3, 1e-6]


def problem(name):
    """X (n x d), Y (n x K; standardized, or 0 and 1 for classes), gates (d x P)."""
    import numpy as np
    random = np.random.default_rng(0)
    if name in ("small", "large"):
        n, d, P = (1000, 50, 500) if name == "small" else (20000, 100, 1000)
        X = random.standard_normal((n, d))
        units, weights = random.standard_normal((10, d)) / np.sqrt(d), random.standard_normal(10)
        y = np.maximum(X @ units.T, 0) @ weights
        y += 0.1 * y.std() * random.standard_normal(n)
    else:
        from sklearn import datasets
        load = {"wisconsin": datasets.load_breast_cancer, "diabetes": datasets.load_diabetes,
                "digits": datasets.load_digits}[name]
        X, y = load(return_X_y=True)
        X = X[:, X.std(0) > 0]
        X = (X - X.mean(0)) / X.std(0)
        X = np.c_[X, np.ones(len(X))]
        P = 500
    Y = np.eye(10)[y] if name == "digits" else ((y - y.mean()) / y.std())[:, None]
    gates = random.standard_normal((X.shape[1], P))
    first = np.unique((X @ gates >= 0).T, axis=0, return_index=True)[1]
    return X, Y, gates[:, np.sort(first)]


def largest_lambda(X, Y, gates):
    import numpy as np
    return max(float(np.linalg.norm(X.T @ (y[:, None] * (X @ gates >= 0)), axis=0).max() / len(Y)) for y in Y.T)


def run_scnn(folder, lam, iterations, record, threads):
    """In a process of its own: prints the recorded objectives and times, and the memory. 0 iterations: scnn's own stop."""
    import timeit
    import numpy as np
    import torch
    if threads == 1:
        timeit.default_timer = time.process_time  # which scnn's record asks
    from scnn.metrics import Metrics
    from scnn.models import ConvexGatedReLU
    from scnn.optimize import optimize_model
    from scnn.regularizers import NeuronGL1
    from scnn.solvers import RFISTA
    torch.set_num_threads(threads)
    X, Y, gates = (np.load(f"{folder}/{part}.npy") for part in ("X", "Y", "gates"))
    K = Y.shape[1]  # scnn divides the loss by K as well
    model = ConvexGatedReLU(gates, c=K, bias=False)
    metrics = Metrics(metric_freq=record, objective=True, time=True, grad_norm=False)
    solver = RFISTA(model, max_iters=iterations, tol=1e-16) if iterations > 0 else RFISTA(model)
    _, metrics = optimize_model(model, solver, metrics, X, Y,
                                regularizer=NeuronGL1(lam / K), return_convex=True, unitize_data=False, dtype="float64")
    json.dump({"objectives": [K * float(v) for v in metrics.objective], "times": [float(v) for v in metrics.time],
               "memory": peak_memory(os.getpid())}, sys.stdout)


def peak_memory(pid):
    try:
        lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return max((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), default=0)


def run_nadir(nadir, folder, lam, gap, threads, target, intercept, classes):
    command = [nadir, "train", f"{folder}/data.npy", "--target", str(target), "--task",
               "classification" if classes else "regression", "--loss", "squared", "--method", "gated",
               "--scale", "none", "--intercept", "on" if intercept else "off", "--gates-file", f"{folder}/gates.npy",
               "--lambda", repr(lam), "--gap", repr(gap), "--threads", str(threads), "--json", "--out",
               f"{folder}/model.nadir"]
    with open(f"{folder}/answer.json", "w") as out:
        child = subprocess.Popen(command + ["--quiet"], stdout=out)
        memory = pid = 0  # asked for while it runs: what wait4 tells counts this script's own memory before the exec
        while pid == 0:
            memory = max(memory, peak_memory(child.pid))
            time.sleep(0.002)
            pid, status, used = os.wait4(child.pid, os.WNOHANG)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 4):  # 4: finished, gap not proved
        raise SystemExit(f"{' '.join(command)} failed")
    answer = json.loads(pathlib.Path(f"{folder}/answer.json").read_text())
    if threads == 1:
        answer["seconds"] = used.ru_utime + used.ru_stime
    return answer | {"memory": memory}


def peer_record(arguments, folder, lam, iterations, zero):
    done = subprocess.run([sys.executable, __file__, "--scnn", folder, repr(lam), str(iterations), str(arguments.record),
                           str(arguments.threads)], capture_output=True, text=True,
                          env={**os.environ, "OMP_NUM_THREADS": str(arguments.threads)})
    if "{" not in done.stdout:
        raise SystemExit(done.stderr)
    record = json.loads(done.stdout[done.stdout.index("{"):])
    if abs(record["objectives"][0] / zero - 1) > 1e-6:
        raise SystemExit("scnn's objective is another one")
    return record


def compare(arguments, name, ratio, folder):
    import numpy as np
    X, Y, gates = problem(name)
    lam, classes = ratio * largest_lambda(X, Y, gates), Y.shape[1] > 1
    intercept = bool((X[:, -1] == 1).all())  # nadir adds the constant column itself
    table = np.c_[X[:, :-1] if intercept else X, Y.argmax(1) if classes else Y]
    for part, value in (("X", X), ("Y", Y), ("gates", gates), ("data", table)):
        np.save(f"{folder}/{part}.npy", value)
    target, zero = table.shape[1], 0.5 * float(np.mean((Y**2).sum(1)))
    exact = run_nadir(arguments.nadir, folder, lam, 1e-9, arguments.threads, target, intercept, classes)
    optimum = exact["lower_bound"]
    row = {"problem": name, "n": len(Y), "d": X.shape[1], "gates": gates.shape[1], "ratio": ratio, "optimum": optimum,
           "active": exact["neurons"]}
    for tolerance in TOLERANCES:
        gap = tolerance * optimum / (zero - optimum)
        runs = [run_nadir(arguments.nadir, folder, lam, gap, arguments.threads, target, intercept, classes)
                for _ in range(arguments.repeats)]
        row[f"nadir {tolerance:g}"] = statistics.median(run["seconds"] for run in runs)
        row["nadir memory"] = max(run["memory"] for run in runs)
    for _ in range(arguments.repeats if arguments.peer else 0):
        record = peer_record(arguments, folder, lam, arguments.iterations, zero)
        for tolerance in TOLERANCES:
            reached = [t for f, t in zip(record["objectives"], record["times"]) if f <= (1 + tolerance) * optimum]
            row.setdefault(f"scnn {tolerance:g}", []).append(reached[0] if reached else None)
        row["scnn memory"] = record["memory"]
    if arguments.peer:
        record = peer_record(arguments, folder, lam, 0, zero)
        row["stop"] = f"{record['times'][-1]:.3g} s, {100 * (record['objectives'][-1] / optimum - 1):.2g}%"
    return row


def text(value, unit=""):
    return "—" if value is None else f"{value:.3g}{unit}"


def main():
    if len(sys.argv) > 1 and sys.argv[1] == "--scnn":
        return run_scnn(sys.argv[2], float(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]), int(sys.argv[6]))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nadir", default=str(ROOT / "build" / "nadir"))
    parser.add_argument("--problems", nargs="+", choices=PROBLEMS, default=PROBLEMS)
    parser.add_argument("--ratios", nargs="+", type=float, default=[0.1, 0.01, 0.001], help="lambda over the largest")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--iterations", type=int, default=20000, help="most that scnn is given")
    parser.add_argument("--record", type=int, default=25, help="scnn's iterations between records")
    parser.add_argument("--no-peer", dest="peer", action="store_false", help="nadir alone")
    arguments = parser.parse_args()
    print("| problem | n, d, gates | λ/λ_max | active | nadir 1e-3 | scnn 1e-3 | ratio | nadir 1e-6 | scnn 1e-6 | ratio "
          "| memory, nadir / scnn | scnn's own stop: time, excess |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- |", flush=True)
    for name in arguments.problems:
        for ratio in arguments.ratios:
            with tempfile.TemporaryDirectory() as folder:
                row = compare(arguments, name, ratio, folder)
            cells = []
            for tolerance in TOLERANCES:
                ours = row[f"nadir {tolerance:g}"]
                theirs = row.get(f"scnn {tolerance:g}", [])
                peer = statistics.median(theirs) if theirs and None not in theirs else None
                cells += [text(ours, " s"), text(peer, " s"), text(None if peer is None else peer / ours, "×")]
            memory = " / ".join(text(row[key] / 2**20, " MB") if key in row else "—"
                                for key in ("nadir memory", "scnn memory"))
            print(f"| {name} | {row['n']}, {row['d']}, {row['gates']} | {ratio:g} | {row['active']} | "
                  + " | ".join(cells) + f" | {memory} | {row.get('stop', '—')} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
