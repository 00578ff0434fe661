"""What the estimators share: the contract of scikit-learn, training, prediction, telling, files."""
import html
import json
import re
import warnings
from collections import namedtuple
from pathlib import Path

import numpy as np
from sklearn.base import ClassifierMixin, RegressorMixin, clone
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from . import _core, _parameters, _rows
from ._compatible import Tagged, validate_data
from ._interrupts import takes_signals

Progress = namedtuple("Progress", "iteration objective lower_bound")
Progress.__doc__ = "What a training knows after an iteration; `lower_bound` is of the optimum."

_UNTOLD = ("seconds", "seconds_loading", "model", "test")  # of the report: not of the model, or not known


def in_python(message):
    """A message of the library, with the names that its options have here."""
    names = {"lambda": "lambda_"}
    return re.sub(r"--([a-z][a-z-]*)", lambda m: names.get(m[1], m[1].replace("-", "_")), str(message))


def plain(value):
    """A parameter as JSON has it; None stands for an infinite one."""
    if isinstance(value, (tuple, list, np.ndarray)):
        return [plain(entry) for entry in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if value == float("inf") else value


def _wanted(name, value, default):
    """A parameter as JSON for the library. There None is as if it were not given, so it must be what stands for the default."""
    as_json = plain(value)
    try:
        json.dumps(as_json)
    except TypeError:
        raise ValueError(f"{name} is {value!r}, which is of no type that a parameter has") from None
    if as_json is None and plain(default) is not None:
        raise ValueError(f"{name} is {value!r}; the default is {default!r}")
    if as_json != as_json:
        raise ValueError(f"{name} is not a number")
    return as_json


def _with_weight(X, y, sample_weight):
    """The rows of a weight above 0, and their weights (None: all alike)."""
    if sample_weight is None:
        return X, y, None
    weights = _check_sample_weight(sample_weight, X, dtype=np.float64)
    if (weights < 0).any():
        raise ValueError("Negative values in sample_weight: each must be 0 or above")
    keep = weights > 0
    if not keep.any():
        raise ValueError("all of sample_weight is 0: there is nothing to train on")
    return (X, y, weights) if keep.all() else (X[keep], y[keep], weights[keep])


class NadirEstimator(Tagged):
    """What all estimators share. After `fit`:

    objective_, lower_bound_, gap_, relative_gap_ : the value reached, and what is proved of the least one
    claim_ : certified (the relative gap is at most `gap`), or bounded
    certificate_ : dict, as in the model file
    n_iter_, stop_, trace_ : iterations; why they ended; iteration, objective and lower bound of each (array)
    chosen_lambda_ : where the method has one
    cv_lambdas_, cv_losses_, cv_standard_errors_, cv_excess_errors_, cv_errors_ : where lambda was chosen, what
        cross-validation saw of the rows when left out: mean loss, its standard error and that of its excess over the
        least one, share of wrong classes (or mean squared error)
    report_ : dict, as `nadir train --json` prints it
    model_file_ : bytes of the model file, which `nadir-verify` checks; with a path, `save` writes it
    """

    _method = None  # of `nadir train`
    _weighted = True  # whether rows can have weights

    # What scikit-learn asks.

    def __sklearn_is_fitted__(self):
        return hasattr(self, "model_file_")

    def __getstate__(self):
        state = dict(super().__getstate__())
        state.pop("_model", None)
        return state

    def __setstate__(self, state):
        super().__setstate__(state)
        if "model_file_" in state:
            self._model = _core.Model(self.model_file_, "pickle")

    # Training.

    def _options(self):
        """The parameters as the command line names them."""
        defaults = type(self)().get_params(deep=False)
        named = {_parameters.OPTIONS[name]: _wanted(name, value, defaults[name])
                 for name, value in self.get_params(deep=False).items() if name != "warm_start"}
        return {"method": self._method, "task": self._task, **named}

    def _fit(self, X, y, sample_weight, callback):
        begin_with = getattr(self, "_model", None) if getattr(self, "warm_start", False) else None
        X, y, sample_weight = _with_weight(X, y, sample_weight)
        X, target = self._table(X, self._target(y), sample_weight)
        options = self._options()
        if X.shape[1] > self.n_features_in_:
            options["weights"] = str(X.shape[1])
        told = None if callback is None else lambda *numbers: callback(Progress(*numbers))
        try:
            file, report, interrupted = _core.train(X, _rows.as_npy(target), json.dumps(options), told, takes_signals(),
                                                       begin_with)
        except ValueError as error:
            raise ValueError(in_python(error)) from None
        if interrupted:
            warnings.warn("the training was interrupted; this is the best it had", stacklevel=3)
        report = {name: value for name, value in json.loads(report).items() if name not in _UNTOLD}
        self._take(_core.Model(file, "model"), report)
        self.model_file_ = self._model.with_note("python", json.dumps(self._note()))
        self._model = _core.Model(self.model_file_, "model")
        return self

    def _table(self, X, target, weights):
        """X, perhaps with weights as its last column, and the target, as the library reads them."""
        if self._weighted:
            X, target, weights = _rows.merged(X, target, weights)
        return _rows.readable(_rows.with_weights(X, weights)), target

    def _take(self, model, report):
        """Attributes of a fitted estimator."""
        self._model = model
        self._description = json.loads(model.describe())
        self.report_ = report
        self.objective_ = report["objective"]
        self.lower_bound_ = report["lower_bound"]
        self.gap_ = report["gap"]
        self.relative_gap_ = report["relative_gap"]
        self.claim_ = report["claim"]
        self.stop_ = report["stop"]
        self.n_iter_ = report["iterations"]
        self.certificate_ = self._description["certificate"]
        self.trace_ = model.trace()
        choice = report.get("path") or {}
        self._set_or_forget("chosen_lambda_", report.get("lambda"))
        for name in ("lambdas", "losses", "standard_errors", "excess_errors", "errors"):
            self._set_or_forget(f"cv_{name}_", np.array(choice[name]) if name in choice else None)

    def _set_or_forget(self, name, value):
        """An attribute that some fits have."""
        if value is not None:
            setattr(self, name, value)
        elif hasattr(self, name):  # of a fit before
            delattr(self, name)

    def _note(self):
        """What `load` needs beside the model."""
        names = getattr(self, "feature_names_in_", None)
        return {"estimator": type(self).__name__, "report": self.report_, "n_features_in": self.n_features_in_,
                "parameters": {name: plain(value) for name, value in self.get_params(deep=False).items()},
                "feature_names": None if names is None else list(names)}

    def _restore(self, note):
        self.n_features_in_ = note["n_features_in"]
        if note["feature_names"] is not None:
            self.feature_names_in_ = np.array(note["feature_names"], dtype=object)

    # Prediction.

    def _outputs(self, X, probabilities=False):
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, accept_sparse="csr", dtype=[np.float64, np.float32])
        X = _rows.readable(X.toarray() if hasattr(X, "toarray") else X)
        columns = self._description["columns"]
        if columns == X.shape[1]:
            return self._model.outputs(X, self.threads, probabilities)
        # The column of the weights, which prediction does not look at.
        blocks = [_rows.with_weights(X[i:i + 4096], np.ones(len(X[i:i + 4096]))) for i in range(0, len(X), 4096)]
        return np.concatenate([self._model.outputs(block, self.threads, probabilities) for block in blocks])

    # Telling.

    def summary(self):
        """The result in words, in several lines."""
        check_is_fitted(self)
        lines = "\n".join(f"{name:13} {text}" for name, text in self._lines())
        return lines + "\n\n" + self._description["words"]

    def _lines(self):
        report = self.report_
        yield "estimator", type(self).__name__ + (f" (chose {report['method']})" if self._method == "auto" else "")
        yield "rows", f"{report['samples']}, {report['features']} features"
        yield "neurons", str(report["neurons"])
        if "lambda" in report:
            yield "lambda", f"{report['lambda']:.6g}"
        yield "objective", f"{self.objective_:.12g}"
        yield "lower bound", f"{self.lower_bound_:.12g}   over {report['bound_of']}"
        yield "relative gap", f"{self.relative_gap_:.3g}   (asked for: {report['target_gap']:.3g})"
        yield "claim", self.claim_
        yield "stopped", f"{self.stop_} after {self.n_iter_} iterations: {in_python(report['stop_sentence'])}"
        for column in report.get("ignored_columns", []):
            yield "left out", f"{column['column']}: {column['reason']}"

    def _html(self):
        if not self.__sklearn_is_fitted__():
            return ""
        rows = "".join(f"<tr><th style='text-align:left'>{html.escape(name)}</th>"
                       f"<td style='text-align:left'>{html.escape(text)}</td></tr>" for name, text in self._lines())
        return f"<table>{rows}</table>"

    def _repr_html_inner(self):
        return super()._repr_html_inner() + self._html()

    def _repr_mimebundle_(self, **options):
        bundle = super()._repr_mimebundle_(**options)
        if "text/html" in bundle:
            bundle["text/html"] += self._html()
        return bundle

    # Files.

    def save(self, path):
        """Writes the model file: `nadir.load` reads it, `nadir inspect` shows it, `nadir-verify` checks it."""
        check_is_fitted(self)
        Path(path).write_bytes(self.model_file_)

    def write_data(self, path, X, y, sample_weight=None):
        """Writes X and y as the table that the certificate is about, for `nadir-verify MODEL DATA.npz`."""
        Path(path).write_bytes(self.data_file(X, y, sample_weight))

    def data_file(self, X, y, sample_weight=None):
        """The bytes of that file."""
        check_is_fitted(self)
        X, y, weights = _with_weight(*self._checked(X, y, reset=False), sample_weight)
        return _rows.as_npz(*self._table(X, self._encoded(y), weights))

    def _checked(self, X, y, reset=True):
        X, y = validate_data(self, X, y, reset=reset, accept_sparse="csr", dtype=[np.float64, np.float32],
                             ensure_min_samples=2, y_numeric=self._task == "regression")
        return X.toarray() if hasattr(X, "toarray") else X, y


class Classifier(ClassifierMixin, NadirEstimator):
    _task = "classification"

    def _target(self, y):
        """Sets classes_."""
        check_classification_targets(y)
        self.classes_ = np.unique(y)
        if len(self.classes_) < 2:
            raise ValueError(f"y holds one class only, {self.classes_.tolist()[0]!r}; two classes or more are needed")
        return self._encoded(y)

    def _encoded(self, y):
        """Labels that are whole numbers stay what they are; others are told by their places in classes_."""
        places = np.searchsorted(self.classes_, y).clip(max=len(self.classes_) - 1)
        if (unknown := self.classes_[places] != y).any():
            raise ValueError(f"y holds {y[unknown].tolist()[0]!r}, which is none of the classes")
        return self.classes_.astype(np.int64)[places] if self._whole() else places.astype(np.int64)

    def _whole(self):
        """Whether the labels are whole numbers that the library's texts of them name exactly."""
        if self.classes_.dtype.kind not in "iuf":
            return False
        return all(label == int(label) and abs(label) < 2**53 for label in self.classes_.tolist())

    def _order(self):
        """The places in classes_ of the model's classes."""
        texts = [int(float(text)) for text in self._description["classes"]]
        if not self._whole():
            return texts
        return [int(place) for place in np.searchsorted(self.classes_, texts)]

    def _note(self):
        labels = self.classes_.tolist()
        if not all(isinstance(label, (str, int, float, bool)) for label in labels):
            labels = [str(label) for label in labels]
        return {**super()._note(), "classes": labels, "dtype": self.classes_.dtype.kind}

    def _restore(self, note):
        super()._restore(note)
        self.classes_ = np.array(note["classes"], dtype=object if note["dtype"] == "O" else None)

    def _columns(self, outputs):
        """The outputs in the order of classes_."""
        order = self._order()
        if outputs.shape[1] == 1:
            return outputs if order == [0, 1] else -outputs
        return outputs[:, np.argsort(order)]

    def decision_function(self, X):
        """Of two classes one number a row, which is at least 0 for the second; of more one for each class."""
        outputs = self._columns(self._outputs(X))
        if outputs.shape[1] == 1:
            return outputs[:, 0]
        return outputs[:, 1] - outputs[:, 0] if len(self.classes_) == 2 else outputs

    def predict(self, X):
        """The class of each row."""
        scores = self.decision_function(X)
        places = (scores >= 0).astype(int) if scores.ndim == 1 else scores.argmax(axis=1)
        return self.classes_[places]

    def _has_probabilities(self):
        return getattr(self, "loss", "softmax") in ("auto", "logistic", "softmax")

    @available_if(_has_probabilities)
    def predict_proba(self, X):
        """The probability of each class, for the losses that have them: logistic and softmax."""
        return self._outputs(X, probabilities=True)[:, np.argsort(self._order())]


class Regressor(RegressorMixin, NadirEstimator):
    _task = "regression"

    def _target(self, y):
        return np.asarray(y, dtype=np.float64)

    _encoded = _target

    def predict(self, X):
        """The quantity, in its own units."""
        quantity = self._description["quantity"] if hasattr(self, "_description") else None
        outputs = self._outputs(X)[:, 0]
        return outputs * quantity["range"] + quantity["offset"]


class WithWeights:
    def fit(self, X, y, sample_weight=None, *, callback=None):
        """Trains to a proven optimum.

        X : array (rows x features), DataFrame or sparse matrix, which is made dense. A float32 or float64 array whose
            rows or columns lie one after the other is read where it lies, unless rows have weights or are there twice;
            linear, gated and ReLU networks make no scaled copy of a large one, float64 and row by row (docs/python.md, Rows).
        y : one label or quantity a row.
        sample_weight : how much each row counts. A row of weight 2 is the row twice, one of weight 0 is no row.
        callback : called with `Progress` after each iteration of the final training. If it returns False, the training
            ends with the best it has; what it raises is raised here.

        Ctrl-C ends the training after its present step, with the best it has, and a warning; pressed twice it raises
        KeyboardInterrupt.
        """
        X, y = self._checked(X, y)
        return self._fit(X, y, sample_weight, callback)


class WithPath:
    def fit_path(self, X, y, sample_weight=None, *, ratios=None):
        """Fitted estimators at one lambda each, each training begun with the network before it.

        ratios : shares of the largest lambda, `report_["largest_lambda"]`; None: `path` of them, from 1 down to `path_ratio`,
            evenly on a logarithmic scale.
        """
        fitted = []
        for ratio in np.geomspace(1, self.path_ratio, self.path) if ratios is None else ratios:
            one = clone(self).set_params(lambda_=0, lambda_ratio=float(ratio), warm_start=True)
            if fitted:
                one._model = fitted[-1]._model
            fitted.append(one.fit(X, y, sample_weight).set_params(warm_start=self.warm_start))
        return fitted


class WithoutWeights:
    _weighted = False

    def fit(self, X, y, *, callback=None):
        """Trains to a proven optimum. All as in `ReluClassifier.fit`, but rows have no weights: this method's
        objective has none."""
        X, y = self._checked(X, y)
        return self._fit(X, y, None, callback)


def documented(text, parameters):
    return text + "\n\n" + parameters.__doc__ + "\n" + NadirEstimator.__doc__.replace("What all estimators share. ", "")
