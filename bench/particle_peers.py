"""The loop of particle flow, one sample a step, in PyTorch on one thread: particle_peers.py [SECONDS].

Beside build/particle_bench, on the same machine. Shapes are those of Berthier (2018), figures 3 to 6. Two ways to write
the loop: as most people do, by autograd and torch.optim.SGD, and by hand, with the gradient's formulas and in-place
updates. Double precision. Needs PyTorch. First, the two loops are held against one another.
"""
import math
import sys
import time

import torch


def problem(inputs, particles, samples=4096):
    torch.manual_seed(1)
    features = torch.randn(samples, inputs + 1)
    truth = torch.nn.functional.normalize(torch.randn(3, inputs + 2), dim=1) * 2
    targets = torch.relu(features @ truth[:, 1:].T) @ truth[:, 0]
    start = torch.nn.functional.normalize(torch.randn(particles, inputs + 2), dim=1) * 0.05
    return features, targets, start[:, 0].clone(), start[:, 1:].clone()


def by_autograd(features, targets, w, v, step, steps):
    m = len(w)
    w, v = w.clone().requires_grad_(), v.clone().requires_grad_()
    optimizer = torch.optim.SGD([w, v], lr=step * m)
    for i in range(steps):
        k = i % len(targets)
        loss = (torch.relu(v @ features[k]) @ w / m - targets[k]) ** 2 / 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return w.detach(), v.detach()


@torch.no_grad()
def by_hand(features, targets, w, v, step, steps):
    m = len(w)
    w, v = w.clone(), v.clone()
    for i in range(steps):
        k = i % len(targets)
        x = features[k]
        h = torch.relu(torch.mv(v, x))
        g = step * (torch.dot(h, w) / m - targets[k])
        c = g * w * (h > 0)
        w -= g * h
        v.addr_(c, x, alpha=-1)
    return w, v


def steps_a_second(loop, data, seconds):
    steps, best = 1000, math.inf
    begin = time.perf_counter()
    while time.perf_counter() - begin < seconds:
        before = time.perf_counter()
        loop(*data, 1e-4, steps)
        best = min(best, time.perf_counter() - before)
    return steps / best


def main(seconds):
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    for inputs, particles in ((2, 20), (50, 20), (50, 50), (784, 200)):
        data = problem(inputs, particles)
        ends = [loop(*data, 0.01, 300) for loop in (by_autograd, by_hand)]
        apart = max(float((a - b).abs().max()) for a, b in zip(*ends))
        if not apart < 1e-10:
            raise SystemExit(f"the two loops end {apart} apart")
        rates = [steps_a_second(loop, data, seconds) for loop in (by_autograd, by_hand)]
        print(f"d {inputs:3d}  m {particles:4d}: autograd {rates[0]:8.0f} steps/s  by hand {rates[1]:8.0f} steps/s", flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 3.0)
