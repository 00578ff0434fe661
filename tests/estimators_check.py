"""scikit-learn's own checks of every estimator, without an expected failure: estimators_check.py [NAMES].

With the built package on PYTHONPATH, by any interpreter that it was built for: it needs NumPy and scikit-learn alone. Settings
are the default ones, but where choosing lambda, or proofs over every width for noise, would take minutes.
"""
import os
import sys
import time
import traceback
import unittest
import warnings

os.environ.setdefault("SCIPY_ARRAY_API", "1")  # else scikit-learn skips a check

import sklearn
from sklearn.base import BaseEstimator
from sklearn.utils import estimator_checks

import nadir


def names():
    """All estimators of the package."""
    kinds = {name: getattr(nadir, name) for name in nadir.__all__}
    return [name for name, kind in kinds.items() if isinstance(kind, type) and issubclass(kind, BaseEstimator)]


def quick(name):
    """An estimator of that name that is fitted within a second."""
    kind = getattr(nadir, name)
    wanted = {"path": 3, "folds": 2, "nodes": 20, "max_rounds": 10}
    settings = {key: value for key, value in wanted.items() if key in kind().get_params()}
    return kind(**settings, **({"lambda_": 0.1} if name == "ParticleRegressor" else {}))


def checks_of(estimator):
    """Pairs of an estimator and a check."""
    if hasattr(estimator_checks, "estimator_checks_generator"):
        return estimator_checks.estimator_checks_generator(estimator)
    return estimator_checks.check_estimator(estimator, generate_only=True)  # before 1.6


def run(name):
    """How many checks passed, and the texts of those that were skipped and of those that failed."""
    passed, skipped, failed = 0, [], []
    for estimator, check in checks_of(quick(name)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                check(estimator)
                passed += 1
            except unittest.SkipTest as why:
                skipped.append(f"{check.func.__name__}: {why}")
            except Exception:  # whatever a check raises
                failed.append(f"{check.func.__name__}: {traceback.format_exc()}")
    return passed, skipped, failed


def main(chosen):
    print(f"scikit-learn {sklearn.__version__}, Python {sys.version.split()[0]}, nadir {nadir.__version__}")
    all_failed = 0
    for name in chosen:
        begin = time.monotonic()
        passed, skipped, failed = run(name)
        print(f"{name:24} {passed} passed, {len(failed)} failed, {len(skipped)} skipped, {time.monotonic() - begin:.0f} s",
              flush=True)
        for text in skipped:
            print("  skipped", text)
        for text in failed:
            print("  FAILED", text)
        all_failed += len(failed)
    return 1 if all_failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or names()))
