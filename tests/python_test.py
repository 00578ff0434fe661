"""The Python package as its users meet it: python_test.py NADIR NADIR_VERIFY SOURCE_DIR [unittest's words].

With the built package on PYTHONPATH. Numbers are held against the command line's, the contract against scikit-learn's
own checks.
"""
import importlib.util
import inspect
import json
import math
import os
import pickle
import re
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

import estimators_check  # before scikit-learn: it sets what that reads
import nadir
import numpy as np
import pandas as pd
import scipy.optimize
import scipy.sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.kernel_ridge import KernelRidge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

NADIR, VERIFY, SOURCE = (Path(word).resolve() for word in sys.argv[1:4])
ALL = estimators_check.names()
WEIGHTED = [name for name in ALL if "sample_weight" in inspect.signature(getattr(nadir, name).fit).parameters]
PATHS = [name for name in ALL if hasattr(getattr(nadir, name), "fit_path")]


def pima():
    table = pd.read_csv(SOURCE / "data" / "pima_diabetes.csv")
    return table.drop(columns=table.columns[-1]), table[table.columns[-1]]


def rooms(n=60, seed=3):
    """A quantity, and two classes by it."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, 3))
    quantity = np.maximum(X[:, 0], 0) - np.abs(X[:, 1]) + 0.1 * random.normal(size=n)
    return X, quantity, np.where(quantity > np.median(quantity), "large", "small")


def some(name, **more):
    """A quick estimator of that name: one lambda, if it has one."""
    kind = getattr(nadir, name)
    quick = {"lambda_ratio": 0.1} if "lambda_ratio" in kind().get_params() else {}
    if name == "ParticleRegressor":
        quick = {"lambda_": 0.01}
    if name.endswith("CV"):
        quick = {"path": 3, "folds": 3}
    return kind(**{**quick, **more})


def target(name, quantity, labels):
    return labels if "Classifier" in name else quantity


def tensors_of(content):
    """The tensors of a model file by name, as bytes."""
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8:8 + length])
    return {name: content[8 + length:][slice(*entry["data_offsets"])] for name, entry in header.items()
            if name != "__metadata__"}


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def nadir(self, *words):
        done = subprocess.run([NADIR, *map(str, words)], capture_output=True, text=True, check=False, cwd=self.folder)
        self.assertIn(done.returncode, (0, 4), done.stderr)
        return done.stdout


class Contract(Case):
    """scikit-learn's own checks, without exception. Default settings, but where proofs over every width of networks for
    noise would take minutes."""


def check_test(name):
    def test(self):
        _, skipped, failed = estimators_check.run(name)
        self.assertEqual(skipped, [])
        self.assertEqual(failed, [], "\n".join(failed))
    return test


for kind in ALL:
    setattr(Contract, "test_" + kind, check_test(kind))


class Weights(Case):
    def both(self, name, given, X, y, weights, more):
        """Trained on rows with weights, and on rows as often as those say: in the order of `given`."""
        one = some(name, **more).fit(X[given], y[given], sample_weight=weights[given])
        rows = np.repeat(np.arange(len(y)), weights)
        return one, some(name, **more).fit(X[rows], y[rows])

    def test_two_is_twice_and_zero_is_left_out(self):
        X, quantity, labels = rooms()
        random = np.random.default_rng(1)
        for name in WEIGHTED:
            y = target(name, quantity, labels)
            chosen = {"path": 3} if name.endswith("CV") else {"lambda_ratio": 0, "path": 3}
            for top, more in ((4, {}), (2, {}), (4, chosen)):
                with self.subTest(name, top=top, **more):
                    weights = random.integers(0, top, size=len(y))
                    one, other = self.both(name, random.permutation(len(y)) if top > 2 else np.arange(len(y)),
                                           X, y, weights, more)
                    self.assertAlmostEqual(one.objective_, other.objective_, delta=1e-9)
                    scores = [e.decision_function(X) if hasattr(e, "decision_function") else e.predict(X)
                              for e in (one, other)]
                    np.testing.assert_allclose(*scores, rtol=1e-9, atol=1e-9)

    def test_weights_matter_and_are_proved(self):
        X, quantity, labels = rooms()
        for name in ("ReluRegressor", "GatedReluClassifier"):
            y = target(name, quantity, labels)
            weights = np.where(X[:, 0] > 0, 3.5, 0.25)
            plain, weighted = some(name).fit(X, y), some(name).fit(X, y, sample_weight=weights)
            self.assertNotAlmostEqual(plain.objective_, weighted.objective_, delta=1e-3)
            self.assertTrue(nadir.verify(weighted, X, y, sample_weight=weights))
            self.assertFalse(nadir.verify(weighted, X, y, sample_weight=weights[::-1]))
            weighted.save(self.folder / "m.nadir")
            weighted.write_data(self.folder / "d.npz", X, y, sample_weight=weights)
            subprocess.run([VERIFY, self.folder / "m.nadir", self.folder / "d.npz"], check=True, capture_output=True)

    def test_what_is_no_weight_is_refused(self):
        X, quantity, _ = rooms()
        for weights in (-np.ones(60), np.zeros(60), np.ones(59), np.full(60, np.nan)):
            with self.assertRaises(ValueError):
                some("ReluRegressor").fit(X, quantity, sample_weight=weights)


class Paths(Case):
    def assert_both_optimal(self, one, other):
        """Of the same problem: as good as one another, and neither below the other's bound."""
        self.assertAlmostEqual(one.objective_ / other.objective_, 1, delta=1e-3)
        self.assertLessEqual(one.lower_bound_, other.objective_)
        self.assertLessEqual(other.lower_bound_, one.objective_)

    def test_a_warm_start_ends_at_the_same_optimum_sooner(self):
        X, quantity, labels = rooms()
        for name in PATHS:
            with self.subTest(name):
                y = target(name, quantity, labels)
                going_on = some(name, warm_start=True, gap=1e-4).fit(X, y)
                first = going_on.objective_
                going_on.set_params(lambda_ratio=0.08).fit(X, y)
                anew = some(name, lambda_ratio=0.08, gap=1e-4).fit(X, y)
                self.assertLess(going_on.objective_, first)
                self.assert_both_optimal(going_on, anew)
                self.assertNotEqual(going_on.model_file_, anew.model_file_)
                self.assertTrue(nadir.verify(going_on, X, y))
                if not name.startswith("Relu"):
                    again = clone(going_on).set_params(lambda_ratio=0.08)
                    again._model = going_on._model
                    self.assertLess(again.fit(X, y).n_iter_, anew.n_iter_)
                going_on.fit(X[:, :2], y)  # of another shape: begins anew
                self.assertEqual(going_on.objective_,
                                 some(name, lambda_ratio=0.08, gap=1e-4).fit(X[:, :2], y).objective_)

    def test_a_path_is_its_networks_one_by_one(self):
        X, quantity, labels = rooms()
        for name in PATHS:
            with self.subTest(name):
                y = target(name, quantity, labels)
                fitted = some(name, gap=1e-4, path=4, path_ratio=0.03).fit_path(X, y)
                self.assertEqual(len(fitted), 4)
                np.testing.assert_allclose([one.chosen_lambda_ / fitted[0].chosen_lambda_ for one in fitted],
                                           np.geomspace(1, 0.03, 4))
                if not name.startswith("Kernel"):  # at whose largest lambda something is learnt
                    self.assertEqual(fitted[0].report_["neurons"], 0)
                objectives = [one.objective_ for one in fitted]
                self.assertEqual(objectives, sorted(objectives, reverse=True))
                for ratio, one in zip(np.geomspace(1, 0.03, 4)[1:], fitted[1:]):
                    self.assert_both_optimal(one, some(name, gap=1e-4, lambda_ratio=ratio).fit(X, y))
                    self.assertFalse(one.warm_start)

    def test_what_cross_validation_saw(self):
        X, quantity, labels = rooms()
        for name in PATHS:
            with self.subTest(name):
                y = target(name, quantity, labels)
                one = getattr(nadir, name + "CV")(path=5, folds=3).fit(X, y)
                self.assertNotIn("lambda_", one.get_params())
                self.assertTrue(len(one.cv_lambdas_) == len(one.cv_losses_) == len(one.cv_excess_errors_) <= 5)
                self.assertEqual(len(one.cv_standard_errors_), len(one.cv_lambdas_))
                best = np.argmin(one.cv_losses_)
                within = one.cv_losses_ <= one.cv_losses_[best] + one.cv_excess_errors_
                self.assertEqual(one.chosen_lambda_, one.cv_lambdas_[np.argmax(within)])
                other = getattr(nadir, name)(path=5, folds=3).fit(X, y)
                self.assertEqual(other.objective_, one.objective_)
                self.assertFalse(hasattr(other.set_params(lambda_ratio=0.1).fit(X, y), "cv_losses_"))


class CommandLine(Case):
    def test_the_same_bytes(self):
        X, y = pima()
        for name, method, options in (
                ("GatedReluClassifier", "gated", {"lambda_ratio": 0.1}), ("GatedReluClassifier", "gated", {"path": 4}),
                ("ReluClassifier", "relu", {"lambda_ratio": 0.3, "gap": 0.1}),
                ("ReluClassifier", "relu", {"lambda_ratio": 0.3, "gap": 0.2, "units": "shared", "loss": "softmax"}),
                ("LinearNetworkRegressor", "linear", {"hidden": (2,)}),
                ("ParticleRegressor", "particle", {"lambda_": 0.1, "particles": 10, "epochs": 3, "gap": 0.1}),
                ("ReluSumRegressor", "planted", {"neurons": 2, "max_iterations": 50}),
                ("KernelClassifier", "kernel", {"path": 4, "power": 2}),
                ("KernelRegressor", "kernel", {"lambda_ratio": 0.01, "loss": "huber"}),
                ("PolynomialClassifier", "spectral", {"model": "given", "hidden": (3,), "seed": 7})):
            with self.subTest(name, **options):
                estimator = getattr(nadir, name)(**options).fit(X.to_numpy(np.float64), y)
                estimator.write_data(self.folder / "d.npz", X.to_numpy(np.float64), y)
                words = []
                for key, value in options.items():
                    text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
                    words += ["--" + key.rstrip("_").replace("_", "-"), text]
                task = "classification" if name.endswith("Classifier") else "regression"
                told = json.loads(self.nadir("train", "d.npz", "--method", method, "--task", task, "--json",
                                             *words))
                self.assertEqual(estimator.objective_, told["objective"])
                self.assertEqual(estimator.lower_bound_, told["lower_bound"])
                self.assertEqual(estimator.claim_, told["claim"])
                self.assertEqual(tensors_of(estimator.model_file_),
                                 tensors_of((self.folder / "d.nadir").read_bytes()))
                predicted = self.nadir("predict", "d.nadir", "d.npz").split()[1:]
                np.testing.assert_array_equal(estimator.predict(X.to_numpy()), np.array(predicted, dtype=float))

    def test_parameters_are_those_of_the_tables(self):
        place = importlib.util.spec_from_file_location("python_parameters", SOURCE / "scripts" / "python_parameters.py")
        maker = importlib.util.module_from_spec(place)
        place.loader.exec_module(maker)
        maker.main(self.folder / "made.py")
        self.assertEqual((self.folder / "made.py").read_text(), (SOURCE / "python/nadir/_parameters.py").read_text(),
                         "run scripts/python_parameters.py")


class Refusals(Case):
    def test_a_parameter_out_of_range_is_named_as_in_python(self):
        X, quantity, labels = rooms()
        for more, word in (({"lambda_ratio": 2}, "lambda_ratio"), ({"lambda_": -1.0}, "lambda_"),
                           ({"loss": "cubic"}, "loss"), ({"path": 2.5}, "path"), ({"folds": "many"}, "folds"),
                           ({"seed": -1}, "seed"), ({"lambda_": math.nan}, "lambda_"), ({"lambda_": math.inf}, "lambda_"),
                           ({"seed": None}, "seed"), ({"scale": None}, "scale"), ({"seed": np.random.RandomState(0)}, "seed")):
            with self.subTest(**more), self.assertRaisesRegex(ValueError, r"(?<!-)\b" + word + r"\b"):
                nadir.ReluRegressor(**more).fit(X, quantity)

    def test_what_a_parameter_must_be_is_said(self):
        X, quantity, _ = rooms()
        for kind, more, says in ((nadir.LinearNetworkRegressor, {"hidden": 3}, "hidden is 3; it must be a list of whole numbers"),
                                 (nadir.ReluRegressor, {"gap": "small"}, 'gap is "small"; it must be a number'),
                                 (nadir.ReluRegressor, {"intercept": True}, "intercept is true; it must be a text"),
                                 (nadir.PolynomialClassifier, {"bias": "yes"}, 'bias is "yes"; it must be true or false'),
                                 (nadir.PolynomialClassifier, {"alpha": ("a",)}, 'alpha is .*; it must be a list of numbers')):
            with self.subTest(says), self.assertRaisesRegex(ValueError, says):
                kind(**more).fit(X, quantity > 1)
        nadir.LinearNetworkRegressor(hidden=np.array([2]), gap=np.float32(0.1), seed=np.int64(3)).fit(X, quantity)

    def test_what_is_not_trained_is_not_verified(self):
        X, quantity, _ = rooms()
        with self.assertRaises(NotFittedError):
            nadir.verify(nadir.ReluRegressor(), X, quantity)

    def test_one_class_is_none(self):
        X, _, labels = rooms()
        with self.assertRaisesRegex(ValueError, "one class only, 'a'"):
            nadir.ReluClassifier().fit(X, np.full(60, "a"))
        with self.assertRaisesRegex(ValueError, "one class"):
            nadir.ReluClassifier().fit(X, labels, sample_weight=(labels == "large").astype(float))


class Files(Case):
    def test_pickled_and_saved_estimators_are_the_same(self):
        X, quantity, labels = rooms()
        frame = pd.DataFrame(X, columns=["a", "b", "c"])
        for name in ALL:
            with self.subTest(name):
                y = target(name, quantity, labels)
                fitted = some(name, seed=5).fit(frame, y)
                fitted.save(self.folder / "m.nadir")
                for other in (pickle.loads(pickle.dumps(fitted)), nadir.load(self.folder / "m.nadir"),
                              nadir.load(fitted.model_file_)):
                    np.testing.assert_array_equal(fitted.predict(frame), other.predict(frame))
                    self.assertEqual(fitted.get_params(), other.get_params())
                    self.assertEqual((fitted.objective_, fitted.claim_, fitted.summary()),
                                     (other.objective_, other.claim_, other.summary()))
                    self.assertEqual(list(other.feature_names_in_), ["a", "b", "c"])
                    self.assertTrue(nadir.verify(other, frame, y))

    def test_what_is_no_model_of_ours_is_refused(self):
        X, quantity, _ = rooms()
        np.savez(self.folder / "d.npz", X=X, y=quantity)
        self.nadir("train", "d.npz", "--method", "linear", "--json")
        with self.assertRaisesRegex(ValueError, "no estimator"):
            nadir.load(self.folder / "d.nadir")
        with self.assertRaises(ValueError):
            nadir.load(some("LinearNetworkRegressor").fit(X, quantity).model_file_[:-1])

    def test_labels_of_every_kind(self):
        X, quantity, _ = rooms()
        places = np.digitize(quantity, np.quantile(quantity, [1 / 3, 2 / 3]))
        for labels in (np.array(["b", "c", "a"]), np.array([10, 9, 2]), np.array([-1.0, 0.0, 1.0]),
                       np.array(["x", "y", "z"], dtype=object), np.array([True, False, True])):
            with self.subTest(labels=labels):
                y = labels[places]
                fitted = some("GatedReluClassifier", lambda_ratio=0.01).fit(X, y)
                self.assertEqual(fitted.classes_.dtype.kind, y.dtype.kind)
                np.testing.assert_array_equal(fitted.classes_, np.unique(y))
                self.assertGreater(fitted.score(X, y), 0.9)
                np.testing.assert_array_equal(fitted.predict(X), nadir.load(fitted.model_file_).predict(X))
                chances = fitted.predict_proba(X)
                np.testing.assert_allclose(chances.sum(axis=1), 1)
                np.testing.assert_array_equal(fitted.classes_[chances.argmax(axis=1)], fitted.predict(X))
                self.assertTrue(nadir.verify(fitted, X, y))

    def test_losses_without_probabilities_have_none(self):
        X, _, labels = rooms()
        fitted = some("ReluClassifier", loss="squared_hinge").fit(X, labels)
        self.assertFalse(hasattr(fitted, "predict_proba"))
        self.assertGreater(fitted.score(X, labels), 0.8)


class Verifying(Case):
    def test_rows_that_were_changed_are_not_accepted(self):
        X, quantity, labels = rooms()
        for name in ALL:
            with self.subTest(name):
                y = target(name, quantity, labels)
                fitted = some(name).fit(X, y)
                self.assertTrue(nadir.verify(fitted, X, y), nadir.verify(fitted, X, y))
                wrong = y.copy()
                wrong[[0, 1]] = wrong[[1, 0]] if wrong[0] != wrong[1] else wrong[[0, 1]]
                if (wrong == y).all():
                    wrong[0] = y[y != y[0]][0]
                verdict = nadir.verify(fitted, X, wrong)
                self.assertFalse(verdict)
                self.assertIn("REJECTED", str(verdict))
                self.assertFalse(nadir.verify(fitted, X + 1e-9, y))


class Layouts(Case):
    def test_the_same_from_every_container(self):
        X, quantity, labels = rooms()
        X = np.round(X, 1)
        fitted = some("GatedReluRegressor").fit(X, quantity)
        wide = np.zeros((60, 6))
        wide[:, ::2] = X
        np.save(self.folder / "X.npy", X)
        mapped = np.load(self.folder / "X.npy", mmap_mode="r")
        for other in (np.asfortranarray(X), wide[:, ::2], X.tolist(), pd.DataFrame(X), scipy.sparse.csr_matrix(X),
                      scipy.sparse.coo_array(X), X.astype(X.dtype.newbyteorder()), mapped):
            again = some("GatedReluRegressor").fit(other, quantity)
            self.assertEqual(fitted.objective_, again.objective_)
            np.testing.assert_array_equal(fitted.predict(X), again.predict(other))
        single = some("GatedReluRegressor").fit(X.astype(np.float32), quantity)
        self.assertAlmostEqual(single.score(X, quantity), fitted.score(X, quantity), delta=0.02)
        self.assertTrue(nadir.verify(single, X.astype(np.float32), quantity))

    def test_in_a_pipeline_and_a_search(self):
        X, quantity, labels = rooms()
        search = GridSearchCV(make_pipeline(FunctionTransformer(), nadir.GatedReluClassifier()),
                              {"gatedreluclassifier__lambda_ratio": [0.02, 0.9]}, cv=3).fit(X, labels)
        self.assertEqual(search.best_params_["gatedreluclassifier__lambda_ratio"], 0.02)
        self.assertEqual(clone(search.best_estimator_[-1]).lambda_ratio, 0.02)


class InPlace(Case):
    """Large arrays of float64, row by row, are trained on where they lie."""

    @classmethod
    def setUpClass(cls):
        random = np.random.default_rng(1)
        cls.X = random.normal(size=(170_000, 100))  # 130 MiB
        cls.quantity = cls.X[:, 0] - 2 * np.maximum(cls.X[:, 1], 0) + random.normal(size=len(cls.X)) / 10

    @classmethod
    def tearDownClass(cls):
        del cls.X, cls.quantity

    def memory(self, name):
        return 1024 * int(re.search(name + r":\s+(\d+) kB", Path("/proc/self/status").read_text())[1])

    def grown(self, call):
        """The most memory that a call takes beside what there is, and what it returns."""
        Path("/proc/self/clear_refs").write_text("5")  # the peak is from now on
        before = self.memory("VmRSS")
        result = call()
        return self.memory("VmHWM") - before, result

    def test_without_a_second_copy(self):
        X, quantity = self.X, self.quantity
        quick = {"gates": 4, "lambda_ratio": 0.3, "gap": 0.01, "threads": 2}
        for model in (nadir.LinearNetworkRegressor(threads=2), nadir.GatedReluRegressor(**quick)):
            with self.subTest(type(model).__name__):
                growth, fitted = self.grown(lambda: model.fit(X, quantity))
                self.assertLess(growth, 0.5 * X.nbytes)
                self.assertEqual(fitted.claim_, "certified")
                growth, outputs = self.grown(lambda: fitted.predict(X))
                self.assertLess(growth, 0.25 * X.nbytes)
                # By columns it is scaled as a whole: the same model, to the last bit.
                growth, built = self.grown(lambda: clone(model).fit(np.asfortranarray(X), quantity))
                self.assertGreater(growth, 1.5 * X.nbytes)
                self.assertEqual(tensors_of(fitted.model_file_), tensors_of(built.model_file_))
                self.assertEqual(fitted.certificate_, built.certificate_)
                np.testing.assert_array_equal(outputs, built.predict(X))

    def test_relu_networks_have_no_second_copy(self):
        model = nadir.ReluRegressor(lambda_ratio=0.6, gap=0.9, max_rounds=1, threads=1)
        growth, fitted = self.grown(lambda: model.fit(self.X, self.quantity))
        self.assertLess(growth, 0.8 * self.X.nbytes)
        self.assertEqual(fitted.claim_, "certified")


class Following(Case):
    def test_a_callback_sees_the_trace_and_ends_the_training(self):
        X, quantity, labels = rooms()
        for name in ("ReluRegressor", "GatedReluClassifier", "PolynomialClassifier"):
            with self.subTest(name):
                y, seen = target(name, quantity, labels), []
                fitted = some(name).fit(X, y, callback=seen.append)
                self.assertGreater(len(seen), 1)
                iterations = [row.iteration for row in seen]
                self.assertEqual((iterations[0], iterations[-1]), (0, fitted.n_iter_ - (name[0] == "R")))
                self.assertAlmostEqual(seen[-1].objective / fitted.objective_, 1, delta=0.01)
                self.assertGreaterEqual(seen[-1].objective, fitted.lower_bound_)
                stopped = some(name).fit(X, y, callback=lambda now: now.iteration < 1)
                self.assertEqual(stopped.stop_, "told_to")
                self.assertGreaterEqual(stopped.objective_, fitted.objective_ * (1 - 1e-9))
                self.assertTrue(nadir.verify(stopped, X, y))

    def test_what_a_callback_raises_is_raised(self):
        X, quantity, _ = rooms()

        def fail(now):
            raise KeyError("enough")
        with self.assertRaisesRegex(KeyError, "enough"):
            some("GatedReluRegressor").fit(X, quantity, callback=fail)

    def test_other_threads_run_meanwhile(self):
        X, quantity, _ = rooms(600)
        ticks, done = [], threading.Event()

        def tick():
            while not done.wait(0.01):
                ticks.append(time.monotonic())
        thread = threading.Thread(target=tick)
        thread.start()
        begin = time.monotonic()
        nadir.GatedReluRegressor(path=3).fit(X, quantity)
        seconds = time.monotonic() - begin
        done.set()
        thread.join()
        self.assertGreater(len(ticks), 10 * min(seconds, 1))

    def interrupted(self, script, times):
        with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as running:
            running.stdout.readline()
            time.sleep(1.5)
            for _ in range(times):
                running.send_signal(signal.SIGINT)
                time.sleep(0.05)
            sent = time.monotonic()
            out, err = running.communicate()
        return out, err, time.monotonic() - sent

    def test_ctrl_c_ends_a_flow(self):
        script = """
import numpy as np, nadir
start = nadir.Particles.on_sphere(20, 2, 0.05)
X = np.ones((9, 2))
print("begun", flush=True)
{}
print(run.stop, 0 < run.steps < 10**11, run.particles.weights.shape)
"""
        for call in ("run = nadir.particle_flow(start, X, X[:, 0], steps=10**11)",
                     "run = nadir.particle_flow_drawn(start, lambda n: (np.ones((n, 2)), np.ones(n)), steps=10**11)"):
            out, err, _ = self.interrupted(script.format(call), 1)
            self.assertEqual(out, "told_to True (20,)\n", err)
            self.assertIn("interrupted after", err)

    def test_ctrl_c_ends_a_descent(self):
        script = """
import numpy as np, nadir
random = np.random.default_rng(0)
X = random.normal(size=(2000, 20)); Y = np.sin(3 * X[:, :1])
train = nadir.train_parallel  # whose module takes its time to be read
print("begun", flush=True)
told = train(X, Y, [(20, 20, "relu"), (20, 20, "relu"), (20, 1)], lambda_=1e-5, start=20,
             descent_iterations=10**9, gap=1e-12)
print(told.stop, told.no_descent_found, bool(np.isfinite(told.objective)), told.claim, told.log[0].step)
"""
        out, err, seconds = self.interrupted(script, 1)
        self.assertEqual(out, "told_to False True bounded descended\n", err)
        self.assertIn("interrupted: this is the best so far", err)
        print(f"Ctrl-C, parallel: {seconds:.2f} s")
        self.assertIn("KeyboardInterrupt", self.interrupted(script, 2)[1])

    def test_ctrl_c_returns_what_there_is(self):
        script = """
import numpy as np, nadir
random = np.random.default_rng(0)
X = random.normal(size=(3000, 30)); y = np.sign(X[:, 0] * X[:, 1] + random.normal(size=3000))
nadir.GatedReluClassifier
print("begun", flush=True)
fitted = nadir.GatedReluClassifier({}).fit(X, y)
print(fitted.stop_, fitted.claim_, fitted.predict(X[:2]).shape)
"""
        for options in ("lambda_ratio=0.0003, gap=1e-13, gates=2000", ""):
            with self.subTest(options):
                out, err, seconds = self.interrupted(script.format(options), 1)
                if "KeyboardInterrupt" not in err or options:  # before any lambda was tried there is nothing to return
                    self.assertRegex(out + err, r"^\w+ (bounded|certified|undecided) \(2,\)")
                    self.assertIn("interrupted", err)
                print(f"Ctrl-C, {options or 'cross-validation'}: {seconds:.2f} s")
        _, err, _ = self.interrupted(script.format("lambda_ratio=0.0003, gap=1e-13, gates=2000"), 2)
        self.assertIn("KeyboardInterrupt", err)


class Telling(Case):
    def test_what_is_told_of_the_training_rows(self):
        X, quantity, labels = rooms()
        for name in ALL:
            with self.subTest(name):
                y = target(name, quantity, labels)
                fitted = some(name).fit(X, y)
                told = fitted.report_["train"]
                self.assertEqual(told["samples"], 60)
                if "Classifier" in name:
                    self.assertEqual(told["accuracy"], fitted.score(X, y))
                    right = fitted.predict_proba(X)[np.arange(60), np.searchsorted(fitted.classes_, y)]
                    self.assertAlmostEqual(told["log_loss"], -np.log(right).mean(), delta=1e-12)
                else:
                    self.assertAlmostEqual(told["r2"], fitted.score(X, y), delta=1e-12)
                    self.assertAlmostEqual(told["rmse"], np.sqrt(np.mean((fitted.predict(X) - y)**2)), delta=1e-12)

    def test_words_and_html(self):
        X, quantity, labels = rooms()
        for name in ALL:
            fitted = some(name).fit(X, target(name, quantity, labels))
            for word in (name, f"{fitted.objective_:.12g}", fitted.claim_):
                self.assertIn(word, fitted.summary())
            self.assertNotIn("--", fitted.summary())
            self.assertIn(fitted.claim_, fitted._repr_mimebundle_()["text/html"])
            self.assertIn("lower bound", fitted._repr_html_())
            self.assertIn("Parameters\n", getattr(nadir, name).__doc__)


class Kernel(Case):
    def matrix(self, X, power):
        """The kernel by its definition in docs/certificate-format.md."""
        X = np.column_stack([X, np.ones(len(X))])
        d, norms = X.shape[1], np.linalg.norm(X, axis=1)
        c = np.clip(X @ X.T / np.outer(norms, norms), -1, 1)
        theta = np.arccos(c)
        np.fill_diagonal(theta, 0)
        rest, sine = np.pi - theta, np.sin(theta)
        J = [rest, sine + rest * c, 3 * sine * c + rest * (1 + 2 * c * c)][power]
        return np.outer(norms, norms) ** power * J / (2 * np.pi * [1, d, d * (d + 2)][power])

    def test_ridge_is_that_of_scikit_learn(self):
        X, quantity, _ = rooms()
        for power in (0, 1, 2):
            ours = nadir.KernelRegressor(lambda_=1e-2, power=power, scale="none", target_scale="none", gap=1e-9).fit(X, quantity)
            theirs = KernelRidge(alpha=60 * 1e-2, kernel="precomputed").fit(self.matrix(X, power), quantity)
            np.testing.assert_allclose(ours.predict(X), theirs.predict(self.matrix(X, power)), rtol=1e-7, atol=1e-7)
            self.assertEqual(ours.claim_, "certified")

    def test_logistic_is_at_rest_where_a_general_solver_ends(self):
        X, _, labels = rooms()
        y, K = np.where(labels == "small", 1, -1), self.matrix(X, 1)
        ours = nadir.KernelClassifier(lambda_=1e-2, scale="none", gap=1e-9).fit(X, labels)
        L = np.linalg.cholesky(K + 1e-12 * np.eye(60))

        def objective(z):
            m = y * (L @ z)
            return np.logaddexp(0, -m).mean() + 0.005 * z @ z, -L.T @ (y / (1 + np.exp(m))) / 60 + 0.01 * z
        best = scipy.optimize.minimize(objective, np.zeros(60), jac=True, method="L-BFGS-B", options={"ftol": 1e-15, "gtol": 1e-10})
        self.assertAlmostEqual(ours.objective_, best.fun, delta=1e-9)
        np.testing.assert_allclose(ours.decision_function(X), L @ best.x, atol=1e-4)


class Certify(Case):
    def network(self, units=4):
        random = np.random.default_rng(2)
        return random.normal(size=(units, 3)), random.normal(size=units), random.normal(size=(1, units)), np.ones(1)

    def test_arrays_and_files_of_them(self):
        X, quantity, _ = rooms()
        W1, b1, W2, b2 = self.network()
        np.savez(self.folder / "n.npz", W1=W1, b1=b1, W2=W2, b2=b2)
        objective = (np.mean((np.maximum(X @ W1.T + b1, 0) @ W2[0] + b2 - quantity)**2)
                     + 0.01 / 2 * sum((w**2).sum() for w in (W1, b1, W2, b2)))
        for given in ((W1, b1, W2, b2), {"W1": W1, "b1": b1, "W2": W2, "b2": b2}, self.folder / "n.npz"):
            told = nadir.certify(given, X, quantity, lambda_=0.01, half=False, task="regression")
            self.assertAlmostEqual(told.objective / objective, 1, delta=1e-12)
            self.assertLess(told.lower_bound, objective)
            self.assertGreater(told.lower_bound, 0)
            self.assertTrue(told.verify(), told.verify())

    def test_an_onnx_file(self):
        X, quantity, _ = rooms()
        file = SOURCE / "tests" / "networks" / "torch_leaky_script.onnx"
        told = nadir.certify(file, X, quantity, lambda_=0.01, task="regression")
        self.assertLess(told.lower_bound, told.objective)
        self.assertIn("ONNX", told.report["source"])
        self.assertTrue(told.verify())

    def test_modules_like_those_of_torch(self):
        """Named and shaped as torch's are; torch itself is not needed."""
        class Tensor:
            def __init__(self, values):
                self.values = values

            def detach(self):
                return self

            cpu = double = detach

            def numpy(self):
                return self.values

        class Linear:
            def __init__(self, W, b):
                self.weight, self.bias = Tensor(W), None if b is None else Tensor(b)

        class LeakyReLU:
            negative_slope = 0.2

        class Tanh:
            pass

        class Sequential:
            def __init__(self, *parts):
                self.parts = parts

            def children(self):
                return iter(self.parts)

            def state_dict(self):
                return {}

        X, quantity, _ = rooms()
        W1, b1, W2, b2 = self.network()
        one = nadir.certify(Sequential(Linear(W1, b1), LeakyReLU(), Linear(W2, b2)), X, quantity, lambda_=0.1)
        other = nadir.certify((W1, b1, W2, b2), X, quantity, lambda_=0.1, activation="leaky_relu", slope=0.2)
        self.assertEqual(one.objective, other.objective)
        self.assertEqual(one.lower_bound, other.lower_bound)
        with self.assertRaisesRegex(ValueError, "Tanh"):
            nadir.certify(Sequential(Linear(W1, b1), Tanh(), Linear(W2, b2)), X, quantity, lambda_=0.1)
        with self.assertRaisesRegex(TypeError, "lamda"):
            nadir.certify((W1, W2), X, quantity, lambda_=0.1, lamda=1)
        told = nadir.certify_linear(Sequential(Linear(W1, None), Linear(W2, None)), X, quantity, task="regression")
        self.assertEqual(told.objective,
                         nadir.certify_linear((W1, W2), X, quantity, task="regression").objective)
        with self.assertRaisesRegex(ValueError, "LeakyReLU"):
            nadir.certify_linear(Sequential(Linear(W1, None), LeakyReLU(), Linear(W2, None)), X, quantity)

        three = Sequential(Linear(W1, b1), LeakyReLU(), Linear(np.ones((2, 4)), None), LeakyReLU(),
                           Linear(np.ones((1, 2)), None))
        told = nadir.certify([three, three], X, quantity, lambda_=0.1, method="parallel", penalty="norms")
        alone = nadir.certify(three, X, quantity, lambda_=0.1, method="parallel", penalty="norms")
        self.assertEqual((told.report["subnetworks"], alone.report["subnetworks"]), (2, 1))
        for wrong in (Sequential(Linear(W1, b1), Linear(np.ones((1, 4)), None)), Sequential(Linear(W1, b1), LeakyReLU())):
            with self.assertRaisesRegex(ValueError, "linear layers|ends with"):
                nadir.certify(wrong, X, quantity, lambda_=0.1, method="parallel", penalty="norms")

    def test_parallel_sub_networks(self):
        X, quantity, _ = rooms()
        random = np.random.default_rng(4)
        nets = [[random.normal(size=(o, i)) / 2 for i, o in ((3, 4), (4, 2), (2, 1))] for _ in range(2)]
        biased = {"W1": nets[1][0], "b1": random.normal(size=4), "W2": nets[1][1], "W3": nets[1][2]}
        np.savez(self.folder / "n.npz", **{f"net.{i}.W{k + 1}": W for i, net in enumerate(nets) for k, W in enumerate(net)})
        for given, b1 in ((nets, 0), (self.folder / "n.npz", 0), ([nets[0], biased], biased["b1"]), (nets[:1], None), (tuple(nets[0]), None)):
            f, cost = 0, 0
            for number, (W1, W2, W3) in enumerate(nets[:1] if b1 is None else nets):
                b = b1 if number == 1 else 0
                f = f + np.maximum(np.maximum(X @ W1.T + b, 0) @ W2.T, 0) @ W3[0]
                cost += math.prod(np.linalg.norm(W) for W in (np.column_stack([W1, b * np.ones(4)]), W2, W3))
            told = nadir.certify(given, X, quantity, lambda_=0.01, method="parallel", penalty="norms", task="regression")
            self.assertAlmostEqual(told.objective / (((f - quantity)**2).mean() / 2 + 0.01 * cost), 1, delta=1e-12)
            self.assertGreater(told.lower_bound, 0)
            self.assertEqual(told.report["certificate"]["kind"], "layer_units")
            self.assertTrue(told.verify(), told.verify())
            told.save(self.folder / "n.nadir")
            self.assertTrue(nadir.verify(self.folder / "n.nadir", X, quantity))
            self.assertFalse(nadir.verify(self.folder / "n.nadir", X, quantity + 1e-9))
        better = nadir.certify(nets, X, quantity, lambda_=0.01, method="parallel", penalty="norms", task="regression", improve=True,
                               max_rounds=2)
        self.assertLess(better.report["better_objective"], told.objective)
        for wrong, word in (({"penalty": "weight-decay"}, "degree 3"), ({"free_output_biases": True}, "no option"),
                            ({"method": "deep"}, "gated and spectral")):
            with self.subTest(**wrong), self.assertRaisesRegex((ValueError, TypeError), word):
                nadir.certify(nets, X, quantity, **{"lambda_": 0.01, "method": "parallel", "penalty": "norms", **wrong})
        with self.assertRaisesRegex(ValueError, "list of sub-networks"):
            nadir.certify(3, X, quantity, lambda_=0.01, method="parallel")
        with self.assertRaises(ValueError):
            nadir.certify([], X, quantity, lambda_=0.01, method="parallel", penalty="norms")

    def test_gated_networks(self):
        X, quantity, _ = rooms()
        random = np.random.default_rng(5)
        G, V = random.normal(size=(6, 3)), random.normal(size=(6, 3)) / 4
        f = (((X @ G.T) >= 0) * (X @ V.T)).sum(axis=1)
        objective = ((f - quantity)**2).mean() / 2 + 0.02 * np.linalg.norm(V, axis=1).sum()
        np.savez(self.folder / "g.npz", G=G, V=V)
        for given in ((G, V), {"G": G, "V": V}, self.folder / "g.npz"):
            told = nadir.certify(given, X, quantity, lambda_=0.02, method="gated", task="regression", improve=True)
            self.assertAlmostEqual(told.objective / objective, 1, delta=1e-12)
            self.assertLess(told.report["better_objective"], objective)
            self.assertLessEqual(told.lower_bound, told.report["better_objective"])
            self.assertTrue(told.verify(), told.verify())
        told = nadir.certify(SOURCE / "tests" / "networks" / "torch_gated_script.onnx", X, quantity, lambda_=0.02, method="gated",
                             task="regression")
        self.assertEqual(told.report["gates"], 4)
        self.assertIn("ONNX", told.report["source"])
        self.assertTrue(told.verify(), told.verify())
        with self.assertRaisesRegex(ValueError, "G, V"):
            nadir.certify((G,), X, quantity, lambda_=0.02, method="gated")

    def test_polynomial_networks(self):
        X = np.abs(rooms()[0])
        random = np.random.default_rng(6)
        U1, alpha1, W = random.uniform(0.1, 1, (4, 3)) / 8, np.array([1, 1.5, 2, 2.0]), random.uniform(0.1, 1, (2, 4)) / 8
        y = (X @ [1, 1, 1] > np.median(X @ [1, 1, 1])).astype(int)
        f = (X @ U1.T)**alpha1 @ W.T
        objective = (np.log(np.exp(f).sum(axis=1)) - f[np.arange(len(y)), y] - f.sum(axis=1)).mean() - 1e-8 * (U1.sum() + W.sum())
        arrays = {"U1": U1, "alpha1": alpha1, "W": W}
        np.savez(self.folder / "p.npz", **arrays)
        for given in ((U1, alpha1, W), arrays, self.folder / "p.npz"):
            told = nadir.certify(given, X, y, method="spectral", p_u=[4], p_w=2, improve=True)
            self.assertAlmostEqual(told.objective / objective, 1, delta=1e-12)
            self.assertLess(told.report["better_objective"], objective)
            self.assertLessEqual(told.lower_bound, told.report["better_objective"])
            self.assertAlmostEqual(told.gap, told.objective - told.lower_bound, delta=1e-12)
            self.assertIn("lower_bound=", repr(told))
            self.assertTrue(told.verify(), told.verify())
        deep = (U1, alpha1, np.full((2, 4), 0.1), np.array([1.0, 2.0]), np.full((2, 2), 0.2))
        self.assertEqual(nadir.certify(deep, X, y, method="spectral").report["widths"], [3, 4, 2, 2])
        told = nadir.certify(SOURCE / "tests" / "networks" / "torch_deep_polynomial_dynamo.onnx", X, y, method="spectral")
        self.assertEqual(told.report["widths"], [4, 4, 3, 2])
        for wrong, word in (((U1, alpha1), "U1, alpha1, U2"), (3, "U1, alpha1"), ((-U1, alpha1, W), "below 0")):
            with self.subTest(word), self.assertRaisesRegex(ValueError, word):
                nadir.certify(wrong, X, y, method="spectral")
        with self.assertRaisesRegex(TypeError, "takes no lambda_"):
            nadir.certify(arrays, X, y, lambda_=1, method="spectral")
        with self.assertRaisesRegex(TypeError, "wants lambda_"):
            nadir.certify((U1, W), X, y)

    def test_deep_linear_networks(self):
        X, quantity, _ = rooms()
        Y = np.column_stack([quantity > 0, quantity <= 0]).astype(float)
        best = np.linalg.lstsq(X, Y, rcond=None)[0].T
        left, sizes, right = np.linalg.svd(best @ X.T @ X @ best.T)  # of the outputs' correlation: what widths 1 keep
        for W1, W2, verdict in ((best[:1] * 0, left[:, :1] * 0, "saddle"),
                                (left[:, :1].T @ best, left[:, :1], "global_minimum"),
                                (best[:1] + 1, left[:, :1], "not_critical")):
            told = nadir.certify_linear((W1, W2), X, (quantity <= 0).astype(int), task="classification")
            with self.subTest(verdict):
                self.assertEqual(told.claim, verdict)
                self.assertAlmostEqual(told.objective, ((X @ (W2 @ W1).T - Y)**2).sum() / 2, delta=1e-10)
                self.assertAlmostEqual(told.report["optimum"], ((X @ (left[:, :1] @ left[:, :1].T @ best).T - Y)**2).sum() / 2,
                                       delta=1e-10)
                self.assertEqual(told.report["witness"] is not None, verdict == "saddle")
                self.assertTrue(told.verify(), told.verify())


SIGMAS = {"relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float)),
          "squared_relu": (lambda z: np.maximum(z, 0)**2, lambda z: 2 * np.maximum(z, 0)),
          "cubed_relu": (lambda z: np.maximum(z, 0)**3, lambda z: 3 * np.maximum(z, 0)**2),
          "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z))**2)}


def step_of(w, v, activation, X, y, step, lambda_):
    """A step of the flow by its definition: the mean loss before it, and the particles after it."""
    sigma, slope = SIGMAS[activation]
    z = X @ v.T
    r = sigma(z) @ w / len(w) - y
    return np.mean(r**2) / 2, (w - step * (sigma(z).T @ r / len(r) + lambda_ * w),
                               v - step * (((slope(z) * w).T * r) @ X / len(r) + lambda_ * v))


class Flow(Case):
    def problem(self, activation="relu", intercept=True, n=40):
        random = np.random.default_rng(4)
        X = random.normal(size=(n, 3))
        start = nadir.Particles(random.normal(size=11), random.normal(size=(11, 3 + intercept)) / 2, activation=activation,
                                intercept=intercept)
        return start, X, np.sin(X[:, 0]) + X[:, 1]

    def same(self, one, other):
        for name in ("weights", "positions"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))

    def test_steps_are_those_of_the_definition(self):
        for activation in SIGMAS:
            for intercept in (True, False):
                start, X, y = self.problem(activation, intercept)
                features = np.column_stack([X, np.ones(40)]) if intercept else X
                for batch, lambda_ in ((0, 0), (0, 0.3), (1, 0), (1, 0.3), (5, 0.3)):
                    with self.subTest(activation, intercept=intercept, batch=batch, lambda_=lambda_):
                        options = {"step": 0.05, "steps": 8, "batch": batch, "lambda_": lambda_, "record_every": 2}
                        if batch == 0:
                            run = nadir.particle_flow(start, X, y, **options)
                        else:
                            run = nadir.particle_flow_drawn(start, lambda count: (np.resize(X, (count, 3)), np.resize(y, count)),
                                                            **options)
                        at, losses = (start.weights, start.positions), []
                        for k in range(8):
                            rows = np.arange(k * batch, (k + 1) * batch) if batch else np.arange(40)
                            if k % 2 == 0:
                                np.testing.assert_allclose(run.weights[k // 2], at[0], rtol=0, atol=1e-12)
                                np.testing.assert_allclose(run.positions[k // 2], at[1], rtol=0, atol=1e-12)
                            loss, at = step_of(*at, activation, features[rows], y[rows], 0.05, lambda_)
                            losses.append(loss)
                        np.testing.assert_allclose(run.losses[1:], np.mean(np.reshape(losses, (4, 2)), axis=1), rtol=1e-11)
                        self.same(run.particles, run.at(-1))
                        f = SIGMAS[activation][0](features @ at[1].T) @ at[0] / 11
                        np.testing.assert_allclose(run.particles.outputs(X), f, rtol=0, atol=1e-11)

    def test_records_and_ends(self):
        start, X, y = self.problem()
        run = nadir.particle_flow(start, X, y, step=0.01, steps=50, batch=7, record_every=20)
        np.testing.assert_allclose(run.times, [0, 0.2, 0.4])
        self.assertEqual((run.weights.shape, run.positions.shape, run.losses.shape), ((3, 11), (3, 11, 4), (3,)))
        self.assertTrue(np.isnan(run.losses[0]))
        self.same(run.at(0), start)
        self.assertEqual((run.steps, run.stop), (50, "iteration_limit"))
        self.assertEqual(nadir.particle_flow(start, X, y, steps=3).weights.shape, (0, 11))
        blown = nadir.particle_flow(start, X, y, step=1e6, steps=1000)
        self.assertEqual((blown.stop, blown.particles), ("numerical_failure", None))
        self.assertLess(blown.steps, 1000)

    def test_the_seed_is_of_the_order(self):
        start, X, y = self.problem()
        runs = [nadir.particle_flow(start, X, y, step=1e-6, steps=40, batch=1, seed=seed) for seed in (1, 1, 2)]
        self.same(runs[0].particles, runs[1].particles)
        self.assertFalse(np.array_equal(runs[0].particles.weights, runs[2].particles.weights))
        whole = nadir.particle_flow(start, X, y, step=4e-5, steps=1).particles  # each row once, whatever the order
        for run in runs:
            np.testing.assert_allclose(run.particles.positions - start.positions, whole.positions - start.positions,
                                       atol=1e-3 * np.abs(whole.positions - start.positions).max())

    def test_starts(self):
        for activation in SIGMAS:
            start = nadir.Particles.on_sphere(500, 3, 0.7, activation=activation, seed=3)
            np.testing.assert_allclose(start.weights**2 + (start.positions**2).sum(axis=1), 0.49)
            self.assertLess(abs(start.weights.mean()), 0.1)
            self.assertEqual((len(start), start.inputs, start.positions.shape), (500, 3, (500, 4)))
        start = nadir.Particles.without_weight(500, 3, intercept=False)
        self.assertEqual(start.activation, "sigmoid")
        self.assertFalse(start.weights.any())
        self.assertAlmostEqual(start.positions.std(), 1, delta=0.1)
        self.same(nadir.Particles.on_sphere(5, 2, 1, seed=4), nadir.Particles.on_sphere(5, 2, 1, seed=4))
        self.assertFalse(np.array_equal(nadir.Particles.on_sphere(5, 2, 1, seed=4).weights,
                                        nadir.Particles.on_sphere(5, 2, 1, seed=5).weights))

    def test_planted_units_are_found(self):
        for activation, step in (("relu", 0.05), ("sigmoid", 0.2)):
            truth = nadir.Particles([4.0, -3.0], [[1, 0.5, 0], [-1, 1, 0.5]], activation=activation)
            random = np.random.default_rng(0)

            def draw(count):
                X = random.normal(size=(count, 2))
                return X, truth.outputs(X)
            start = (nadir.Particles.on_sphere(15, 2, 0.05) if activation == "relu" else nadir.Particles.without_weight(15, 2))
            run = nadir.particle_flow_drawn(start, draw, step=step, steps=200_000, record_every=50_000)
            self.assertGreater(run.losses[1], 1e3 * run.losses[-1])
            self.assertLess(run.losses[-1], 1e-5)

    def test_the_network_of_particles_can_be_certified(self):
        start, X, y = self.problem()
        run = nadir.particle_flow(start, X, y, step=0.1, steps=2000, lambda_=0.05)
        end = run.particles
        objective = np.mean((end.outputs(X) - y)**2) / 2 + 0.05 / 22 * (np.sum(end.weights**2) + np.sum(end.positions**2))
        told = nadir.certify(end.network(), X, y, lambda_=0.05, task="regression")
        self.assertAlmostEqual(told.objective / objective, 1, delta=1e-9)
        self.assertLess(told.relative_gap, 0.2)
        with self.assertRaisesRegex(ValueError, "sigmoid"):
            nadir.Particles.without_weight(2, 3).network()

    def test_what_does_not_fit_is_refused(self):
        start, X, y = self.problem()
        for wrong, word in (({"step": 0}, "step"), ({"step": math.nan}, "step"), ({"lambda_": -1}, "lambda"),
                            ({"steps": -1}, "steps"), ({"seed": -1}, "seed")):
            with self.subTest(**wrong), self.assertRaisesRegex(ValueError, word):
                nadir.particle_flow(start, X, y, **wrong)
        with self.assertRaises(TypeError):
            nadir.particle_flow(start, X, y, steps=1.5)
        for Z, z in ((X[:, :2], y), (X, y[:-1]), (X[0], y), (X + np.nan, y)):
            with self.assertRaises(ValueError):
                nadir.particle_flow(start, Z, z)
        for make in (lambda: nadir.Particles([1.0], [[1.0], [2.0]]), lambda: nadir.Particles([], np.zeros((0, 2))),
                     lambda: nadir.Particles([1.0], [[1.0]]), lambda: nadir.Particles.on_sphere(0, 1, 1),
                     lambda: nadir.Particles.on_sphere(2, 1, 0), lambda: nadir.Particles.on_sphere(2, 1, 1, activation="tanh")):
            with self.assertRaises(ValueError):
                make()
        with self.assertRaisesRegex(ValueError, "as many"):
            nadir.particle_flow_drawn(start, lambda count: (X, y))
        with self.assertRaisesRegex(ValueError, "batch"):
            nadir.particle_flow_drawn(start, lambda count: (X, y), batch=0)

        def fail(count):
            raise KeyError("enough")
        with self.assertRaisesRegex(KeyError, "enough"):
            nadir.particle_flow_drawn(start, fail)


MAPS = {"linear": lambda z, a: z, "relu": lambda z, a: np.maximum(z, 0), "leaky_relu": lambda z, a: np.where(z > 0, z, a * z),
        "power": lambda z, a: np.maximum(z, 0)**a}
NORMS = {"l1": lambda W: np.abs(W).sum(), "l2": np.linalg.norm, "l_inf": lambda W: np.abs(W).max()}


def output_of(network, layers, X, image=None):
    """phi, by its definition."""
    A = X
    for k, (W, layer) in enumerate(zip(network, layers)):
        if k == 0 and image:
            pictures, size = X.reshape(-1, image.height, image.width, image.channels), image.kernel
            places = [(y, x) for y in range(image.height - size + 1) for x in range(image.width - size + 1)]
            patches = [pictures[:, y:y + size, x:x + size].reshape(len(X), -1) for y, x in places]
            A = np.max([MAPS[layer.map](P @ W.T, layer.parameter) for P in patches], axis=0)
        else:
            A = MAPS[layer.map](A @ W.T, layer.parameter)
        A = A.reshape(len(X), -1, layer.pool).max(axis=2)
    return A


def cost_of(network, layers, regularizer, norms):
    """theta, by its definition."""
    if regularizer == "path":
        paths = np.ones(layers[0].inputs)
        for W, layer in zip(network, layers):
            paths = (np.abs(W) @ paths).reshape(-1, layer.pool).sum(axis=1)
        return paths.sum()
    sizes = np.array([NORMS[norm](W) for norm, W in zip(norms or ["l2"] * len(layers), network)])
    return {"product": sizes.prod(), "mean_of_powers": (sizes**len(layers)).mean(), "squares": (sizes**2).sum() / 2}[regularizer]


def enumerated_relu(X, y, lambda_):
    """The least mean (f - y)^2 / 2 + lambda_ sum |u_j| |w_j| over two-layer ReLU networks of any width on two features: all activation
    patterns are visited, and the convex program over their cones is solved by accelerated proximal steps. Returns a proven interval, as
    accurate as the steps: the value at their end, and the dual one, whose polar is exact in each cone."""
    edges = np.sort(np.mod(np.arctan2(X[:, 1], X[:, 0])[:, None] + [np.pi / 2, -np.pi / 2], 2 * np.pi).ravel())
    rays = np.column_stack([edges, np.append(edges[1:], edges[0] + 2 * np.pi)])  # each cone between two
    rays = np.stack([np.cos(rays), np.sin(rays)], axis=2)
    inside = rays.sum(axis=1)
    A = np.concatenate([(inside @ X.T > 0)[:, :, None] * X] * 2)  # cone x sample x feature, for both signs of the output
    A[len(inside):] *= -1
    rays, n = np.concatenate([rays, rays]), len(X)
    normals = np.stack([np.column_stack([-rays[:, 0, 1], rays[:, 0, 0]]), np.column_stack([rays[:, 1, 1], -rays[:, 1, 0]])], axis=1)

    def onto_cones(z):
        within = ((normals * z[:, None]).sum(axis=2) >= 0).all(axis=1)
        lengths = np.maximum((rays * z[:, None]).sum(axis=2), 0)
        best = lengths.argmax(axis=1)
        each = np.arange(len(z))
        return np.where(within[:, None], z, lengths[each, best][:, None] * rays[each, best])
    flat = A.transpose(1, 0, 2).reshape(n, -1)
    step = n / np.linalg.norm(flat, 2)**2
    u = ahead = np.zeros((len(rays), 2))
    t, last = 1.0, math.inf
    for _ in range(15_000):
        z = onto_cones(ahead - step * (flat.T @ (flat @ ahead.ravel() - y) / n).reshape(-1, 2))
        size = np.linalg.norm(z, axis=1, keepdims=True)
        moved = z * np.maximum(1 - step * lambda_ / np.maximum(size, 1e-300), 0)
        r = flat @ moved.ravel() - y
        value = r @ r / (2 * n) + lambda_ * np.linalg.norm(moved, axis=1).sum()
        t = 1.0 if value > last else (1 + math.sqrt(1 + 4 * t * t)) / 2
        ahead, u, last = moved + (t - 1) / (t + 1) * (moved - u), moved, value
    g = (y - flat @ u.ravel()) / n
    polar = np.linalg.norm(onto_cones((flat.T @ g).reshape(-1, 2)), axis=1).max()
    g *= min(1, lambda_ / polar)
    return g @ y - n * (g @ g) / 2, value


class Parallel(Case):
    def problem(self, n=30, outputs=1):
        random = np.random.default_rng(11)
        X = random.normal(size=(n, 6))
        return X, np.maximum(X[:, :outputs], 0) - 0.5 * np.abs(X[:, 1:1 + outputs]) + 0.1 * random.normal(size=(n, outputs))

    def quick(self, X, Y, layers, **more):
        return nadir.train_parallel(X, Y, layers, **{"lambda_": 0.02, "start": 3, "max_rounds": 3, "search_starts": 4,
                                                     "descent_iterations": 200, "nodes": 10, **more})

    def test_factorization_is_the_soft_thresholded_decomposition(self):
        random = np.random.default_rng(5)
        for rows, columns, rank, share, start in ((12, 9, 3, 0.1, 0), (30, 20, 5, 0.01, 4), (7, 25, 2, 0.5, 1), (40, 40, 8, 0.03, 12),
                                                  (5, 3, 2, 1.5, 3)):
            Y = random.normal(size=(rows, rank)) @ random.normal(size=(rank, columns)) + 0.1 * random.normal(size=(rows, columns))
            sigma = np.linalg.svd(Y, compute_uv=False)
            lambda_ = share * sigma[0]
            best = np.where(sigma > lambda_, lambda_ * sigma - lambda_**2 / 2, sigma**2 / 2).sum()
            told = nadir.factorize(Y, lambda_, start=start, seed=rows)
            self.assertAlmostEqual(told.objective / best, 1, delta=1e-9)
            self.assertLessEqual(told.lower_bound, best * (1 + 1e-14))
            self.assertLess((told.objective - told.lower_bound) / best, 1e-9)
            self.assertEqual(told.claim, "certified" if told.relative_gap <= 1e-9 else "bounded")
            self.assertEqual((told.bound_by, np.linalg.matrix_rank(told.U @ told.V.T, 1e-6 * sigma[0])),
                             ("singular value", (sigma > lambda_).sum()))
            self.assertGreaterEqual(len(told), (sigma > lambda_).sum())
            again = ((Y - told.U @ told.V.T)**2).sum() / 2 + lambda_ * (
                np.linalg.norm(told.U, axis=0) * np.linalg.norm(told.V, axis=0)).sum()
            self.assertAlmostEqual(told.objective / again, 1, delta=1e-12)
            self.assertEqual(told.log[-1].objective, told.objective)
            np.testing.assert_allclose(told.outputs(np.eye(rows)), told.U @ told.V.T, atol=1e-12 * sigma[0])
        told = nadir.factorize(Y, 0.1 * sigma[0], start=(np.ones((5, 2)), np.ones((3, 2))), max_rounds=0, descent_iterations=0)
        self.assertEqual((len(told), told.stop), (1, "iteration_limit"))  # equal columns are one
        np.testing.assert_allclose(told.U @ told.V.T, np.full((5, 3), 2.0))

    def test_sparse_and_non_negative_factors(self):
        random = np.random.default_rng(6)
        Y = random.normal(size=(6, 8))

        def part(sizes, lambda_):  # what a group of this size adds to the objective at its optimum
            return np.where(sizes > lambda_, lambda_ * sizes - lambda_**2 / 2, sizes**2 / 2).sum()
        above, below, rows, columns = np.maximum(Y, 0), np.maximum(-Y, 0), {"axis": 1}, {"axis": 0}
        size = np.linalg.norm
        best = {("l1", "l1", "none"): part(np.abs(Y), 0.6), ("l1", "l1", "left"): part(np.abs(Y), 0.6),
                ("l1", "l1", "both"): part(above, 0.6) + (below**2).sum() / 2, ("l1", "l2", "none"): part(size(Y, **rows), 0.6),
                ("l1", "l2", "both"): part(size(above, **rows), 0.6) + (below**2).sum() / 2,
                ("l1", "l2", "right"): part(size(above, **rows), 0.6) + part(size(below, **rows), 0.6),
                ("l2", "l1", "left"): part(size(above, **columns), 0.6) + part(size(below, **columns), 0.6),
                ("l2", "l1", "right"): part(size(Y, **columns), 0.6)}
        for (left, right, signs), least in best.items():
            for start in (0, 3):
                told = nadir.factorize(Y, 0.6, norms=(left, right), non_negative=signs, start=start)
                self.assertEqual((told.claim, told.bound_by), ("certified", "vertices"))
                self.assertLessEqual(told.lower_bound, least * (1 + 1e-13))
                self.assertAlmostEqual(told.objective / least, 1, delta=1e-8)
        planted = np.abs(random.normal(size=(9, 3))) @ np.abs(random.normal(size=(3, 7))) + 0.1 * random.normal(size=(9, 7))
        for signs in ("left", "right", "both"):
            ends = []
            for start in (0, 8):
                told = nadir.factorize(planted, 0.5, non_negative=signs, start=start, seed=start)
                again = ((planted - told.U @ told.V.T)**2).sum() / 2 + 0.5 * (size(told.U, axis=0) * size(told.V, axis=0)).sum()
                self.assertAlmostEqual(told.objective / again, 1, delta=1e-12)
                self.assertEqual((told.claim, told.bound_by), ("certified", "non-negative form"))
                self.assertTrue(signs == "right" or told.U.min() >= 0)
                self.assertTrue(signs == "left" or told.V.min() >= 0)
                ends.append(told)
            self.assertLessEqual(max(told.lower_bound for told in ends), min(told.objective for told in ends))
            free = nadir.factorize(planted, 0.5)
            self.assertLessEqual(free.lower_bound, min(told.objective for told in ends))
        for wrong, word in (({"non_negative": "all"}, "there are none"), ({"norms": ("l1",)}, "two of"), ({"norms": ("l1", "l_inf")}, "l1 and"),
                            ({"non_negative": "left", "start": (-np.ones((9, 1)), np.ones((7, 1)))}, "below 0")):
            with self.subTest(**wrong), self.assertRaisesRegex(ValueError, word):
                nadir.factorize(planted, 0.5, **wrong)

    def test_a_factorization_is_saved_and_verified(self):
        random = np.random.default_rng(7)
        Y = np.abs(random.normal(size=(8, 2))) @ np.abs(random.normal(size=(2, 6))) + 0.1 * random.normal(size=(8, 6))
        for norms in (("l2", "l2"), ("l1", "l2"), ("l2", "l1"), ("l1", "l1")):
            for signs in ("none", "left", "right", "both"):
                with self.subTest(norms=norms, signs=signs):
                    told = nadir.factorize(Y, 0.4, norms=norms, non_negative=signs)
                    claim = told.save(self.folder / "f.nadir")
                    self.assertTrue(nadir.verify(self.folder / "f.nadir", Y), nadir.verify(claim, Y))
                    self.assertTrue(nadir.verify(claim.model_file, Y))
                    self.assertAlmostEqual(claim.objective / told.objective, 1, delta=1e-12)
                    self.assertAlmostEqual(claim.lower_bound / told.lower_bound, 1, delta=1e-5)
                    self.assertEqual(claim.claim, "certified" if claim.relative_gap <= told._gap else "bounded")
        np.save(self.folder / "Y.npy", Y)
        self.assertIn("U of norm l1, no entry below 0", self.nadir("inspect", "f.nadir"))
        self.nadir("verify", "f.nadir", "Y.npy")
        self.assertEqual(told.certify(gap=1e-12).claim, "bounded")
        self.assertFalse(nadir.verify(claim, 2 * Y))
        with self.assertRaisesRegex(ValueError, "matrix alone"):
            nadir.verify(claim, Y, Y[:, 0])
        with self.assertRaisesRegex(ValueError, "which is no network"):
            nadir.load(self.folder / "f.nadir")

    def test_two_layers_are_those_of_the_relu_regressor(self):
        # Both: mean (f - y)^2 / 2 + lambda / 2 sum_j (|u_j|^2 + w_j^2), whose least value is that with |u_j| |w_j|.
        for seed in range(3):
            random = np.random.default_rng(seed)
            X, y = random.normal(size=(25, 3)), random.normal(size=25)
            plain = {"scale": "none", "target_scale": "none", "intercept": "off", "keep_constant": True}
            network = nadir.ReluRegressor(lambda_=0.05, gap=1e-3, **plain).fit(X, y)
            for regularizer in ("squares", "product", "mean_of_powers"):
                told = nadir.train_parallel(X, y, [(3, 1, "relu"), (1, 1)], lambda_=0.05, regularizer=regularizer, gap=1e-3, start=2)
                self.assertEqual(told.claim, "certified")
                self.assertLessEqual(told.lower_bound, network.objective_)
                self.assertLessEqual(network.lower_bound_, told.objective)
                self.assertAlmostEqual(told.objective / network.objective_, 1, delta=1e-3)

    def test_two_layers_are_those_of_all_activation_patterns(self):
        for seed in range(5):
            random = np.random.default_rng([seed, 4])
            n = int(random.integers(6, 13))
            X, y, lambda_ = random.normal(size=(n, 2)), random.normal(size=n), 10**random.uniform(-2, -1)
            low, high = enumerated_relu(X, y, lambda_)
            self.assertLess(high - low, 1e-7 * high)
            told = nadir.train_parallel(X, y, [(2, 1, "relu"), (1, 1)], lambda_=lambda_, regularizer="squares", gap=1e-6, start=2)
            wide = nadir.train_parallel(X, y, [(2, 3, "relu"), (3, 1)], lambda_=lambda_, gap=1e-6, start=2)
            other = nadir.ReluRegressor(lambda_=lambda_, gap=1e-5, scale="none", target_scale="none", intercept="off",
                                        keep_constant=True).fit(X, y)
            for bound, objective in ((told.lower_bound, told.objective), (wide.lower_bound, wide.objective),
                                     (other.lower_bound_, other.objective_)):
                self.assertLessEqual(bound, high)
                self.assertLessEqual(low, objective * (1 + 1e-12))
                self.assertLess(objective - bound, 1e-3 * (y @ y) / n)
            self.assertAlmostEqual(other.objective_ / high, 1, delta=1e-4)
            self.assertAlmostEqual(told.objective / high, 1, delta=1e-4)

    def test_the_objective_is_that_of_the_definition(self):
        X, Y = self.problem(outputs=2)
        three = [nadir.Layer(6, 4, "relu"), nadir.Layer(4, 3, "leaky_relu", 0.2), nadir.Layer(3, 2)]
        pooled, image = [nadir.Layer(6, 6, "relu", pool=2), nadir.Layer(3, 2)], nadir.Image(3, 2, 2)
        seen = [nadir.Layer(4, 3, "relu"), nadir.Layer(3, 2)]
        for layers, picture in ((three, None), (pooled, None), (seen, image)):
            for regularizer in ("product", "mean_of_powers", "path") + ("squares",) * (len(layers) == 2):
                for norm in (None,) if regularizer == "path" else (None, "l1", "l_inf"):
                    with self.subTest(regularizer, norm=norm, layers=len(layers), image=picture is not None):
                        norms = norm and [norm] * len(layers)
                        told = self.quick(X, Y, layers, regularizer=regularizer, norms=norms, image=picture)
                        networks = told.networks
                        f = sum(output_of(network, layers, X, picture) for network in networks)
                        np.testing.assert_allclose(told.outputs(X), f, rtol=0, atol=1e-12)
                        again = ((f - Y)**2).sum() / (2 * len(X)) + 0.02 * sum(
                            cost_of(network, layers, regularizer, norms) for network in networks)
                        self.assertAlmostEqual(told.objective / again, 1, delta=1e-12)
                        self.assertLess(told.objective, (Y**2).sum() / (2 * len(X)))
                        by = {"paths"} if regularizer == "path" else {"layer norms", "rows"} if layers[0].pool > 1 or len(layers) > 2 else {
                            "layer norms", "rows", "units"}
                        self.assertIn(told.bound_by, by)
                        self.assertEqual(told.claim, "bounded")
                        self.assertLessEqual(told.lower_bound, told.objective)
                        self.assertGreater(told.lower_bound, 0)
                        self.assertGreaterEqual(told.polar_bound, told.polar * (1 - 1e-9))
                        self.assertNotIn("certified", repr(told))
                        falls = [step.objective for step in told.log]
                        self.assertTrue(all(b <= a * (1 + 1e-12) for a, b in zip(falls, falls[1:])))
                        self.assertEqual((told.log[-1].step, told.log[-1].width), ("ended", len(told)))

    def test_powers_and_their_costs(self):
        X, Y = self.problem()
        layers, e = [nadir.Layer(6, 3, "power", 2), nadir.Layer(3, 2, "power", 1.5), nadir.Layer(2, 1)], np.array([3, 1.5, 1])
        for regularizer in ("product", "mean_of_powers"):
            told = self.quick(X, Y, layers, regularizer=regularizer)
            f, cost = 0, 0
            for network in told.networks:
                sizes = np.array([np.linalg.norm(W) for W in network])
                cost += (sizes**e).prod() if regularizer == "product" else e @ sizes**e.sum() / e.sum()
                hidden = np.maximum(np.maximum(X @ network[0].T, 0)**2 @ network[1].T, 0)**1.5
                f = f + hidden @ network[2].T
            self.assertAlmostEqual(((f - Y)**2).sum() / (2 * len(X)) + 0.02 * cost, told.objective, delta=1e-12)
            self.assertGreater(len(told), 0)
            self.assertIn(told.bound_by, ("rows", "layer norms"))
            self.assertLessEqual(told.lower_bound, told.objective)
        for regularizer, degrees in (("squares", "degree 5.5.*degree 2"), ("path", "degree 5.5.*degree 3")):
            with self.assertRaisesRegex(ValueError, degrees):
                self.quick(X, Y, layers, regularizer=regularizer)

    def test_losses_are_those_of_their_names(self):
        X, Y = self.problem()
        layers, labels = [nadir.Layer(6, 2, "relu"), nadir.Layer(2, 1)], (Y[:, 0] > 0) * 1
        signs = 2 * labels - 1
        losses = {"huber": lambda f: np.where(abs(f - Y[:, 0]) <= 0.3, (f - Y[:, 0])**2 / 2, 0.3 * (abs(f - Y[:, 0]) - 0.15)),
                  "logistic": lambda f: np.log1p(np.exp(-signs * f)), "squared_hinge": lambda f: np.maximum(0, 1 - signs * f)**2 / 2}
        for loss, values in losses.items():
            told = self.quick(X, Y if loss == "huber" else labels, layers, loss=loss, huber_delta=0.3)
            cost = sum(cost_of(network, layers, "mean_of_powers", None) for network in told.networks)
            self.assertAlmostEqual(values(told.outputs(X)[:, 0]).mean() + 0.02 * cost, told.objective, delta=1e-12)
        wide = [layers[0], nadir.Layer(2, 3)]
        classes = labels + (X[:, 1] > 1)
        told = self.quick(X, classes, wide, loss="softmax")
        f = told.outputs(X)
        cost = sum(cost_of(network, wide, "mean_of_powers", None) for network in told.networks)
        again = (np.log(np.exp(f).sum(axis=1)) - f[np.arange(30), classes]).mean() + 0.02 * cost
        self.assertAlmostEqual(told.objective, again, delta=1e-12)

    def test_deep_linear_chains_are_certified(self):
        X, Y = self.problem(outputs=3)
        told = nadir.train_parallel(X, Y, [(6, 3), (3, 3), (3, 3)], lambda_=0.05, gap=1e-5)
        self.assertEqual((told.claim, told.bound_by), ("certified", "singular value"))
        self.assertLessEqual(told.relative_gap, 1e-5)

    def test_a_start_is_gone_on_from(self):
        X, Y = self.problem()
        layers = [(6, 3, "relu"), (3, 3, "relu"), (3, 1)]
        first = self.quick(X, Y, layers)
        still = self.quick(X, Y, layers, start=first.networks, max_rounds=0, descent_iterations=0)
        np.testing.assert_array_equal(first.outputs(X), still.outputs(X))
        self.assertEqual(still.stop, "iteration_limit")
        self.assertLessEqual(self.quick(X, Y, layers, start=first.networks).objective, first.objective)

    def test_a_model_file_is_verified_and_predicts(self):
        X, Y = self.problem()
        labels = (Y[:, 0] > 0) * 1 + (X[:, 1] > 1)
        three, leaky = [(6, 3, "relu"), (3, 3, "relu"), (3, 1)], [(6, 3, "leaky_relu", 0.25), (3, 1)]
        for layers, y, more in ((three, Y, {}), (three, Y[:, 0], {"regularizer": "product", "loss": "huber", "huber_delta": 0.3}),
                                (leaky, Y, {"regularizer": "squares"}), ([*three[:2], (3, 3)], labels, {"loss": "softmax"})):
            with self.subTest(**more):
                told = self.quick(X, y, layers, **more)
                path = self.folder / "p.nadir"
                saved = told.save(path)
                self.assertAlmostEqual(saved.objective / told.objective, 1, delta=1e-12)
                self.assertLessEqual(saved.lower_bound, told.objective)
                self.assertTrue(nadir.verify(path, X, np.ravel(y)), nadir.verify(path, X, np.ravel(y)))
                self.assertTrue(nadir.verify(path.read_bytes(), X, np.ravel(y)))
                np.savez(self.folder / "d.npz", X=X, y=np.ravel(y))
                answers = self.nadir("predict", "p.nadir", "d.npz").split()[1:]
                f = told.outputs(X)
                if "loss" in more and more["loss"] == "softmax":
                    self.assertEqual([int(line.split(",")[0]) for line in answers], f.argmax(axis=1).tolist())
                else:
                    np.testing.assert_allclose([float(line) for line in answers], f[:, 0], rtol=0, atol=1e-12)
        wide = self.problem(outputs=2)
        for told, why in ((self.quick(X, Y, three, lambda_=1e6, start=0), "zero network"),
                          (self.quick(X, Y, [(6, 3), (3, 1)]), "other chains"), (self.quick(X, Y, three, regularizer="path"), "cost"),
                          (self.quick(X, Y, three, norms=["l1"] * 3), "cost"), (self.quick(*wide, [*three[:2], (3, 2)]), "several"),
                          (self.quick(X, Y, [(6, 4, "relu", 0, 2), (2, 1)]), "pooling")):
            with self.subTest(why), self.assertRaisesRegex(ValueError, why):
                told.save(self.folder / "none.nadir")

    def test_the_same_seed_gives_the_same_bytes(self):
        X, Y = self.problem()
        layers = [(6, 3, "relu"), (3, 3, "relu"), (3, 1)]
        runs = [self.quick(X, Y, layers, seed=seed) for seed in (1, 1, 2)]
        parts = [[W.tobytes() for network in run.networks for W in network] for run in runs]
        self.assertEqual(parts[0], parts[1])
        self.assertEqual(runs[0].log, runs[1].log)
        self.assertNotEqual(parts[0], parts[2])

    def test_what_does_not_fit_is_refused(self):
        X, Y = self.problem()
        three = [(6, 3, "relu"), (3, 3, "relu"), (3, 1)]
        with self.assertRaisesRegex(ValueError, "degree 3.*degree 2"):
            self.quick(X, Y, three, regularizer="squares")
        for wrong, word in (({"regularizer": "sum"}, "mean_of_powers"), ({"norms": ["l2"]}, "1 norms for 3 layers"),
                            ({"norms": ["l3"] * 3}, "l_inf"), ({"loss": "hinge"}, "squared_hinge"), ({"lambda_": 0}, "lambda_"),
                            ({"lambda_": math.nan}, "lambda_"), ({"lambda_": math.inf}, "lambda_"), ({"gap": 0}, "gap"),
                            ({"start": -1}, "start"), ({"start": [[np.ones((3, 6))]]}, "start"), ({"seed": -1}, "seed"),
                            ({"image": (3, 2, 0)}, "kernel"), ({"image": (3, 2, 3)}, "kernel"), ({"time_limit": math.nan}, "time_limit"),
                            ({"max_rounds": -1}, "max_rounds"), ({"loss": "logistic"}, "classes"), ({"huber_delta": 0}, "huber_delta")):
            with self.subTest(**wrong), self.assertRaisesRegex(ValueError, word):
                self.quick(X, Y, three, **wrong)
        for layers, word in (([], "none"), ([(6, 3), (2, 1)], "layer 2"), ([(6, 3, "tanh")], "leaky_relu"), ([(6, 3, "relu", 0, 2)], "pool"),
                             ([(5, 1), (1, 1)], "features"), ([(6, 1), (1, 2)], "outputs"), ([(6, 2**40), (2**40, 1)], "2\\^31")):
            with self.subTest(layers), self.assertRaisesRegex(ValueError, word):
                self.quick(X, Y, layers)
        for Z, z in ((X[:-1], Y), (X[0], Y), (X + np.nan, Y), (X[:0], Y[:0])):
            with self.assertRaises(ValueError):
                self.quick(Z, z, three)
        told = self.quick(X, Y, three)
        with self.assertRaisesRegex(ValueError, "6 inputs"):
            told.outputs(X[:, :2])
        for Y, more in ((np.ones(3), {}), (np.ones((0, 2)), {}), (np.ones((2, 2)), {"start": (np.ones((2, 1)), np.ones((2, 2)))})):
            with self.assertRaises(ValueError):
                nadir.factorize(Y, 0.1, **more)
        with self.assertRaisesRegex(ValueError, "lambda_ is -1"):
            nadir.factorize(np.ones((2, 2)), -1)


class Package(Case):
    def test_imports_quickly_and_alone(self):
        script = ("import sys, time; begin = time.perf_counter(); import nadir; "
                  "print(time.perf_counter() - begin, 'sklearn' in sys.modules)")
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True,
                              env=environment).stdout.split()
        print("import:", told[0], "s")
        self.assertEqual(told[1], "False")
        self.assertEqual(sorted(set(dir(nadir)) & set(nadir.__all__)), nadir.__all__)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
