"""Networks as other programs save them, with outputs that these programs compute: make.py FOLDER.

Made once, with Python 3.11 and torch 2.15.0, onnx 1.23.2, onnxscript 0.7.2, onnxruntime 1.31.1, scikit-learn 1.9.1,
skl2onnx 1.20.0, safetensors 0.8.0, numpy 2.4.6; other versions may write other bytes of the same networks.

For each NETWORK.EXTENSION there is NETWORK.csv: lines of inputs, and behind them the outputs before any softmax or
sigmoid, computed from the file by onnxruntime, or by torch or numpy where the file holds arrays only.
"""
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import save_file
from skl2onnx import to_onnx
from sklearn.neural_network import MLPClassifier, MLPRegressor
from torch import nn

SAMPLES = 5


def write_outputs(file, inputs, outputs):
    outputs = np.asarray(outputs).reshape(len(inputs), -1)
    rows = np.hstack([np.asarray(inputs).reshape(len(inputs), -1).astype(np.float64), outputs.astype(np.float64)])
    file.with_suffix(".csv").write_text("".join(",".join(repr(float(x)) for x in row) + "\n" for row in rows))


def write_onnx(file, model, inputs, last=None):
    """The model, and what onnxruntime gives for its tensor `last` (its first output if none is named)."""
    del model.metadata_props[:]
    for node in model.graph.node:  # where in whose script it was written
        del node.metadata_props[:]
        node.doc_string = ""
    for value in [*model.graph.input, *model.graph.output, *model.graph.value_info, *model.graph.initializer]:
        del value.metadata_props[:]
    del model.graph.metadata_props[:]
    onnx.checker.check_model(model)
    file.write_bytes(model.SerializeToString())
    if last is not None:
        copy = onnx.ModelProto()
        copy.CopyFrom(model)
        del copy.graph.output[:]
        copy.graph.output.append(helper.make_tensor_value_info(last, TensorProto.FLOAT, None))
        model = copy
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    outputs = session.run(None, {session.get_inputs()[0].name: inputs})[0]
    write_outputs(file, inputs, outputs)


class Parallel(nn.Module):
    """Three deep sub-networks, with biases in their first layers."""

    def __init__(self):
        super().__init__()
        self.branches = nn.ModuleList(
            nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2, bias=False), nn.ReLU(), nn.Linear(2, 2, bias=False))
            for _ in range(3))

    def forward(self, x):
        return sum(branch(x) for branch in self.branches)


class Gated(nn.Module):
    """A row of weights for each gate, summed."""

    def __init__(self):
        super().__init__()
        self.G, self.V = nn.Parameter(torch.randn(4, 3)), nn.Parameter(torch.randn(4, 3))

    def forward(self, x):
        return ((x @ self.G.T >= 0) * (x @ self.V.T)).sum(1, keepdim=True)


class GatedLayers(nn.Module):
    """A layer behind the gated units, biases in those of the features."""

    def __init__(self, closed=False):
        super().__init__()
        self.gates, self.units, self.out = nn.Linear(3, 4), nn.Linear(3, 4), nn.Linear(4, 2, bias=False)
        self.closed = closed

    def forward(self, x):
        units = self.units(x)
        gated = (torch.where(self.gates(x) < 0, 0.0, units) if self.closed else
                 torch.where(self.gates(x) >= 0, units, torch.zeros_like(units)))
        return self.out(gated)


class GatedOutputs(nn.Module):
    """A row of weights for each gate and output, outputs last or gates last; gates that are closed at 0."""

    def __init__(self, gates_last):
        super().__init__()
        self.register_buffer("G", torch.randn(4, 3))
        self.units, self.gates_last = nn.Linear(3, 8, bias=False), gates_last

    def forward(self, x):
        opened = (nn.functional.linear(x, self.G) > 0).to(x.dtype)
        if self.gates_last:
            return (self.units(x).view(-1, 2, 4) * opened.unsqueeze(1)).sum(dim=2)
        return (self.units(x).view(-1, 4, 2) * opened.unsqueeze(2)).sum(dim=1)


class GatedList(nn.Module):
    """Gates and units one by one."""

    def __init__(self):
        super().__init__()
        self.gates = nn.ModuleList(nn.Linear(3, 1, bias=False) for _ in range(3))
        self.units = nn.ModuleList(nn.Linear(3, 2, bias=False) for _ in range(3))

    def forward(self, x):
        return sum((gate(x) >= 0) * unit(x) for gate, unit in zip(self.gates, self.units))


class Polynomial(nn.Module):
    """An exponent for each unit."""

    def __init__(self):
        super().__init__()
        self.U, self.W = nn.Parameter(torch.rand(4, 3)), nn.Parameter(torch.rand(2, 4))
        self.register_buffer("alpha", torch.tensor([1, 2, 1.5, 3]))

    def forward(self, x):
        return (x @ self.U.T)**self.alpha @ self.W.T


class DeepPolynomial(nn.Module):
    """Two hidden layers of one exponent each, the weights of a constant first, and a softmax."""

    def __init__(self):
        super().__init__()
        self.first, self.second, self.out = nn.Linear(3, 4), nn.Linear(4, 3, bias=False), nn.Linear(3, 2, bias=False)
        for weights in self.parameters():
            weights.data.abs_()

    def forward(self, x):
        return torch.softmax(self.out(self.second(torch.square(self.first(x)))**1.5), 1)


def torch_networks():
    return {
        "bias": nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)),
        "no_bias": nn.Sequential(nn.Linear(3, 4, bias=False), nn.ReLU(), nn.Linear(4, 2, bias=False)),
        "leaky": nn.Sequential(nn.Linear(3, 4), nn.LeakyReLU(0.125), nn.Linear(4, 1)),
        "three": nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 4), nn.LeakyReLU(), nn.Linear(4, 2)),
        "flat": nn.Sequential(nn.Flatten(), nn.Linear(6, 4), nn.Dropout(), nn.ReLU(), nn.Linear(4, 3),
                              nn.LogSoftmax(1)),
    }


def from_torch(folder, networks):
    for name, network in networks.items():
        network.eval()
        inputs = torch.randn((SAMPLES, 2, 3) if name == "flat" else (SAMPLES, 3))
        inputs = inputs.abs() if "polynomial" in name else inputs
        for style, options in {"dynamo": {"dynamo": True, "dynamic_shapes": ({0: "samples"},), "verbose": False},
                               "script": {"dynamo": False, "dynamic_axes": {"x": {0: "samples"}}}}.items():
            file = folder / f"torch_{name}_{style}.onnx"
            torch.onnx.export(network, (inputs,), file, input_names=["x"], external_data=False, **options)
            model = onnx.load(file)
            last = model.graph.node[-1].input[0] if name in ("flat", "deep_polynomial") else None
            write_onnx(file, model, inputs.numpy(), last)


def from_sklearn(folder, draw):
    table = draw.normal(size=(80, 3)).astype(np.float32)
    y = table[:, 0] + table[:, 1] ** 2
    options = {"hidden_layer_sizes": (4,), "max_iter": 60, "random_state": 0}
    for name, estimator, target in (("regressor", MLPRegressor, y), ("binary", MLPClassifier, (y > 1).astype(int)),
                                    ("classes", MLPClassifier, np.digitize(y, [0, 1.5])),
                                    ("regressor_2", MLPRegressor, np.stack([y, -y], 1))):
        fitted = estimator(**options).fit(table, target)
        model = to_onnx(fitted, table[:1], options=None if estimator is MLPRegressor else {"zipmap": False})
        write_onnx(folder / f"sklearn_{name}.onnx", model, table[:SAMPLES], "add_result1")


def keras_like(folder, draw):
    """The graph that tf2onnx makes of Flatten, Dense, LeakyReLU, Dense, Softmax; and what else a chain may consist of."""
    w1, b1, w2, b2 = (draw.normal(size=s).astype(np.float32) for s in ((6, 4), (4,), (4, 3), (3,)))
    tensor = numpy_helper.from_array
    reshaped = tensor(np.array([-1, 6]), "shape")
    nodes = [
        helper.make_node("Cast", ["x"], ["x_cast"], to=TensorProto.FLOAT),
        helper.make_node("Reshape", ["x_cast", "shape"], ["flatten"], name="sequential/flatten/Reshape"),
        helper.make_node("MatMul", ["flatten", "w1"], ["matmul"], name="sequential/dense/MatMul"),
        helper.make_node("Add", ["b1", "matmul"], ["add"], name="sequential/dense/BiasAdd"),
        helper.make_node("LeakyRelu", ["add"], ["leaky"], alpha=0.3),
        helper.make_node("Dropout", ["leaky"], ["dropped"]),
        helper.make_node("Constant", [], ["w2_rows"], value=tensor(np.ascontiguousarray(w2.T), "w2_value")),
        helper.make_node("Transpose", ["w2_rows"], ["w2"], perm=[1, 0]),
        helper.make_node("Gemm", ["dropped", "w2", "b2"], ["gemm"], alpha=0.5, beta=2.0),
        helper.make_node("Identity", ["gemm"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"]),
        helper.make_node("ArgMax", ["logits"], ["label"], axis=1),
    ]
    data = helper.make_tensor("b2", TensorProto.FLOAT, [1, 3], b2.tolist())  # float_data, not raw
    graph = helper.make_graph(
        nodes, "keras_like", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 2, 3])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 3]),
         helper.make_tensor_value_info("label", TensorProto.INT64, ["n"])],
        [tensor(w1, "w1"), tensor(b1, "b1"), data, reshaped])
    model = helper.make_model(graph, producer_name="by hand", opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    write_onnx(folder / "by_hand.onnx", model, draw.normal(size=(SAMPLES, 2, 3)).astype(np.float32), "logits")


def arrays(folder):
    network = torch_networks()["bias"]
    inputs = torch.randn(SAMPLES, 3, dtype=torch.float64)
    for name, kind in (("f64", torch.float64), ("f32", torch.float32), ("f16", torch.float16),
                       ("bf16", torch.bfloat16)):
        state = {key: value.to(kind) for key, value in network.state_dict().items()}
        file = folder / f"torch_{name}.safetensors"
        save_file(state, file, metadata={"format": "pt"})
        same = torch_networks()["bias"].double()
        same.load_state_dict({key: value.double() for key, value in state.items()})
        write_outputs(file, inputs.numpy(), same(inputs).detach().numpy())
    w1, b1, w2, b2 = (p.detach().double().numpy() for p in network.parameters())
    outputs = np.maximum(inputs.numpy() @ w1.T + b1, 0) @ w2.T + b2
    np.savez(folder / "numpy_plain.npz", W1=w1, b1=b1, W2=w2, b2=b2)
    np.savez_compressed(folder / "numpy_compressed.npz", W1=np.asfortranarray(w1), b1=b1, W2=w2.astype(np.float32), b2=b2)
    write_outputs(folder / "numpy_plain.npz", inputs.numpy(), outputs)
    write_outputs(folder / "numpy_compressed.npz", inputs.numpy(), outputs)


def main(folder):
    torch.manual_seed(1)
    draw = np.random.default_rng(1)
    from_torch(folder, torch_networks())
    from_sklearn(folder, draw)
    keras_like(folder, draw)
    arrays(folder)
    from_torch(folder, {"parallel": Parallel()})
    from_torch(folder, {"gated": Gated(), "gated_layers": GatedLayers(), "gated_closed": GatedLayers(closed=True),
                        "gated_outputs": GatedOutputs(gates_last=False), "gated_last": GatedOutputs(gates_last=True),
                        "gated_list": GatedList(), "polynomial": Polynomial(), "deep_polynomial": DeepPolynomial()})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
