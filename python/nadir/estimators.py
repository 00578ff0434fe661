"""Estimators in the manner of scikit-learn, one for each trainer. Their parameters are those of `nadir train`, with
the same names (_ for -), defaults and ranges; `_parameters.py` is made from the library's own tables."""
import json
from pathlib import Path

import numpy as np

from . import _core, _parameters
from ._compatible import NonNegativeTarget
from ._estimator import Classifier, Progress, Regressor, WithoutWeights, WithPath, WithWeights, documented


class ReluClassifier(WithWeights, WithPath, Classifier, _parameters.ReluClassifierParameters):
    __doc__ = documented("Two-layer ReLU networks of any width with weight decay, for classes: `nadir train --method relu`.",
                          _parameters.ReluClassifierParameters)
    _method = "relu"


class ReluRegressor(WithWeights, WithPath, Regressor, _parameters.ReluRegressorParameters):
    __doc__ = documented("Two-layer ReLU networks of any width with weight decay, for quantities: "
                          "`nadir train --method relu`.", _parameters.ReluRegressorParameters)
    _method = "relu"


class GatedReluClassifier(WithWeights, WithPath, Classifier, _parameters.GatedReluClassifierParameters):
    __doc__ = documented("Networks of gated linear units, whose training is convex, for classes: "
                          "`nadir train --method gated`.", _parameters.GatedReluClassifierParameters)
    _method = "gated"


class GatedReluRegressor(WithWeights, WithPath, Regressor, _parameters.GatedReluRegressorParameters):
    __doc__ = documented("Networks of gated linear units, whose training is convex, for quantities: "
                          "`nadir train --method gated`.", _parameters.GatedReluRegressorParameters)
    _method = "gated"


class AutoClassifier(WithWeights, Classifier, _parameters.AutoClassifierParameters):
    __doc__ = documented("The better of ReLU and gated networks on rows that cross-validation leaves out, for classes: "
                          "`nadir train --method auto`.", _parameters.AutoClassifierParameters)
    _method = "auto"


class AutoRegressor(WithWeights, Regressor, _parameters.AutoRegressorParameters):
    __doc__ = documented("The better of ReLU and gated networks on rows that cross-validation leaves out, for "
                          "quantities: `nadir train --method auto`.", _parameters.AutoRegressorParameters)
    _method = "auto"


class KernelClassifier(WithWeights, WithPath, Classifier, _parameters.KernelClassifierParameters):
    __doc__ = documented("Infinitely many units with a density of weights, as a kernel machine, for classes: "
                         "`nadir train --method kernel`.", _parameters.KernelClassifierParameters)
    _method = "kernel"


class KernelRegressor(WithWeights, WithPath, Regressor, _parameters.KernelRegressorParameters):
    __doc__ = documented("Infinitely many units with a density of weights, as a kernel machine, for quantities: "
                         "`nadir train --method kernel`.", _parameters.KernelRegressorParameters)
    _method = "kernel"


class PolynomialClassifier(WithoutWeights, Classifier, _parameters.PolynomialClassifierParameters):
    __doc__ = documented("Generalized polynomial networks by nonlinear spectral methods, for classes: "
                          "`nadir train --method spectral`.", _parameters.PolynomialClassifierParameters)
    _method = "spectral"


class LinearNetworkRegressor(WithoutWeights, Regressor, _parameters.LinearNetworkRegressorParameters):
    __doc__ = documented("Deep linear networks of the least squared loss, in closed form, for quantities: "
                          "`nadir train --method linear`.", _parameters.LinearNetworkRegressorParameters)
    _method = "linear"


class ParticleRegressor(WithoutWeights, Regressor, _parameters.ParticleRegressorParameters):
    __doc__ = documented("Two-layer ReLU networks of so many units, by particle gradient flow, for quantities; `lambda_` "
                         "must be given: `nadir train --method particle`.", _parameters.ParticleRegressorParameters)
    _method = "particle"


class ReluSumRegressor(NonNegativeTarget, WithoutWeights, Regressor, _parameters.ReluSumRegressorParameters):
    __doc__ = documented("Sums of ReLU units without a penalty, for quantities that such a sum may have made, which are "
                         "never below 0: `nadir train --method planted`.", _parameters.ReluSumRegressorParameters)
    _method = "planted"


class ReluClassifierCV(WithWeights, Classifier, _parameters.ReluClassifierCVParameters):
    __doc__ = documented("Two-layer ReLU networks of any width with weight decay, for classes, the penalty's weight chosen by "
                         "cross-validation.", _parameters.ReluClassifierCVParameters)
    _method = "relu"


class ReluRegressorCV(WithWeights, Regressor, _parameters.ReluRegressorCVParameters):
    __doc__ = documented("Two-layer ReLU networks of any width with weight decay, for quantities, the penalty's weight chosen by "
                         "cross-validation.", _parameters.ReluRegressorCVParameters)
    _method = "relu"


class GatedReluClassifierCV(WithWeights, Classifier, _parameters.GatedReluClassifierCVParameters):
    __doc__ = documented("Networks of gated linear units, for classes, the penalty's weight chosen by "
                         "cross-validation.", _parameters.GatedReluClassifierCVParameters)
    _method = "gated"


class GatedReluRegressorCV(WithWeights, Regressor, _parameters.GatedReluRegressorCVParameters):
    __doc__ = documented("Networks of gated linear units, for quantities, the penalty's weight chosen by "
                         "cross-validation.", _parameters.GatedReluRegressorCVParameters)
    _method = "gated"


class KernelClassifierCV(WithWeights, Classifier, _parameters.KernelClassifierCVParameters):
    __doc__ = documented("Infinitely many units with a density of weights, as a kernel machine, for classes, the penalty's weight "
                         "chosen by cross-validation.", _parameters.KernelClassifierCVParameters)
    _method = "kernel"


class KernelRegressorCV(WithWeights, Regressor, _parameters.KernelRegressorCVParameters):
    __doc__ = documented("Infinitely many units with a density of weights, as a kernel machine, for quantities, the penalty's "
                         "weight chosen by cross-validation.", _parameters.KernelRegressorCVParameters)
    _method = "kernel"


_ESTIMATORS = {kind.__name__: kind for kind in (
    ReluClassifier, ReluRegressor, GatedReluClassifier, GatedReluRegressor, AutoClassifier, AutoRegressor,
    KernelClassifier, KernelRegressor, PolynomialClassifier, LinearNetworkRegressor, ParticleRegressor, ReluSumRegressor,
    ReluClassifierCV, ReluRegressorCV, GatedReluClassifierCV, GatedReluRegressorCV, KernelClassifierCV, KernelRegressorCV)}


def load(file):
    """The fitted estimator of a model file that `save` wrote: a path, or the bytes. Nothing in the file is executed;
    what it claims is checked by `nadir.verify` only."""
    content = file if isinstance(file, bytes) else Path(file).read_bytes()
    model = _core.Model(content, "model" if isinstance(file, bytes) else str(file))
    note = json.loads(model.describe())["notes"].get("python")
    if not isinstance(note, dict) or note.get("estimator") not in _ESTIMATORS:
        raise ValueError("no estimator of this package saved this model; `nadir predict` uses models of `nadir train`")
    kind = _ESTIMATORS[note["estimator"]]
    defaults = kind().get_params()
    values = {name: defaults[name] if value is None else tuple(value) if isinstance(value, list) else value
              for name, value in note["parameters"].items()}
    estimator = kind(**values)
    estimator._restore(note)
    estimator._take(model, note["report"])
    estimator.model_file_ = content
    return estimator
