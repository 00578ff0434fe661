"""nadir trains neural networks to a global optimum and proves it.

    from nadir import ReluClassifier
    model = ReluClassifier().fit(X, y)
    print(model.summary())

What needs scikit-learn is imported when it is asked for.
"""
from importlib import import_module

from . import _core

__version__ = _core.version

_PLACES = {
    "ReluClassifier": "estimators",
    "ReluRegressor": "estimators",
    "GatedReluClassifier": "estimators",
    "GatedReluRegressor": "estimators",
    "KernelClassifier": "estimators",
    "KernelRegressor": "estimators",
    "PolynomialClassifier": "estimators",
    "LinearNetworkRegressor": "estimators",
    "ParticleRegressor": "estimators",
    "ReluSumRegressor": "estimators",
    "AutoClassifier": "estimators",
    "AutoRegressor": "estimators",
    "ReluClassifierCV": "estimators",
    "ReluRegressorCV": "estimators",
    "GatedReluClassifierCV": "estimators",
    "GatedReluRegressorCV": "estimators",
    "KernelClassifierCV": "estimators",
    "KernelRegressorCV": "estimators",
    "Progress": "_estimator",
    "load": "estimators",
    "verify": "verification",
    "Verdict": "verification",
    "certify": "certification",
    "certify_linear": "certification",
    "Certified": "certification",
    "Particles": "flow",
    "ParticleFlow": "flow",
    "particle_flow": "flow",
    "particle_flow_drawn": "flow",
    "Layer": "parallel",
    "Image": "parallel",
    "ParallelNetworks": "parallel",
    "Factorization": "parallel",
    "CertifiedFactorization": "parallel",
    "train_parallel": "parallel",
    "factorize": "parallel",
}
__all__ = sorted(_PLACES)


def __getattr__(name):
    if name not in _PLACES:
        raise AttributeError(f"module 'nadir' has no attribute {name!r}")
    value = getattr(import_module("." + _PLACES[name], __name__), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted(set(globals()) | set(__all__))
