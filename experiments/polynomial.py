"""For figure2.py: a split of the data, and the network of one hidden layer in numpy (score (2), gradient, spectral map,
projection)."""
import csv
import pathlib

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent


def split(name, seed):
    with open(ROOT / "data" / f"{name}.csv", newline="") as file:
        head, *rows = list(csv.reader(file))
    generator, test = np.random.default_rng(seed), []
    for label in sorted({row[-1] for row in rows}):
        of_class = [i for i, row in enumerate(rows) if row[-1] == label]
        test += list(generator.permutation(of_class)[:round(0.2 * len(of_class))])
    held_out = set(test)
    return head, [row for i, row in enumerate(rows) if i not in held_out], [rows[i] for i in test]


def arrays(train, test):
    x, x_test = (np.array([[float(v) for v in row[:-1]] for row in part]) for part in (train, test))
    low, high = x.min(0), x.max(0)
    labels = sorted({row[-1] for row in train})
    y, y_test = (np.array([labels.index(row[-1]) for row in part]) for part in (train, test))
    return (x - low) / (high - low), y, np.clip((x_test - low) / (high - low), 0, 1), y_test


class Network:
    """Score (2) of one hidden layer, its gradient, the spectral map and the projection. Blocks: U, then rows of W."""

    def __init__(self, shape, inputs, classes):
        layer = shape["hidden"][0]
        self.alpha, self.epsilon = np.array(layer["exponents"]), shape["epsilon"]
        self.p, self.rho = (layer["p"][0], shape["output_p"]), (layer["radius"], shape["output_radius"])
        units = len(self.alpha)
        self.start = (np.full((1, units * inputs), self.rho[0] * (units * inputs) ** (-1 / self.p[0])),
                      np.full((classes, units), self.rho[1] * units ** (-1 / self.p[1])))

    def outputs(self, z, x):
        g = x @ z[0].reshape(len(self.alpha), -1).T
        return g, g ** self.alpha, g ** self.alpha @ z[1].T

    def score(self, z, x, y):
        f = self.outputs(z, x)[2]
        log_sum = np.log(np.exp(f - f.max(1, keepdims=True)).sum(1)) + f.max(1)
        return np.mean(f[np.arange(len(y)), y] - log_sum + f.sum(1)) + self.epsilon * sum(b.sum() for b in z)

    def error(self, z, x, y):
        return float(np.mean(self.outputs(z, x)[2].argmax(1) != y))

    def gradient(self, z, x, y):
        g, hidden, f = self.outputs(z, x)
        soft = np.exp(f - f.max(1, keepdims=True))
        c = 1 - soft / soft.sum(1, keepdims=True)
        c[np.arange(len(y)), y] += 1
        back = (c @ z[1]) * self.alpha * g ** (self.alpha - 1)
        return (back.T @ x / len(y)).reshape(1, -1) + self.epsilon, c.T @ hidden / len(y) + self.epsilon

    def spectral_step(self, z, x, y):
        logs = [np.log(d) / (p - 1) for d, p in zip(self.gradient(z, x, y), self.p)]
        top = [v.max(1, keepdims=True) for v in logs]
        return tuple(rho * np.exp(v - t) * np.exp(p * (v - t)).sum(1, keepdims=True) ** (-1 / p)
                     for v, t, p, rho in zip(logs, top, self.p, self.rho))

    def project(self, z):
        return tuple(project(b / rho, p) * rho for b, p, rho in zip(z, self.p, self.rho))


def project(y, p):
    """Rows of y >= 0 to the nearest point of p-norm at most 1: x + m x^(p-1) = y with m >= 0, by bisection on log m."""
    y = np.maximum(y, 1e-300)
    log_y = np.log(y)
    inside = np.exp(np.minimum(p * log_y, 600)).sum(1, keepdims=True) <= 1
    low, high = np.full((len(y), 1), -80.0), np.full((len(y), 1), 80.0)
    for _ in range(26):
        middle = (low + high) / 2
        s = np.minimum(log_y, (log_y - middle) / (p - 1))
        for _ in range(5):  # Newton on a convex function from its right: monotone
            a, b = np.exp(s), np.exp(middle + (p - 1) * s)
            s = s - (a + b - y) / (a + (p - 1) * b)
        outside = np.exp(p * np.minimum(s, 1 / p * 600)).sum(1, keepdims=True) > 1
        low, high = np.where(outside, middle, low), np.where(outside, high, middle)
    norm = np.exp(p * (s - s.max(1, keepdims=True))).sum(1, keepdims=True) ** (1 / p) * np.exp(s.max(1, keepdims=True))
    return np.where(inside, y, np.exp(s) / norm)
