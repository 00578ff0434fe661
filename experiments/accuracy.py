#!/usr/bin/env python3
"""Test accuracy (or R2) of nadir's defaults beside scikit-learn's, over five folds.

For each fold every method sees the same training rows and is measured on the same others. nadir runs with its defaults
(`nadir train DATA --target T`). scikit-learn's are tuned on the training rows as their users would: logistic or ridge
regression over C or alpha, an RBF SVM over C and gamma, an MLP over width and weight decay, all on standardized columns
(and quantities); gradient boosting as it comes. Sets with more rows than --rows are cut to so many, drawn by seed. Seconds are the
processor's.

    experiments/accuracy.py --data FOLDER            # needs scikit-learn and pandas; FOLDER: where the larger sets lie
    experiments/accuracy.py --sets iris,seeds --print-only
"""
import argparse
import csv
import json
import os
import pathlib
import resource
import statistics
import subprocess
import tempfile
import time
import warnings

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "experiments" / "results" / "accuracy.csv"
SETS = {"iris": "class", "seeds": "class", "cancer": "class", "haberman": "class", "pima_diabetes": "class",
        "blood_transfusion": "class", "banknote": "class", "skin_segmentation": "class", "california_housing": "target",
        "protein_structure": "target"}
os.environ.setdefault("OMP_NUM_THREADS", "1")  # threads that wait for work would count
METHODS = ["nadir", "linear", "svm", "mlp", "boosting"]


def peers(regression):
    from sklearn import compose, ensemble, linear_model, model_selection, neural_network, pipeline, preprocessing, svm
    import numpy as np

    def tuned(estimator, grid):
        model = pipeline.make_pipeline(preprocessing.StandardScaler(), estimator)
        step = type(estimator).__name__.lower()
        if regression:  # the target standardized as well
            model = compose.TransformedTargetRegressor(model, transformer=preprocessing.StandardScaler())
            step = f"regressor__{step}"
        return model_selection.GridSearchCV(model, {f"{step}__{k}": v for k, v in grid.items()}, cv=5, n_jobs=1)

    powers, layers = np.logspace(-3, 3, 7), {"hidden_layer_sizes": [(50,), (100,)], "alpha": [1e-4, 1]}
    supports = {"C": [0.1, 1, 10, 100], "gamma": ["scale", 0.01, 0.1, 1]}
    if regression:
        return {"linear": tuned(linear_model.Ridge(), {"alpha": powers}), "svm": tuned(svm.SVR(), supports),
                "mlp": tuned(neural_network.MLPRegressor(max_iter=500, random_state=0), layers),
                "boosting": ensemble.HistGradientBoostingRegressor(random_state=0)}
    return {"linear": tuned(linear_model.LogisticRegression(max_iter=5000), {"C": powers}),
            "svm": tuned(svm.SVC(), supports),
            "mlp": tuned(neural_network.MLPClassifier(max_iter=500, random_state=0), layers),
            "boosting": ensemble.HistGradientBoostingClassifier(random_state=0)}


def children_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def nadir(program, training, test, target, regression):
    with tempfile.TemporaryDirectory() as folder:
        training.to_csv(f"{folder}/training.csv", index=False)
        test.to_csv(f"{folder}/test.csv", index=False)
        begin = children_seconds()
        done = subprocess.run([program, "train", f"{folder}/training.csv", "--target", target, "--test",
                               f"{folder}/test.csv", "--json", "--out", f"{folder}/m.nadir"], capture_output=True,
                              text=True, check=False)
        if done.returncode not in (0, 4):  # 4: finished, gap not proved
            raise SystemExit(done.stderr)
        seconds = children_seconds() - begin
        verdict = subprocess.run([f"{program}-verify", f"{folder}/m.nadir", f"{folder}/training.csv"],
                                 capture_output=True, check=False).returncode
    answer = json.loads(done.stdout)
    score = answer["test"]["r2" if regression else "accuracy"]
    note = f"{answer['method']} {answer['claim']} {answer['relative_gap']:.2g}{'' if verdict == 0 else ' REJECTED'}"
    return score, seconds, note


def run(program, name, folders, rows, store):
    import pandas
    from sklearn import model_selection
    path = next(file for folder in folders for file in pathlib.Path(folder).glob(f"{name}.csv*"))
    table, target = pandas.read_csv(path), SETS[name]
    regression = target == "target"
    if len(table) > rows:
        table = table.sample(rows, random_state=0).reset_index(drop=True)
    X, y = table.drop(columns=target).apply(pandas.to_numeric, errors="coerce"), table[target]
    X = X.fillna(X.median())
    splitter = (model_selection.KFold if regression else model_selection.StratifiedKFold)(5, shuffle=True, random_state=0)
    for fold, (inside, outside) in enumerate(splitter.split(X, y)):
        score, seconds, note = nadir(program, table.iloc[inside], table.iloc[outside], target, regression)
        store([name, fold, "nadir", score, seconds, note])
        for method, model in peers(regression).items():
            begin = time.process_time()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                score = model.fit(X.iloc[inside], y.iloc[inside]).score(X.iloc[outside], y.iloc[outside])
            store([name, fold, method, score, time.process_time() - begin, ""])


def table(lines, names):
    print("| set | " + " | ".join(METHODS) + " | within a standard error of the best | seconds: nadir, MLP |")
    print("| --- " * (len(METHODS) + 3) + "|")
    good = 0
    for name in names:
        scores = {m: [float(r[3]) for r in lines if r[0] == name and r[2] == m] for m in METHODS}
        if not all(scores.values()):
            continue
        times = {m: sum(float(r[4]) for r in lines if r[0] == name and r[2] == m) for m in METHODS}
        means = {m: statistics.mean(v) for m, v in scores.items()}
        best = max(METHODS, key=means.get)
        error = statistics.stdev(scores[best]) / len(scores[best]) ** 0.5
        within = means["nadir"] >= means[best] - error
        good += within
        print(f"| {name} | " + " | ".join(f"{100 * means[m]:.1f}" for m in METHODS) +
              f" | {'yes' if within else 'no'} ({best}, {100 * error:.1f}) | {times['nadir']:.0f}, {times['mlp']:.0f} |")
    print(f"\nWithin a standard error of the best: {good}.")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nadir", default=str(ROOT / "build" / "nadir"))
    parser.add_argument("--data", default=str(ROOT / "data"), help="a folder beside data/ with further sets")
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--print-only", action="store_true")
    options = parser.parse_args()
    names = options.sets.split(",")
    RESULTS.parent.mkdir(exist_ok=True)
    lines = list(csv.reader(RESULTS.open(encoding="utf-8"))) if RESULTS.exists() else []
    if not options.print_only:
        lines = [line for line in lines if line[0] not in names]

        def store(line):
            lines.append(list(map(str, line)))
            print(*line, flush=True)
            with RESULTS.open("w", newline="", encoding="utf-8") as out:
                csv.writer(out).writerows(lines)

        for name in names:
            run(options.nadir, name, [ROOT / "data", options.data], options.rows, store)
    table(lines, names)


if __name__ == "__main__":
    main()
