"""Makes haberman_torch.onnx and haberman_scaled.csv: two hidden units, trained by Adam in PyTorch (2.15). Needs torch and onnx."""
import csv
import pathlib

import torch

HERE = pathlib.Path(__file__).resolve().parent
rows = list(csv.reader(open(HERE.parent / "data" / "haberman.csv")))[1:]
x = torch.tensor([[float(v) for v in row[:3]] for row in rows], dtype=torch.float64)
names = sorted({row[3] for row in rows})
y = torch.tensor([[float(names.index(row[3]))] for row in rows], dtype=torch.float64)
x = (x - x.mean(0)) / x.std(0, unbiased=False)
torch.manual_seed(0)
net = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.ReLU(), torch.nn.Linear(2, 1)).double()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01, weight_decay=0.03)
for _ in range(5000):
    optimizer.zero_grad()
    loss = torch.nn.functional.binary_cross_entropy_with_logits(net(x), y)
    loss.backward()
    optimizer.step()
loss = torch.nn.functional.binary_cross_entropy_with_logits(net(x), y) + 0.015 * sum((p ** 2).sum() for p in net.parameters())
print("objective", loss.item())
torch.onnx.export(net, x[:1], HERE / "haberman_torch.onnx", input_names=["x"], dynamo=False)
with open(HERE / "haberman_scaled.csv", "w") as file:
    file.write(",".join(["age", "operation_year", "positive_nodes", "class"]) + "\n")
    for row, label in zip(x.tolist(), y[:, 0].long().tolist()):
        file.write(",".join(map(repr, row)) + f",{names[label]}\n")
