"""How far `nadir predict` and ONNX Runtime are from a kernel machine's outputs in extended precision:
kernel_rounding.py NADIR FILE.csv[.gz] TARGET [ROWS [LAMBDA_RATIO]]

All columns but the target are numbers, and the target is a quantity. ROWS (2000) are drawn at random; a machine of each
power is trained on them at LAMBDA_RATIO (1e-4) and asked for them again. A line for each power: the largest difference of
the two programs, relative to the output itself and to the largest output; then the largest error of each, relative to
the sum of the sizes of the terms that an output consists of; and how many times that sum is larger than the output less
the target's offset, in the median and at most.
"""
import gzip
import json
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime

WIDE = np.longdouble  # 64 bits of mantissa on x86
PI = WIDE("3.14159265358979323846264338327950288")


def model(path):
    """Its tensors, and the factor and offset of its target."""
    file = path.read_bytes()
    begin = 8 + struct.unpack("<Q", file[:8])[0]
    header = json.loads(file[8:begin])
    texts = [json.loads(text) for text in header.pop("__metadata__").values() if text.startswith("{")]
    target = next(text["recipe"]["target"] for text in texts if "recipe" in text)
    number = lambda name: float.fromhex(target[name]) if isinstance(target[name], str) else float(target[name])
    at = {name: slice(begin + it["data_offsets"][0], begin + it["data_offsets"][1]) for name, it in header.items()}
    return ({name: np.frombuffer(file[at[name]]).reshape(it["shape"]).astype(WIDE) for name, it in header.items() if it["dtype"] == "F64"},
            number("range"), number("offset"))


def kernel(x, power):
    """Docs/math/kernel.md, (2) and (3), of all pairs of rows."""
    size = np.sqrt((x * x).sum(axis=1))
    u = x / size[:, None]
    c = np.clip(u @ u.T, -1, 1)
    theta = np.arccos(c)
    for i, j in np.argwhere(np.abs(c) > 0.99):
        theta[i, j] = 2 * np.arctan2(np.sqrt(((u[i] - u[j])**2).sum()), np.sqrt(((u[i] + u[j])**2).sum()))
    rest, sine, d = PI - theta, np.sin(theta), WIDE(x.shape[1])
    j, kappa = ((rest, 1), (sine + rest * c, d), (3 * sine * c + rest * (1 + 2 * c * c), d * (d + 2)))[power]
    return j * np.outer(size**power, size**power) / (2 * PI * kappa)


def measure(nadir, folder, names, rows, target, power, ratio):
    run = lambda *words: subprocess.run([nadir, *words], cwd=folder, check=False, capture_output=True)
    run("train", "rows.csv", "--target", target, "--method", "kernel", "--power", str(power), "--lambda-ratio", ratio, "--out", "m.nadir")
    run("export", "m.nadir", "--to", "m.onnx")
    run("predict", "m.nadir", "rows.csv", "--out", "p.csv")
    ours = np.loadtxt(folder / "p.csv", skiprows=1)
    session = onnxruntime.InferenceSession(str(folder / "m.onnx"), providers=["CPUExecutionProvider"])
    theirs = session.run(None, {"X": np.delete(rows, names.index(target), axis=1)})[0][:, 0]
    tensors, factor, offset = model(folder / "m.nadir")
    k = kernel(tensors["samples"], power)
    terms = (np.abs(k) @ np.abs(tensors["coefficients"]))[:, 0] * abs(factor)
    less_offset = (k @ tensors["coefficients"])[:, 0] * WIDE(factor)
    difference = np.abs(ours - theirs)
    error = [(np.abs(f - WIDE(offset) - less_offset) / terms).max() for f in (ours, theirs)]
    size = terms / np.abs(less_offset)
    print(f"power {power}: differ by {(difference / np.abs(ours)).max():.1e} of an output, {difference.max() / np.abs(ours).max():.1e} of the "
          f"largest; errors {error[0]:.1e} (nadir) and {error[1]:.1e} (runtime) of the terms, which are {np.median(size):.1e} times the "
          f"output, at most {size.max():.1e}")


def main(nadir, file, target, count="2000", ratio="1e-4"):
    with (gzip.open if file.endswith(".gz") else open)(file, "rt", encoding="utf-8") as text:
        header, *lines = text.read().splitlines()
    chosen = [lines[i] for i in np.random.default_rng(0).permutation(len(lines))[:int(count)]]
    rows = np.array([[float(cell) for cell in line.split(",")] for line in chosen])
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "rows.csv").write_text("\n".join([header, *chosen]) + "\n", encoding="utf-8")
        for power in (0, 1, 2):
            measure(Path(nadir).resolve(), Path(name), header.split(","), rows, target, power, ratio)


if __name__ == "__main__":
    main(*sys.argv[1:])
