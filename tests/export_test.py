"""Networks as ONNX, run by ONNX Runtime: export_test.py NADIR SOURCE_DIR [unittest's words].

What the runtime says of the raw columns is held against `nadir predict`, to 1e-12 and label by label.
"""
import csv
import hashlib
import json
import math
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnxruntime

NADIR, SOURCE = (Path(word).resolve() for word in sys.argv[1:3])
MISSING = ("", "?", "NA", "N/A")


def data(name):
    return SOURCE / "data" / f"{name}.csv"


def read(path, delimiter=","):
    """Names and cells of a CSV file with a header."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = [[cell.strip() for cell in row] for row in csv.reader(file, delimiter=delimiter) if row]
    return rows[0], rows[1:]


def numbers(cells):
    return np.array([math.nan if cell in MISSING else float(cell) for cell in cells])


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def nadir(self, *words, code=0):
        done = subprocess.run([NADIR, *map(str, words)], capture_output=True, text=True, check=False, cwd=self.folder)
        codes = (0, 4) if code is None else (code,)  # None: certified or not
        self.assertIn(done.returncode, codes, f"{words}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        return done

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    def train(self, file, target, *words):
        self.nadir("train", file, "--target", target, *words, "--quiet", "--out", "m.nadir", code=None)
        return self.export()

    def export(self):
        self.nadir("export", "m.nadir", "--to", "m.onnx")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        return onnxruntime.InferenceSession(str(self.folder / "m.onnx"), options, ["CPUExecutionProvider"])

    def feeds(self, session, file, target, delimiter=","):
        """The raw columns of a file as the session's inputs want them."""
        names, rows = read(self.folder / file, delimiter)
        inputs = session.get_inputs()
        if [it.name for it in inputs] == ["X"]:
            places = [i for i, name in enumerate(names) if name != target]
            return {"X": np.column_stack([numbers([row[i] for row in rows]) for i in places])}
        feeds = {}
        for it in inputs:
            cells = [row[names.index(it.name)] for row in rows]
            feeds[it.name] = (np.array(cells, dtype=object) if it.type == "tensor(string)" else numbers(cells))[:, None]
        return feeds

    def predicted(self, file, *words):
        """The rows that `nadir predict` prints."""
        self.nadir("predict", "m.nadir", file, *words, "--out", "p.csv")
        return read(self.folder / "p.csv")[1]

    def close(self, ours, theirs):
        """Each number to 1e-12 of itself."""
        np.testing.assert_allclose(np.asarray(theirs, dtype=float), np.asarray(ours, dtype=float), rtol=1e-12, atol=0)

    def agree(self, session, file, target, delimiter=",", feeds=None):
        """Predictions, labels and probabilities of all rows are those of `nadir predict`."""
        names = [it.name for it in session.get_outputs()]
        answers = dict(zip(names, session.run(None, feeds or self.feeds(session, file, target, delimiter))))
        plain = self.predicted(file)
        if names == ["prediction"]:
            self.assertEqual(answers["prediction"].dtype, np.float64)
            self.close([[float(cell) for cell in row] for row in plain], answers["prediction"])
            return
        self.assertEqual([row[0] for row in plain], list(answers["label"]))
        if "probabilities" not in names:
            self.assertEqual(names, ["label", "scores"])
            scores, classes = answers["scores"], sorted(set(answers["label"]))
            places = scores.argmax(axis=1) if scores.shape[1] > 1 else scores[:, 0] >= 0
            self.assertEqual(scores.dtype, np.float64)
            self.assertEqual([classes[int(place)] for place in places], list(answers["label"]))
            return
        self.assertEqual(answers["probabilities"].dtype, np.float64)
        self.close([[float(cell) for cell in row] for row in self.predicted(file, "--proba")],
                   answers["probabilities"])


GIVEN = ["--method", "spectral", "--model", "given", "--hidden"]
GATED = ["--method", "gated", "--lambda-ratio"]
KERNEL = ["--method", "kernel", "--lambda-ratio"]
RELU = ["--method", "relu", "--nodes", "2", "--gap", "0.5", "--lambda-ratio"]


class Classes(Case):
    """Every kind of network on the raw rows of data/, with two classes and with three."""

    def each(self, name, *ways):
        for words in ways:
            with self.subTest(name, words=words):
                self.agree(self.train(data(name), "class", *words), data(name), "class")

    def test_polynomial(self):
        self.each("iris", [*GIVEN, "3"], [*GIVEN, "3", "--scale", "unit", "--no-complement"])
        self.each("pima_diabetes", [*GIVEN, "4,3", "--alpha", "1,1.3,2.5", "--bias", "--complement", "--map", "root"],
                  [*GIVEN, "4", "--alpha", "1,20.7", "--mask", "random", "--scale", "none"])
        self.each("haberman", ["--method", "spectral", "--folds", "2"])

    def test_gated(self):
        self.each("seeds", [*GATED, "0.05"], [*GATED, "0.3", "--scale", "minmax"], [*GATED, "0.05", "--intercept", "off"])
        self.each("pima_diabetes", [*GATED, "0.03"], [*GATED, "0.1", "--loss", "squared_hinge"])
        self.each("iris", [*GATED, "0.1", "--loss", "squared"], [*GATED, "1"])

    def test_relu(self):
        self.each("iris", [*RELU, "0.1"], [*RELU, "0.1", "--units", "shared", "--skip", "on"],
                  [*RELU, "0.1", "--loss", "squared"], [*RELU, "1"])
        self.each("haberman", [*RELU, "0.1"], [*RELU, "0.1", "--loss", "squared_hinge", "--intercept", "off"])

    def test_powers(self):
        for power in ("0", "2"):
            self.each("haberman", [*RELU, "0.1", "--power", power],
                      [*RELU, "0.3", "--power", power, "--loss", "squared_hinge", "--intercept", "off"])

    def test_kernel(self):
        for power in ("0", "1", "2"):
            self.each("iris", [*KERNEL, "0.001", "--power", power], [*KERNEL, "0.3", "--power", power, "--intercept", "off"])
            self.each("pima_diabetes", [*KERNEL, "0.1", "--power", power],
                      [*KERNEL, "0.1", "--power", power, "--loss", "squared_hinge"])
            self.each("seeds", [*KERNEL, "0.01", "--power", power, "--random-units", "50"])

    def test_linear(self):
        self.each("iris", ["--method", "linear", "--hidden", "2"], ["--method", "linear", "--intercept", "off"])


class Quantities(Case):
    def test_every_kind(self):
        rows = "".join(f"{i % 13},{(i * i) % 29 / 7},{i % 5 - 2},7,{(i % 13) * 31.7 + abs(i % 5 - 2) ** 1.5 * 100 + 1e4}\n"
                       for i in range(200))
        file = self.write("rooms.csv", "a,b,c,same,price\n" + rows)
        for words in ([*GATED, "0.02"], [*GATED, "0.02", "--loss", "huber"], [*RELU, "0.05", "--skip", "on"],
                      [*RELU, "0.05", "--target-scale", "none"], ["--method", "relu", "--radius", "1", "--gap", "0.5"],
                      ["--method", "linear", "--hidden", "3,2"], ["--method", "linear", "--keep-constant"],
                      [*KERNEL, "0.1"], [*KERNEL, "0.1", "--power", "0"], [*KERNEL, "0.1", "--power", "2"]):
            with self.subTest(words=words):
                session = self.train(file, "price", "--task", "regression", *words)
                self.assertEqual(session.get_inputs()[0].shape, ["N", 4])  # with the column that is ignored
                self.agree(session, file, "price")

    def test_kernel_machines_whose_terms_cancel(self):
        """To 1e-12 of the largest output: single ones are smaller than their terms (docs/onnx.md, Rounding)."""
        draw = np.random.default_rng(8)
        rows = draw.normal(size=(400, 4))
        file = self.write("table.csv", "a,b,c,d,y\n" + "".join(
            ",".join(map(repr, map(float, [*row, row[0] * row[1] + draw.normal()]))) + "\n" for row in rows))
        for power in ("0", "1", "2"):
            session = self.train(file, "y", *KERNEL, "1e-5", "--power", power)
            theirs = session.run(None, self.feeds(session, file, "y"))[0][:, 0]
            ours = np.array([float(row[0]) for row in self.predicted(file)])
            self.assertLess(np.abs(ours - theirs).max(), 1e-12 * np.abs(ours).max())

    def test_parallel_subnetworks(self):
        """Of random weights, certified as they are, with their constant feature and without."""
        draw = np.random.default_rng(3)
        rows = draw.normal(size=(50, 3))
        file = self.write("table.csv", "a,b,y\n" + "".join(",".join(map(repr, map(float, row))) + "\n" for row in rows))
        for biased in (False, True):
            for slope in ("0", "0.3"):
                with self.subTest(biased=biased, slope=slope):
                    arrays = {f"net.{i}.W{k}": draw.normal(size=shape) for i in range(2)
                              for k, shape in enumerate([(4, 2), (3, 4), (1, 3)], 1)}
                    if biased:
                        arrays["net.1.b1"] = draw.normal(size=4)
                    np.savez(self.folder / "net.npz", **arrays)
                    self.nadir("certify", "net.npz", file, "--target", "y", "--task", "regression", "--method",
                                   "parallel", "--lambda", "0.1", "--penalty", "norms", "--activation",
                                   "relu" if slope == "0" else "leaky_relu", "--slope", slope, "--out", "m.nadir", code=None)
                    self.agree(self.export(), file, "y")

    def test_rows_on_one_line(self):
        """Angles of 0, of pi, of next to nothing and of all between; a row of zeros, which has none; and of one row alone."""
        plain = ["--task", "regression", "--scale", "none", "--intercept", "off", "--target-scale", "none"]
        ways = [(math.cos(a), math.sin(a), size) for a in (0.3, 0.3 + 1e-9, 0.3 + 1e-5, 1.2, 2.9) for size in (1, -1, 0.7, -3)]
        rows = [f"{x * size!r},{y * size!r},{i % 7 - 2.5}" for i, (x, y, size) in enumerate(ways)] + ["0,0,1"]
        file = self.write("lines.csv", "\n".join(["a,b,y", *rows]) + "\n")
        for power in ("0", "1", "2"):
            with self.subTest(power=power):
                session = self.train(file, "y", *KERNEL, "0.01", "--power", power, *plain)
                self.agree(session, file, "y")
                one = self.write("one.csv", "a,b,y\n" + "1,-1,0\n")  # power 0: near none of the others
                self.agree(session, one, "y")


class Untidy(Case):
    """Missing cells, texts, names, and rows that are refused."""

    def test_missing_numbers(self):
        for words in ([*GATED, "0.05"], [*GIVEN, "3"], [*RELU, "0.1"]):
            with self.subTest(words=words):
                file = data("cancer_699_missing")
                self.agree(self.train(file, "class", *words), file, "class")
        names, rows = read(data("horse_colic"))  # one row has no outcome
        rows = [row for row in rows if row[names.index("outcome")] != "?"]
        file = self.write("horses.csv", "".join(",".join(row) + "\n" for row in [names, *rows]))
        self.agree(self.train(file, "outcome", *GATED, "0.2"), file, "outcome")

    def test_texts(self):
        file = data("bank_marketing")
        session = self.train(file, "y", *GATED, "0.3", "--gates", "30")
        self.assertEqual({it.type for it in session.get_inputs()}, {"tensor(string)", "tensor(double)"})
        self.agree(session, file, "y", ";")

    def test_names_and_missing_texts(self):
        kinds = ["x", "", "y y", "é", "NA", "x"]
        rows = "".join(f"{kinds[i % 6]},{i % 7},{'?' if i % 11 == 0 else i % 3},{['t', 'f'][i * i % 3 % 2]},"
                       f"{'no' if (i % 7) > 3 or i % 6 == 2 else 'yes'}\n" for i in range(80))
        head = "kind,label,,prediction,class\n"
        file = self.write("odd.csv", head + rows)
        new = self.write("new.csv", head + rows + "never seen,3,1,t,no\nN/A,2,?,zz,yes\n")
        for words in ([*GATED, "0.05"], [*GIVEN, "3"], ["--method", "linear"]):
            with self.subTest(words=words):
                session = self.train(file, "class", *words)
                names = ["kind", "label (column 2)", "column3", "prediction (column 4)"]
                self.assertEqual([it.name for it in session.get_inputs()], names)
                columns = list(zip(*read(self.folder / new)[1]))
                feeds = {name: (np.array(column, dtype=object) if name[0] in "kp" else numbers(column))[:, None]
                         for name, column in zip(names, columns)}
                self.agree(session, new, "class", feeds=feeds)

    def test_only_texts_and_codes(self):
        file = self.write("t.csv", "a,code,class\n" + "".join(
            f"{'pqr'[i % 3]},0{i % 4},{'no' if i % 12 in (0, 3, 5) else 'yes'}\n" for i in range(60)))
        session = self.train(file, "class", *GATED, "0.05", "--categorical", "code")
        self.assertEqual([it.type for it in session.get_inputs()], ["tensor(string)"] * 2)
        self.agree(session, file, "class")

    def test_rows_that_predict_refuses(self):
        """NaN and no label, and the row beside them as ever."""
        for words in ([*GIVEN, "3"], [*GATED, "0.1"], [*RELU, "0.1"], [*RELU, "0.1", "--scale", "none"],
                      ["--method", "linear"], [*KERNEL, "0.1"], [*KERNEL, "0.1", "--power", "0"]):
            with self.subTest(words=words):
                session = self.train(data("iris"), "class", *words)
                good = [5.0, 3.0, 2.0, 1.0]
                bad = [[math.nan, 3, 2, 1], [5, 3, 2, math.inf], [5, -math.inf, 2, 1]]
                one = session.run(None, {"X": np.array([good])})
                all_rows = session.run(None, {"X": np.array([*bad, good])})
                self.assertEqual(list(all_rows[0]), ["", "", "", one[0][0]])
                self.assertTrue(np.isnan(all_rows[1][:3]).all())
                self.close(one[1], all_rows[1][3:])
        # Negative features: --scale none of the spectral method.
        session = self.train(data("iris"), "class", *GIVEN, "3", "--scale", "none", "--no-complement")
        label, probabilities = session.run(None, {"X": np.array([[5.0, 3, 2, 1], [5.0, 3, 2, -1]])})
        self.assertEqual(label[1], "")
        self.assertTrue(np.isfinite(probabilities[0]).all() and np.isnan(probabilities[1]).all())

    def test_gates_through_training_rows(self):
        """Sums that are rounding only open gates as the format says: also where columns are of other sizes."""
        rows = "".join(f"{math.sin(3 * i) * 1e9!r},{math.cos(7 * i)!r},{math.sin(i * i) * 1e-7!r},"
                       f"{math.sin(3 * i) * math.cos(7 * i)!r}\n" for i in range(150))
        file = self.write("wide.csv", "a,b,c,y\n" + rows)
        for scale in ("standard", "none"):
            with self.subTest(scale):
                self.agree(self.train(file, "y", "--task", "regression", *GATED, "0.001", "--scale", scale, "--gates",
                                      "300"), file, "y")


class Files(Case):
    def test_what_the_file_says(self):
        session = self.train(data("iris"), "class", *GATED, "0.1")
        told = json.loads(self.nadir("inspect", "m.nadir", "--json").stdout)
        meta = session.get_modelmeta()
        self.assertEqual(meta.producer_name, "nadir")
        said = meta.custom_metadata_map
        self.assertEqual(sorted(said), ["certificate", "claim", "classes", "columns", "lower_bound", "model_sha256",
                                        "objective", "relative_gap"])
        self.assertEqual(json.loads(said["columns"]), read(data("iris"))[0][:-1])
        self.assertEqual(json.loads(said["classes"]), ["setosa", "versicolor", "virginica"])
        self.assertEqual(said["model_sha256"], hashlib.sha256((self.folder / "m.nadir").read_bytes()).hexdigest())
        self.assertEqual(said["claim"], told["certificate"]["claim"])
        self.assertEqual(float(said["objective"]), float.fromhex(told["certificate"]["objective"]))
        self.assertEqual(float(said["lower_bound"]), float.fromhex(told["certificate"]["lower_bound"]))
        self.assertIn("not here", said["certificate"])

    def test_same_bytes_and_replaced(self):
        self.train(data("iris"), "class", *GATED, "0.1")
        first = (self.folder / "m.onnx").read_bytes()
        self.write("m.onnx", "something else")
        self.export()
        self.assertEqual(first, (self.folder / "m.onnx").read_bytes())

    def test_certify_reads_it_again(self):
        """The network that came back has the objective that was claimed."""
        file = self.write("t.csv", "a,b,y\n" + "".join(f"{i % 7 - 3},{i * i % 11 / 4 - 1},{abs(i % 7 - 3) - i % 5}\n"
                                                       for i in range(40)))
        plain = ["--scale", "none", "--target-scale", "none", "--task", "regression"]
        self.train(file, "y", "--method", "relu", "--lambda", "0.05", "--nodes", "2", *plain)
        told = json.loads(self.nadir("inspect", "m.nadir", "--json").stdout)
        self.nadir("export", "m.nadir", "--to", "m.safetensors")
        for network in ("m.onnx", "m.safetensors"):
            again = json.loads(self.nadir("certify", network, file, "--target", "y", "--task", "regression", "--lambda",
                                          "0.05", "--half", "--penalty", "norms", "--nodes", "2", "--out", "c.nadir",
                                          "--json", code=None).stdout)
            self.assertAlmostEqual(again["objective"], float.fromhex(told["certificate"]["objective"]), delta=1e-9)

    def test_refusals(self):
        self.nadir("train", data("iris"), "--target", "class", *GIVEN, "3", "--quiet", "--out", "m.nadir")
        self.write("other.nadir", "nothing")
        for words, code, says in (
                (["m.nadir", "--to", "m.pt"], 2, ["--to: m.pt", ".onnx or .safetensors"]),
                (["m.nadir"], 2, ["--to is required"]),
                (["m.nadir", "--to", "m.safetensors"], 3, ["m.nadir: the network is no chain", ".onnx"]),
                (["other.nadir", "--to", "m.onnx"], 3, ["other.nadir: "]),
                (["none.nadir", "--to", "m.onnx"], 3, ["none.nadir: cannot open"]),
                (["m.nadir", "--to", "no/such/m.onnx"], 3, ["no/such/m.onnx"])):
            with self.subTest(words=words):
                done = self.nadir("export", *words, code=code)
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
                for text in says:
                    self.assertIn(text, done.stderr)
        self.assertFalse((self.folder / "m.onnx").exists())


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
