"""How far is a torch network, trained by Adam with weight decay, from the optimum of its own training problem?

    pip install . torch && python examples/torch_network.py
"""
from pathlib import Path

import numpy as np
import torch

import nadir

table = np.genfromtxt(Path(__file__).parent.parent / "data" / "pima_diabetes.csv", delimiter=",", skip_header=1)
X, y = table[:, :-1], table[:, -1]
X = (X - X.mean(0)) / X.std(0)
inputs, targets = torch.tensor(X), torch.tensor(y)
decay = 1e-2

torch.manual_seed(0)
network = torch.nn.Sequential(torch.nn.Linear(8, 20), torch.nn.ReLU(), torch.nn.Linear(20, 1)).double()
optimizer = torch.optim.Adam(network.parameters(), lr=1e-2, weight_decay=decay)
for _ in range(2000):
    optimizer.zero_grad()
    torch.nn.functional.binary_cross_entropy_with_logits(network(inputs)[:, 0], targets).backward()
    optimizer.step()

with torch.no_grad():
    loss = torch.nn.functional.binary_cross_entropy_with_logits(network(inputs)[:, 0], targets)
    objective = float(loss + decay / 2 * sum((w**2).sum() for w in network.parameters()))
told = nadir.certify(network, X, y.astype(int), lambda_=decay, loss="logistic", half=False, time_limit=20)
print(f"torch's objective   {objective:.15g}")
print(f"recomputed          {told.objective:.15g}")
print(f"proven lower bound  {told.lower_bound:.12g}   over networks of any width")
print(f"relative gap        {told.relative_gap:.3g}: {told.claim}")
print(told.verify())
assert abs(told.objective / objective - 1) < 1e-12
