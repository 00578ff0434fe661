"""How far a network that was trained elsewhere is from the optimum of its own training problem."""
import json
import warnings
from io import BytesIO
from pathlib import Path

import numpy as np
from . import _core, _rows
from ._estimator import in_python, plain
from ._interrupts import takes_signals
from .verification import verdict_of


class Certified:
    """What `certify` or `certify_linear` found.

    objective : the network's own, in its own definition (`report["definition"]`)
    lower_bound, gap, relative_gap, claim : what is proved of the least one, over networks of any width; of parallel sub-networks over
        any number of them; of a gated network over all weights for its gates; of a polynomial one over all of its shape within its
        norms (None where nothing is proved); of a deep linear network over those of its widths, and `claim` is the verdict:
        global_minimum, saddle, not_critical or undecided
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
        bound, gap = (None if x is None else f"{x:.{digits}g}" for x, digits in ((self.lower_bound, 12), (self.relative_gap, 3)))
        return f"Certified(objective={self.objective:.12g}, lower_bound={bound}, relative_gap={gap}, claim={self.claim!r})"

    def save(self, path):
        """Writes the model file."""
        Path(path).write_bytes(self.model_file)

    def verify(self):
        """The verifier's verdict on that file and the rows that `certify` was given."""
        return verdict_of(self.model_file, _rows.as_npz(*self._data))


def _layers_of_torch(module, method):
    """Arrays W1, b1, .. of a Sequential of linear layers, and the slope between them."""
    arrays, slopes, layers, activated = {}, set(), 0, True
    for part in module.children():
        kind = type(part).__name__
        if kind == "Linear":
            if not activated and method != "linear":
                raise ValueError("the network has two linear layers without a ReLU between them")
            layers, activated = layers + 1, False
            arrays[f"W{layers}"] = part.weight.detach().cpu().double().numpy()
            if part.bias is not None:
                arrays[f"b{layers}"] = part.bias.detach().cpu().double().numpy()
        elif kind in ("ReLU", "LeakyReLU") and not activated and method != "linear" and (layers == 1 or method == "parallel"):
            slopes.add(getattr(part, "negative_slope", 0.0))
            activated = True
        elif kind not in ("Flatten", "Identity", "Dropout"):
            raise ValueError(f"the network has a {kind}, which is " + (
                "no linear layer" if method == "linear" else
                "neither a linear layer nor a (leaky) ReLU between two" if method == "parallel" else
                "neither of two linear layers nor a (leaky) ReLU between them"))
    if activated and layers > 0 and method == "parallel":
        raise ValueError("the network ends with an activation")
    if len(slopes) > 1:
        raise ValueError("the network has ReLUs of several slopes")
    return arrays, slopes.pop() if slopes else 0.0


def _is_module(network):
    return hasattr(network, "children") and hasattr(network, "state_dict")


def _arrays_of_subnetworks(networks):
    """Arrays PREFIX.i.W1, .. of a list of sub-networks, and their slope (None: the caller says it)."""
    arrays, slopes = {}, set()
    for number, network in enumerate(networks):
        if isinstance(network, dict):
            part = network
        elif _is_module(network):
            part, slope = _layers_of_torch(network, "parallel")
            slopes.add(slope)
        else:
            part = {f"W{layer}": weights for layer, weights in enumerate(network, 1)}
        arrays |= {f"network.{number}.{name}": array for name, array in part.items()}
    if len(slopes) > 1:
        raise ValueError("the sub-networks have ReLUs of several slopes")
    return arrays, slopes.pop() if slopes else None


def _arrays_of(network, method):
    """Arrays by name, and the slope between layers (None: the caller says it)."""
    if isinstance(network, dict):
        return network, None
    if _is_module(network) and method not in ("gated", "spectral"):
        return _layers_of_torch(network, method)
    if not isinstance(network, (tuple, list)):
        raise ValueError({"gated": "network: give a path or arrays (G, V)",
                          "spectral": "network: give a path or arrays (U1, alpha1, .., W)",
                          "parallel": "network: give a path, a list of sub-networks, each of arrays (W1, .., WL), or a "
                                      "torch.nn.Sequential"}.get(
                                          method, "network: give a path, arrays W1, b1, W2, b2, or a torch.nn.Sequential"))
    if method == "parallel":
        chain = len(network) > 0 and isinstance(network[0], np.ndarray)
        return _arrays_of_subnetworks([network] if chain else network)
    if method == "linear":
        return {f"W{layer}": weights for layer, weights in enumerate(network, 1)}, None
    if method == "gated":
        if len(network) != 2:
            raise ValueError("arrays of a gated network are (G, V), gates x inputs and (gates outputs) x inputs")
        return dict(zip(("G", "V"), network)), None
    if method == "spectral":
        if len(network) < 3 or len(network) % 2 == 0:
            raise ValueError("arrays of a polynomial network are (U1, alpha1, U2, alpha2, .., W), weights units x inputs")
        names = [f"{letter}{layer}" for layer in range(1, len(network) // 2 + 1) for letter in ("U", "alpha")]
        return dict(zip([*names, "W"], network)), None
    if len(network) not in (2, 4):
        raise ValueError("arrays of a network are (W1, W2) or (W1, b1, W2, b2), weights outputs x inputs")
    return dict(zip(("W1", "b1", "W2", "b2") if len(network) == 4 else ("W1", "W2"), network)), None


def _as_file(network, method):
    """The network as a file in memory, a name for it, and the slope between its layers (None: the file or the caller
    says it)."""
    if isinstance(network, (str, Path)):
        return Path(network).read_bytes(), Path(network).name, None
    arrays, slope = _arrays_of(network, method)
    file = BytesIO()
    np.savez(file, **{name: np.ascontiguousarray(array, dtype=np.float64) for name, array in arrays.items()})
    return file.getvalue(), "network.npz", slope


def certify(network, X, y, *, lambda_=None, method="relu", activation="relu", slope=0.01, task="auto", scale="none", seed=0, **options):
    """Says how far a network is from the optimum of its training problem, and proves it.

    network : path of a file as `nadir certify` reads it, or by method
        relu: arrays (W1, W2) or (W1, b1, W2, b2), or a dict of them, weights outputs x inputs; or a torch.nn.Sequential of two
            Linear layers with ReLU or LeakyReLU between them.
        parallel: a list of sub-networks of the same depth, each of arrays (W1, .., WL), a dict of them with b1, or a
            torch.nn.Sequential of Linear layers with the same ReLU or LeakyReLU between them; or one of these alone. Only
            first layers have biases. `train_parallel(..).networks` is such a list.
        gated: arrays (G, V) or a dict of them: gates x inputs, and a row of weights for each gate and output.
        spectral: arrays (U1, alpha1, U2, alpha2, .., W) or a dict of them, of a generalized polynomial network: weights units x
            inputs, none negative, the exponents of the units, and last classes x units.
    X, y : the rows that it was trained on, as the network takes them. Labels are numbers, in their order.
    lambda_ : weight of the penalty in the network's own training; see `penalty`, `reduction`, `half`. spectral has none.
    activation, slope : of arrays: relu, or leaky_relu with this slope.
    task, scale : as of `nadir certify`.
    method : relu, parallel, gated or spectral, as of `nadir certify`. Deep linear networks: `certify_linear`.
    options : those of that method. relu and parallel: loss, huber_delta, penalty, reduction, half, gap, time_limit, max_rounds, nodes,
        improve; relu: free_output_biases, free_hidden_biases; gated: loss, huber_delta, gated_penalty, reduction, half, gap, time_limit, improve;
        spectral: p_u, p_w, rho_u, rho_w, norm, epsilon, gap, max_iterations, time_limit, box_steps, improve.

    torch's `weight_decay=l` of Adam or SGD with MSELoss is lambda_=l, half=False.
    """
    if method not in ("relu", "parallel", "gated", "spectral"):
        raise ValueError(f"method is {method!r}; there are relu, parallel, gated and spectral, and certify_linear")
    if (lambda_ is None) != (method == "spectral"):
        raise TypeError("certify() of polynomial networks takes no lambda_; their norms are limited" if method == "spectral" else
                        "certify() wants lambda_, the weight of the penalty")
    known = {option["name"].replace("-", "_"): option["name"] for option in json.loads(_core.describe_certify_options(method))
             if option["name"] != "lambda"}
    for name in options:
        if name not in known:
            raise TypeError(f"certify() has no option {name!r}; there are " + ", ".join(sorted(known)))
    file, name, own_slope = _as_file(network, method)
    if own_slope is not None:
        activation, slope = ("leaky_relu" if own_slope else "relu"), own_slope
    X, y = _rows.checked(X, y)
    wanted = {known[key]: plain(value) for key, value in options.items()}
    wanted |= {} if lambda_ is None else {"lambda": plain(lambda_)}
    wanted |= {"method": method, "activation": activation, "slope": plain(slope), "task": task, "scale": scale,
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
    file, name, _ = _as_file(network, "linear")
    X, y = _rows.checked(X, y)
    wanted = {"gap": plain(gap), "residual": bool(residual), "task": task, "scale": scale}
    try:
        model, report = _core.certify_linear(file, name, X, _rows.as_npy(y), json.dumps(wanted))
    except ValueError as error:
        raise ValueError(in_python(error)) from None
    return Certified(model, json.loads(report), (X, y))
