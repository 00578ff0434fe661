"""Parallel positively homogeneous sub-networks, of any number, by the meta-algorithm of Haeffele and Vidal (2017).

    layers = [nadir.Layer(5, 4, "relu"), nadir.Layer(4, 4, "relu"), nadir.Layer(4, 1)]
    told = nadir.train_parallel(X, Y, layers, lambda_=0.01, seed=1)
    told.outputs(X), told.networks[0], told.objective, told.lower_bound
    U_and_V = nadir.factorize(Y, 0.5)
    parts = nadir.factorize(Y, 0.5, non_negative="both")

Lower bounds are proven by the trainer with a margin for rounding. `told.save(path)` writes a model file whose certificate
`nadir-verify` checks, for chains of ReLU or leaky ReLU layers with a linear last one, and for factorizations.
"""
import math
import warnings
from operator import index
from pathlib import Path
from typing import NamedTuple

import numpy as np

from . import _core
from ._checks import numbers, seed_of
from ._interrupts import takes_signals
from .certification import certify

_CLASSES = ("logistic", "squared_hinge", "softmax")


class Layer(NamedTuple):
    """A linear map of so many inputs and outputs, then a map of each entry, then the largest of `pool` neighbours.

    map : linear, relu, leaky_relu (z for z > 0, parameter z otherwise) or power (max(0, z)^parameter).
    """

    inputs: int
    outputs: int
    map: str = "linear"
    parameter: float = 0.0
    pool: int = 1


class Image(NamedTuple):
    """The first layer looks at each kernel x kernel patch of an image, whose rows of X are height x width x channels numbers,
    channels last; then the largest over all places is taken. Its inputs are kernel x kernel x channels."""

    height: int
    width: int
    kernel: int
    channels: int = 1


class Step(NamedTuple):
    """A step of the meta-algorithm.

    step : descended, resized (the best sizes of all sub-networks, a convex problem), found_zero (those of no cost were dropped),
        reduced (fewer with the same outputs), appended or ended
    objective, width : after it
    polar : at appended and ended, the largest <-grad L, phi> / (lambda theta) found: above 1, that sub-network lowers the objective
    """

    step: str
    objective: float
    width: int
    polar: float


class ParallelNetworks:
    """What `train_parallel` ended with.

    networks : a list of sub-networks, each a list of weights, outputs x inputs of its layer
    objective : the value reached
    lower_bound : proven, of the objective over every number of sub-networks; -inf where no bound is known
    relative_gap : (objective - lower_bound) / (objective without any sub-network - lower_bound); inf without a bound
    claim : certified where the relative gap is at most `gap`, bounded, or undecided without a bound: the trainer's own. That of
        `certify()` is checked by nadir-verify
    no_descent_found : the search for a further sub-network that lowers the objective ended without one, which proves nothing
    polar, polar_bound, bound_by : the largest <-grad L, phi> / (lambda theta) of a sub-network: the one found at the end; the one
        proven at the point that the bound is from, and by what (singular value, vertices, non-negative form, branch and bound, units,
        rows, layer norms, paths or none)
    stop : gap_reached (as the search sees it), no_progress, iteration_limit, time_limit or told_to (interrupted)
    log : a `Step` for each
    """

    def __init__(self, told, layers, image, problem=None):
        self._layers, self._image, self._weights, self._problem = layers, image, told["weights"], problem
        for name in ("objective", "lower_bound", "relative_gap", "claim", "no_descent_found", "polar", "polar_bound", "bound_by",
                     "stop"):
            setattr(self, name, told[name])
        self.log = [Step(*row) for row in told["log"]]

    @property
    def networks(self):
        places = np.cumsum([layer.inputs * layer.outputs for layer in self._layers])[:-1]
        return [[part.reshape(layer.outputs, layer.inputs) for part, layer in zip(np.split(row, places), self._layers)]
                for row in self._weights]

    def outputs(self, X):
        """The sum of all sub-networks, n x outputs."""
        X, image = numbers(X, 2, "X"), self._image
        inputs = image.height * image.width * image.channels if image.kernel else self._layers[0].inputs
        if X.shape[1] != inputs:
            raise ValueError(f"X has {X.shape[1]} features, and the sub-networks have {inputs} inputs")
        return _core.parallel_outputs(self._layers, image, self._weights, X)

    def certify(self, **options):
        """These sub-networks with a certificate that nadir-verify checks: `certify(self.networks, .., method="parallel")` of the
        problem that they were trained on, with its `options`. Nothing is trained unless improve=True.

        For layers with relu (or leaky_relu of one parameter within [-1, 1]) but a linear last one, without pooling and images, for
        costs of l2 norms: product, mean_of_powers, and squares of two layers; for one quantity, or classes. Others are refused.
        """
        X, y, lambda_, penalty, loss, huber_delta = self._stated()
        hidden = self._layers[0]
        return certify(self.networks, X, y, lambda_=lambda_, method="parallel", penalty=penalty, loss=loss, huber_delta=huber_delta,
                       activation=hidden.map, slope=hidden.parameter, task="classification" if loss in _CLASSES else "regression",
                       **options)

    def save(self, path, **options):
        """Writes the model file that `certify(**options)` has; returns what it told."""
        told = self.certify(**options)
        told.save(path)
        return told

    def _stated(self):
        """The training problem, where a model file states it."""
        def refuse(why):
            raise ValueError(f"no model file states {why}")

        hidden, last = self._layers[:-1], self._layers[-1]
        X, Y, lambda_, regularizer, norms, loss, huber_delta = self._problem
        if not hidden or last.map != "linear" or any(layer.map not in ("relu", "leaky_relu") for layer in hidden):
            refuse("other chains than of relu or leaky_relu layers with a linear last one")
        if len({(layer.map, layer.map == "leaky_relu" and layer.parameter) for layer in hidden}) > 1:
            refuse("layers of several maps")
        if self._image.kernel or any(layer.pool != 1 for layer in self._layers):
            refuse("images or pooling")
        penalties = {"product": "norms", "mean_of_powers": "powers", "squares": "weight-decay"}
        if regularizer not in penalties or any(norm != "l2" for norm in norms or ()):
            refuse("this cost of sub-networks; it knows product, mean_of_powers and squares of l2 norms")
        if Y.shape[1] != 1:
            refuse("several quantities")
        if len(self) == 0:
            refuse("the zero network")
        return X, Y[:, 0].astype(np.int64) if loss in _CLASSES else Y[:, 0], lambda_, penalties[regularizer], loss, huber_delta

    def __len__(self):
        return len(self._weights)

    def __repr__(self):
        known = (f"proven at least {self.lower_bound:.6g} (relative gap {self.relative_gap:.1e}; by the trainer)"
                 if math.isfinite(self.lower_bound) else "no lower bound known")
        found = "; no descent found" if self.no_descent_found else ""
        return f"{type(self).__name__}({len(self)} sub-networks, objective {self.objective:.6g}, {known}{found})"


def _layer(told):
    inputs, outputs, map_, parameter, pool = Layer(*told)
    return Layer(index(inputs), index(outputs), map_, float(parameter), index(pool))


def _targets(Y, loss):
    """As a matrix, and how many classes there are; 0 for quantities."""
    Y = numbers(np.atleast_1d(Y)[:, None] if np.ndim(Y) < 2 else Y, 2, "Y")
    if loss not in _CLASSES:
        if loss == "huber" and Y.shape[1] != 1:
            raise ValueError(f"Y has {Y.shape[1]} columns; the loss huber is for one quantity")
        return Y, 0
    if Y.shape[1] != 1 or not (Y == np.floor(Y)).all() or not (0 <= Y.min(initial=0) <= Y.max(initial=0) < 10_000):
        raise ValueError(f"Y is not one column of classes 0, 1, 2 and so on, which the loss {loss} is for")
    return Y, 2 if loss != "softmax" else max(2, int(Y.max(initial=0)) + 1)


def _rows(start, layers, image, seed):
    """Sub-networks as rows of all their weights: so many random ones, or those given."""
    if not hasattr(start, "__len__"):
        if not 0 <= index(start) <= 1_000_000:
            raise ValueError(f"start is {start}; it must be a number of sub-networks, or a list of them")
        return _core.random_subnetworks(layers, image, index(start), seed)
    shapes = [(layer.outputs, layer.inputs) for layer in layers]
    for network in start:
        if [np.shape(part) for part in network] != shapes:
            raise ValueError(f"start: a sub-network of shapes {[np.shape(part) for part in network]} where the layers' are {shapes}")
    rows = [np.concatenate([np.ravel(part) for part in network]) for network in start]
    return numbers(np.reshape(rows, (len(rows), sum(a * b for a, b in shapes))), 2, "start")


def _within(name, value, least, most):
    if not least <= value <= most:
        raise ValueError(f"{name} is {value}; it must be in [{least:g}, {most:g}]")
    return value


def _trained(X, Y, layers, image, regularizer, norms, lambda_, loss, huber_delta, start, gap, limits, time_limit, seed,
             non_negative=()):
    layers = [_layer(told) for told in layers]
    if sum(layer.inputs * layer.outputs for layer in layers) > 2**31:
        raise ValueError("a sub-network of more than 2^31 weights")
    image = Image(*map(index, Image(*image))) if image is not None else Image(0, 0, 0, 0)
    if image.kernel < 0 or image.kernel == 0 < image.height:
        raise ValueError(f"image has a kernel of {image.kernel}; it must be at least 1")
    X = numbers(X, 2, "X")
    Y, classes = _targets(Y, loss)
    if len(X) != len(Y) or X.size == 0:
        raise ValueError(f"X has {len(X)} rows of {X.shape[1]} features, and Y {len(Y)}; there must be as many, and at least one")
    _within("huber_delta", huber_delta, 1e-300, 1e300)
    if not 0 < lambda_ < math.inf:
        raise ValueError(f"lambda_ is {lambda_}; it must be above 0 and finite")
    if not time_limit > 0:
        raise ValueError(f"time_limit is {time_limit}; it must be above 0")
    counts = [_within(name, index(value), least, 10**9) for name, (value, least) in limits.items()]
    rows = _rows(start, layers, image, seed_of(seed))
    if not hasattr(start, "__len__") and any(non_negative):
        rows = np.where(np.repeat(non_negative, [layer.inputs * layer.outputs for layer in layers]), np.abs(rows), rows)
    told = _core.train_parallel(X, Y, layers, image, regularizer, [] if norms is None else list(norms), list(non_negative),
                                float(lambda_), loss, float(huber_delta), classes, rows,
                                float(_within("gap", gap, 1e-15, 1)), *counts[:2], float(time_limit), *counts[2:], seed_of(seed),
                                takes_signals())
    if told["interrupts"]:
        warnings.warn("the training was interrupted: this is the best so far", stacklevel=3)
    return told, layers, image, (X, Y, lambda_, regularizer, norms, loss, huber_delta)


def train_parallel(X, Y, layers, *, lambda_, regularizer="mean_of_powers", norms=None, loss="squared", huber_delta=1.0, start=0,
                   image=None, gap=1e-6, max_rounds=200, descent_iterations=1000, search_starts=32, nodes=300,
                   time_limit=math.inf, seed=0):
    """Parallel sub-networks, of any number r, each a chain of linear and positively homogeneous maps:

        min over r, W_1 .. W_r of  mean loss of sum_i phi(W_i)  +  lambda_ sum_i theta(W_i)

    X : n x inputs, as the sub-networks see them: nothing is scaled, and no constant is added.
    Y : n x outputs, or n; for logistic, squared_hinge and softmax the classes' numbers, from 0 on. The squared loss is half the
        squared distance.
    layers : of a sub-network: a list of `Layer`, or of tuples (inputs, outputs, map, parameter, pool).
    regularizer : theta, over the K layers: product of the norms; mean_of_powers, (1/K) sum |W_k|^K; squares, sum |W_k|^2 / 2 (weight
        decay); path, the sum over all paths of the product of |w|. A sub-network and its theta must be homogeneous of one degree:
        weight decay on three layers is refused. With power maps and e_k the degree of the sub-network in W_k, p their sum, product is
        that of |W_k|^e_k and mean_of_powers sum (e_k / p) |W_k|^p, so that both follow it.
    norms : by layer: l1, l2 or l_inf of all entries. None: l2. path reads none.
    start : how many random sub-networks, of variance 1 / inputs, or a list of them as in `ParallelNetworks.networks`. Width grows and
        shrinks from there.
    image : an `Image`, or None.
    gap : relative gap that is wanted.
    max_rounds, descent_iterations : rounds at most, and steps of L-BFGS in each.
    search_starts : random ones, of each search for a further sub-network.
    nodes : cones that the proof for ReLU units looks at.
    time_limit : seconds, looked at after each round.
    seed : of the start and of the searches. The same arguments give the same bytes, unless the time limit ends it.

    Returns `ParallelNetworks`. Its lower bound is tight for linear layers, for one hidden ReLU layer and one output on small data, and for
    deeper relu layers where these gain nothing over one unit; else loose. There is none for leaky_relu of a parameter beyond 1.
    Other threads of Python run meanwhile. Ctrl-C ends it with the best so far and a warning.
    """
    return ParallelNetworks(*_trained(X, Y, layers, image, regularizer, norms, lambda_, loss, huber_delta, start, gap,
                                      {"max_rounds": (max_rounds, 0), "descent_iterations": (descent_iterations, 0),
                                       "search_starts": (search_starts, 0), "nodes": (nodes, 1)}, time_limit, seed))


_NON_NEGATIVE = {"none": (), "left": (True, False), "right": (False, True), "both": (True, True)}


class CertifiedFactorization(NamedTuple):
    """A factorization with a certificate that nadir-verify checks.

    model_file : bytes of the model file, which names an NPY file with the matrix (`numpy.save`) as its data
    objective, lower_bound, relative_gap, claim : as the file states them, rounded outward
    """

    model_file: bytes
    objective: float
    lower_bound: float
    relative_gap: float
    claim: str

    def save(self, path):
        """Writes the model file."""
        Path(path).write_bytes(self.model_file)


class Factorization(ParallelNetworks):
    """What `factorize` ended with: U (rows x r), V (columns x r), and what `ParallelNetworks` tells, of the objective
    |Y - U V^T|^2 / 2 + lambda_ sum_i |u_i| |v_i|; `log` too. `save(path)` writes the model file of `certify()`."""

    def __init__(self, told, layers, image, problem, lambda_, non_negative, gap):
        super().__init__(told, layers, image)
        rows = layers[0].inputs
        self._matrix, self._lambda, self._gap = problem[1], lambda_, gap
        signs = sum(non_negative)
        self._added = told["added"] * float(rows) ** (1 if signs == 2 else 2)  # of the form of Y - U V^T, or of its square
        self._l1, self._signs = [norm == "l1" for norm in problem[4]], non_negative or (False, False)
        self.U, self.V = self._weights[:, :rows].T.copy(), self._weights[:, rows:].T.copy()
        self.objective *= rows
        self.lower_bound = math.nextafter(rows * self.lower_bound, -math.inf)
        self.log = [step._replace(objective=rows * step.objective) for step in self.log]

    def certify(self, gap=None):
        """These factors with a certificate that nadir-verify checks, a `CertifiedFactorization`; `nadir.verify(model, Y)` takes it.

        gap : relative gap that is claimed to be reached; None: that of `factorize`.

        With non-negative factors under l2 norms it is proven by the relaxation alone, so that it may be below the trainer's bound,
        which branches; rows and columns are at most 4096 together there.
        """
        return CertifiedFactorization(**_core.certify_factors(
            self._matrix, np.ascontiguousarray(self.U), np.ascontiguousarray(self.V), self._lambda, self._l1, list(self._signs),
            float(_within("gap", self._gap if gap is None else gap, 1e-15, 0.999999)), self._added, takes_signals()))


def factorize(Y, lambda_, *, norms=("l2", "l2"), non_negative="none", start=0, gap=None, max_rounds=200, descent_iterations=1000,
              search_starts=32, nodes=1000, time_limit=math.inf, seed=0):
    """Matrix factorization of any rank r, with as few and as small factors as lambda_ says:

        min over r, U, V of  |Y - U V^T|^2 / 2 + lambda_ sum_i |u_i| |v_i|

    Y : rows x columns.
    norms : of the columns of U, and of those of V: l2, or l1, under which they are sparse.
    non_negative : which factors must have no entry below 0: none, left (U), right (V) or both.
    start : how many random pairs (u_i, v_i), or a pair U, V.
    gap : relative gap that is wanted. None: 1e-9, and 1e-5 with non-negative factors under two l2 norms.
    nodes : supports that the proof looks at there.

    All else as in `train_parallel`. Returns a `Factorization`. With l2 norms alone the optimum is the soft-thresholded singular value
    decomposition. With an l1 norm the bound is exact, too. With non-negative factors under l2 norms it is proven by a relaxation and by
    branching; it was tight to 1e-5 where it was tried, up to 60 x 60, but need not be for many rows and columns. This goes to the
    optimum from any start where the search finds what is missing.
    """
    Y = numbers(Y, 2, "Y")
    if Y.size == 0:
        raise ValueError(f"Y is {Y.shape[0]} x {Y.shape[1]}; it must have a row and a column")
    if non_negative not in _NON_NEGATIVE:
        raise ValueError(f"non_negative is {non_negative}; there are {', '.join(_NON_NEGATIVE)}")
    norms = tuple(norms)
    if len(norms) != 2 or not set(norms) <= {"l1", "l2"}:
        raise ValueError(f"norms is {norms}; it must be two of l1 and l2")
    if hasattr(start, "__len__"):
        U, V = (numbers(part, 2, name) for part, name in zip(start, ("start: U", "start: V")))
        if U.shape[1] != V.shape[1]:
            raise ValueError(f"start: U has {U.shape[1]} columns and V {V.shape[1]}")
        start = [(u[None, :], v[:, None]) for u, v in zip(U.T, V.T)]
    rows, columns = Y.shape
    if not 0 < lambda_ < math.inf:
        raise ValueError(f"lambda_ is {lambda_}; it must be above 0 and finite")
    if gap is None:
        gap = 1e-9 if non_negative == "none" or "l1" in norms else 1e-5
    limits = {"max_rounds": (max_rounds, 0), "descent_iterations": (descent_iterations, 0), "search_starts": (search_starts, 0),
              "nodes": (nodes, 1)}
    trained = _trained(np.eye(rows), Y, [Layer(rows, 1), Layer(1, columns)], None, "product", norms, lambda_ / rows,
                       "squared", 1.0, start, gap, limits, time_limit, seed, _NON_NEGATIVE[non_negative])
    return Factorization(*trained, float(lambda_), _NON_NEGATIVE[non_negative], gap)
