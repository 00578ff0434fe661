"""The two programs as a user meets them: cli_test.py NADIR NADIR_VERIFY SOURCE_DIR [unittest's words].

Exit codes, what stands on standard output and on standard error, and what is left on the disk.
"""
import csv
import json
import math
import os
import random
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import xml.etree.ElementTree
import zipfile
from pathlib import Path

NADIR, VERIFY, SOURCE = (Path(word).resolve() for word in sys.argv[1:4])
GIVEN = ["--method", "spectral", "--model", "given", "--hidden", "3"]
SETS = ["cancer", "iris", "banknote", "blood_transfusion", "haberman", "seeds", "pima_diabetes"]
ROWS = "a,b,class\n" + "".join(f"{i % 7},{(i * i) % 5},{'no' if i % 3 else 'yes'}\n" for i in range(30))


def data(name):
    return str(SOURCE / "data" / f"{name}.csv")


def weights_of(path):
    """The weights of a model file, tensor by tensor: eight bytes of length, a JSON header, the numbers."""
    raw = Path(path).read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:8 + length])
    weights = {}
    for name, tensor in header.items():
        if (name in ("output", "units", "weights", "unit_outputs", "output_bias", "skip")
                or name.startswith(("hidden.", "layer.", "bias."))):
            begin, end = tensor["data_offsets"]
            weights[name] = struct.unpack(f"<{(end - begin) // 8}d", raw[8 + length + begin:8 + length + end])
    return weights


def thompson(one, two):
    """The largest difference of logarithms."""
    assert one.keys() == two.keys()
    return max(0.0 if x == y else abs(math.log(x / y)) for name in one for x, y in zip(one[name], two[name]))


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_program(self, program, *words, code=0, **more):
        done = subprocess.run([program, *map(str, words)], capture_output=True, text=True, check=False,
                              cwd=self.folder, **more)
        codes = (0, 4) if code is None else (code,)  # None: certified or not
        self.assertIn(done.returncode, codes, f"{words}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        return done

    def nadir(self, *words, code=0, **more):
        return self.run_program(NADIR, *words, code=code, **more)

    def verified(self, model, file, code=0):
        told = self.run_program(VERIFY, model, file, code=code)
        same = self.nadir("verify", model, file, code=code)
        self.assertEqual(told.stdout, same.stdout)
        return told

    def left(self):
        return sorted(p.name for p in self.folder.iterdir())

    def file(self, name, text):
        (self.folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return name

    def interrupted(self, seconds, *words):
        """The exit code after Ctrl-C at that time, and what was said."""
        with subprocess.Popen([NADIR, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              cwd=self.folder) as running:
            time.sleep(seconds)
            running.send_signal(signal.SIGINT)
            err = running.communicate()[1]
        return running.returncode, err

    def refused(self, *words, code=3, says=(), **more):
        """One line on standard error, nothing on standard output, nothing new on the disk."""
        before = self.left()
        done = self.nadir(*words, code=code, **more)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr, r"\Anadir: [^\n]+\n\Z")
        for word in [says] if isinstance(says, str) else says:
            self.assertIn(word, done.stderr)
        self.assertLess(len(done.stderr), 1000)
        self.assertEqual(self.left(), before)
        return done.stderr


class Use(Case):
    def test_the_built_in_set_trains_and_is_verified(self):
        done = self.nadir("train", "--json")
        result = json.loads(done.stdout)
        for key in ("method objective lower_bound gap relative_gap claim stop iterations seconds neurons train test "
                    "model certificate").split():
            self.assertIn(key, result)
        self.assertIn("kind", result["certificate"])
        self.assertEqual((result["method"], result["claim"]), ("relu", "certified"))
        self.assertLessEqual(result["relative_gap"], 1e-2)
        self.assertEqual(result["gap"], result["objective"] - result["lower_bound"])
        self.assertEqual(done.stderr, "")
        self.assertEqual(self.left(), [result["model"]])
        self.assertIn("ACCEPTED", self.verified(result["model"], data("iris")).stdout)
        verdict = json.loads(self.run_program(VERIFY, result["model"], data("iris"), "--json").stdout)
        self.assertTrue(verdict["accepted"])
        self.assertEqual(len(verdict["checks"]), 11)

    def test_the_option_reference_is_what_help_says(self):
        subprocess.run([sys.executable, SOURCE / "scripts" / "option_reference.py", NADIR, VERIFY,
                        self.folder / "options.md"], check=True)
        self.assertEqual((self.folder / "options.md").read_text(), (SOURCE / "docs" / "options.md").read_text(),
                         "run scripts/option_reference.py")

    def test_without_json_standard_output_stays_empty(self):
        done = self.nadir("train", data("iris"), "--target", "class", *GIVEN, "--out", "m.nadir")
        self.assertEqual(done.stdout, "")
        for word in ("claim", "certified", "m.nadir", "relative gap"):
            self.assertIn(word, done.stderr)
        done = self.nadir("train", data("iris"), "--target", "class", *GIVEN, "--quiet", "--out", "m.nadir")
        self.assertEqual((done.stdout, done.stderr), ("", ""))

    def test_predictions_are_those_that_were_measured(self):
        done = self.nadir("train", data("seeds"), "--target", "class", *GIVEN, "--json", "--out", "m.nadir")
        result = json.loads(done.stdout)
        predicted = self.nadir("predict", "m.nadir", data("seeds")).stdout.splitlines()
        truth = [row["class"] for row in csv.DictReader(Path(data("seeds")).read_text(encoding="utf-8").splitlines())]
        self.assertEqual(predicted[0], "class")
        self.assertEqual(len(predicted) - 1, len(truth))
        right = sum(p == t for p, t in zip(predicted[1:], truth)) / len(truth)
        self.assertAlmostEqual(right, result["train"]["accuracy"], places=12)
        table = list(csv.DictReader(self.nadir("predict", "m.nadir", data("seeds"), "--proba").stdout.splitlines()))
        loss = 0.0
        for row, answer, label in zip(table, predicted[1:], truth):
            numbers = {name: float(text) for name, text in row.items()}
            self.assertAlmostEqual(sum(numbers.values()), 1, places=12)
            self.assertEqual(max(numbers, key=numbers.get), answer)
            loss -= math.log(numbers[label]) / len(truth)
        self.assertAlmostEqual(loss, result["train"]["log_loss"], places=9)
        bare = [line.rsplit(",", 1)[0] for line in Path(data("seeds")).read_text(encoding="utf-8").splitlines()]
        self.file("bare.csv", "\n".join(bare) + "\n")
        self.nadir("predict", "m.nadir", "bare.csv", "--out", "p.csv")
        self.assertEqual((self.folder / "p.csv").read_text(encoding="utf-8").splitlines(), predicted)

    def test_a_hold_out_is_measured_and_its_model_verified(self):
        done = self.nadir("train", data("iris"), "--target", "class", *GIVEN, "--holdout", "0.2", "--json")
        result = json.loads(done.stdout)
        self.assertEqual((result["train"]["samples"], result["test"]["samples"]), (120, 30))
        self.verified(result["model"], data("iris"))

    def test_inspect(self):
        self.nadir("train", data("iris"), "--target", "class", *GIVEN, "--quiet", "--out", "m.nadir")
        text = self.nadir("inspect", "m.nadir").stdout
        for word in ("Iris", "certified", "hidden_concavity"):
            self.assertIn(word.lower(), text.lower())
        told = json.loads(self.nadir("inspect", "m.nadir", "--json").stdout)
        self.assertEqual(told["certificate"]["claim"], "certified")
        self.refused("inspect", data("iris"))

    def test_plots(self):
        self.nadir("train", data("iris"), "--target", "class", *GIVEN, "--quiet", "--out", "m.nadir")
        for words in (["m.nadir", data("iris"), "--columns", "3,4"], ["m.nadir"], ["m.nadir", "--what", "convergence"]):
            self.assertEqual(self.nadir("plot", *words, "--out", "p.svg").stdout, "")
            root = xml.etree.ElementTree.parse(self.folder / "p.svg").getroot()
            self.assertTrue(root.tag.endswith("svg"))
            self.assertGreater(len(list(root.iter())), 20)
        self.refused("plot", "m.nadir", data("iris"), "--columns", "3,3", "--out", "q.svg", code=2)
        self.refused("plot", "m.nadir", data("iris"), "--columns", "3,nothing", "--out", "q.svg", code=2)

    def test_help(self):
        for command in ("train", "predict", "verify", "inspect", "plot"):
            with self.subTest(command):
                self.assertIn("usage", self.nadir(command, "--help").stdout.lower())
        told = self.nadir("train", "--help").stdout
        for word in ("Stops when", "relative gap", "--gap", "--max-iterations", "Exit code"):
            self.assertIn(word, told)
        self.assertIn("train", self.nadir("--help").stdout)
        self.assertIn("usage", self.run_program(VERIFY, "--help").stdout.lower())
        self.assertRegex(self.nadir("--version").stdout, r"\Anadir \d+\.\d+\.\d+\n\Z")


class ExitCodes(Case):
    def test_wrong_usage_is_2(self):
        for words, says in ((["--nothing"], "--nothing"), (["--gap", "-1"], "gap"), (["--gap", "nan"], "gap"),
                            (["--gap", "0"], "gap"), (["--gap", "inf"], "gap"), (["--gap", "x"], "gap"),
                            (["--rho-w", "nan"], "rho-w"), (["--rho-w", "inf"], "rho-w"), (["--p-w", "1"], "p-w"),
                            (["--epsilon", "nan"], "epsilon"), (["--hidden", "0"], "hidden"),
                            (["--hidden", "99999999999"], "hidden"), (["--alpha", "0.5"], "alpha"),
                            (["--time-limit", "nan"], "time-limit"), (["--time-limit", "0"], "time-limit"),
                            (["--threads", "-1"], "threads"), (["--seed", "-1"], "seed"), (["--seed", "x"], "seed"),
                            (["--seed", str(2**64)], "seed"),
                            (["--holdout", "1"], "holdout"), (["--holdout", "nan"], "holdout"),
                            (["--model", "other"], "model"), (["--method", "other"], "method"),
                            (["--max-iterations", "-5"], "max-iterations")):
            with self.subTest(words):
                self.refused("train", data("iris"), "--target", "class", *GIVEN[:2], *words, code=2, says=says)
        self.refused("train", data("iris"), "--target", "nothing", code=2, says="nothing")
        self.refused("train", data("iris"), code=2, says="target")
        self.refused(code=2)
        self.refused("nothing", code=2)
        self.refused("train", data("iris"), data("iris"), code=2)
        self.assertEqual(self.run_program(VERIFY, "one", code=2).stdout, "")
        self.assertEqual(self.run_program(VERIFY, "one", "two", "--three", code=2).stdout, "")

    def test_what_was_not_proved_is_4(self):
        for words in (["--gap", "1e-30"], ["--max-iterations", "0"], ["--time-limit", "1e-9"]):
            with self.subTest(words):
                result = json.loads(self.nadir("train", data("iris"), "--target", "class", *GIVEN, *words, "--json",
                                               "--out", "m.nadir", code=4).stdout)
                self.assertEqual(result["claim"], "bounded")
                self.assertLessEqual(result["lower_bound"], result["objective"])
                self.verified("m.nadir", data("iris"))

    def test_other_data_are_5(self):
        self.nadir("train", data("iris"), "--target", "class", *GIVEN, "--quiet", "--out", "m.nadir")
        lines = Path(data("iris")).read_text(encoding="utf-8").splitlines()
        self.file("other.csv", "\n".join(lines[:-1]) + "\n")
        for file in (data("seeds"), "other.csv"):
            self.assertIn("REJECTED", self.verified("m.nadir", file, code=5).stdout)
        self.run_program(VERIFY, data("iris"), data("iris"), code=5)
        self.assertIn("nothing", self.run_program(VERIFY, "nothing", data("iris"), code=3).stderr)
        self.run_program(VERIFY, "m.nadir", "nothing", code=3)

    def test_a_full_disk_is_6(self):
        words = ["train", data("iris"), "--target", "class", *GIVEN, "--quiet"]
        self.refused(*words, "--out", "/dev/full", code=6)
        # A disk that ends after 512 bytes.
        end = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512))}
        self.refused(*words, "--out", "m.nadir", code=6, says="m.nadir", **end)
        # What was there before stays as it was.
        self.file("m.nadir", "old")
        self.refused(*words, "--out", "m.nadir", code=6, **end)
        self.assertEqual((self.folder / "m.nadir").read_text(encoding="utf-8"), "old")
        self.nadir(*words, "--out", "n.nadir")
        self.refused("predict", "n.nadir", data("iris"), "--out", "/dev/full", code=6)
        self.refused("plot", "n.nadir", "--out", "p.svg", code=6, **end)
        with open("/dev/full", "w", encoding="utf-8") as full:
            for command in (["train", data("iris"), "--target", "class", *GIVEN, "--json"],
                            ["predict", "n.nadir", data("iris")], ["inspect", "n.nadir"]):
                with self.subTest(command):
                    done = subprocess.run([NADIR, *command], stdout=full, stderr=subprocess.PIPE, text=True,
                                          check=False, cwd=self.folder)
                    self.assertEqual(done.returncode, 6, done.stderr)
                    self.assertRegex(done.stderr, r"nadir: [^\n]+\n\Z")


class BadInput(Case):
    def test_files_that_are_no_data(self):
        table = ROWS.splitlines()
        texts = {
            "empty": "",
            "blank": "\n\n",
            "header_only": "a,b,class\n",
            "one_class": "a,b,class\n1,2,x\n3,4,x\n",
            "one_row": "a,b,class\n1,2,x\n",
            "ragged": "\n".join(table[:9] + ["1,2"] + table[9:]) + "\n",
            "long_row": "\n".join(table[:9] + ["1,2,3,no"] + table[9:]) + "\n",
            "text": "\n".join(table[:9] + ["word,2,no"] + table[9:]) + "\n",
            "nan": "\n".join(table[:9] + ["nan,2,no"] + table[9:]) + "\n",
            "inf": "\n".join(table[:9] + ["1,-inf,no"] + table[9:]) + "\n",
            "huge_number": "\n".join(table[:9] + ["1,1e999,no"] + table[9:]) + "\n",
            "open_quote": ROWS + '"1,2,no\n',
            "no_label": "\n".join(table[:9] + ["1,2,"] + table[9:]) + "\n",
            "constant": "a,b,class\n1,2,x\n1,2,y\n1,2,x\n1,2,y\n",
            "zeros": b"\0" * 4096,
            "gzip": b"\x1f\x8b\x08\x00" + b"\xff" * 40,
            "idx": b"\0\0\x08\x03\xff\xff\xff\xff\0\0\0\x1c\0\0\0\x1c",
            "npy": b"\x93NUMPY\x01\x00\xff\xff{",
        }
        places = {"ragged": "10", "long_row": "10", "text": "10", "nan": "10", "inf": "10", "huge_number": "10",
                  "no_label": "10"}
        for name, text in texts.items():
            with self.subTest(name):
                self.file(name, text)
                said = self.refused("train", name, "--target", "class", "--out", "m.nadir", says=name)
                if name in places:
                    self.assertRegex(said, rf"(row|line) {places[name]}\b")

    def test_what_the_spectral_method_cannot_learn(self):
        words = ["train", *GIVEN, "--out", "m.nadir"]
        for more in ([], ["--holdout", "0.2"]):
            with self.subTest(more):
                self.refused(*words, data("seeds"), "--target", "area", *more,
                             says=["is a quantity", "the spectral method classifies only"])
                self.refused(*words, data("iris"), "--target", "class", "--scale", "standard", *more, code=2,
                             says=["--scale standard", "spectral method"])
                self.refused(*words, data("seeds"), "--target", "class", "--task", "regression", *more, code=2,
                             says=["--task regression", "classifies only"])
        self.refused(*words, data("seeds"), "--target", "area", "--task", "classification",
                     says="quantity rather than a class")
        self.refused(*words, data("seeds"), "--target", "area", "--task", "other", code=2, says="--task")

    def test_features_that_would_be_negative(self):
        self.file("negative.csv", "a,b,class\n1,2,x\n3,-1,y\n2,2,x\n1,1,y\n")
        self.refused("train", "negative.csv", "--target", "class", *GIVEN, "--scale", "none", "--out", "m.nadir",
                     says="row 3, column 2 (b): -1 is negative, and so would be its feature; train with --scale minmax")
        self.file("fine.csv", "a,b,class\n1,2,x\n3,1,y\n2,2,x\n1,1,y\n")
        self.nadir("train", "fine.csv", "--target", "class", *GIVEN, "--scale", "none", "--quiet", "--out", "m.nadir")
        self.refused("predict", "m.nadir", "negative.csv", says="row 3, column 2 (b): -1 is negative")
        self.refused("train", "fine.csv", "--target", "class", *GIVEN, "--scale", "none", "--test", "negative.csv",
                     "--out", "n.nadir", says="row 3, column 2 (b): -1 is negative")

    def test_paths(self):
        words = ["--target", "class", *GIVEN]
        self.refused("train", ".", *words, says="directory")
        self.refused("train", "nothing.csv", *words, says="nothing.csv")
        self.refused("train", data("iris"), *words, "--out", "no/such/folder/m.nadir", says="no/such/folder")
        self.refused("train", data("iris"), *words, "--out", ".", says=".")
        self.refused("predict", data("iris"), data("iris"), says="iris.csv")
        self.refused("predict", "nothing", data("iris"), says="nothing")

    def test_no_permission(self):
        self.file("secret.csv", ROWS)
        (self.folder / "secret.csv").chmod(0)
        (self.folder / "closed").mkdir(mode=0o555)
        self.file("open.csv", ROWS)
        user = {}
        if os.geteuid() == 0:  # root may do everything: be nobody
            user = {"user": 65534, "group": 65534, "extra_groups": []}
            self.folder.chmod(0o755)
            copy = self.folder / "nadir"
            copy.write_bytes(NADIR.read_bytes())  # where the program lies may be closed to nobody
            copy.chmod(0o755)
        program = self.folder / "nadir" if user else NADIR
        for words in (["secret.csv", "--out", "m.nadir"], ["open.csv", "--out", "closed/m.nadir"]):
            done = self.run_program(program, "train", *words, "--target", "class", *GIVEN, code=3, **user)
            self.assertEqual(done.stdout, "")
            self.assertRegex(done.stderr, r"\Anadir: [^\n]*[Pp]ermission denied[^\n]*\n\Z")
        self.assertEqual(list((self.folder / "closed").iterdir()), [])


class SameBytes(Case):
    def trained(self, file, *words):
        self.nadir("train", file, "--target", "class", *words, "--quiet", "--out", "m.nadir")
        return (self.folder / "m.nadir").read_bytes()

    def synthetic(self):
        draw = random.Random(5)
        text = "a,b,c,d,e,class\n"
        for _ in range(5000):
            label = draw.randrange(3)
            cells = [f"{draw.gauss(label * (k + 1), 3):.4f}" for k in range(5)]
            text += ",".join(cells) + f",{label}\n"
        return self.file("synthetic.csv", text)

    def test_for_any_number_of_threads_and_for_equal_runs(self):
        for file in (data("banknote"), self.synthetic()):
            with self.subTest(file):
                one = self.trained(file, *GIVEN, "--threads", "1")
                for threads in ("1", "2", "4"):
                    self.assertEqual(self.trained(file, *GIVEN, "--threads", threads), one, threads)
                self.verified("m.nadir", file)

    def test_another_seed_gives_another_choice_of_rows(self):
        one = self.trained(data("iris"), *GIVEN, "--holdout", "0.2", "--seed", "1")
        self.assertEqual(self.trained(data("iris"), *GIVEN, "--holdout", "0.2", "--seed", "1"), one)
        self.assertNotEqual(self.trained(data("iris"), *GIVEN, "--holdout", "0.2", "--seed", "2"), one)


class Gated(Case):
    KEYS = ("method objective lower_bound gap relative_gap target_gap objective_at_zero claim stop stop_sentence "
            "iterations seconds seconds_loading neurons samples features train test model certificate loss lambda "
            "largest_lambda lambda_ratio gates outputs path").split()

    def quantities(self, name="rooms.csv", rows=80):
        """A bent function of three columns and some noise, in units far from 1."""
        draw = random.Random(11)
        text = "area,floor,kind,price\n"
        for _ in range(rows):
            area, floor, kind = draw.uniform(20, 120), draw.randrange(6), draw.choice(["old", "new"])
            price = 2e5 + 3e3 * abs(area - 60) - 8e3 * floor + (5e4 if kind == "new" else 0) + draw.gauss(0, 2e3)
            text += f"{area:.2f},{floor},{kind},{price:.2f}\n"
        return self.file(name, text)

    def trained(self, file, target, *words, code=0):
        done = self.nadir("train", file, "--target", target, "--method", "gated", *words, "--json", "--out", "m.nadir",
                          code=code)
        self.assertEqual(done.stderr, "")
        result = json.loads(done.stdout)
        for key in self.KEYS:
            self.assertIn(key, result)
        self.assertEqual(result["certificate"], {"kind": "dual_point"})
        self.verified("m.nadir", file)
        return result

    def test_classes_by_softmax(self):
        for words in (["--lambda", "0.02"], []):
            with self.subTest(words):
                result = self.trained(data("iris"), "class", *words)
                self.assertEqual((result["method"], result["loss"], result["outputs"]), ("gated", "softmax", 3))
                self.assertEqual((result["claim"], result["target_gap"]), ("certified", 1e-6))
                self.assertLessEqual(result["relative_gap"], 1e-6)
                self.assertEqual(result["gap"], result["objective"] - result["lower_bound"])
                self.assertEqual(result["objective_at_zero"], math.log(3))
                self.assertEqual(result["lambda_ratio"], result["lambda"] / result["largest_lambda"])
                self.assertEqual(result["train"].keys(), {"accuracy", "log_loss", "samples"})
                self.assertGreater(result["train"]["accuracy"], 0.9)
                if words:
                    self.assertEqual((result["lambda"], result["path"]), (0.02, None))
                else:
                    path = result["path"]
                    self.assertEqual(result["lambda"], path["lambdas"][path["chosen"]])
                    self.assertEqual(path["lambdas"][0], result["largest_lambda"])
                    self.assertEqual(path["folds"], 5)
                    self.assertLessEqual(path["chosen"], path["best"])
                    for key in ("errors", "standard_errors", "excess_errors", "losses"):
                        self.assertEqual(len(path[key]), len(path["lambdas"]), key)
                    self.assertEqual(min(path["losses"]), path["losses"][path["best"]])
                    self.assertAlmostEqual(path["out_of_fold"]["accuracy"], 1 - path["errors"][path["chosen"]])

    def test_lambda_as_a_share_of_the_largest(self):
        result = self.trained(data("iris"), "class", "--lambda-ratio", "0.1")
        self.assertEqual(result["lambda"], 0.1 * result["largest_lambda"])
        self.assertEqual(result["path"], None)
        self.refused("train", data("iris"), "--target", "class", "--method", "gated", "--lambda-ratio", "0.1", "--lambda",
                     "0.1", code=2, says=["--lambda-ratio", "give one"])

    PENALTIES = ["nuclear", "l1", "features"]

    def test_other_penalties(self):
        group = self.trained(data("iris"), "class", "--lambda", "0.02")
        self.assertEqual(group["penalty"], "group")
        for penalty in self.PENALTIES:
            with self.subTest(penalty):
                given = self.trained(data("iris"), "class", "--lambda", "0.02", "--penalty", penalty)
                self.assertEqual((given["penalty"], given["claim"], given["stop"]), (penalty, "certified", "gap_reached"))
                self.assertNotEqual(given["objective"], group["objective"])
                self.assertEqual(json.loads(self.nadir("inspect", "m.nadir", "--json").stdout)["objective"]["penalty"],
                                 penalty)
                zero = self.trained(data("iris"), "class", "--lambda", str(given["largest_lambda"] * 1.0001), "--penalty",
                                    penalty, code=4)  # nothing is gained: bounded
                self.assertEqual(zero["neurons"], 0)
                chosen = self.trained(data("iris"), "class", "--penalty", penalty, "--path", "6", "--folds", "3",
                                      "--gates", "30", "--path-ratio", "0.05")
                self.assertEqual(chosen["claim"], "certified")
                self.assertEqual(chosen["path"]["lambdas"][0], chosen["largest_lambda"])
                self.assertGreater(chosen["path"]["out_of_fold"]["accuracy"], 0.8)
                answers = self.nadir("predict", "m.nadir", data("iris")).stdout.splitlines()
                self.assertEqual(len(answers), 151)
                self.refused("train", data("iris"), "--target", "class", "--penalty", penalty, code=2,
                             says=["--penalty", "--method gated"])
        # Its penalty is small against the weights whose products are rounded: room for that is room for all of them.
        wide = self.trained(data("pima_diabetes"), "class", "--lambda-ratio", "0.01", "--penalty", "features")
        self.assertEqual((wide["claim"], wide["neurons"], len(wide["features_used"])), ("certified", 384, 9))
        self.refused("train", data("iris"), "--target", "class", "--method", "relu", "--penalty", "group", code=2,
                     says=["--penalty", "gated"])
        self.refused("train", data("iris"), "--target", "class", "--method", "gated", "--penalty", "lasso", code=2,
                     says=["--penalty", "lasso"])

    def test_two_classes_by_logistic(self):
        result = self.trained(data("cancer"), "class", "--lambda", "0.01", "--holdout", "0.3")
        self.assertEqual((result["loss"], result["outputs"], result["claim"]), ("logistic", 1, "certified"))
        self.assertEqual(result["train"]["samples"] + result["test"]["samples"], 683)
        self.assertGreater(result["test"]["accuracy"], 0.9)
        result = self.trained(data("cancer"), "class", "--lambda", "0.01")
        rows = list(csv.DictReader(Path(data("cancer")).read_text(encoding="utf-8").splitlines()))
        answers = self.nadir("predict", "m.nadir", data("cancer")).stdout.splitlines()[1:]
        table = list(csv.DictReader(self.nadir("predict", "m.nadir", data("cancer"), "--proba").stdout.splitlines()))
        self.assertEqual(len(answers), len(rows))
        loss = right = 0.0
        for row, answer, line in zip(rows, answers, table):
            numbers = {name: float(text) for name, text in line.items()}
            self.assertAlmostEqual(sum(numbers.values()), 1, places=12)
            self.assertEqual(max(numbers, key=numbers.get), answer)
            right += answer == row["class"]
            loss -= math.log(numbers[row["class"]])
        self.assertAlmostEqual(right / len(rows), result["train"]["accuracy"], places=12)
        self.assertAlmostEqual(loss / len(rows), result["train"]["log_loss"], places=9)

    def test_every_loss(self):
        classes, rooms = (data("haberman"), "class"), (self.quantities(), "price")
        for loss, (file, target), outputs in (("logistic", classes, 1), ("squared_hinge", classes, 1),
                                              ("softmax", classes, 2), ("squared", classes, 2),
                                              ("squared", (data("iris"), "class"), 3), ("squared", rooms, 1),
                                              ("huber", rooms, 1)):
            with self.subTest((loss, target, outputs)):
                result = self.trained(file, target, "--loss", loss, "--lambda", "0.05")
                self.assertEqual((result["loss"], result["outputs"], result["claim"]), (loss, outputs, "certified"))
                if outputs > 1 and loss == "squared":
                    self.assertEqual(result["objective_at_zero"], 0.5)
                    self.assertGreater(result["train"]["accuracy"], 0.7)
                if target == "class" and loss.startswith("squared"):
                    self.assertIsNone(result["train"]["log_loss"])
                    self.refused("predict", "m.nadir", file, "--proba", code=2, says=["--proba", loss])

    def weighted(self, name="weighted.csv", repeat=False):
        """Two classes of different sizes, and rows of weight 1 to 3; or each written so many times."""
        draw = random.Random(5)
        text = "a,w,b,class\n"
        for i in range(70):
            a, b, weight = draw.gauss(0, 1), draw.gauss(0, 1), draw.randint(1, 3)
            label = "rare" if a - abs(b) + draw.gauss(0, 0.5) > 0.3 else "usual"
            row = f"{a:.3f},{1 if repeat else weight},{b:.3f},{label}\n"
            text += row * (weight if repeat else 1)
        return self.file(name, text)

    def test_weights_of_rows_and_classes(self):
        self.weighted()
        plain = self.trained("weighted.csv", "class", "--lambda", "0.02", "--ignore", "w")
        objectives = {plain["objective"]}
        for words, columns in ((["--weights", "w"], 3), (["--class-weights", "balanced"], None),
                               (["--weights", "2", "--class-weights", "balanced"], 3)):
            for more in (["--lambda", "0.02"], ["--path", "6", "--holdout", "0.2"]):
                with self.subTest((words, more)):
                    if "--weights" not in words:
                        more = [*more, "--ignore", "w"]
                    result = self.trained("weighted.csv", "class", *words, *more)
                    self.assertEqual((result["claim"], result["features"]), ("certified", 3))
                    objectives.add(result["objective"])
                    told = json.loads(self.nadir("inspect", "m.nadir", "--json").stdout)["objective"]["weights"]
                    self.assertEqual(told.get("column"), 1 if "--weights" in words else None)
                    self.assertEqual("classes" in told, "balanced" in words)
                    if "balanced" in words and "--holdout" not in more:
                        rare = sum(line.endswith("rare") for line in (self.folder / "weighted.csv").read_text().split())
                        self.assertEqual([float.fromhex(c) for c in told["classes"]], [70 / (2 * rare), 70 / (2 * (70 - rare))])
                    text = self.nadir("inspect", "m.nadir").stdout
                    self.assertRegex(text, r"\nweights +" + ("column w" if "--weights" in words else "by class: rare"))
        self.assertEqual(len(objectives), 7)
        done = self.nadir("train", "weighted.csv", "--target", "class", "--method", "gated", "--weights", "w", "--lambda",
                          "0.1", "--out", "m.nadir")
        self.assertRegex(done.stderr, r"column w left out: it holds the weights.*\n(.*\n)*  weights +column w\n")
        self.quantities()
        rooms = ["train", "rooms.csv", "--target", "price", "--out", "m.nadir"]
        result = self.trained("rooms.csv", "price", "--weights", "area", "--lambda", "0.05")
        self.assertEqual((result["claim"], result["features"]), ("certified", 4))
        self.refused(*rooms, "--class-weights", "balanced", code=2, says=["--class-weights", "quantity"])
        self.refused(*rooms, "--weights", "price", code=2, says=["--weights", "target"])
        self.refused(*rooms, "--weights", "size", code=2, says=["--weights", "size", "rooms.csv"])
        self.refused(*rooms, "--weights", "floor", says=["rooms.csv", "row", "(floor)", "0 is not above 0"])
        self.refused(*rooms, "--weights", "kind", says=["rooms.csv", "row 2, column 3 (kind)", "not a number"])
        for option in (["--weights", "w"], ["--class-weights", "balanced"]):
            self.refused("train", "weighted.csv", "--target", "class", *GIVEN[:2], *option, "--out", "m.nadir", code=2,
                         says=[option[0], "spectral"])
        self.file("gap.csv", (self.folder / "weighted.csv").read_text().replace(",3,", ",,", 1))
        self.refused("train", "gap.csv", "--target", "class", "--weights", "w", "--lambda", "0.1", "--out", "m.nadir",
                     says=["gap.csv", "(w)", "the weight is missing", "leave the row out"])

    def test_quantities(self):
        self.quantities()
        for words in (["--lambda", "0.01"], [], ["--holdout", "0.25"]):
            with self.subTest(words):
                result = self.trained("rooms.csv", "price", *words)
                self.assertEqual((result["loss"], result["outputs"], result["claim"]), ("squared", 1, "certified"))
                self.assertEqual(result["train"].keys(), {"r2", "rmse", "samples"})
                self.assertGreater(result["train"]["r2"], 0.9)
                if words == ["--holdout", "0.25"]:
                    self.assertEqual((result["train"]["samples"], result["test"]["samples"]), (60, 20))
                    self.assertGreater(result["test"]["r2"], 0.8)
                    continue
                self.assertIsNone(result["test"])
                done = self.nadir("predict", "m.nadir", "rooms.csv")
                lines = done.stdout.splitlines()
                self.assertEqual(lines[0], "price")
                truth = [float(row["price"]) for row in
                         csv.DictReader((self.folder / "rooms.csv").read_text(encoding="utf-8").splitlines())]
                self.assertEqual(len(lines) - 1, len(truth))
                error = sum((float(f) - v) ** 2 for f, v in zip(lines[1:], truth))
                mean = sum(truth) / len(truth)
                self.assertAlmostEqual(math.sqrt(error / len(truth)) / result["train"]["rmse"], 1, places=9)
                self.assertAlmostEqual(1 - error / sum((v - mean) ** 2 for v in truth), result["train"]["r2"], places=9)
                self.assertRegex(done.stderr, r"\A80 rows with a known target: R2 0\.\d+, RMSE \S+\n\Z")
                self.refused("predict", "m.nadir", "rooms.csv", "--proba", code=2, says=["--proba", "quantity"])
        bare = [line.rsplit(",", 1)[0] for line in (self.folder / "rooms.csv").read_text().splitlines()]
        self.file("bare.csv", "\n".join(bare) + "\n")
        self.assertEqual(self.nadir("predict", "m.nadir", "bare.csv").stderr, "")
        self.refused("train", "rooms.csv", "--target", "price", "--lambda", "0.1", "--test", "bare.csv", "--out",
                     "n.nadir", says=["bare.csv", "no target"])

    def test_auto_is_the_better_of_gated_and_relu(self):
        Gated.quantities(self)
        seeds = [data("seeds"), "--target", "class"]
        for words in (["rooms.csv", "--target", "price", "--lambda", "0.1"], [*seeds, "--path", "6"],
                      [*seeds, "--task", "regression", "--lambda", "0.1", "--nodes", "20"]):
            with self.subTest(words):
                result = json.loads(self.nadir("train", *words, "--json", "--out", "m.nadir", code=None).stdout)
                losses = {one["method"]: one["loss"] for one in result["candidates"]}
                self.assertEqual(losses.keys(), {"gated", "relu"})
                self.assertEqual(result["method"], min(losses, key=losses.get))
                self.assertIn(result["lambda"], [one["lambda"] for one in result["candidates"]])
                self.verified("m.nadir", words[0])
        self.refused("train", *seeds, *GIVEN[2:], code=2, says=["is an option of the spectral method"])

    def test_an_option_of_both_methods_reaches_the_one_that_runs(self):
        for method, words, gap in (("gated", ["--lambda", "0.02"], 1e-6), ("spectral", GIVEN[2:], 1e-9)):
            for more, wanted in (([], gap), (["--gap", "1e-4"], 1e-4)):
                with self.subTest((method, more)):
                    result = json.loads(self.nadir("train", "--method", method, *words, *more, "--json", "--out",
                                                   "m.nadir").stdout)
                    self.assertEqual(result["target_gap"], wanted)
        result = self.trained(data("iris"), "class", "--folds", "3", "--path", "4", "--max-iterations", "0", code=4)
        self.assertEqual((result["path"]["folds"], result["claim"], result["iterations"]), (3, "bounded", 0))

    def test_tables_and_text(self):
        self.quantities()
        done = self.nadir("train", "rooms.csv", "--target", "price", "--method", "gated", "--holdout", "0.2", "--out",
                          "m.nadir")
        self.assertEqual(done.stdout, "")
        for word in ("quantity", "lambda", "left out", "gates active", "R2", "RMSE", "with these gates", "certified"):
            self.assertIn(word, done.stderr)
        told = self.nadir("inspect", "m.nadir").stdout
        for word in ("gated linear units", "gates active", "squared", "dual point", "with these gates", "quantity"):
            self.assertIn(word, told)
        told = json.loads(self.nadir("inspect", "m.nadir", "--json").stdout)
        self.assertEqual(told["network"]["kind"], "gated")
        self.assertEqual(told["notes"]["method"], "gated")
        self.assertEqual(told["notes"]["path"]["folds"], 5)
        self.nadir("plot", "m.nadir", "--what", "convergence", "--out", "p.svg")
        xml.etree.ElementTree.parse(self.folder / "p.svg")
        self.refused("plot", "m.nadir", "rooms.csv", "--out", "q.svg", code=2, says="quantity")
        self.nadir("train", "--method", "gated", "--lambda", "0.02", "--quiet", "--out", "i.nadir")
        self.nadir("plot", "i.nadir", "--columns", "3,4", "--out", "r.svg")
        self.assertGreater(len(list(xml.etree.ElementTree.parse(self.folder / "r.svg").getroot().iter())), 20)

    def test_the_same_bytes_for_any_number_of_threads(self):
        self.quantities()
        for words in (["rooms.csv", "--target", "price"], [data("iris"), "--target", "class", "--method", "gated"],
                      [data("cancer"), "--target", "class", "--method", "gated", "--lambda", "0.01"]):
            with self.subTest(words):
                models = set()
                for threads in ("1", "2", "4"):
                    self.nadir("train", *words, "--threads", threads, "--quiet", "--out", "m.nadir")
                    models.add((self.folder / "m.nadir").read_bytes())
                self.assertEqual(len(models), 1)

    def test_what_is_refused(self):
        self.quantities()
        rooms = ["train", "rooms.csv", "--target", "price", "--out", "m.nadir"]
        iris = ["train", data("iris"), "--target", "class", "--method", "gated", "--out", "m.nadir"]
        for words, says in (([*rooms, "--loss", "logistic"], ["--loss logistic", "quantity"]),
                            ([*rooms, "--loss", "softmax"], ["--loss softmax", "quantity"]),
                            ([*iris, "--loss", "huber"], ["--loss huber", "class"]),
                            ([*iris, "--loss", "logistic"], ["logistic", "two classes"]),
                            ([*iris, "--loss", "other"], "loss"), ([*iris, "--lambda", "-1"], "lambda"),
                            ([*iris, "--lambda", "nan"], "lambda"), ([*iris, "--gap", "0"], "gap"),
                            ([*iris, "--folds", "1"], "folds"), ([*iris, "--gap", "x"], "gap"),
                            ([*iris, "--hidden", "3"], ["--hidden", "spectral"]),
                            ([*iris, "--all-certificates"], "--all-certificates"),
                            ([*rooms, "--model", "given"], ["--model", "spectral"]),
                            (["train", data("iris"), "--target", "class", "--method", "spectral", "--lambda", "1"],
                             ["--lambda", "gated"])):
            with self.subTest(words):
                self.refused(*words, code=2, says=says)
        self.refused(*rooms, "--method", "spectral", says="classifies only")
        cells = (self.folder / "rooms.csv").read_text(encoding="utf-8").splitlines()
        self.file("slip.csv", "\n".join([*cells[:9], "50,1,old,dear", *cells[9:]]) + "\n")
        self.assertRegex(self.refused("train", "slip.csv", "--target", "price", "--out", "m.nadir", says="dear"),
                         r"row 10\b")


class LongRuns(Case):
    def test_an_interrupt_is_130_and_keeps_what_there_is(self):
        # A gap that cannot be reached and a set large enough that the training takes long.
        words = ["train", data("bank_marketing"), "--target", "y", *GIVEN[:4], "--hidden", "2000", "--gap", "1e-300",
                  "--change", "0", "--memory", "0", "--threads", "1", "--out", "m.nadir", "--json"]
        for signals in (1, 3):
            with self.subTest(signals):
                with subprocess.Popen([NADIR, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                      cwd=self.folder) as running:
                    time.sleep(1)
                    for _ in range(signals):
                        running.send_signal(signal.SIGINT)
                        time.sleep(0.01)
                    out, err = running.communicate()
                self.assertEqual(running.returncode, 130, err)
                if signals == 1:
                    self.assertEqual(json.loads(out)["claim"], "bounded")
                    self.verified("m.nadir", data("bank_marketing"))
                    (self.folder / "m.nadir").unlink()
                self.assertEqual([name for name in self.left() if ".part" in name], [])

    def test_a_million_columns(self):
        width = 10**6
        names = ",".join(f"c{i}" for i in range(width)) + ",class\n"
        rows = "".join(",".join(["1", "0", "2", "5"][i % 4] for _ in range(width)) + f",{'xy'[i % 2]}\n"
                       for i in range(4))
        self.file("wide.csv", names + rows)
        done = subprocess.run([NADIR, "train", "wide.csv", "--target", "class", *GIVEN, "--max-iterations", "2",
                               "--out", "m.nadir", "--quiet"], capture_output=True, text=True, check=False,
                              cwd=self.folder)
        # Either it trains, or it says in one line why not.
        self.assertIn(done.returncode, (0, 3, 4, 6), done.stderr)
        if done.returncode in (3, 6):
            self.assertRegex(done.stderr, r"\Anadir: [^\n]+\n\Z")
            self.assertEqual(self.left(), ["wide.csv"])
        else:
            self.assertEqual(self.left(), ["m.nadir", "wide.csv"])


class LongResume(Case):
    def ends_as_if_never_stopped(self, file, *words):
        words = ["train", file, *words, "--quiet", "--out", "m.nadir"]
        begin = time.monotonic()
        self.nadir(*words, code=None)
        seconds, whole = time.monotonic() - begin, (self.folder / "m.nadir").read_bytes()
        self.assertEqual([name for name in self.left() if "checkpoint" in name], [])
        stopped = 0
        for share in (0.15, 0.45, 0.75):
            (self.folder / "m.nadir").unlink()
            code, err = self.interrupted(share * seconds, *words)
            if code == 130:
                stopped += 1
                self.assertIn("nadir: stopping; m.nadir.checkpoint is written", err)
                self.assertIn("m.nadir.checkpoint", self.left())
                code, err = self.interrupted(0.3 * seconds, *words, "--resume")
            if code == 130:
                self.nadir(*words, "--resume", code=None)
            self.assertEqual((self.folder / "m.nadir").read_bytes(), whole, share)
            self.assertEqual([name for name in self.left() if "checkpoint" in name or ".part" in name], [])
        self.assertGreater(stopped, 1)

    def test_gated_networks_end_as_if_never_stopped(self):
        self.ends_as_if_never_stopped(data("pima_diabetes"), "--target", "class", "--method", "gated", "--gap", "1e-8",
                                      "--threads", "1", "--path", "6", "--folds", "3", "--gates", "100")

    def test_the_choice_of_a_method_ends_as_if_never_stopped(self):
        self.ends_as_if_never_stopped(data("seeds"), "--target", "class", "--threads", "2", "--path", "6", "--folds", "3")


class Resume(Case):
    def test_a_checkpoint_of_something_else_is_refused_in_one_line(self):
        words = ["train", data("pima_diabetes"), "--target", "class", "--method", "gated", "--gap", "1e-9",
                 "--threads", "1", "--quiet", "--out", "m.nadir"]
        self.refused(*words, "--resume", says=["m.nadir.checkpoint", "no such checkpoint", "leave out --resume"])
        self.refused(*words, "--checkpoint", "./m.nadir", code=2, says="another file")
        self.refused("train", data("iris"), "--target", "class", *GIVEN, "--resume", code=2, says="--resume")
        code, err = self.interrupted(0.3, *words, "--checkpoint", "kept")
        self.assertEqual(code, 130, err)
        whole = (self.folder / "kept").read_bytes()
        self.refused(*words, "--checkpoint", "kept", code=2, says=["kept", "--resume", "--no-resume"])
        resume = [*words, "--checkpoint", "kept", "--resume"]
        self.refused(*resume, "--seed", "3", says=["kept", "other options", "--seed was 0 there and is 3"])
        self.refused(*resume, "--gates", "30", says=["other options", "--gates"])
        self.refused(*resume, "--scale", "minmax", says=["other options", "--scale"])
        lines = Path(data("pima_diabetes")).read_text(encoding="utf-8").splitlines()
        self.file("less.csv", "\n".join(lines[:-1]) + "\n")
        self.refused("train", "less.csv", *resume[2:], says=["kept", "other data"])
        for damaged in (whole[:-1], whole[:len(whole) // 2], b"", whole[:-9] + b"\0" + whole[-8:], b"x" * 100):
            self.file("kept", damaged)
            self.refused(*resume, says=["kept", "leave out --resume"])
        self.file("kept", whole)
        self.nadir(*resume, "--time-limit", "1000", code=None)
        self.assertEqual(self.left(), ["less.csv", "m.nadir"])
        done = (self.folder / "m.nadir").read_bytes()
        self.file("kept", whole)
        self.nadir(*words, "--checkpoint", "kept", "--no-resume", code=None)
        self.assertEqual(self.left(), ["less.csv", "m.nadir"])
        self.assertEqual((self.folder / "m.nadir").read_bytes(), done)

    def test_where_no_checkpoint_can_be_written_training_says_so_and_goes_on(self):
        code, err = self.interrupted(0.3, "train", data("pima_diabetes"), "--target", "class", "--method", "gated",
                                     "--gap", "1e-9", "--threads", "1", "--quiet", "--out", "m.nadir", "--checkpoint",
                                     "no/such/folder/kept", "--lambda", "1e-4")
        self.assertEqual(code, 130, err)
        self.assertRegex(err, r"\Anadir: no checkpoint: no/such/folder/kept: cannot write[^\n]+\n\Z")
        self.assertEqual(self.left(), ["m.nadir"])


def npy(values, columns=None):
    """NumPy's file of doubles: one dimension, or rows of so many columns."""
    shape = f"({len(values)},)" if columns is None else f"({len(values) // columns}, {columns})"
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + struct.pack(f"<{len(values)}d", *values)


class Npz(Case):
    def archive(self, name, **arrays):
        with zipfile.ZipFile(self.folder / name, "w", zipfile.ZIP_DEFLATED) as file:
            for array, bytes_ in arrays.items():
                file.writestr(array + ".npy", bytes_)
        return name

    def setUp(self):
        super().setUp()
        draw = random.Random(1)
        self.x = [draw.uniform(-1, 1) for _ in range(120)]
        self.y = [abs(self.x[i]) + self.x[i + 1] for i in range(0, 120, 3)]

    def test_an_archive_is_trained_on_predicted_and_verified_as_its_arrays_are(self):
        x, y = npy(self.x, 3), npy(self.y)
        train = ["--method", "gated", "--lambda-ratio", "0.1", "--quiet", "--out"]
        self.archive("d.npz", X=x, y=y)
        self.nadir("train", "d.npz", *train, "m.nadir")
        self.assertIn("ACCEPTED", self.verified("m.nadir", "d.npz").stdout)
        self.file("x.npy", x), self.file("y.npy", y)
        self.nadir("train", "x.npy", "--labels", "y.npy", *train, "a.nadir")
        self.assertEqual(weights_of(self.folder / "m.nadir"), weights_of(self.folder / "a.nadir"))
        weighted = [0.5 + i % 3 for i in range(40)]
        wide = [number for i in range(40) for number in (*self.x[3 * i:3 * i + 3], weighted[i])]
        self.archive("weighted.npz", X=npy(wide, 4), y=y)
        self.nadir("train", "weighted.npz", "--weights", "4", *train, "w.nadir")
        self.assertIn("ACCEPTED", self.verified("w.nadir", "weighted.npz").stdout)
        self.assertNotEqual(weights_of(self.folder / "m.nadir"), weights_of(self.folder / "w.nadir"))
        wide[3] = 2.5
        self.archive("weighted.npz", X=npy(wide, 4), y=y)
        self.assertIn("REJECTED: features_hash", self.verified("w.nadir", "weighted.npz", code=5).stdout)
        self.archive("other.npz", rows=x, price=y, y=npy(self.y[::-1]))
        names = ["--array", "rows", "--labels", "price"]
        self.nadir("train", "other.npz", *names, *train, "b.nadir")
        self.assertIn("ACCEPTED", self.verified("b.nadir", "other.npz").stdout)
        self.verified("m.nadir", "other.npz", code=5)
        self.verified("m.nadir", self.archive("lie.npz", X=x, y=npy([*self.y[:-1], 3.0])), code=5)
        told = [self.nadir("predict", model, file).stdout
                for model, file in (("m.nadir", "d.npz"), ("a.nadir", "x.npy"), ("b.nadir", "other.npz"),
                                    ("b.nadir", self.archive("bare.npz", rows=x)))]
        self.assertEqual(len(told[0].splitlines()), 41)
        self.assertEqual(told, told[:1] * 4)
        self.refused("predict", "b.nadir", "d.npz", code=2, says=["--array 'rows'", "which holds 'X', 'y'"])

    def test_the_target_may_be_a_column(self):
        both = [value for i in range(0, 120, 3) for value in (*self.x[i:i + 3], self.y[i // 3])]
        self.archive("d.npz", X=npy(both, 4), y=npy(self.y[::-1]))
        self.nadir("train", "d.npz", "--target", "4", "--method", "gated", "--lambda-ratio", "0.1", "--quiet", "--out",
                   "m.nadir")
        self.assertIn("ACCEPTED", self.verified("m.nadir", "d.npz").stdout)
        told = [self.nadir("predict", "m.nadir", file).stdout
                for file in ("d.npz", self.archive("bare.npz", X=npy(self.x, 3)))]
        self.assertEqual(told[0], told[1])


class Relu(Case):
    def trained(self, file, target, *words, code=0):
        done = self.nadir("train", file, "--target", target, "--method", "relu", *words, "--json", "--out", "m.nadir",
                          code=code)
        self.assertEqual(done.stderr, "")
        self.verified("m.nadir", file)
        result = json.loads(done.stdout)
        self.assertEqual((result["method"], result["certificate"]), ("relu", {"kind": "relu_polar"}))
        self.assertLessEqual(result["lower_bound"], result["patterns_lower_bound"] + 1e-9)
        self.assertLessEqual(result["patterns_lower_bound"], result["objective"])
        self.assertLessEqual(result["patterns_relative_gap"], 1e-4)
        self.assertEqual(result["claim"], "bounded" if code else "certified")
        return result

    def test_classes_and_quantities(self):
        iris = self.trained(data("iris"), "class")
        self.assertEqual((iris["loss"], iris["outputs"], iris["target_gap"]), ("softmax", 3, 0.01))
        self.assertEqual(iris["lambda"], iris["path"]["lambdas"][iris["path"]["chosen"]])
        self.assertGreater(iris["train"]["accuracy"], 0.95)
        cancer = self.trained(data("cancer"), "class", "--lambda", "0.05", "--holdout", "0.3")
        self.assertEqual((cancer["loss"], cancer["outputs"]), ("logistic", 1))
        self.assertGreater(cancer["test"]["accuracy"], 0.9)
        rooms = Gated.quantities(self)
        result = self.trained(rooms, "price", "--lambda", "0.2", "--gap", "0.05")
        self.assertEqual(result["loss"], "squared")
        predictions = [float(v) for v in self.nadir("predict", "m.nadir", rooms).stdout.split()[1:]]
        actual = [float(row["price"]) for row in csv.DictReader(open(self.folder / rooms, encoding="utf-8"))]
        mean = sum(actual) / len(actual)
        r2 = 1 - sum((p - v) ** 2 for p, v in zip(predictions, actual)) / sum((v - mean) ** 2 for v in actual)
        self.assertAlmostEqual(r2, result["train"]["r2"], places=9)

    def test_every_loss(self):
        Gated.quantities(self)
        for loss, file, target in (("squared_hinge", data("cancer"), "class"), ("softmax", data("cancer"), "class"),
                                   ("squared", data("iris"), "class"), ("huber", "rooms.csv", "price")):
            with self.subTest((loss, target)):
                result = self.trained(file, target, "--loss", loss, "--lambda", "0.2", "--gap", "0.1")
                self.assertEqual(result["loss"], loss)

    def test_a_weight_is_so_many_rows(self):
        words = ["--lambda", "0.05", "--scale", "minmax", "--gap", "0.003"]
        weighted = self.trained(Gated.weighted(self), "class", *words, "--weights", "w")
        repeated = self.trained(Gated.weighted(self, "rows.csv", repeat=True), "class", *words, "--ignore", "w")
        self.assertLess(weighted["samples"], repeated["samples"])
        self.assertAlmostEqual(weighted["largest_lambda"], repeated["largest_lambda"], places=12)
        self.assertAlmostEqual(weighted["objective_at_zero"], repeated["objective_at_zero"], places=12)
        self.assertAlmostEqual(weighted["objective"], repeated["objective"], places=3)
        self.assertLessEqual(weighted["lower_bound"], repeated["objective"])
        self.assertLessEqual(repeated["lower_bound"], weighted["objective"])
        self.trained("weighted.csv", "class", *words, "--class-weights", "balanced")

    def test_a_proof_cut_short_is_still_a_proof(self):
        result = self.trained(data("pima_diabetes"), "class", "--lambda", "0.02", "--nodes", "4", code=4)
        self.assertGreater(result["relative_gap"], 0.01)
        self.assertEqual(result["stop"], "iteration_limit")

    def test_the_same_bytes_for_any_number_of_threads(self):
        models = set()
        for threads in ("1", "2", "4"):
            self.nadir("train", data("seeds"), "--target", "class", "--method", "relu", "--path", "5", "--threads",
                       threads, "--quiet", "--out", "m.nadir", code=None)
            models.add((self.folder / "m.nadir").read_bytes())
        self.assertEqual(len(models), 1)

    def test_no_unit_is_a_network_too(self):
        done = self.nadir("train", data("iris"), "--target", "class", "--method", "relu", "--lambda", "10", "--json",
                          "--out", "m.nadir", code=None)  # 4: rounding over rounding
        result = json.loads(done.stdout)
        self.verified("m.nadir", data("iris"))
        self.assertEqual(result["units"], 0)
        self.assertAlmostEqual(result["objective"], result["objective_at_zero"], places=11)
        self.assertAlmostEqual(result["objective"], result["lower_bound"], places=6)

    def test_the_least_loss_in_a_ball(self):
        Gated.quantities(self)
        for file, target, radius, words in ((data("iris"), "class", 6, ["--gap", "0.05"]),
                                            (data("iris"), "class", 3, ["--loss", "squared", "--gap", "0.05"]),
                                            (data("cancer"), "class", 2, ["--class-weights", "balanced", "--gap", "0.1"]),
                                            ("rooms.csv", "price", 0.6, ["--gap", "0.05", "--steps", "line-search"]),
                                            ("rooms.csv", "price", 0.6, ["--gap", "0.2", "--steps", "classic"])):
            with self.subTest((file, target, words)):
                done = self.nadir("train", file, "--target", target, "--method", "relu", "--radius", radius, *words,
                                  "--json", "--out", "m.nadir")
                self.assertEqual(done.stderr, "")
                self.verified("m.nadir", file)
                result = json.loads(done.stdout)
                self.assertEqual((result["claim"], result["radius"]), ("certified", radius))
                self.assertFalse({"lambda", "largest_lambda", "lambda_ratio", "path"} & result.keys())
                self.assertLess(result["objective"], result["objective_at_zero"])
                self.assertLessEqual(result["lower_bound"], result["objective"])
                objective = json.loads(self.nadir("inspect", "m.nadir", "--json").stdout)["objective"]
                self.assertEqual((objective["kind"], float.fromhex(objective["radius"])), ("constrained", radius))
        text = " ".join(self.nadir("inspect", "m.nadir").stdout.split())
        for words in ("loss squared, radius 0.6", "of any width and of a norm within the radius", "largest correlation"):
            self.assertIn(words, text)

    def test_a_linear_part(self):
        rooms = Gated.quantities(self)
        for file, target, words in ((rooms, "price", []), (data("iris"), "class", []),
                                    (data("cancer"), "class", ["--class-weights", "balanced"])):
            with self.subTest(file):
                words = ["--lambda", "0.1", "--gap", "0.1", *words]
                without = self.trained(file, target, *words)
                result = self.trained(file, target, *words, "--skip", "on")
                self.assertLess(result["objective"], without["objective"])
                self.assertEqual(result["objective_at_zero"], without["objective_at_zero"])
                objective = json.loads(self.nadir("inspect", "m.nadir", "--json").stdout)["objective"]
                self.assertEqual(float.fromhex(objective["skip"]), 0.1)
                skip = weights_of(self.folder / "m.nadir")["skip"]
                self.assertEqual(len(skip), result["features"] * result["outputs"])
                self.assertGreater(max(map(abs, skip)), 0.01)
        self.assertIn("and a linear part", self.nadir("inspect", "m.nadir").stdout)
        self.trained(data("iris"), "class", "--skip", "on", "--path", "4", "--gap", "0.2")
        self.refused("train", data("iris"), "--target", "class", "--method", "relu", "--skip", "on", "--radius", "2",
                     "--out", "other.nadir", code=2, says="--skip on")

    def test_units_shared_by_the_outputs(self):
        words = ["train", data("iris"), "--target", "class", "--method", "relu", "--units", "shared", "--out", "m.nadir"]
        result = json.loads(self.nadir(*words, "--lambda", "0.02", "--json").stdout)
        self.assertEqual((result["claim"], result["shared"], result["outputs"]), ("certified", True, 3))
        self.verified("m.nadir", data("iris"))
        tensors, m, d = weights_of(self.folder / "m.nadir"), result["units"], result["features"]
        ins = [math.hypot(*tensors["units"][j * d:(j + 1) * d]) for j in range(m)]
        outs = [math.hypot(*tensors["unit_outputs"][j * 3:(j + 1) * 3]) for j in range(m)]
        norms = 0.02 * sum(a * b for a, b in zip(ins, outs))
        self.assertAlmostEqual(result["objective"], result["train"]["log_loss"] + norms, places=9)
        self.assertGreater(sum(w != 0 for w in tensors["unit_outputs"]), m)
        objective = json.loads(self.nadir("inspect", "m.nadir", "--json").stdout)["objective"]
        self.assertEqual(objective["penalty"], "shared_weight_decay")
        own = self.trained(data("iris"), "class", "--lambda", "0.02")  # its penalty is the larger one
        self.assertFalse(own["shared"])
        self.assertLess(result["lower_bound"], own["objective"])
        self.assertLess(result["objective"], own["objective"])

        told = self.nadir(*words, "--path", "5", "--threads", "1").stderr
        self.assertRegex(told, r"network +\d+ ReLU units shared by 3 outputs, \d+ weights")
        one = (self.folder / "m.nadir").read_bytes()
        self.nadir(*words, "--path", "5", "--threads", "3")
        self.assertEqual((self.folder / "m.nadir").read_bytes(), one)
        self.verified("m.nadir", data("iris"))
        self.nadir(*words, "--lambda", "0.05", "--skip", "on", "--gap", "0.1")
        self.verified("m.nadir", data("iris"))
        single = self.trained(data("cancer"), "class", "--lambda", "0.1", "--units", "shared", "--gap", "0.05")
        self.assertFalse(single["shared"])  # one output
        self.refused(*words[:-1], "other.nadir", "--radius", "2", code=2, says="--units shared")

    def test_a_ball_of_the_penalized_norm_has_the_penalized_optimum(self):
        penalized = self.trained(data("iris"), "class", "--lambda", "0.05", "--gap", "0.003")
        tensors = weights_of(self.folder / "m.nadir")
        units, factors = tensors["units"], tensors["unit_outputs"]
        count, inputs = penalized["units"], len(units) // penalized["units"]
        norm = sum(math.hypot(*units[j * inputs:(j + 1) * inputs]) * sum(map(abs, factors[3 * j:3 * j + 3]))
                   for j in range(count))
        ball = json.loads(self.nadir("train", data("iris"), "--target", "class", "--method", "relu", "--radius", norm,
                                     "--gap", "0.01", "--json", "--out", "ball.nadir").stdout)
        self.verified("ball.nadir", data("iris"))
        self.assertAlmostEqual(ball["objective"], penalized["objective"] - penalized["lambda"] * norm,
                               delta=0.013 * ball["objective_at_zero"])
        tensors = weights_of(self.folder / "ball.nadir")
        units, factors = tensors["units"], tensors["unit_outputs"]
        inside = sum(math.hypot(*units[j * inputs:(j + 1) * inputs]) * sum(map(abs, factors[3 * j:3 * j + 3]))
                     for j in range(ball["units"]))
        self.assertLess(inside, norm)
        self.assertGreater(inside, norm * 0.999)

    def test_a_ball_and_a_penalty_are_two_things(self):
        relu = ["--method", "relu"]
        for words, expected in ((relu + ["--radius", "2", "--lambda", "0.1"], "--radius is a constraint"),
                                (relu + ["--radius", "2", "--lambda-ratio", "0.1"], "--radius is a constraint"),
                                (relu + ["--radius", "-1"], "--radius"), (relu + ["--radius", "nan"], "--radius"),
                                (relu + ["--steps", "classic"], "--steps classic is of the constrained form"),
                                (relu + ["--radius", "2", "--steps", "away"], "--steps"),
                                (["--radius", "2"], "--radius is of ReLU networks"),
                                (["--method", "gated", "--radius", "2"], "--radius is an option of the relu method")):
            with self.subTest(words):
                self.refused("train", data("iris"), "--target", "class", *words, "--out", "m.nadir", code=2,
                             says=expected)

    def test_a_ball_gives_the_same_bytes_for_any_number_of_threads(self):
        models = set()
        for threads in ("1", "2", "4"):
            self.nadir("train", data("iris"), "--target", "class", "--method", "relu", "--radius", "4", "--gap", "0.1",
                       "--threads", threads, "--quiet", "--out", "m.nadir")
            models.add((self.folder / "m.nadir").read_bytes())
        self.assertEqual(len(models), 1)

    def test_inspect_and_plot(self):
        self.trained(data("iris"), "class", "--lambda", "0.02")
        text = self.nadir("inspect", "m.nadir").stdout
        for words in ("ReLU units, 5 inputs", "of any width", "dual point and polar", "loss         softmax"):
            self.assertIn(words, text)
        self.assertEqual(json.loads(self.nadir("inspect", "m.nadir", "--json").stdout)["network"]["kind"], "relu")
        self.nadir("plot", "m.nadir", data("iris"), "--columns", "3,4", "--out", "r.svg")


class Certify(Case):
    """Networks from elsewhere: every number is recomputed here from the network's file and the table."""

    def setUp(self):
        super().setUp()
        draw = random.Random(3)
        self.rows = [[draw.gauss(0, 1) for _ in range(3)] for _ in range(40)]
        self.targets = [max(0.0, x[0] + 0.5) - max(0.0, x[1] - x[2]) + 0.1 * draw.gauss(0, 1) for x in self.rows]
        self.table = self.file("table.csv", "a,b,c,y\n" + "".join(
            ",".join(map(repr, [*x, y])) + "\n" for x, y in zip(self.rows, self.targets)))
        self.network = {"W1": [[draw.gauss(0, 1) for _ in range(3)] for _ in range(4)],
                        "b1": [draw.gauss(0, 1) for _ in range(4)],
                        "W2": [[draw.gauss(0, 1) for _ in range(4)]], "b2": [0.25]}

    def write(self, name, network):
        header, numbers = {}, b""
        for key, values in network.items():
            flat = [x for row in values for x in row] if isinstance(values[0], list) else values
            shape = [len(values), len(values[0])] if isinstance(values[0], list) else [len(values)]
            raw = struct.pack(f"<{len(flat)}d", *flat)
            header[key] = {"dtype": "F64", "shape": shape, "data_offsets": [len(numbers), len(numbers) + len(raw)]}
            numbers += raw
        text = json.dumps(header).encode()
        return self.file(name, struct.pack("<Q", len(text)) + text + numbers)

    def outputs(self, network, slope=0.0):
        hidden = [[sum(w * v for w, v in zip(row, x)) + b for row, b in zip(network["W1"], network["b1"])]
                  for x in self.rows]
        return [sum(w * (z if z > 0 else slope * z) for w, z in zip(network["W2"][0], line)) + network["b2"][0]
                for line in hidden]

    def objective(self, network, weight, reduction="mean", half=True, penalty="weight-decay", slope=0.0):
        errors = [(f - y) ** 2 * (0.5 if half else 1) for f, y in zip(self.outputs(network, slope), self.targets)]
        loss = sum(errors) / (len(errors) if reduction == "mean" else 1)
        units = list(zip(network["W1"], network["b1"], network["W2"][0]))
        if penalty == "norms":
            size = sum(math.sqrt((sum(w * w for w in row) + b * b) * v * v) for row, b, v in units)
            return loss + weight * (size + network["b2"][0] ** 2 / 2)
        squares = sum(sum(w * w for w in row) + b * b + v * v for row, b, v in units) + network["b2"][0] ** 2
        return loss + weight * squares * (0.5 if penalty == "weight-decay" else 1)

    def certify(self, network, *words, code=4):
        words = [network, self.table, "--target", "y", "--lambda", "0.05", *words, "--json"]
        result = json.loads(self.nadir("certify", *words, code=code).stdout)
        self.verified(result["model"], self.table)
        return result

    def test_rows_without_a_target_are_left_out(self):
        rows = (self.folder / self.table).read_text().splitlines()
        self.table = self.file("gaps.csv", "\n".join([rows[0], "1,2,3,", *rows[1:], "4,5,6,NA"]) + "\n")
        file = self.write("net.safetensors", self.network)
        told = self.certify(file, "--skip-missing-target", "--nodes", "2", "--max-rounds", "2", code=None)
        self.assertAlmostEqual(told["objective"] / self.objective(self.network, 0.05), 1, places=12)

    def test_every_definition(self):
        file = self.write("net.safetensors", self.network)
        for reduction in ("mean", "sum"):
            for penalty in ("weight-decay", "squares", "norms"):
                for half in (True, False):
                    told = self.certify(file, "--reduction", reduction, "--penalty", penalty,
                                        *([] if half else ["--no-half"]), "--nodes", "2", "--max-rounds", "2",
                                        code=None)
                    mine = self.objective(self.network, 0.05, reduction, half, penalty)
                    self.assertAlmostEqual(told["objective"] / mine, 1, places=12)
                    self.assertLess(told["lower_bound"], told["better_objective"])
                    self.assertLessEqual(told["better_objective"], told["balanced_objective"])
                    self.assertGreater(told["objective_at_zero"], 0)
                    gap = (told["objective"] - told["lower_bound"]) / (told["objective_at_zero"] - told["lower_bound"])
                    self.assertAlmostEqual(told["relative_gap"] / gap, 1, places=12)

    def test_output_biases_at_no_cost(self):
        file = self.write("net.safetensors", self.network)
        words = ["--free-output-biases", "--nodes", "40", "--max-rounds", "20"]
        for penalty, bias in (("weight-decay", 0.5), ("squares", 1), ("norms", 0.5)):
            told = self.certify(file, "--penalty", penalty, *words, code=None)
            mine = self.objective(self.network, 0.05, penalty=penalty) - 0.05 * bias * self.network["b2"][0] ** 2
            self.assertAlmostEqual(told["objective"] / mine, 1, places=12)
            self.assertGreater(told["lower_bound"], 0)
            self.assertLess(told["lower_bound"], told["better_objective"])
        # Targets far from 0 are the bias's: it pays for none of that.
        self.targets = [y + 100 for y in self.targets]
        self.table = self.file("far.csv", "a,b,c,y\n" + "".join(
            ",".join(map(repr, [*x, y])) + "\n" for x, y in zip(self.rows, self.targets)))
        free = self.certify(file, *words, "--improve", code=None)
        paid = self.certify(file, "--nodes", "2", "--improve", "--max-rounds", "5", code=None)
        self.assertLess(free["better_objective"], 1)
        self.assertGreater(paid["better_objective"], 2 * free["better_objective"])
        self.assertLess(free["certificate"]["relative_gap"], 0.01)  # of 5000
        self.assertGreater(free["lower_bound"], 0.2 * free["better_objective"])
        names = "pqr"
        for loss, count in (("logistic", 2), ("squared_hinge", 2), ("softmax", 3), ("squared", 3)):
            outputs = count if loss in ("softmax", "squared") else 1
            network = {**self.network, "W2": [self.network["W2"][0]] * outputs, "b2": [0.25, 0.5, -1.0][:outputs]}
            self.table = self.file("classes.csv", "a,b,c,y\n" + "".join(
                ",".join(map(repr, x)) + f",{names[(x[0] > 0) + (count == 3 and x[1] > 0.5)]}\n" for x in self.rows))
            told = self.certify(self.write("k.safetensors", network), "--loss", loss, *words, code=None)
            self.assertGreater(told["lower_bound"], 0)

    def test_hidden_biases_at_no_cost(self):
        file = self.write("net.safetensors", self.network)
        words = ["--free-output-biases", "--free-hidden-biases", "--nodes", "40", "--max-rounds", "20"]
        biases = sum(b * b for b in self.network["b1"] + self.network["b2"])
        for penalty, factor in (("weight-decay", 0.5), ("squares", 1)):
            told = self.certify(file, "--penalty", penalty, *words, code=None)
            mine = self.objective(self.network, 0.05, penalty=penalty) - 0.05 * factor * biases
            self.assertAlmostEqual(told["objective"] / mine, 1, places=12)
            self.assertGreater(told["lower_bound"], 0)
            self.assertLess(told["lower_bound"], told["better_objective"])
        self.certify(file, *words, "--improve", code=None)
        bare = {key: self.network[key] for key in ("W1", "b1", "W2")}  # its output biases are 0
        self.assertGreater(self.certify(self.write("bare.safetensors", bare), *words, code=None)["lower_bound"], 0)
        self.refused("certify", file, self.table, "--target", "y", "--lambda", "0.05", "--free-hidden-biases", code=2,
                     says="goes with --free-output-biases")

    def test_the_unit_lowers_the_objective_by_what_is_told(self):
        told = self.certify(self.write("net.safetensors", self.network))
        root = math.sqrt(told["unit"]["size"])
        row = [root * u for u in told["unit"]["inputs"]]
        wider = {"W1": [*self.network["W1"], row[:3]], "b1": [*self.network["b1"], row[3]],
                 "W2": [[*self.network["W2"][0], root * told["unit"]["outputs"][0]]], "b2": self.network["b2"]}
        fall = self.objective(self.network, 0.05) - self.objective(wider, 0.05)
        self.assertAlmostEqual(fall / told["unit"]["decrease"], 1, places=9)
        self.assertGreater(told["unit"]["correlation_over_lambda"], 1)

    def test_leaky_units(self):
        file = self.write("net.safetensors", self.network)
        told = self.certify(file, "--activation", "leaky_relu", "--slope", "0.2", "--nodes", "2")
        self.assertAlmostEqual(told["objective"] / self.objective(self.network, 0.05, slope=0.2), 1, places=12)

    def test_improve_ends_at_an_optimum_that_is_certified(self):
        first = self.certify(self.write("net.safetensors", self.network), "--improve", "--gap", "0.02", code=0)
        self.assertEqual((first["claim"], first["certificate"]["claim"]), ("bounded", "certified"))
        self.assertLess(first["better_objective"], first["objective"])
        model = weights_of(self.folder / first["model"])
        units, weights, bias = model["units"], model["unit_outputs"], model["output_bias"]
        better = {"W1": [list(units[4 * j:4 * j + 3]) for j in range(len(weights))],
                  "b1": [units[4 * j + 3] for j in range(len(weights))], "W2": [list(weights)], "b2": list(bias)}
        self.assertAlmostEqual(self.objective(better, 0.05) / first["better_objective"], 1, places=9)
        again = self.certify(self.write("better.safetensors", better), "--gap", "0.02", code=0)
        self.assertEqual(again["claim"], "certified")
        self.assertLess(again["stationarity"], 1e-2)
        self.assertAlmostEqual(again["objective"] / first["better_objective"], 1, places=9)

    def test_networks_of_other_programs(self):
        def classes(names):
            return self.file("classes.csv", "a,b,c,kind\n" + "".join(
                ",".join(map(repr, x)) + f",{names[i % len(names)]}\n" for i, x in enumerate(self.rows)))

        for name, kinds in {"torch_bias_script.onnx": "pq", "torch_no_bias_dynamo.onnx": "pq", "torch_f32.safetensors":
                            "pq", "sklearn_classes.onnx": "pqr", "sklearn_binary.onnx": "pq"}.items():
            with self.subTest(name):
                table = classes(kinds)
                loss = "logistic" if name == "sklearn_binary.onnx" else "softmax"
                told = json.loads(self.nadir("certify", SOURCE / "tests" / "networks" / name, table, "--target", "kind",
                                             "--loss", loss, "--lambda", "0.1", "--nodes", "2", "--json",
                                             code=None).stdout)
                self.assertLessEqual(told["lower_bound"], told["better_objective"])
                self.assertLessEqual(told["better_objective"], told["objective"])
                self.verified(told["model"], table)

    def test_deep_linear_networks(self):
        # Two inputs, one hidden unit, one output: W2 W1 = (1, 1) fits y = a + b exactly.
        rows = [(1, 0), (0, 1), (1, 1), (2, 1), (-1, 3), (0.5, -2)]
        table = self.file("plane.csv", "a,b,y\n" + "".join(f"{a},{b},{a + b}\n" for a, b in rows))
        words = [table, "--method", "linear", "--target", "y", "--task", "regression", "--json"]

        def judge(first, second, code):
            file = self.write("chain.safetensors", {"W1": first, "W2": second})
            return json.loads(self.nadir("certify", file, *words, code=code).stdout)

        best = judge([[2.0, 2.0]], [[0.5]], 0)
        self.assertEqual(best["claim"], "global_minimum")
        self.assertAlmostEqual(best["objective"], 0, places=12)
        self.assertEqual((best["proven"], best["certificate"]["claim"]), (True, "certified"))
        self.verified(best["model"], table)
        zero = judge([[0.0, 0.0]], [[0.0]], 4)
        self.assertEqual(zero["claim"], "saddle")
        self.assertEqual((zero["proven"], zero["certificate"]["claim"]), (True, "bounded"))
        self.assertAlmostEqual(zero["certificate"]["relative_gap"], 1, places=9)
        self.assertLessEqual(zero["lower_bound"], zero["optimum"])
        self.verified(zero["model"], table)
        self.assertAlmostEqual(zero["objective"], sum((a + b) ** 2 for a, b in rows) / 2, places=12)
        for step in zero["witness"]["steps"]:
            first, second = ([[x * step["radius"] ** k for x in row] for row in matrix] for matrix, k in
                             zip(zero["witness"]["directions"], zero["witness"]["exponents"]))
            loss = sum((second[0][0] * (first[0][0] * a + first[0][1] * b) - a - b) ** 2 for a, b in rows) / 2
            self.assertAlmostEqual((zero["objective"] - loss) / step["decrease"], 1, places=6)
        self.assertEqual(judge([[1.0, 2.0]], [[1.0]], 4)["claim"], "not_critical")
        told = self.nadir("certify", "chain.safetensors", *words[:-1], code=4).stderr
        for text in ("linear, 2 -> 1 -> 1", "over linear networks of these widths, proven", "not_critical",
                     "nadir-verify chain.nadir plane.csv"):
            self.assertIn(text, told)
        self.refused("certify", "chain.safetensors", *words, "--lambda", "1", code=2,
                     says=["--lambda is an option of the relu method", "the linear one"])
        relu = SOURCE / "tests" / "networks" / "torch_bias_script.onnx"
        self.refused("certify", relu, *words, says=["has an activation between its layers"])
        biased = self.write("biased.safetensors", {"W1": [[2.0, 2.0]], "b1": [3.0], "W2": [[0.5]], "b2": [-1.25]})
        told = json.loads(self.nadir("certify", biased, *words, "--gap", "0.5", code=0).stdout)
        self.assertAlmostEqual(told["objective"], len(rows) * 0.25 ** 2 / 2, places=12)
        self.assertEqual(told["claim"], "not_critical")  # but within the gap asked for
        self.verified(told["model"], table)
        self.residual_networks()
        three = self.write("three.safetensors", {"W1": [[1.0, 1.0, 1.0]], "W2": [[1.0]]})
        self.refused("certify", three, *words, says=["2 features and 1 targets, but the network takes 3"])

    def residual_networks(self):
        # (1 + 0.25) (1 + 0.6) = 2 fits y = 2 a exactly; both weights are below 1.
        table = self.file("line.csv", "a,y\n" + "".join(f"{a},{2 * a}\n" for a in range(1, 9)))
        words = [table, "--method", "linear", "--target", "y", "--task", "regression", "--residual", "--json"]
        told = json.loads(self.nadir("certify", self.write("near.safetensors", {"W1": [[0.25]], "W2": [[0.6]]}), *words,
                                     code=0).stdout)
        self.assertEqual(told["claim"], "global_minimum")
        self.assertEqual((told["residual"]["in_region"], told["residual"]["largest_singular_values"]), (True, [0.25, 0.6]))
        self.assertAlmostEqual(told["residual"]["gap_bound"], 0, places=12)
        self.verified(told["model"], table)
        # A little off: the gradient bounds the gap.
        told = json.loads(self.nadir("certify", self.write("off.safetensors", {"W1": [[0.25]], "W2": [[0.5]]}), *words,
                                     code=4).stdout)
        self.assertGreaterEqual(told["residual"]["gap_bound"], told["gap"])
        # Far from the identity, where I + W is 0: a saddle, and nothing follows from the corollary.
        told = json.loads(self.nadir("certify", self.write("far.safetensors", {"W1": [[-1.0]], "W2": [[-1.0]]}), *words,
                                     code=4).stdout)
        self.assertEqual((told["claim"], told["residual"]["in_region"], told["residual"]["gap_bound"]),
                         ("saddle", False, None))
        wide = self.write("wide.safetensors", {"W1": [[0.25], [0.5]], "W2": [[0.6, 0.1]]})
        self.refused("certify", wide, *words, says=["wide.safetensors", "--residual", "as many outputs as inputs"])

    def test_table_and_same_bytes(self):
        file = self.write("net.safetensors", self.network)
        words = ["certify", file, self.table, "--target", "y", "--lambda", "0.05", "--nodes", "3"]
        told = self.nadir(*words, "--out", "one.nadir", code=4).stderr
        for text in ("3 inputs, 4 ReLU units, 1 output, with biases", "half the squared error, mean over the rows",
                     "over networks of any width, proven", "unit to add", "nadir-verify one.nadir table.csv"):
            self.assertIn(text, told)
        self.nadir(*words, "--out", "two.nadir", "--quiet", code=4)
        self.assertEqual((self.folder / "one.nadir").read_bytes(), (self.folder / "two.nadir").read_bytes())
        self.assertIn("ReLU units", self.nadir("inspect", "one.nadir").stdout)

    def test_what_is_refused(self):
        file = self.write("net.safetensors", self.network)
        words = ["--target", "y", "--lambda", "0.05"]
        three = SOURCE / "tests" / "networks" / "torch_three_script.onnx"
        self.refused("certify", three, self.table, *words, says=["3 -> 4 relu -> 4 leaky relu -> 2", "two layers"])
        self.refused("certify", file, self.table, "--target", "y", code=2, says=["--lambda is wanted"])
        self.refused("certify", file, self.table, *words, "--ignore", "a",
                     says=["2 features, but the network takes 3", "column a is left out"])
        self.refused("certify", self.table, self.table, *words, says=["table.csv"])
        self.refused("certify", "none.onnx", self.table, *words, says=["none.onnx"])
        self.refused("certify", file, self.table, *words, "--loss", "softmax", code=2, says=["--loss softmax"])


class CertifyParallel(Case):
    """Deep sub-networks from elsewhere: the objective is recomputed here, and every bound is proven again."""

    write = Certify.write

    def setUp(self):
        super().setUp()
        draw = random.Random(5)
        self.rows = [[draw.gauss(0, 1) for _ in range(3)] for _ in range(30)]
        self.targets = [max(0.0, x[0] + 0.5) - max(0.0, x[1] - x[2]) + 0.1 * draw.gauss(0, 1) for x in self.rows]
        self.table = self.file("table.csv", "a,b,c,y\n" + "".join(
            ",".join(map(repr, [*x, y])) + "\n" for x, y in zip(self.rows, self.targets)))
        self.draw = draw

    def drawn(self, widths, biased=False, size=1.0):
        matrix = lambda o, i: [[size * self.draw.gauss(0, 1) / math.sqrt(i) for _ in range(i)] for _ in range(o)]
        chain = {f"W{k + 1}": matrix(o, i) for k, (i, o) in enumerate(zip(widths, widths[1:]))}
        if biased:
            chain["b1"] = [self.draw.gauss(0, 1) for _ in range(widths[1])]
        return chain

    def save(self, chains, name="net.safetensors"):
        return self.write(name, {f"part.{i}.{key}": value for i, chain in enumerate(chains) for key, value in chain.items()})

    @staticmethod
    def depth(chain):
        return sum(key.startswith("W") for key in chain)

    def outputs(self, chains, slope=0.0):
        def of(chain, x):
            for k in range(1, self.depth(chain) + 1):
                biases = chain.get(f"b{k}", [0.0] * len(chain[f"W{k}"]))
                x = [sum(w * v for w, v in zip(row, x)) + b for row, b in zip(chain[f"W{k}"], biases)]
                x = [z if z > 0 or k == self.depth(chain) else slope * z for z in x]
            return x

        return [[sum(f) for f in zip(*(of(chain, x) for chain in chains))] for x in self.rows]

    def norms(self, chain):
        biases = [b * b for b in chain.get("b1", [])]
        return [math.sqrt(sum(w * w for row in chain[f"W{k}"] for w in row) + (sum(biases) if k == 1 else 0))
                for k in range(1, self.depth(chain) + 1)]

    def certify(self, file, *words, table=None, target="y", code=None):
        table = table or self.table
        told = json.loads(self.nadir("certify", file, table, "--target", target, "--method", "parallel", *words, "--json",
                                     code=code).stdout)
        self.verified(told["model"], table)
        self.assertLessEqual(told["lower_bound"], told["better_objective"])
        self.assertLessEqual(told["better_objective"], told["balanced_objective"] * (1 + 1e-15))
        self.assertLessEqual(told["balanced_objective"], told["objective"] * (1 + 1e-12))
        gap = (told["objective"] - told["lower_bound"]) / (told["objective_at_zero"] - told["lower_bound"])
        self.assertAlmostEqual(told["relative_gap"] / gap, 1, places=9)
        self.assertEqual(told["claim"], "certified" if told["relative_gap"] <= told["target_gap"] else "bounded")
        return told

    def test_every_definition(self):
        for widths, biased in (([3, 4, 1], True), ([3, 4, 2, 1], True), ([3, 2, 2, 2, 1], False)):
            chains = [self.drawn(widths, biased), self.drawn(widths)]
            file, depth = self.save(chains), len(widths) - 1
            errors = [(f[0] - y) ** 2 for f, y in zip(self.outputs(chains), self.targets)]
            sizes = [self.norms(chain) for chain in chains]
            penalties = {"norms": sum(map(math.prod, sizes)),
                         "powers": sum(s ** depth for each in sizes for s in each) / depth}
            if depth == 2:
                squares = sum(s * s for each in sizes for s in each)
                penalties.update({"weight-decay": squares / 2, "squares": squares})
            for penalty, size in penalties.items():
                for reduction, half in (("mean", True), ("sum", False)):
                    with self.subTest(widths=widths, penalty=penalty, reduction=reduction):
                        told = self.certify(file, "--lambda", "0.05", "--penalty", penalty, "--reduction", reduction,
                                            "--half" if half else "--no-half")
                        loss = sum(errors) * (0.5 if half else 1) / (30 if reduction == "mean" else 1)
                        self.assertAlmostEqual(told["objective"] / (loss + 0.05 * size), 1, places=12)
                        self.assertAlmostEqual(told["penalty"] / (0.05 * size), 1, places=12)
                        self.assertEqual((told["subnetworks"], len(told["widths"])), (2, depth + 1))

    def test_degrees_that_do_not_match_are_refused(self):
        file = self.save([self.drawn([3, 4, 2, 1])])
        for penalty in ("weight-decay", "squares"):
            self.refused("certify", file, self.table, "--target", "y", "--method", "parallel", "--lambda", "0.1", "--penalty",
                         penalty, code=2, says=["of degree 3", "of degree 2"])
        self.refused("certify", file, self.table, "--target", "y", "--method", "parallel", "--penalty", "norms", code=2,
                     says="--lambda is wanted")

    def test_every_loss_is_verified(self):
        names, kinds = "pqr", set()
        cases = [("squared", 1, None), ("huber", 1, None), ("logistic", 1, 2), ("squared_hinge", 1, 2), ("softmax", 2, 2),
                 ("squared", 2, 2), ("softmax", 3, 3), ("squared", 3, 3)]
        for loss, outputs, classes in cases:
            table = self.table if classes is None else self.file("classes.csv", "a,b,c,y\n" + "".join(
                ",".join(map(repr, x)) + f",{names[(x[0] > 0) + (classes == 3 and x[1] > 0.5)]}\n" for x in self.rows))
            for slope in ("0", "0.25", "-1"):
                for widths in ([3, 4, outputs], [3, 4, 2, outputs]):
                    with self.subTest(loss=loss, classes=classes, slope=slope, widths=widths):
                        told = self.certify(self.save([self.drawn(widths, True), self.drawn(widths)]), "--loss", loss,
                                            "--lambda", "0.02", "--penalty", "norms", "--activation",
                                            "relu" if slope == "0" else "leaky_relu", "--slope", slope, table=table)
                        self.assertGreater(told["lower_bound"], 0)
                        self.assertIn(told["certificate"]["kind"], ["layer_norms"] + ["layer_units"] * (slope == "0"))
                        kinds.add((told["certificate"]["kind"], slope))
        self.assertGreaterEqual(kinds, {("layer_units", "0"), ("layer_norms", "-1")})

    def test_units_are_tighter_than_norms(self):
        """One ReLU unit made the targets: no deeper network does better, and the bound by units says so."""
        table = self.file("unit.csv", "a,b,c,y\n" + "".join(
            ",".join(map(repr, [*x, max(0.0, x[0] - 0.5 * x[1])])) + "\n" for x in self.rows))
        for widths in ([3, 2, 1], [3, 2, 2, 1], [3, 2, 2, 2, 1]):
            told = self.certify(self.save([self.drawn(widths)]), "--lambda", "0.02", "--penalty", "norms", "--improve",
                                "--gap", "1e-3", "--task", "regression", table=table)
            self.assertEqual(told["certificate"]["kind"], "layer_units")
            self.assertEqual(told["certificate"]["claim"], "certified")

    def test_one_budget_of_cones(self):
        """--nodes is for all outputs together, and what is proven with few of them is proven again, too."""
        table = self.file("classes.csv", "a,b,c,y\n" + "".join(
            ",".join(map(repr, x)) + f",{'pqr'[(x[0] > 0) + (x[1] > 0.5)]}\n" for x in self.rows))
        file = self.save([self.drawn([3, 4, 2, 3], size=0.3)])
        few, many = (self.certify(file, "--loss", "softmax", "--lambda", "0.01", "--penalty", "norms", "--nodes", nodes,
                                  table=table)["lower_bound"] for nodes in ("1", "400"))
        self.assertLessEqual(few, many)

    def test_improve_ends_lower(self):
        chains = [self.drawn([3, 3, 2, 1], True)]
        file = self.save(chains)
        words = ["--lambda", "0.01", "--penalty", "norms", "--max-rounds", "3", "--gap", "0.5"]
        before = self.certify(file, *words)
        self.assertGreater(before["subnetwork"]["decrease"], 0)
        self.assertGreater(before["subnetwork"]["correlation_over_lambda"], 1)
        told = self.certify(file, *words, "--improve")
        self.assertLess(told["better_objective"], before["objective"] - before["subnetwork"]["decrease"] / 2)
        self.assertGreater(told["lower_bound"], 0)
        self.assertEqual(told["certificate"]["network"], "improved")
        self.assertAlmostEqual(told["certificate"]["objective"] / told["better_objective"], 1, places=8)
        text = self.nadir("inspect", told["model"]).stdout
        self.assertIn("parallel ReLU sub-network", text)
        inspected = json.loads(self.nadir("inspect", told["model"], "--json").stdout)["network"]
        self.assertEqual((inspected["kind"], inspected["slope"]), ("parallel", 0.0))
        self.assertEqual(inspected["subnetworks"], told["certificate"]["subnetworks"])

    def test_a_model_predicts_what_the_network_computes(self):
        chains = [self.drawn([3, 3, 2, 1], True), self.drawn([3, 4, 3, 1])]  # of unequal widths
        told = self.certify(self.save(chains), "--lambda", "0.01", "--penalty", "norms", "--activation", "leaky_relu",
                            "--slope", "0.125")
        self.nadir("predict", told["model"], self.table, "--out", "answers.csv")
        answers = [float(line) for line in (self.folder / "answers.csv").read_text().split()[1:]]
        for answer, f in zip(answers, self.outputs(chains, 0.125), strict=True):
            self.assertAlmostEqual(answer, f[0], places=12)

    def test_where_the_bound_is_enough(self):
        """Where lambda is so large that nothing is gained over the zero network."""
        told = self.certify(self.save([self.drawn([3, 4, 4, 1], size=1e-3)]), "--lambda", "5", "--penalty", "norms", "--gap",
                            "0.01", "--improve")
        self.assertAlmostEqual(told["better_objective"] / told["objective_at_zero"], 1, places=9)
        self.assertAlmostEqual(told["lower_bound"] / told["objective_at_zero"], 1, places=9)

    def test_torch(self):
        for style in ("dynamo", "script"):
            table = self.file("two.csv", "a,b,c,y\n" + "".join(
                ",".join(map(repr, x)) + f",{'pq'[x[0] > 0]}\n" for x in self.rows))
            told = self.certify(SOURCE / "tests" / "networks" / f"torch_parallel_{style}.onnx", "--loss", "softmax", "--lambda",
                                "0.01", "--penalty", "powers", table=table)
            self.assertEqual((told["subnetworks"], told["widths"]), (3, [4, 4, 2, 2]))
            self.assertIn("ONNX of pytorch", told["source"])

    def test_networks_that_do_not_fit_are_refused(self):
        def refused(file, *says, **more):
            self.refused("certify", file, self.table, "--target", "y", "--method", "parallel", "--lambda", "0.1", "--penalty",
                         "norms", says=says, **more)

        refused(self.save([self.drawn([2, 4, 1])]), "gives 3 features, but the network takes 2")
        refused(self.save([self.drawn([3, 4, 2])]), "2 outputs")
        refused(self.save([self.drawn([3, 1])]), "two layers or more")
        refused(self.save([self.drawn([3, 4, 1]), self.drawn([3, 4, 2, 1])]), "sub-network 2")
        refused(self.save([{**self.drawn([3, 4, 1]), "b2": [1.0]}]), "layer 2 has biases")
        refused(self.file("net.npz", b"PK\5\6" + b"\0" * 18), "there is no layer")
        self.refused("certify", self.save([self.drawn([3, 4, 1])]), self.table, "--target", "y", "--method", "parallel",
                     "--lambda", "0.1", "--gates", "5", code=2, says="--gates")


class CertifyGated(Case):
    """Gated networks from elsewhere: the objective is recomputed here, and every bound is proven again."""

    write = Certify.write

    def setUp(self):
        super().setUp()
        draw = random.Random(6)
        self.rows = [[draw.gauss(0, 1) for _ in range(3)] for _ in range(40)]
        self.kinds = ["pqr"[(x[0] > 0) + (x[1] > 0.5)] for x in self.rows]
        self.table = self.file("table.csv", "a,b,c,y\n" + "".join(
            ",".join(map(repr, [*x, abs(x[0]) - x[1]])) + "\n" for x in self.rows))
        self.classes = self.file("classes.csv", "a,b,c,y\n" + "".join(
            ",".join(map(repr, x)) + f",{kind}\n" for x, kind in zip(self.rows, self.kinds)))
        matrix = lambda rows, columns, size: [[size * draw.gauss(0, 1) for _ in range(columns)] for _ in range(rows)]
        self.one = {"G": matrix(6, 3, 1), "V": matrix(6, 3, 0.2)}
        self.three = {"gates": matrix(5, 4, 1), "weights": matrix(15, 4, 0.2)}  # with a constant

    def certify(self, network, table, *words, code=None):
        told = json.loads(self.nadir("certify", self.write("g.safetensors", network), table, "--target", "y", "--method",
                                     "gated", "--lambda", "0.02", *words, "--json", code=code).stdout)
        self.verified(told["model"], table)
        self.assertLessEqual(told["lower_bound"], told["better_objective"])
        self.assertLessEqual(told["better_objective"], told["objective"] * (1 + 1e-12))
        self.assertEqual(told["claim"], "certified" if told["relative_gap"] <= told["target_gap"] else "bounded")
        return told

    def outputs(self, network):
        """Of one output."""
        dot = lambda a, b: sum(p * q for p, q in zip(a, b))
        return [sum(dot(v, x) for g, v in zip(network["G"], network["V"]) if dot(g, x) >= 0) for x in self.rows]

    def test_objective_and_gap(self):
        errors = [(f - abs(x[0]) + x[1]) ** 2 for f, x in zip(self.outputs(self.one), self.rows)]
        size = sum(math.sqrt(sum(w * w for w in row)) for row in self.one["V"])
        for reduction, half in (("mean", True), ("mean", False), ("sum", False)):
            loss = sum(errors) * (0.5 if half else 1) / (40 if reduction == "mean" else 1)
            told = self.certify(self.one, self.table, "--reduction", reduction, "--half" if half else "--no-half")
            self.assertAlmostEqual(told["objective"] / (loss + 0.02 * size), 1, places=12)
            self.assertAlmostEqual(told["penalty"] / (0.02 * size), 1, places=12)
            gap = (told["objective"] - told["lower_bound"]) / (told["objective_at_zero"] - told["lower_bound"])
            self.assertAlmostEqual(told["relative_gap"] / gap, 1, places=12)

    def test_improved_weights_are_certified_and_stay_so(self):
        told = self.certify(self.one, self.table, "--improve", code=0)
        self.assertEqual((told["claim"], told["certificate"]["claim"]), ("bounded", "certified"))
        flat = weights_of(self.folder / told["model"])["weights"]
        self.assertEqual(len(flat), 18)
        better = {"G": self.one["G"], "V": [list(flat[3 * p:3 * p + 3]) for p in range(6)]}
        again = self.certify(better, self.table, code=0)
        self.assertEqual(again["claim"], "certified")
        self.assertAlmostEqual(again["objective"] / told["better_objective"], 1, places=12)

    def test_every_loss_and_penalty(self):
        for penalty in ("group", "nuclear", "l1", "features"):
            for loss in ("softmax", "squared"):
                with self.subTest(penalty=penalty, loss=loss):
                    told = self.certify(self.three, self.classes, "--loss", loss, "--gated-penalty", penalty, "--improve")
                    self.assertEqual(told["certificate"]["claim"], "certified")
        self.certify(self.one, self.table, "--loss", "huber", "--gated-penalty", "nuclear")

    def test_what_is_no_gated_network_is_refused(self):
        def refused(network, *says):
            self.refused("certify", self.write("g.safetensors", network), self.table, "--target", "y", "--method", "gated",
                         "--lambda", "1", says=says)

        refused({"G": self.one["G"]}, "an array of gates, G, and one of weights, V")
        refused({"G": self.one["G"], "weights": self.one["V"]}, "and no other")
        refused({**self.one, "b": [1.0]}, "and no other")
        refused({"G": self.one["G"], "V": self.one["V"][:5]}, "but here are 6 x 3 and 5 x 3")
        refused({"G": self.one["G"], "V": [row[:2] for row in self.one["V"]]}, "6 x 3 and 6 x 2")
        refused({"G": [[1.0]], "V": [[1.0]]}, "gives 3 features, but the network takes 1")
        refused({"G": [[math.inf, 0.0, 0.0]], "V": [[1.0, 0.0, 0.0]]}, "infinite")
        refused(self.three, "3 outputs")
        self.refused("certify", SOURCE / "tests" / "networks" / "torch_bias_script.onnx", self.table, "--target", "y",
                     "--method", "gated", "--lambda", "1", says=["(Relu)", "is no part of a gated network"])

    def test_onnx_as_we_write_it_is_the_same_network(self):
        for table, words in ((self.table, ["--target-scale", "none"]), (self.classes, ["--scale", "none"]),
                             (self.classes, ["--intercept", "off", "--scale", "minmax"])):
            trained = json.loads(self.nadir("train", table, "--target", "y", "--method", "gated", "--lambda", "0.02", *words, "--json", "--out", "g.nadir").stdout)
            self.nadir("export", "g.nadir", "--to", "g.onnx")
            told = json.loads(self.nadir("certify", "g.onnx", table, "--target", "y", "--method", "gated", "--lambda", "0.02",
                                         "--json", "--out", "m.nadir").stdout)
            self.verified("m.nadir", table)
            self.assertAlmostEqual(told["objective"] / trained["objective"], 1, places=9)
            self.assertEqual(told["claim"], "certified")
        self.nadir("train", self.table, "--target", "y", "--method", "gated", "--lambda", "0.02", "--out", "g.nadir", "--quiet")
        self.nadir("export", "g.nadir", "--to", "g.onnx")
        words = ["--target", "y", "--method", "gated", "--lambda", "1"]
        self.refused("certify", "g.onnx", self.table, *words, says=["g.onnx: node 'make Mul_", "--target-scale none"])
        self.nadir("train", self.classes, "--target", "y", "--method", "gated", "--lambda", "0.02", "--out", "g.nadir", "--quiet")
        self.nadir("export", "g.nadir", "--to", "g.onnx")
        self.refused("certify", "g.onnx", self.classes, *words, "--scale", "minmax", code=2, says="scales its inputs itself")
        narrow = self.file("narrow.csv", "a,b,y\n1,2,p\n2,1,q\n3,4,r\n")
        self.refused("certify", "g.onnx", narrow, *words, says=["has 2 columns but the target", "takes 3"])
        texts = self.file("texts.csv", "a,b,c,y\n1,2,u,p\n2,1,v,q\n3,4,u,r\n")
        self.refused("certify", "g.onnx", texts, *words, says="column c is one of numbers to the network")

    def test_gates_that_are_closed_at_0(self):
        words = ["--target", "y", "--method", "gated", "--lambda", "0.02", "--task", "regression", "--json"]
        network = SOURCE / "tests" / "networks" / "torch_gated_outputs_script.onnx"  # compared by >
        classes = self.file("two.csv", "a,b,c,y\n" + "".join(
            ",".join(map(repr, x)) + f",{'pq'[x[0] > 0]}\n" for x in self.rows))
        told = json.loads(self.nadir("certify", network, classes, "--target", "y", "--method", "gated", "--loss", "squared",
                                     "--lambda", "0.02", "--json", "--out", "m.nadir", code=None).stdout)
        self.assertEqual((told["gates"], told["outputs"]), (4, 2))
        self.verified("m.nadir", classes)
        with open(self.folder / "two.csv", "a", encoding="utf-8") as file:
            file.write("0,0,0,p\n")  # gives 0 in either case
        self.nadir("certify", network, classes, "--target", "y", "--method", "gated", "--loss", "squared", "--lambda", "0.02",
                   "--out", "m.nadir", code=None)
        one = self.file("one.csv", "a,y\n1,1\n2,1.5\n-1,0\n")
        self.write_strict("s.onnx")
        self.nadir("certify", "s.onnx", one, *words, "--out", "m.nadir", code=None)
        one = self.file("one.csv", "a,y\n1,1\n2,1.5\n-1,0\n0.5,3\n")
        self.refused("certify", "s.onnx", one, *words, says=["gate 1 is 0 on data row 4", "give the network with >="])

    def write_strict(self, name):
        """1[x - 0.5 > 0] x as ONNX, by hand."""
        def field(number, content):
            if isinstance(content, int):
                return bytes([number << 3, content])
            return bytes([number << 3 | 2, len(content)]) + content

        def tensor(called, shape, value):
            return (b"".join(field(1, n) for n in shape) + field(2, 1) + field(8, called) + field(9, struct.pack("<f", value)))

        def node(kind, inputs, output):
            return b"".join(field(1, x) for x in inputs) + field(2, output) + field(4, kind)

        shape = field(1, field(2, b"n")) + field(1, field(1, 1))
        graph = b"".join([field(1, node(b"MatMul", [b"x", b"W"], b"u")), field(1, node(b"Greater", [b"u", b"b"], b"d")),
                          field(1, node(b"Where", [b"d", b"u", b"z"], b"y")), field(5, tensor(b"W", [1, 1], 1)),
                          field(5, tensor(b"b", [1], 0.5)), field(5, tensor(b"z", [1], 0)),
                          field(11, field(1, b"x") + field(2, field(1, field(1, 1) + field(2, shape)))),
                          field(12, field(1, b"y"))])
        length = len(graph)
        (self.folder / name).write_bytes(field(1, 8) + field(8, field(2, 17)) + b"\x3a"
                                         + bytes([length & 127 | 128, length >> 7]) + graph)


class CertifyPolynomial(Case):
    """Generalized polynomial networks from arrays: the objective is recomputed here."""

    WORDS = ("--target", "class", "--method", "spectral", "--scale", "minmax")

    def setUp(self):
        super().setUp()
        draw = random.Random(9)
        self.rows = [[draw.uniform(0, 1) for _ in range(2)] for _ in range(40)]
        self.labels = [int(x[0] + x[1] * x[1] > 0.8) for x in self.rows]
        self.rows[0], self.rows[1] = [0.0, 0.0], [1.0, 1.0]  # so that the scale changes nothing
        self.labels[:2] = [0, 1]
        self.table = self.file("t.csv", "a,b,class\n" + "".join(f"{x[0]!r},{x[1]!r},{k}\n" for x, k in zip(self.rows, self.labels)))
        self.network = {"U1": [[0.3, 0.4], [0.5, 0.2], [0.1, 0.6]], "alpha1": [1.0, 2.0, 2.0],
                        "W": [[0.4, 0.2, 0.1], [0.2, 0.5, 0.3]]}

    write = Certify.write

    def certify(self, network, *words, code=0):
        done = self.nadir("certify", self.write("n.safetensors", network), self.table, *self.WORDS, *words, "--json",
                          "--out", "m.nadir", code=code)
        self.verified("m.nadir", self.table)
        return json.loads(done.stdout)

    def objective(self, network, epsilon=1e-8):
        total = 0.0
        for x, k in zip(self.rows, self.labels):
            hidden = [sum(u * v for u, v in zip(row, x)) ** alpha for row, alpha in zip(network["U1"], network["alpha1"])]
            f = [sum(w * h for w, h in zip(row, hidden)) for row in network["W"]]
            total += math.log(sum(math.exp(v) for v in f)) - f[k] - sum(f)
        return total / len(self.rows) - epsilon * sum(map(sum, network["U1"] + network["W"]))

    def test_objective_bound_and_what_training_on_gains(self):
        told = self.certify(self.network, "--gap", "1e-6", code=4)
        self.assertAlmostEqual(told["objective"], self.objective(self.network), places=10)
        self.assertEqual((told["claim"], told["widths"]), ("bounded", [2, 3, 2]))
        self.assertLess(told["lower_bound"], told["better_lower_bound"])
        self.assertLess(told["better_objective"], told["objective"])
        self.assertLess(told["better_objective"] - told["better_lower_bound"], 1e-6)
        better = self.certify(self.network, "--gap", "1e-6", "--improve")
        self.assertEqual(better["certificate"]["claim"], "certified")
        self.assertEqual(better["claim"], "bounded")
        # What training wrote is judged a global optimum when it comes as arrays.
        arrays = weights_of(self.folder / "m.nadir")
        units, outputs = list(arrays["hidden.1"]), list(arrays["output"])
        again = {"U1": [units[2 * j:2 * j + 2] for j in range(3)], "alpha1": self.network["alpha1"],
                 "W": [outputs[3 * r:3 * r + 3] for r in range(2)]}
        radius = lambda rows, p: max(sum(v ** p for v in row) ** (1 / p) for row in rows)
        flat = [sum(again["U1"], [])]
        told = self.certify(again, "--gap", "1e-6", "--rho-u", repr(radius(flat, 4)), "--rho-w", repr(radius(again["W"], 2)))
        self.assertEqual(told["claim"], "certified")
        self.assertAlmostEqual(told["objective"], better["better_objective"], places=9)

    def test_where_hidden_concavity_does_not_hold_the_box_is_tried(self):
        told = self.certify(self.network, "--p-u", "1.5", "--p-w", "1.5", "--norm", "unit", code=4)
        self.assertGreater(told["degree"], 1)
        self.assertEqual(told["certificate"]["kind"], "box")
        self.assertLess(told["lower_bound"], told["objective"])

    def test_refusals(self):
        def refused(network, *says, words=(), code=3):
            self.refused("certify", self.write("n.safetensors", network), self.table, *self.WORDS, *words, says=says, code=code)

        one = self.network
        zero = {**one, "U1": [[0.3, 0.4], [0.0, 0.2], [0.1, 0.6]]}  # where the slope, which would bound it, has no value
        self.assertEqual(self.certify(zero, code=4)["certificate"]["kind"], "box")
        self.assertEqual(self.certify(zero, "--improve")["certificate"]["kind"], "hidden_concavity")
        refused({**one, "U1": [[0.3, -0.4], [0.5, 0.2], [0.1, 0.6]]}, "U1 has a weight below 0")
        refused({**one, "alpha1": [0.5, 2.0, 2.0]}, "alpha1 has an exponent below 1")
        refused({**one, "alpha1": [2.0, 2.0]}, "an exponent for each row of U1")
        refused({**one, "W": [[0.4, 0.2], [0.2, 0.5]]}, "W takes 2 inputs, but the layer before it gives 3")
        refused({**one, "W": [[0.4, 0.2, 0.1]]}, "has 1 outputs, but the target has 2 classes")
        refused({**one, "b1": [1.0]}, "U1, alpha1, U2, alpha2, .., W, and no other")
        refused({**one, "U1": [[0.3] * 5] * 3}, "gives 2 features, but the network takes 5")
        refused(one, "above their radius", words=["--rho-w", "0.1"])
        refused(one, "--p-u is 1", words=["--p-u", "1"], code=2)
        self.refused("certify", SOURCE / "tests" / "networks" / "torch_bias_script.onnx", self.table, *self.WORDS,
                     says=["(Relu)", "is no part of a polynomial network"])
        deep = {"U1": one["U1"], "alpha1": [1.0, 1.0, 1.0], "U2": [[0.1, 0.2, 0.3]], "alpha2": [2.0], "W": [[0.4], [0.5]]}
        self.assertEqual(self.certify(deep, code=4)["widths"], [2, 3, 1, 2])
        constant = {**one, "U1": [row + [0.1] for row in one["U1"]]}
        self.assertEqual(self.certify(constant, code=4)["widths"], [3, 3, 2])


    def test_onnx_as_we_write_it_is_the_same_network(self):
        plain = ["--target", "class", "--method", "spectral"]
        for words in (["--hidden", "3", "--scale", "none"], ["--hidden", "3,2", "--alpha", "1,2", "--bias"],
                      ["--hidden", "2", "--scale", "unit", "--map", "root"], ["--hidden", "2", "--complement"]):
            trained = json.loads(self.nadir("train", self.table, *plain, "--model", "given", *words, "--gap", "1e-6", "--json",
                                            "--out", "p.nadir", code=None).stdout)
            self.nadir("export", "p.nadir", "--to", "p.onnx")
            told = json.loads(self.nadir("certify", "p.onnx", self.table, *plain, "--gap", "1e-6", "--json", "--out", "m.nadir",
                                         code=None).stdout)
            self.assertAlmostEqual(told["objective"], trained["objective"], delta=1e-9 * abs(trained["objective"]))
            self.verified("m.nadir", self.table)


class Linear(Case):
    def quantities(self):
        draw = random.Random(5)
        rows = [(draw.gauss(50, 9), draw.gauss(0, 1), draw.choice(["old", "new"])) for _ in range(60)]
        return self.file("rooms.csv", "area,noise,kind,price\n" + "".join(
            f"{a!r},{b!r},{k},{3 * a + (40 if k == 'new' else 0) + draw.gauss(0, 5)!r}\n" for a, b, k in rows))

    def trained(self, file, target, *words, code=0):
        done = self.nadir("train", file, "--target", target, "--method", "linear", *words, "--json", "--out", "m.nadir",
                          code=code)
        result = json.loads(done.stdout)
        self.assertEqual(result["certificate"], {"kind": "reduced_rank"})
        self.verified("m.nadir", file)
        return result

    def test_quantities_and_classes(self):
        file = self.quantities()
        for words in ([], ["--hidden", "1"], ["--hidden", "3,2"], ["--intercept", "off"], ["--scale", "none"]):
            with self.subTest(words):
                result = self.trained(file, "price", *words)
                self.assertEqual(result["claim"], "certified")
                self.assertTrue(result["features_dependent"])
                if words != ["--intercept", "off"]:
                    self.assertGreater(result["train"]["r2"], 0.9)
        # The narrowest layer is the rank: more is never worse, and no width above the smallest matters.
        gaps = [self.trained(data("iris"), "class", *words)["objective"] for words in
                (["--hidden", "1"], ["--hidden", "9,2"], ["--hidden", "2"], [])]
        self.assertGreater(gaps[0], gaps[1] + 0.01)
        self.assertAlmostEqual(gaps[1], gaps[2], places=9)
        self.assertAlmostEqual(gaps[2], gaps[3], places=9)  # of three outputs that add up to 1 two are free

    def test_descent_comes_to_the_minimum_or_says_where_it_is(self):
        file = self.quantities()
        best = self.trained(data("iris"), "class", "--hidden", "4,2")["objective"]
        for solver in ("gradient", "lbfgs"):
            result = self.trained(data("iris"), "class", "--hidden", "4,2", "--solver", solver)
            self.assertAlmostEqual(result["objective"], best, places=7)
            self.assertGreater(result["iterations"], 5)
            few = self.trained(data("iris"), "class", "--hidden", "4,2", "--solver", solver, "--max-iterations", "3", code=4)
            self.assertEqual((few["claim"], few["stop"]), ("bounded", "iteration_limit"))
            self.assertGreater(few["objective"], best + 1e-6)
        other = [self.trained(file, "price", "--hidden", "2", "--solver", "lbfgs", "--max-iterations", "2", "--seed", seed,
                              code=4)["objective"] for seed in (1, 1, 2)]
        self.assertEqual(other[0], other[1])
        self.assertNotEqual(other[0], other[2])

    def test_the_objective_is_half_the_mean_squared_error(self):
        file = self.quantities()
        result = self.trained(file, "price", "--hidden", "2", "--target-scale", "none")
        self.nadir("predict", "m.nadir", file, "--out", "p.csv")
        with open(self.folder / "p.csv", encoding="utf-8") as told, open(self.folder / file, encoding="utf-8") as true:
            pairs = [(float(p["price"]), float(y["price"])) for p, y in zip(csv.DictReader(told), csv.DictReader(true))]
        loss = sum((p - y) ** 2 for p, y in pairs) / len(pairs) / 2
        self.assertAlmostEqual(result["objective"] / loss, 1, places=7)
        widths = weights_of(self.folder / "m.nadir")
        self.assertEqual(sorted(widths), ["bias.2", "layer.1", "layer.2"])

    def test_inspect_and_same_bytes(self):
        words = ["train", data("iris"), "--target", "class", "--method", "linear", "--hidden", "2", "--holdout", "0.2"]
        told = self.nadir(*words, "--out", "one.nadir", "--threads", "1").stderr
        for text in ("linear, 4 -> 2 -> 3, with biases", "by reduced_rank", "in closed form"):
            self.assertIn(text, told)
        self.nadir(*words, "--out", "two.nadir", "--threads", "2", "--quiet")
        self.assertEqual((self.folder / "one.nadir").read_bytes(), (self.folder / "two.nadir").read_bytes())
        told = self.nadir("inspect", "one.nadir").stdout
        for text in ("linear, 4 -> 2 -> 3, with biases", "squared, no penalty", "of linear layers of these widths",
                     "reduced rank"):
            self.assertIn(text, told)
        self.assertEqual(json.loads(self.nadir("inspect", "one.nadir", "--json").stdout)["network"],
                         {"kind": "linear", "widths": [4, 2, 3], "biases": True})

    def test_other_data_are_refused(self):
        self.trained(data("iris"), "class", "--hidden", "2")
        text = Path(data("iris")).read_text(encoding="utf-8").splitlines(True)
        self.verified("m.nadir", self.file("other.csv", "".join(text[:1] + text[2:] + text[1:2])), code=5)

    def test_what_is_refused(self):
        words = ["train", data("iris"), "--target", "class", "--method", "linear"]
        self.refused(*words, "--hidden", "0", code=2, says=["--hidden"])
        self.refused(*words, "--lambda", "1", code=2, says=["--lambda is an option of"])
        self.refused(*words, "--hidden", ",".join(["2"] * 70), code=6, says=["more tensors than a model file holds"])


class Planted(Case):
    def rows(self, name, neurons, rows, columns, below=False):
        """Targets that are sums of ReLU units of the columns; with `below` some of the zeros are -1."""
        draw = random.Random(3)
        units = [[draw.gauss(0, 1) for _ in range(columns)] for _ in range(neurons)]
        text = ",".join(f"x{j}" for j in range(columns)) + ",y\n"
        for i in range(rows):
            x = [draw.gauss(0, 1) for _ in range(columns)]
            y = sum(max(0.0, sum(u * v for u, v in zip(unit, x))) for unit in units)
            text += ",".join(map(repr, x)) + f",{-1.0 if below and y == 0 and i % 2 else y!r}\n"
        return self.file(name, text)

    def trained(self, file, *words, code=0):
        done = self.nadir("train", file, "--target", "y", "--task", "regression", "--method", "planted", *words, "--json",
                          "--out", "m.nadir", code=code)
        result = json.loads(done.stdout)
        self.assertEqual(result["certificate"], {"kind": "nonnegative_outputs"})
        self.verified("m.nadir", file)
        return result

    def test_what_was_planted_is_found(self):
        one = self.trained(self.rows("one.csv", 1, 90, 6), "--intercept", "off")
        self.assertEqual(one["claim"], "certified")
        self.assertLess(one["objective"], 1e-9)
        self.assertEqual(one["lower_bound"], 0)
        few = self.trained(self.rows("few.csv", 3, 10, 12), "--neurons", "3")
        self.assertEqual((few["claim"], few["units"]), ("certified", 3))
        self.assertEqual(few["theorem"], "every target above 0 is reached, from any start")
        below = self.trained(self.rows("below.csv", 1, 90, 6, below=True))
        self.assertEqual(below["claim"], "certified")
        self.assertAlmostEqual(below["lower_bound"], below["negative_targets"] / 180, places=12)
        # What predicts is the network in the file.
        self.nadir("predict", "m.nadir", "below.csv", "--out", "p.csv")
        with open(self.folder / "p.csv", encoding="utf-8") as told, open(self.folder / "below.csv", encoding="utf-8") as true:
            for p, y in zip(csv.DictReader(told), csv.DictReader(true)):
                self.assertAlmostEqual(float(p["y"]), max(0.0, float(y["y"])), places=3)

    def test_what_no_unit_made_is_bounded_and_said(self):
        file = self.rows("two.csv", 2, 90, 4)
        one = self.trained(file, "--intercept", "off", code=4)
        self.assertEqual((one["claim"], one["lower_bound"]), ("bounded", 0))
        self.assertGreater(one["relaxation_lower_bound"], 1e-3)
        self.assertLess(one["relaxation"] / one["relaxation_lower_bound"] - 1, 1e-5)
        told = self.nadir("train", file, "--target", "y", "--task", "regression", "--method", "planted", "--neurons", "2",
                          "--out", "m.nadir", code=None).stderr
        self.assertIn("none: several units, and more samples than features", told)
        self.assertIn("sum of ReLU units", self.nadir("inspect", "m.nadir").stdout)
        plain = self.trained(self.rows("one.csv", 1, 20, 40), "--descent", "gradient", code=4)
        self.assertGreater(plain["dead_samples"], 0)

    def test_same_bytes_and_refusals(self):
        file = self.rows("few.csv", 3, 10, 12)
        words = ["train", file, "--target", "y", "--task", "regression", "--method", "planted", "--neurons", "3"]
        for threads, name in ((1, "a.nadir"), (2, "b.nadir")):
            self.nadir(*words, "--threads", threads, "--out", name)
        self.assertEqual((self.folder / "a.nadir").read_bytes(), (self.folder / "b.nadir").read_bytes())
        raw = bytearray((self.folder / "a.nadir").read_bytes())
        raw[-8] ^= 1
        self.verified(self.file("c.nadir", bytes(raw)), file, code=5)
        told = self.nadir("train", data("iris"), "--target", "class", "--method", "planted", code=2).stderr
        self.assertIn("fitted to a quantity", told)


class Particle(Case):
    words = ["--target", "y", "--task", "regression", "--method", "particle"]

    def rows(self):
        draw = random.Random(1)
        text = "a,b,y\n"
        for _ in range(200):
            a, b = draw.gauss(0, 1), draw.gauss(0, 1)
            text += f"{a!r},{b!r},{max(0, a - b + 0.3) - 2 * max(0, b - 0.5) + 0.05 * draw.gauss(0, 1)!r}\n"
        return self.file("rows.csv", text)

    def trained(self, file, *words, code=0):
        done = self.nadir("train", file, *self.words, *words, "--json", "--out", "m.nadir", code=code)
        result = json.loads(done.stdout)
        self.verified("m.nadir", file)
        return result

    def test_the_flow_ends_near_the_optimum_over_every_width(self):
        file = self.rows()
        result = self.trained(file, "--lambda", "0.01", "--particles", "50", "--batch", "0", "--step", "0.5", "--epochs", "2000")
        self.assertEqual((result["claim"], result["certificate"]["kind"]), ("certified", "relu_polar"))
        self.assertEqual((result["steps"], result["particles"]), (2000, 50))
        self.assertLess(result["stationarity"], 1e-2)
        # At rest the particles' norms balance, and training on gains next to nothing.
        self.assertLess(abs(result["particle_objective"] / result["objective"] - 1), 1e-6)
        self.assertLess(result["objective"] / result["better_objective"] - 1, 1e-3)
        early = self.trained(file, "--lambda", "0.01", "--epochs", "1", code=4)
        self.assertEqual((early["claim"], early["steps"]), ("bounded", 200))
        self.assertGreater(early["particle_objective"], early["objective"])
        self.assertIn("particles after 200 steps", self.nadir("train", file, *self.words, "--lambda", "0.01", "--epochs", "1",
                                                              "--out", "m.nadir", code=4).stderr)

    def test_certify_says_the_same_of_the_network(self):
        file = self.rows()
        ours = self.trained(file, "--lambda", "0.01", "--scale", "none", "--target-scale", "none", "--keep-constant",
                            "--epochs", "50")
        self.nadir("export", "m.nadir", "--to", "m.safetensors")
        theirs = json.loads(self.nadir("certify", "m.safetensors", file, "--target", "y", "--task", "regression",
                                       "--lambda", "0.01", "--out", "c.nadir", "--json").stdout)
        self.assertAlmostEqual(theirs["objective"], ours["objective"], places=12)
        self.assertEqual(theirs["claim"], "certified")

    def test_same_bytes_and_refusals(self):
        file = self.rows()
        words = ["train", file, *self.words, "--lambda", "0.02", "--epochs", "20"]
        for seed, name in ((1, "a.nadir"), (1, "b.nadir"), (2, "c.nadir")):
            self.nadir(*words, "--seed", seed, "--threads", 1 + (name == "b.nadir"), "--out", name, code=None)
        a, b, c = ((self.folder / name).read_bytes() for name in ("a.nadir", "b.nadir", "c.nadir"))
        self.assertEqual(a, b)
        self.assertNotEqual(a, c)
        self.refused("train", file, *self.words, code=2, says=["--lambda is wanted"])
        self.refused(*words, "--step", "1000", code=2, says=["--step is 1000, which is too long"])
        self.refused(*words, "--radius0", "0", code=2, says=["--radius0 is 0; it must be in (0, 1e+06]"])
        self.refused("train", data("iris"), "--target", "class", "--method", "particle", "--lambda", "1", code=2,
                     says=["--method particle is for quantities"])


class Powers(Case):
    """Steps and squared ReLU units: what is trained is recomputed from the model's numbers and the raw rows."""

    def rows(self):
        draw = random.Random(4)
        text = "a,b,k,y\n"
        for _ in range(100):
            a, b = draw.gauss(0, 1), draw.gauss(0, 1)
            y = max(0, a + 0.3 * b) ** 2 - (b > 0.2) + 0.2 * draw.gauss(0, 1)
            text += f"{a!r},{b!r},{'low' if y < 0 else 'high'},{y!r}\n"
        return self.file("rows.csv", text)

    def trained(self, file, *words, code=0):
        done = self.nadir("train", file, "--method", "relu", *words, "--json", "--out", "m.nadir", code=code)
        self.assertEqual(done.stderr, "")
        result = json.loads(done.stdout)
        self.assertEqual(result["certificate"], {"kind": "power_cones"})
        self.assertNotIn("patterns_lower_bound", result)
        self.verified("m.nadir", file)
        return result

    def norm(self, result):
        """The sum of |w| |u|^power, and the units."""
        tensors = weights_of(self.folder / "m.nadir")
        m, d = result["units"], result["features"]
        units = [tensors["units"][j * d:(j + 1) * d] for j in range(m)]
        return sum(abs(w) * math.hypot(*u) ** result["power"] for u, w in zip(units, tensors["unit_outputs"])), units

    def test_quantities_and_two_classes(self):
        file = self.rows()
        quantity, classes = ["--target", "y", "--ignore", "k"], ["--target", "k", "--ignore", "y"]
        for words in ([*quantity], [*quantity, "--loss", "huber"], [*classes], [*classes, "--loss", "squared_hinge"],
                      [*classes, "--class-weights", "balanced"]):
            for power in (0, 2):
                with self.subTest(words, power=power):
                    result = self.trained(file, *words, "--power", power, "--lambda-ratio", "0.2", "--gap", "0.02")
                    self.assertEqual((result["claim"], result["power"], result["outputs"]), ("certified", power, 1))
                    self.assertLess(result["objective"], result["objective_at_zero"])

    def test_the_objective_is_that_of_the_numbers_in_the_file(self):
        file = self.rows()
        for power in (0, 2):
            result = self.trained(file, "--target", "y", "--ignore", "k", "--power", power, "--lambda-ratio", "0.1", "--gap",
                                  "0.05")
            norm, units = self.norm(result)
            weights = weights_of(self.folder / "m.nadir")["unit_outputs"]
            content = (self.folder / "m.nadir").read_bytes()
            header = json.loads(content[8:8 + struct.unpack("<Q", content[:8])[0]])
            recipe = json.loads(header["__metadata__"]["nadir"])["recipe"]
            scale = lambda entry, cell: (float(cell) - float.fromhex(entry["offset"])) / float.fromhex(entry["range"])
            loss, predicted = 0, []
            with open(self.folder / "rows.csv", encoding="utf-8") as lines:
                table = list(csv.reader(lines))[1:]
            for a, b, _, y in table:
                x = [scale(recipe["columns"][0], a), scale(recipe["columns"][1], b), 1]
                products = [sum(p * q for p, q in zip(u, x)) for u in units]
                f = sum(w * (z ** power if z > 0 else 0) for w, z in zip(weights, products))
                loss += (f - scale(recipe["target"], y)) ** 2 / 2 / len(table)
                predicted.append(f * float.fromhex(recipe["target"]["range"]) + float.fromhex(recipe["target"]["offset"]))
            self.assertAlmostEqual(loss + result["lambda"] * norm, result["objective"], places=8)
            answers = self.nadir("predict", "m.nadir", file).stdout.split()[1:]
            for ours, theirs in zip(predicted, answers, strict=True):
                self.assertAlmostEqual(ours, float(theirs), places=9)

    def test_in_a_ball_by_every_rule_of_steps(self):
        file = self.rows()
        for power in (0, 2):
            for steps in ("corrective", "line-search", "classic"):
                with self.subTest(power=power, steps=steps):
                    result = self.trained(file, "--target", "k", "--ignore", "y", "--power", power, "--radius", "1", "--steps",
                                          steps, "--gap", "0.3")
                    self.assertEqual((result["claim"], result["radius"]), ("certified", 1))
                    norm, _ = self.norm(result)
                    self.assertLess(norm, 1)
                    self.assertGreater(norm, 0.9)

    def test_lambda_by_cross_validation_and_other_commands(self):
        file = self.rows()
        result = self.trained(file, "--target", "y", "--ignore", "k", "--power", "2", "--path", "6", "--holdout", "0.2", "--gap",
                              "0.05")
        self.assertGreater(result["test"]["r2"], 0.5)
        self.assertIn("squared ReLU units", self.nadir("inspect", "m.nadir").stdout)
        self.assertEqual(json.loads(self.nadir("inspect", "m.nadir", "--json").stdout)["network"]["power"], 2)
        self.refused("export", "m.nadir", "--to", "m.safetensors", says="not ReLU units")
        models = set()
        for threads in ("1", "2"):
            self.nadir("train", file, "--target", "k", "--ignore", "y", "--method", "relu", "--power", "0", "--path", "3", "--gap",
                       "0.5", "--threads", threads, "--quiet", "--out", "t.nadir")
            models.add((self.folder / "t.nadir").read_bytes())
        self.assertEqual(len(models), 1)

    def test_what_is_refused(self):
        for words, expected in ((["--method", "relu", "--power", "2"], "--power 2 is for one output"),
                                (["--method", "relu", "--power", "0", "--loss", "squared"], "--power 0 is for one output"),
                                (["--method", "relu", "--power", "2", "--skip", "on"], "--skip on"),
                                (["--method", "relu", "--power", "3"], "--power"), (["--power", "2"], "--method relu or kernel"),
                                (["--method", "gated", "--power", "2"], "--power is an option of the")):
            with self.subTest(words):
                self.refused("train", data("iris"), "--target", "class", *words, "--out", "other.nadir", code=2, says=expected)


class Factorize(Case):
    """A matrix as a product of two, and what its model file says."""

    CASES = [(norms, signs) for norms in ("l2,l2", "l1,l2", "l2,l1", "l1,l1") for signs in ("none", "left", "right", "both")]

    def matrix(self, rows=12, columns=7, rank=2, header=True):
        draw = random.Random(5)
        left = [[abs(draw.gauss(0, 1)) for _ in range(rank)] for _ in range(rows)]
        right = [[abs(draw.gauss(0, 1)) for _ in range(rank)] for _ in range(columns)]
        Y = [[sum(a * b for a, b in zip(u, v)) + 0.1 * draw.gauss(0, 1) for v in right] for u in left]
        lines = [",".join(f"c{k}" for k in range(columns))] * header + [",".join(map(repr, row)) for row in Y]
        return Y, self.file("matrix.csv", "\n".join(lines) + "\n")

    def test_every_case_is_certified_and_verified(self):
        Y, file = self.matrix()
        for norms, signs in self.CASES:
            with self.subTest(norms=norms, signs=signs):
                result = json.loads(self.nadir("factorize", file, "--lambda", 0.5, "--norms", norms, "--non-negative", signs, "--json").stdout)
                self.assertEqual((result["claim"], result["rows"], result["columns"], result["model"]),
                                 ("certified", 12, 7, "matrix.nadir"))
                self.assertLessEqual(result["relative_gap"], 1e-5 if norms == "l2,l2" and signs != "none" else 1e-6)
                U, V = (self.tensor("matrix.nadir", name) for name in ("left", "right"))
                size = {"l1": lambda x: sum(map(abs, x)), "l2": lambda x: math.hypot(*x)}
                a, b = norms.split(",")
                F = sum((Y[i][k] - sum(x * y for x, y in zip(U[i], V[k])))**2 for i in range(12) for k in range(7)) / 2
                F += 0.5 * sum(size[a](u) * size[b](v) for u, v in zip(zip(*U), zip(*V)))
                self.assertAlmostEqual(F / result["objective"], 1, delta=1e-11)
                self.assertTrue(signs in ("none", "right") or min(map(min, U)) >= 0)
                self.assertTrue(signs in ("none", "left") or min(map(min, V)) >= 0)
                self.assertIn("ACCEPTED", self.verified("matrix.nadir", file).stdout)

    def tensor(self, model, name):
        raw = (self.folder / model).read_bytes()
        size = struct.unpack("<Q", raw[:8])[0]
        entry = json.loads(raw[8:8 + size])[name]
        first, end = (8 + size + offset for offset in entry["data_offsets"])
        numbers = struct.unpack(f"<{(end - first) // 8}d", raw[first:end])
        return [numbers[i * entry["shape"][1]:(i + 1) * entry["shape"][1]] for i in range(entry["shape"][0])]

    def test_another_matrix_is_rejected(self):
        _, file = self.matrix()
        self.nadir("factorize", file, "--non-negative", "both", "--out", "m.nadir", "--quiet")
        text = (self.folder / file).read_text()
        cut = text.rindex(",")
        self.file("other.csv", text[:cut] + ",0.25\n")
        self.assertIn("FAIL  features_hash", self.verified("m.nadir", "other.csv", code=5).stdout)

    def test_arrays_and_tables_without_names(self):
        Y, _ = self.matrix()
        _, bare = self.matrix(header=False)
        told = "{'descr': '<f8', 'fortran_order': False, 'shape': (12, 7), }\n".encode()
        npy = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(told)) + told + struct.pack("<84d", *(y for row in Y for y in row))
        self.file("m.npy", npy)
        with zipfile.ZipFile(self.folder / "m.npz", "w") as archive:
            archive.writestr("Z.npy", npy)
        results = []
        for file, more in ((bare, ()), ("m.npy", ()), ("m.npz", ("--array", "Z"))):
            results.append(json.loads(self.nadir("factorize", file, "--json", "--out", "m.nadir", *more).stdout))
            self.verified("m.nadir", file)
        self.assertEqual({result["objective"] for result in results}, {results[0]["objective"]})

    def test_the_same_bytes_again(self):
        _, file = self.matrix()
        for name in ("a.nadir", "b.nadir"):
            self.nadir("factorize", file, "--non-negative", "left", "--out", name, "--quiet", "--seed", 3)
        self.assertEqual(*((self.folder / name).read_bytes() for name in ("a.nadir", "b.nadir")))

    def test_what_it_is_is_said(self):
        _, file = self.matrix()
        told = self.nadir("factorize", file, "--lambda", 0.5).stderr
        for words in ("12 x 7, from matrix.csv", "certified", "over any number of columns, proven", "closed form"):
            self.assertIn(words, told)
        told = self.nadir("inspect", "matrix.nadir").stdout
        for words in ("12 x 7, as a product of two with 3 columns", "lambda       0.5", "no factorization of these norms and signs"):
            self.assertIn(words, told)
        self.assertEqual(json.loads(self.nadir("inspect", "matrix.nadir", "--json").stdout)["network"]["pairs"], 3)
        for words in (("predict", "matrix.nadir", file), ("export", "matrix.nadir", "--to", "m.onnx"), ("plot", "matrix.nadir", "--out", "p.svg"),
                      ("reduce", "matrix.nadir", file, "--out", "s.nadir")):
            self.refused(*words, says="which is no network")

    def test_what_does_not_fit_is_refused(self):
        _, file = self.matrix()
        self.refused("factorize", file, "--lambda", 1e6, code=2, says="nothing better than 0")
        self.refused("factorize", file, "--norms", "l1", code=2, says="two of l1 and l2")
        self.refused("factorize", file, "--norms", "l1,l3", code=2, says="l3")
        self.refused("factorize", file, "--lambda", -1, code=2, says="--lambda")
        self.refused("factorize", file, "--lambda-ratio", 0, code=2, says="--lambda-ratio")
        self.refused("factorize", self.file("gap.csv", "a,b\n1,2\n3,\n"), says=("row 3", "is missing"))
        self.refused("factorize", self.file("word.csv", "1,2\n3,much\n"), says="is not a finite number")
        self.refused("factorize", self.file("rows.svm", "1 1:2\n2 2:3\n"), code=2, says="libsvm")


class Reduce(Case):
    """Caratheodory's argument: as few units as the outputs on the training rows take."""

    def case(self, rows, units, outputs):
        draw = random.Random(4)
        text = "a,b,c,y\n"
        for _ in range(rows):
            x = [draw.gauss(0, 1) for _ in range(3)]
            y = abs(x[0]) - x[1] + 0.1 * draw.gauss(0, 1)
            text += ",".join(map(repr, x)) + f",{y!r}\n" if outputs == 1 else \
                ",".join(map(repr, x)) + f",{'abc'[min(2, max(0, int(y)))]}\n"
        header, numbers = {}, b""
        for key, shape, size in (("W1", (units, 3), 0.3), ("W2", (outputs, units), 0.05)):
            raw = struct.pack(f"<{shape[0] * shape[1]}d", *(size * draw.gauss(0, 1) for _ in range(shape[0] * shape[1])))
            header[key] = {"dtype": "F64", "shape": shape, "data_offsets": [len(numbers), len(numbers) + len(raw)]}
            numbers += raw
        told = json.dumps(header).encode()
        return self.file("net.safetensors", struct.pack("<Q", len(told)) + told + numbers), self.file("rows.csv", text)

    def predicted(self, model, data_file):
        self.nadir("predict", model, data_file, "--out", "p.csv")
        with open(self.folder / "p.csv", encoding="utf-8") as file:
            return [row["y"] for row in csv.DictReader(file)]

    def reduced(self, model, data_file):
        self.nadir("reduce", model, data_file, "--out", "small.nadir", "--quiet")
        result = json.loads(self.nadir("reduce", model, data_file, "--out", "small.nadir", "--json").stdout)
        self.verified("small.nadir", data_file)
        self.assertLessEqual(result["objective"], result["objective_before"] * (1 + 1e-12))
        self.assertLess(result["largest_change"], 1e-12)
        inspected = json.loads(self.nadir("inspect", "small.nadir", "--json").stdout)
        self.assertEqual(inspected["network"]["units"], result["units"])
        before = json.loads(self.nadir("inspect", model, "--json").stdout)
        self.assertEqual(inspected["certificate"]["lower_bound"], before["certificate"]["lower_bound"])
        return result

    def test_a_wide_network_on_few_rows(self):
        net, rows = self.case(20, 60, 1)
        self.nadir("certify", net, rows, "--target", "y", "--task", "regression", "--lambda", "1e-3", "--out", "m.nadir", code=4)
        before = list(map(float, self.predicted("m.nadir", rows)))
        result = self.reduced("m.nadir", rows)
        self.assertEqual((result["units_before"], result["units"]), (60, 20))
        self.assertLess(result["objective"], result["objective_before"])
        after = list(map(float, self.predicted("small.nadir", rows)))
        self.assertLess(max(abs(a - b) for a, b in zip(before, after)), 1e-12)
        again = self.reduced("small.nadir", rows)
        self.assertEqual((again["units_before"], again["units"]), (20, 20))
        told = self.nadir("reduce", "small.nadir", rows, "--out", "other.nadir").stderr
        self.assertIn("linearly independent: none can go", told)

    def test_units_of_several_outputs(self):
        net, rows = self.case(15, 60, 3)
        self.nadir("certify", net, rows, "--target", "y", "--lambda", "1e-3", "--out", "m.nadir", code=4)
        before = self.predicted("m.nadir", rows)
        result = self.reduced("m.nadir", rows)
        self.assertEqual((result["units_before"], result["units"]), (60, 45))
        self.assertEqual(before, self.predicted("small.nadir", rows))

    def test_particles_and_what_training_left(self):
        _, rows = self.case(20, 1, 1)
        words = ["train", rows, "--target", "y", "--task", "regression", "--out", "m.nadir", "--quiet"]
        self.nadir(*words, "--method", "particle", "--particles", "70", "--lambda", "0.01", code=None)
        self.assertLessEqual(self.reduced("m.nadir", rows)["units"], 20)
        for power in ("0", "1", "2"):  # training does it itself
            self.nadir(*words, "--method", "relu", "--power", power, "--lambda-ratio", "0.01", "--time-limit", "5", code=None)
            result = self.reduced("m.nadir", rows)
            self.assertEqual(result["units_before"], result["units"])
            self.assertLessEqual(result["units"], 20)
        self.nadir(*words, "--method", "relu", "--radius", "5", "--weights", "c", "--ignore", "a", code=3)  # below 0
        self.nadir(*words, "--method", "relu", "--radius", "5", code=None)
        self.assertLessEqual(self.reduced("m.nadir", rows)["units"], 20)

    def test_refusals(self):
        net, rows = self.case(20, 30, 1)
        train = ["train", rows, "--target", "y", "--task", "regression", "--lambda", "0.1", "--out", "m.nadir", "--quiet", "--method"]
        for words, says in ((["gated"], "no two-layer network of ReLU units"), (["kernel"], "no two-layer network of ReLU units"),
                            (["kernel", "--random-units", "5"], "the model's units were given")):
            self.nadir(*train, *words)
            self.refused("reduce", "m.nadir", rows, "--out", "s.nadir", says=[says])
        self.nadir(*train, "relu", code=None)
        lines = Path(self.folder / rows).read_text(encoding="utf-8").splitlines(True)
        other = self.file("other.csv", "".join(lines[:1] + lines[2:] + lines[1:2]))
        self.refused("reduce", "m.nadir", other, "--out", "s.nadir", says=["not those that the model was trained on"])
        self.refused("reduce", "m.nadir", rows, code=2, says=["--out is required"])


class Kernel(Case):
    def rows(self, count=120):
        draw = random.Random(2)
        text = "a,b,w,k,y\n"
        for _ in range(count):
            a, b = draw.gauss(0, 1), draw.gauss(0, 1)
            y = abs(a) - a * b + 0.1 * draw.gauss(0, 1)
            text += f"{a!r},{b!r},{draw.choice([0.5, 1, 3])},{'low' if y < 0 else 'mid' if y < 1 else 'high'},{y!r}\n"
        return self.file("rows.csv", text)

    def trained(self, file, *words, code=0):
        done = self.nadir("train", file, "--method", "kernel", *words, "--json", "--out", "m.nadir", code=code)
        result = json.loads(done.stdout)
        self.assertEqual(result["certificate"], {"kind": "coefficients"})
        self.verified("m.nadir", file)
        return result

    def test_every_loss_and_power_is_certified(self):
        file = self.rows()
        quantity, classes = ["--target", "y", "--ignore", "k,w"], ["--target", "k", "--ignore", "y,w"]
        for words in ([*quantity, "--lambda", "1e-3"], [*quantity, "--loss", "huber", "--lambda-ratio", "1e-3"],
                      [*classes, "--lambda", "1e-3"], [*classes, "--loss", "squared", "--lambda", "1e-4"],
                      [*classes, "--lambda", "1e-3", "--class-weights", "balanced"],
                      ["--target", "y", "--ignore", "k", "--weights", "w", "--lambda", "1e-3", "--intercept", "off"]):
            for power in (0, 1, 2):
                with self.subTest(words, power=power):
                    result = self.trained(file, *words, "--power", power)
                    self.assertEqual((result["claim"], result["power"]), ("certified", power))
                    self.assertLess(result["relative_gap"], 1e-6)
        for loss in ("logistic", "squared_hinge"):
            result = self.trained(data("haberman"), "--target", "class", "--loss", loss, "--lambda-ratio", "0.001",
                                  "--gap", "1e-8")
            self.assertEqual((result["claim"], result["loss"]), ("certified", loss))

    def test_lambda_by_cross_validation(self):
        file = self.rows()
        result = self.trained(file, "--target", "y", "--ignore", "k,w", "--holdout", "0.25")
        self.assertLess(result["path"]["chosen"], len(result["path"]["lambdas"]))
        self.assertAlmostEqual(result["path"]["lambdas"][0], result["largest_lambda"], places=12)
        self.assertGreater(result["test"]["r2"], 0.8)
        self.assertGreater(result["path"]["out_of_fold"]["r2"], 0.8)
        # Where lambda is the largest one, at most half of the target is learned.
        least = self.trained(file, "--target", "y", "--ignore", "k,w", "--lambda-ratio", "1")
        self.assertLess(least["train"]["r2"], 0.75)

    def test_predict_inspect_and_plot(self):
        self.nadir("train", data("iris"), "--target", "class", "--method", "kernel", "--power", "2", "--lambda", "1e-3",
                   "--out", "m.nadir")
        told = self.nadir("inspect", "m.nadir").stdout
        for text in ("arc-cosine kernel of power 2 (squared ReLU units), 150 samples, 3 outputs", "softmax, lambda 0.001",
                     "of infinitely many units", "Evidence: coefficients"):
            self.assertIn(text, told)
        self.assertEqual(json.loads(self.nadir("inspect", "m.nadir", "--json").stdout)["network"],
                         {"kind": "kernel", "inputs": 5, "power": 2, "samples": 150, "outputs": 3})
        self.nadir("predict", "m.nadir", data("iris"), "--proba", "--out", "p.csv")
        with open(self.folder / "p.csv", encoding="utf-8") as file:
            chances = [[float(cell) for cell in row.values()] for row in csv.DictReader(file)]
        self.assertEqual(len(chances), 150)
        self.assertTrue(all(abs(sum(row) - 1) < 1e-12 for row in chances))
        self.nadir("plot", "m.nadir", data("iris"), "--out", "r.svg")
        self.nadir("plot", "m.nadir", "--what", "convergence", "--out", "c.svg")

    def test_same_bytes_and_refusals(self):
        file = self.rows(300)
        words = ["train", file, "--target", "k", "--ignore", "y,w", "--method", "kernel", "--path", "4", "--folds", "2"]
        for threads, name in ((1, "a.nadir"), (2, "b.nadir")):
            self.nadir(*words, "--threads", threads, "--out", name)
        raw = (self.folder / "a.nadir").read_bytes()
        self.assertEqual(raw, (self.folder / "b.nadir").read_bytes())
        self.verified(self.file("c.nadir", raw[:-8] + bytes([raw[-8] ^ 1]) + raw[-7:]), file, code=5)
        swapped = Path(self.folder / file).read_text(encoding="utf-8").splitlines(True)
        swapped[1:3] = reversed(swapped[1:3])
        self.assertIn("FAIL  weights", self.verified("a.nadir", self.file("other.csv", "".join(swapped)), code=5).stdout)
        self.refused(*words, "--power", "3", code=2, says=["--power is 3"])
        self.refused(*words, "--gates", "3", code=2, says=["--gates is an option of"])
        twice = self.file("twice.csv", "a,y\n" + "".join(f"{i % 3},{i * i % 7 / 7}\n" for i in range(90)))
        few = ["train", twice, "--target", "y", "--task", "regression", "--method", "kernel", "--lambda"]
        told = self.refused(*few, "1e-9", says=["lambda is 1e-09, so small that rounding", "larger --lambda, about"])
        self.nadir(*few, told.split()[-1], "--out", "d.nadir", code=4)  # rounding over the little that is gained
        self.verified("d.nadir", twice)
        self.refused("export", "a.nadir", "--to", "a.safetensors", says=["no chain of linear or ReLU layers"])
        many = self.file("many.csv", "a,y\n" + "".join(f"{i % 97},{i % 89}\n" for i in range(20001)))
        self.refused("train", many, "--target", "y", "--task", "regression", "--method", "kernel", code=6,
                     says=["20001 training rows make a kernel matrix of 3.2 GB", "--random-units 1000", "--holdout 0.0"])

    def given(self, file, *words):
        done = self.nadir("train", file, "--method", "kernel", *words, "--json", "--out", "m.nadir")
        result = json.loads(done.stdout)
        self.assertEqual((result["claim"], result["certificate"]), ("certified", {"kind": "given_units"}))
        self.verified("m.nadir", file)
        return result

    def test_random_units(self):
        file = self.rows()
        for words in (["--target", "y", "--ignore", "k,w", "--lambda", "1e-3"],
                      ["--target", "y", "--ignore", "k,w", "--loss", "huber", "--lambda-ratio", "1e-3"],
                      ["--target", "k", "--ignore", "y", "--weights", "w", "--lambda", "1e-3"],
                      ["--target", "k", "--ignore", "y,w", "--loss", "squared", "--lambda", "1e-4", "--class-weights", "balanced"]):
            for power in (0, 1, 2):
                for units in (20, 200):  # fewer than rows, and more
                    with self.subTest(words, power=power, units=units):
                        result = self.given(file, *words, "--power", power, "--random-units", units)
                        self.assertEqual((result["power"], result["units"]), (power, units))
        result = self.given(file, "--target", "y", "--ignore", "k,w", "--random-units", "60", "--holdout", "0.25")
        self.assertGreater(result["path"]["out_of_fold"]["r2"], 0.8)
        self.assertGreater(result["test"]["r2"], 0.8)

    def test_many_random_units_are_nearly_all(self):
        words = [self.rows(), "--target", "y", "--ignore", "k,w", "--lambda", "1e-2"]
        limit = self.trained(*words)["objective"]
        off = [abs(self.given(*words, "--random-units", units)["objective"] / limit - 1) for units in (20, 5000)]
        self.assertLess(off[1], 0.03)
        self.assertLess(off[1], off[0] / 2)

    def test_random_units_predict_inspect_and_refusals(self):
        words = ["train", data("iris"), "--target", "class", "--method", "kernel", "--lambda", "1e-3", "--random-units", "30"]
        for threads, name in ((1, "a.nadir"), (2, "b.nadir")):
            self.nadir(*words, "--power", "0", "--threads", threads, "--out", name)
        self.assertEqual((self.folder / "a.nadir").read_bytes(), (self.folder / "b.nadir").read_bytes())
        told = self.nadir("inspect", "a.nadir").stdout
        for text in ("30 units", "no network of these units has", "Evidence: given units"):
            self.assertIn(text, told)
        self.nadir("predict", "a.nadir", data("iris"), "--proba", "--out", "p.csv")
        with open(self.folder / "p.csv", encoding="utf-8") as file:
            chances = [[float(cell) for cell in row.values()] for row in csv.DictReader(file)]
        self.assertTrue(all(abs(sum(row) - 1) < 1e-12 for row in chances))
        raw = (self.folder / "a.nadir").read_bytes()
        self.verified(self.file("c.nadir", raw[:-8] + bytes([raw[-8] ^ 1]) + raw[-7:]), data("iris"), code=5)
        self.refused(*words[:-1], "-1", code=2, says=["--random-units is -1"])
        self.refused("train", data("iris"), "--target", "class", "--method", "relu", "--random-units", "3", code=2,
                     says=["--random-units is an option of"])
        rows = self.file("rows.csv", "a,y\n" + "".join(f"{i % 97},{i % 89}\n" for i in range(2000)))
        self.refused("train", rows, "--target", "y", "--task", "regression", "--method", "kernel", "--random-units", "900000",
                     code=6, says=["900000 random units on 2000 training rows take", "fewer --random-units"])


class LongSevenSets(Case):
    def test_every_set_is_certified_and_verified(self):
        for name in SETS:
            with self.subTest(name):
                done = self.nadir("train", data(name), "--target", "class", "--method", "spectral", "--json")
                result = json.loads(done.stdout)
                self.assertEqual(result["claim"], "certified")
                self.assertLessEqual(result["relative_gap"], 1e-9)
                self.verified(result["model"], data(name))

    def test_the_same_choice_for_any_number_of_threads(self):
        for words in (["--method", "spectral", "--model", "best"],
                      ["--method", "spectral", "--model", "published", "--draws", "4"]):
            with self.subTest(words):
                models = set()
                for threads in ("1", "2", "4"):
                    self.nadir("train", data("haberman"), "--target", "class", *words, "--threads", threads, "--quiet",
                               "--out", "m.nadir")
                    models.add((self.folder / "m.nadir").read_bytes())
                self.assertEqual(len(models), 1)

    # The network published, and the kind that "best" draws from. Twin units (equal exponents, equal masks) would share
    # their weight in any proportion at next to no cost: one minimum, but hardly one minimizer.
    ARCHITECTURES = {"published": ["--p-rule", "published"],
                     "single": ["--mask", "single", "--norm", "unit", "--bias", "--complement"]}

    def test_one_optimum_from_twenty_starts(self):
        for name in SETS:
            for kind, words in self.ARCHITECTURES.items():
                with self.subTest(f"{name}, {kind}"):
                    found = []
                    for seed in range(20):
                        self.nadir("train", data(name), "--target", "class", *GIVEN[:4], *words, "--start",
                                   "random", "--seed", seed, "--quiet", "--out", "m.nadir")
                        found.append(weights_of(self.folder / "m.nadir"))
                    self.assertNotEqual(found[0], found[1], "the starts do not differ")
                    farthest = max(thompson(found[0], other) for other in found[1:])
                    print(f"{name}, {kind}: {farthest:.2g} in the Thompson metric")
                    self.assertLessEqual(farthest, 1e-8)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
