"""Particle gradient flow as an object of study: where particles move, on given samples or on samples that are drawn.

    start = nadir.Particles.on_sphere(15, inputs=2, radius=0.05, seed=1)
    run = nadir.particle_flow(start, X, y, step=0.05, steps=100_000, batch=1, record_every=1000)
    run.particles.outputs(X), run.weights, run.positions

Nothing is proved of where a flow ends; `nadir.certify(run.particles.network(), X, y, lambda_=..)` does that for ReLU and a
penalty, and `ParticleRegressor` does both.
"""
import warnings
from operator import index

import numpy as np

from . import _core
from ._checks import numbers, seed_of
from ._interrupts import takes_signals


class Particles:
    """A network f(x) = (1/m) sum_j w_j sigma(v_j . x) as a cloud of m particles (w_j, v_j).

    weights : w, of m.
    positions : v, m x d.
    activation : relu, squared_relu, cubed_relu or sigmoid.
    intercept : whether the last entry of a position is a bias, so that x has d - 1 features.
    """

    def __init__(self, weights, positions, *, activation="relu", intercept=True):
        self.weights = numbers(weights, 1, "weights")
        self.positions = numbers(positions, 2, "positions")
        self.activation = activation
        self.intercept = bool(intercept)
        if len(self.weights) != len(self.positions) or len(self.weights) == 0:
            raise ValueError(f"{len(self.weights)} weights and {len(self.positions)} positions; there must be as many, "
                             "and at least one")
        if self.inputs < 1:
            raise ValueError("positions have no entry for a feature")

    @classmethod
    def on_sphere(cls, count, inputs, radius, *, activation="relu", intercept=True, seed=0):
        """(w, v) uniform on a sphere around 0: the start for ReLU (Berthier 2018, proposition 4.1)."""
        if not 0 < radius < np.inf:
            raise ValueError(f"radius is {radius}; it must be above 0 and finite")
        rows = _core.start_on_sphere(activation, *_sizes(count, inputs, intercept), float(radius), seed_of(seed))
        return cls(rows[:, 0], rows[:, 1:], activation=activation, intercept=intercept)

    @classmethod
    def without_weight(cls, count, inputs, *, activation="sigmoid", intercept=True, seed=0):
        """w = 0 and v standard normal: the start for sigmoid (Berthier 2018, proposition 4.2)."""
        rows = _core.start_without_weight(activation, *_sizes(count, inputs, intercept), seed_of(seed))
        return cls(rows[:, 0], rows[:, 1:], activation=activation, intercept=intercept)

    @property
    def inputs(self):
        """Features of a sample."""
        return self.positions.shape[1] - self.intercept

    def __len__(self):
        return len(self.weights)

    def __repr__(self):
        return f"Particles({len(self)} of {self.inputs} inputs, {self.activation}, intercept={self.intercept})"

    def outputs(self, X):
        """f of each row of X (n x inputs)."""
        return _core.particle_outputs(self._rows(), self.activation, self._features(X))[:, 0]

    def network(self):
        """The same function as weights of two layers, W1, b1 and W2, as `nadir.certify` takes them. For relu only. With
        its weight decay of lambda the penalty is that of the flow."""
        if self.activation != "relu":
            raise ValueError(f"particles of {self.activation} are no ReLU network")
        root = len(self)**0.5
        layers = {"W1": self.positions[:, :self.inputs] / root, "W2": self.weights[None, :] / root}
        return layers | ({"b1": self.positions[:, -1] / root} if self.intercept else {})

    def _rows(self):
        return np.column_stack([self.weights, self.positions])

    def _features(self, X, name="X"):
        X = numbers(X, 2, name)
        if X.shape[1] != self.inputs:
            raise ValueError(f"{name} has {X.shape[1]} features, and the particles have {self.inputs} inputs")
        return np.column_stack([X, np.ones(len(X))]) if self.intercept else X


def _sizes(count, inputs, intercept):
    if count < 1 or inputs < 1:
        raise ValueError(f"{count} particles of {inputs} inputs; there must be at least one of each")
    return index(count), index(inputs) + bool(intercept)


class ParticleFlow:
    """What a flow did.

    particles : where it ended; None where its numbers are not finite
    steps, stop : steps made, and why it ended: iteration_limit (all were made), numerical_failure (numbers overflowed:
        the step is too long) or told_to (interrupted)
    times : of the R records, in the flow's time: steps made, times the step's length
    losses : R, the mean of (f - y)^2 / 2 over the samples since the record before, each before its step; NaN at time 0
    weights, positions : R x m and R x m x d, of the records
    """

    def __init__(self, told, start, step):
        end, self.steps, self.stop, recorded, losses, rows = told
        like = {"activation": start.activation, "intercept": start.intercept}
        self._like = like
        self.particles = Particles(end[:, 0], end[:, 1:], **like) if np.isfinite(end).all() else None
        self.times = step * np.array(recorded, dtype=np.float64)
        self.losses = losses[:, 0]
        records = rows.reshape(len(recorded), *end.shape)
        self.weights, self.positions = records[:, :, 0], records[:, :, 1:]

    def at(self, record):
        """The particles of a record."""
        return Particles(self.weights[record], self.positions[record], **self._like)


def _flow(function, start, samples, step, counts, lambda_, seed):
    step = float(step)
    result = ParticleFlow(function(start._rows(), start.activation, *samples, step, *map(index, counts), float(lambda_),
                                   *seed, takes_signals()), start, step)
    if result.stop == "told_to":
        warnings.warn(f"the flow was interrupted after {result.steps} steps", stacklevel=3)
    return result


def particle_flow(start, X, y, *, step=0.02, steps=1000, batch=0, lambda_=0.0, record_every=0, seed=0):
    """Particle gradient flow on given samples.

        J = mean (f(x_i) - y_i)^2 / 2 + lambda_/(2 m) sum_j (w_j^2 + |v_j|^2)

    start : `Particles`, which stay as they are.
    X, y : samples (n x inputs) and targets (n), as the particles see them: nothing is scaled.
    step : > 0, of the flow's time: each particle moves by -step m times its gradient, whatever m is.
    batch : samples of a step, in an order that is drawn anew for each pass; 0: all.
    record_every : steps between records of all particles; 0: none is kept but the end.
    seed : of the order of the samples.

    Returns a `ParticleFlow`. Other threads of Python run meanwhile. Ctrl-C ends the flow where it is, with a warning.
    """
    samples = start._features(X), numbers(y, 1, "y")
    return _flow(_core.flow, start, samples, step, (steps, batch, record_every), lambda_, [seed_of(seed)])


def particle_flow_drawn(start, draw, *, step=0.02, steps=1000, batch=1, lambda_=0.0, record_every=0):
    """Particle gradient flow on samples that are drawn, each used once.

    draw : a function that is given a number of samples, some thousand, and returns as many: X, y. What it raises is
        raised here.

    All else as in `particle_flow`.
    """
    def checked(count):
        X, y = draw(count)
        return start._features(X, "draw: X"), numbers(y, 1, "draw: y")

    return _flow(_core.flow_drawn, start, [checked], step, (steps, batch, record_every), lambda_, [])
