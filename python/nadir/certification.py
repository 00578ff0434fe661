"""How far a network that was trained elsewhere is from the optimum of its own training problem."""
import json
import warnings
from io import BytesIO
from pathlib import Path

import numpy as np
from sklearn.utils.validation import check_X_y

from . import _core, _rows
from ._estimator import in_python, plain
from ._interrupts import takes_signals
from .verification import verdict_of


class Certified:
    """What `certify` or `certify_linear` found.

    objective : the network's own, in its own definition (`report["definition"]`)
    lower_bound, gap, relative_gap, claim : what is proved of the least one, over networks of any width; of a deep linear
        network over those of its widths, and `claim` is the verdict: global_minimum, saddle, not_critical or undecided
    report : dict, as `nadir certify --json` prints it
    model_file : bytes of the model file with the certificate, which `nadir-verify` checks
    """

    def __init__(self, model_file, report, data):
        self.model_file = model_file
        self.report = report
        self.objective = report["objective"]
        self.lower_bound = report["lower_bound"]
        self.gap = report["gap"]
        self.relative_gap = report["relative_gap"]
        self.claim = report["claim"]
        self._data = data

    def __repr__(self):
        return (f"Certified(objective={self.objective:.12g}, lower_bound={self.lower_bound:.12g}, "
                f"relative_gap={self.relative_gap:.3g}, claim={self.claim!r})")

    def save(self, path):
        """Writes the model file."""
        Path(path).write_bytes(self.model_file)

    def verify(self):
        """The verifier's verdict on that file and the rows that `certify` was given."""
        return verdict_of(self.model_file, _rows.as_npz(*self._data))


def _layers_of_torch(module, linear):
    """Arrays W1, b1, .. of a Sequential of linear layers, and the slope between two of them."""
    arrays, slope, layers = {}, 0.0, 0
    for part in module.children():
        kind = type(part).__name__
        if kind == "Linear":
            layers += 1
            arrays[f"W{layers}"] = part.weight.detach().cpu().double().numpy()
            if part.bias is not None:
                arrays[f"b{layers}"] = part.bias.detach().cpu().double().numpy()
        elif kind in ("ReLU", "LeakyReLU") and layers == 1 and not linear:
            slope = getattr(part, "negative_slope", 0.0)
        elif kind not in ("Flatten", "Identity", "Dropout"):
            raise ValueError(f"the network has a {kind}, which is " + (
                "no linear layer" if linear else "neither of two linear layers nor a (leaky) ReLU between them"))
    return arrays, slope


def _as_file(network, linear=False):
    """The network as a file in memory, a name for it, and the slope between its layers (None: the file or the caller
    says it)."""
    if isinstance(network, (str, Path)):
        return Path(network).read_bytes(), Path(network).name, None
    slope = None
    if isinstance(network, dict):
        arrays = network
    elif isinstance(network, (tuple, list)) and linear:
        arrays = {f"W{layer}": weights for layer, weights in enumerate(network, 1)}
    elif isinstance(network, (tuple, list)):
        arrays = dict(zip(("W1", "b1", "W2", "b2") if len(network) == 4 else ("W1", "W2"), network))
        if len(network) not in (2, 4):
            raise ValueError("arrays of a network are (W1, W2) or (W1, b1, W2, b2), weights outputs x inputs")
    elif hasattr(network, "children") and hasattr(network, "state_dict"):
        arrays, slope = _layers_of_torch(network, linear)
    else:
        raise ValueError("network: give a path, arrays W1, b1, W2, b2, or a torch.nn.Sequential")
    file = BytesIO()
    np.savez(file, **{name: np.ascontiguousarray(array, dtype=np.float64) for name, array in arrays.items()})
    return file.getvalue(), "network.npz", slope


def _checked(X, y):
    X, y = check_X_y(X, y, accept_sparse=False, dtype=[np.float64, np.float32])
    return _rows.readable(X), np.asarray(y, dtype=np.int64 if np.asarray(y).dtype.kind in "iub" else np.float64)


def certify(network, X, y, *, lambda_, activation="relu", slope=0.01, task="auto", scale="none", seed=0, **options):
    """Says how far a two-layer network is from the optimum of its training problem, and proves it.

    network : path of an ONNX, safetensors or NPZ file; arrays (W1, W2) or (W1, b1, W2, b2), or a dict of them, weights
        outputs x inputs; or a torch.nn.Sequential of two Linear layers with ReLU or LeakyReLU between them.
    X, y : the rows that it was trained on, as the network takes them. Labels are numbers, in their order.
    lambda_ : weight of the penalty in the network's own training; see `penalty`, `reduction`, `half`.
    activation, slope : of arrays: relu, or leaky_relu with this slope.
    task, scale : as of `nadir certify`.
    options : those of `nadir certify --method relu`: loss, huber_delta, penalty, reduction, half, gap, time_limit,
        max_rounds, nodes, improve, free_output_biases.

    torch's `weight_decay=l` of Adam or SGD with MSELoss is lambda_=l, half=False.
    """
    known = {option["name"].replace("-", "_"): option["name"] for option in json.loads(_core.describe_certify_options())}
    for name in options:
        if name not in known:
            raise TypeError(f"certify() has no option {name!r}; there are " + ", ".join(sorted(known)))
    file, name, own_slope = _as_file(network)
    if own_slope is not None:
        activation, slope = ("leaky_relu" if own_slope else "relu"), own_slope
    X, y = _checked(X, y)
    wanted = {known[key]: plain(value) for key, value in options.items()}
    wanted |= {"lambda": plain(lambda_), "activation": activation, "slope": plain(slope), "task": task, "scale": scale,
               "seed": seed}
    try:
        model, report, interrupted = _core.certify(file, name, X, _rows.as_npy(y), json.dumps(wanted), takes_signals())
    except ValueError as error:
        raise ValueError(in_python(error)) from None
    if interrupted:
        warnings.warn("the proof was interrupted; this is the best it had", stacklevel=2)
    return Certified(model, json.loads(report), (X, y))


def certify_linear(network, X, y, *, gap=1e-6, residual=False, task="auto", scale="none"):
    """Says whether a deep linear network is a global minimum of half the sum of squared errors, a saddle, or neither,
    and proves a lower bound over all networks of its widths: `nadir certify --method linear`.

    network : path of an ONNX, safetensors or NPZ file; arrays (W1, .., WL), weights outputs x inputs, or a dict of them
        with biases b1, .., bL; or a torch.nn.Sequential of Linear layers.
    X, y : the rows that it was trained on. Labels stand for vectors of 0 and 1.
    gap : relative, to be certified. residual : the layers W stand for I + W.

    `report["witness"]` holds the way out of a saddle, with the loss that was measured along it.
    """
    file, name, _ = _as_file(network, linear=True)
    X, y = _checked(X, y)
    wanted = {"gap": plain(gap), "residual": bool(residual), "task": task, "scale": scale}
    try:
        model, report = _core.certify_linear(file, name, X, _rows.as_npy(y), json.dumps(wanted))
    except ValueError as error:
        raise ValueError(in_python(error)) from None
    return Certified(model, json.loads(report), (X, y))
