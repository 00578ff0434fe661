#!/usr/bin/env python3
"""The convex ReLU program of given patterns: nadir beside scnn's augmented Lagrangian (Mishkin, Sahiner and Pilanci 2022).

    python3 -m venv peers && peers/bin/pip install pyscnn scikit-learn
    cmake -DNADIR_BENCH=ON ... && peers/bin/python bench/fixed_patterns_peers.py --problems diabetes

Same X, y, gates, lambda and objective, (1/2n) |f - y|^2 + lambda sum (|v| + |w|). nadir's vectors lie in their cones up to
rounding. scnn's may not: told are its own objective, the largest violation, max of ((1 - 2D) X v)+ / |x| |v| over samples and
vectors, and the objective of the ReLU network with its vectors as units, which may be below, as they are then of other patterns.
Beside them: `nadir train --method relu` over every width on the same problem, and the gated optimum of the same patterns with
the ReLU network that its cone decomposition is. Times: the call alone, on one thread, in double precision. scnn has its own
tolerances, and at most --iterations inner steps (its own limit is 10000).
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from gated_peers import PROBLEMS, ROOT, largest_lambda, problem


def run_scnn(folder, lam, iterations):
    """In a process of its own."""
    import numpy as np
    import torch
    from scnn.metrics import Metrics
    from scnn.models import ConvexReLU
    from scnn.optimize import optimize_model
    from scnn.regularizers import NeuronGL1
    from scnn.solvers import AL
    torch.set_num_threads(1)
    X, y, gates = np.load(f"{folder}/X.npy").T, np.load(f"{folder}/y.npy").T, np.load(f"{folder}/gates.npy")
    model = ConvexReLU(gates, c=1, bias=False)
    solver = AL(model, max_primal_iters=iterations)
    begin = time.perf_counter()
    model, _ = optimize_model(model, solver, Metrics(metric_freq=10000, objective=False, time=False, grad_norm=False),
                              np.ascontiguousarray(X), y, regularizer=NeuronGL1(lam), return_convex=True,
                              unitize_data=False, dtype="float64")
    seconds = time.perf_counter() - begin
    gates = model.G  # in its own order
    signs = 2.0 * (X @ gates >= 0) - 1
    f, linear, norms, violation = 0, 0, 0, 0
    for part, sign in zip(model.parameters, (1, -1)):
        V = np.asarray(part, dtype=float).reshape(gates.shape[1], X.shape[1])
        size = np.linalg.norm(V, axis=1)
        V, own, size = V[size > 0], signs[:, size > 0], size[size > 0]
        sums = X @ V.T
        f = f + sign * np.maximum(sums, 0).sum(1)
        linear = linear + sign * (sums * (own > 0)).sum(1)
        norms += size.sum()
        if len(size):
            violation = max(violation, (-(own * sums) / np.linalg.norm(X, axis=1)[:, None] / size).max())
    own, network = (0.5 * float(np.mean((g - y[:, 0])**2)) + lam * float(norms) for g in (linear, f))
    json.dump({"seconds": seconds, "objective": own, "network": network, "violation": float(violation)}, sys.stdout)


def answer_of(command):
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    if "{" not in done.stdout:
        raise SystemExit(f"{' '.join(command)} failed: {done.stderr}")
    return json.loads(done.stdout[done.stdout.index("{"):])


def over_widths(arguments, folder, X, Y, lam):
    import numpy as np
    intercept = bool((X[:, -1] == 1).all())  # nadir adds the constant column itself
    table = np.c_[X[:, :-1] if intercept else X, Y]
    np.save(f"{folder}/data.npy", table)
    return answer_of([str(arguments.build / "nadir"), "train", f"{folder}/data.npy", "--target", str(table.shape[1]),
                      "--task", "regression", "--loss", "squared", "--method", "relu", "--scale", "none",
                      "--target-scale", "none", "--intercept", "on" if intercept else "off", "--lambda", repr(lam),
                      "--time-limit", str(arguments.seconds), "--threads", "1", "--json", "--quiet", "--out",
                      f"{folder}/m.nadir"])


def compare(arguments, name, ratio, folder):
    import numpy as np
    X, Y, gates = problem(name)
    gates = gates[:, :arguments.gates]
    lam = ratio * largest_lambda(X, Y, gates)
    for part, value in (("X", X.T), ("y", Y.T), ("gates", gates)):
        np.save(f"{folder}/{part}.npy", np.ascontiguousarray(value))
    ours = [answer_of([str(arguments.build / "fixed_patterns_bench"), folder, str(X.shape[1]), repr(lam),
                       repr(gap), "1"]) for gap in (1e-3, 1e-6)]
    best, bound = ours[1]["objective"], ours[1]["lower_bound"]
    peer = answer_of([sys.executable, __file__, "--scnn", folder, repr(lam), str(arguments.iterations)])
    widths, gated = over_widths(arguments, folder, X, Y, lam), ours[1]["gated"]
    split = f", {gated['not_split']} gates not split" if gated["not_split"] else ""
    return (f"| {name} | {X.shape[0]}, {X.shape[1]}, {gates.shape[1]} | {ratio:g} | {best:.7g}, {ours[1]['units']} | "
            f"{(best - bound) / best:.0e} | {ours[0]['seconds']:.3g}, {ours[1]['seconds']:.3g} | {peer['seconds']:.3g} | "
            f"{peer['objective'] / best - 1:+.1e}, {peer['violation']:.0e} | {peer['network']:.5g} | "
            f"{widths['objective']:.7g}, {widths['units']} | {gated['objective']:.7g} | {gated['relu_objective']:.4g}, "
            f"x {gated['relu_norm'] / gated['norm']:.3g}{split} |")


def main():
    if len(sys.argv) > 1 and sys.argv[1] == "--scnn":
        return run_scnn(sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    of_one_output = [name for name in PROBLEMS if name not in ("digits", "large")]
    parser.add_argument("--problems", nargs="+", choices=of_one_output, default=of_one_output)
    parser.add_argument("--ratios", nargs="+", type=float, default=[0.1, 0.01], help="lambda over the gated largest")
    parser.add_argument("--gates", type=int, help="the first so many of the problem's gates; otherwise all")
    parser.add_argument("--iterations", type=int, default=10000, help="most that scnn is given")
    parser.add_argument("--seconds", type=float, default=10, help="for training and proof over every width")
    arguments = parser.parse_args()
    print("| problem | n, d, gates | λ/λ_max | F of the patterns, units | proven to | nadir: s to 1e-3, to 1e-6 | scnn: s | "
          "its F, violation | F of its network | F over every width, units | gated F | its decomposition: F, norm |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | --- | ---: | ---: | ---: | --- |", flush=True)
    for name in arguments.problems:
        for ratio in arguments.ratios:
            with tempfile.TemporaryDirectory() as folder:
                print(compare(arguments, name, ratio, folder), flush=True)


if __name__ == "__main__":
    main()
