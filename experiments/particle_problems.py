"""For the particle_*.py figures: planted networks, samples of them, losses, and pictures that are the same every time."""
import argparse
import pathlib

import numpy as np

import nadir

RESULTS = pathlib.Path(__file__).resolve().parent / "results"
STEP = 0.02  # of ReLU particles, in the flow's time


def planted(activation, units, inputs, radius, seed):
    """A sum of units, each with weight, position and bias together uniform on a sphere. (Particles are a mean: so each
    weight is multiplied by the number of units.)"""
    truth = nadir.Particles.on_sphere(units, inputs, radius, activation=activation, seed=seed)
    return nadir.Particles(units * truth.weights, truth.positions, activation=activation)


def sampler(truth, seed, circle=None, stream=0):
    """A function that draws so many samples of the truth: normal features, or uniform ones on a sphere of radius `circle`."""
    random = np.random.default_rng([seed, stream])

    def draw(count):
        X = random.standard_normal((count, truth.inputs))
        if circle is not None:
            X *= circle / np.linalg.norm(X, axis=1, keepdims=True)
        return X, truth.outputs(X)
    return draw


def tested(truth, seed, circle=None, count=10_000):
    """A function that tells the excess loss of particles, the mean of (f - y)^2 / 2 on samples of its own."""
    X, y = sampler(truth, seed, circle, stream=1)(count)

    def loss(particles):
        return float(np.mean((particles.outputs(X) - y)**2) / 2) if particles else float("nan")
    return loss


def geometric_mean(values, axis=None):
    """Values below 1e-12, where the planted units are found to within rounding, count as that."""
    return np.exp(np.mean(np.log(np.maximum(values, 1e-12)), axis=axis))


def parser(text):
    made = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--seed", type=int, default=0, help="of the first repeat; others follow it")
    made.add_argument("--format", choices=["svg", "png"], default="svg", help="of the pictures")
    made.add_argument("--out", type=pathlib.Path, default=RESULTS, help="folder of the pictures and numbers")
    return made


def plotter():
    import matplotlib
    matplotlib.use("agg")
    matplotlib.rcParams["svg.hashsalt"] = "nadir"
    import matplotlib.pyplot as plt
    return plt


def save(figure, arguments, name):
    figure.tight_layout()
    arguments.out.mkdir(parents=True, exist_ok=True)
    svg = {"metadata": {"Date": None}} if arguments.format == "svg" else {"dpi": 110}
    figure.savefig(arguments.out / f"{name}.{arguments.format}", **svg)
