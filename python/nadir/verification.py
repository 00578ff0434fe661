"""The verifier, which shares no code with the trainers, on arrays."""
import json
from pathlib import Path
from typing import NamedTuple

from sklearn.utils.validation import check_is_fitted

from . import _core, _rows
from ._checks import numbers
from ._estimator import NadirEstimator
from .estimators import load


class Check(NamedTuple):
    name: str
    passed: bool
    detail: str


class Verdict(NamedTuple):
    """True where the certificate was accepted."""

    accepted: bool
    checks: tuple

    def __bool__(self):
        return self.accepted

    def __str__(self):
        lines = [f"{'pass' if check.passed else 'FAIL'}  {check.name:13}  {check.detail}" for check in self.checks]
        failed = ", ".join(check.name for check in self.checks if not check.passed)
        return "\n".join([*lines, "ACCEPTED" if self.accepted else f"REJECTED: {failed}"])


def verdict_of(model_file, data_file):
    """What the verifier says of a model file and a data file, both bytes."""
    told = json.loads(_core.verify(model_file, data_file))
    return Verdict(told["accepted"], tuple(Check(**check) for check in told["checks"]))


def is_certified(content):
    """Whether these bytes are a model file that `certify` made of arrays, not an estimator's."""
    told = json.loads(_core.Model(content, "model").describe())
    return told["notes"].get("method") == "certify" and "python" not in told["notes"]


def verify(model, X, y=None, sample_weight=None):
    """Proves the certificate of a model again from the rows that it was trained on, and accepts it or not.

    `model`: a fitted estimator, or a model file (path or bytes), of an estimator or of what `certify` told. X and y are written as an NPZ file in memory
    (`write_data` gives the same file); the verifier reads that file by itself, scales, predicts and proves anew, in
    outward-rounded arithmetic. It takes copies of X and of the features. Of a matrix factorization (`factorize`; path or bytes, or
    what its `certify` told) X is the matrix, and there is no y.
    """
    if not isinstance(model, NadirEstimator):
        model = getattr(model, "model_file", model)
        content = model if isinstance(model, bytes) else Path(model).read_bytes()
        if _core.is_factorization(content):
            if y is not None or sample_weight is not None:
                raise ValueError("a factorization is verified on its matrix alone, without y and sample_weight")
            return verdict_of(content, _rows.as_npy(numbers(X, 2, "X")))
    if y is None:
        raise ValueError("y is wanted: the targets that the model was trained on")
    if not isinstance(model, NadirEstimator):
        if is_certified(content):
            if sample_weight is not None:
                raise ValueError("sample_weight: rows of a certified network count alike")
            return verdict_of(content, _rows.as_npz(*_rows.checked(X, y)))
        model = load(model)
    check_is_fitted(model)
    return verdict_of(model.model_file_, model.data_file(X, y, sample_weight))
