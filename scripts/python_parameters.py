"""Writes python/nadir/_parameters.py from the library's tables of options: python_parameters.py [FILE].

To be run with the built package on PYTHONPATH, and again whenever a table changes; a test holds the file against them.
"""
import json
import re
import sys
import textwrap
from pathlib import Path

HEAD = '''"""The parameters of the estimators. Made by scripts/python_parameters.py from the tables of options that the command
line has; not to be edited."""
import math

'''
# What is said in another way here, or by the estimator's name, or is not for arrays.
ELSEWHERE = {"weights", "method", "task", "categorical", "ignore", "max-levels", "skip-missing-target"}
FOR_CLASSES = {"class-weights"}
FOR_QUANTITIES = {"huber-delta", "target-scale"}
NOT_OF_AUTO = {"penalty", "radius", "steps", "power"}
NOT_OF_PLANTED = {"target-scale"}  # its targets are never scaled
SCALES = {"spectral": "minmax", "planted": "none"}  # of other methods: standard
NOT_OF_CV = {"lambda", "lambda-ratio", "radius", "steps"}
ESTIMATORS = {"ReluClassifier": "relu", "ReluRegressor": "relu", "GatedReluClassifier": "gated",
              "GatedReluRegressor": "gated", "AutoClassifier": "auto", "AutoRegressor": "auto",
              "KernelClassifier": "kernel", "KernelRegressor": "kernel",
              "PolynomialClassifier": "spectral", "LinearNetworkRegressor": "linear",
              "ParticleRegressor": "particle", "ReluSumRegressor": "planted"}
# With the penalty's weight always chosen by cross-validation.
ESTIMATORS |= {name + "CV": method for name, method in ESTIMATORS.items() if method in ("relu", "gated", "kernel")}
WARM_START = {"name": "warm_start", "type": "bool", "default": False, "range": "",
              "help": "begin with the network of the fit before, if it is of the same kind and shape"}


def name_here(option):
    return "lambda_" if option == "lambda" else option.replace("-", "_")


def options_of(tables, method):
    if method != "auto":
        own = tables[method]
    else:
        own = {option["name"]: dict(option) for option in tables["relu"] + tables["gated"]}
        for option in tables["relu"]:
            for other in tables["gated"]:
                if option["name"] == other["name"] and option["default"] != other["default"]:
                    own[option["name"]] |= {"default": None, "optional": True,
                                            "help": option["help"] + "; None: each method's own"}
        own = [option for option in own.values() if option["name"] not in NOT_OF_AUTO]
    data = [dict(option) for option in tables["data"]]
    for option in data:
        if option["name"] == "scale":
            option["default"] = SCALES.get(method, "standard")
    if method == "planted":
        data = [option for option in data if option["name"] not in NOT_OF_PLANTED]
    return own + data + tables["all"]


def default_of(option):
    value = option["default"]
    if isinstance(value, list):
        return repr(tuple(value))
    return "math.inf" if value is None and "optional" not in option else repr(value)


def entry(option):
    """The parameter's lines in a docstring."""
    help_text = re.sub(r"--([a-z][a-z-]*)", lambda m: name_here(m[1]), option["help"])
    text = help_text + (f" ({option['range']})" if option["range"] else "")
    head = f"    {name_here(option['name'])} : {option['type']}, default {default_of(option)}"
    indent = "        "
    return head + "\n" + textwrap.fill(text, 110, initial_indent=indent, subsequent_indent=indent,
                                       break_on_hyphens=False)


def text_of(tables):
    parts, names = [], {}
    for estimator, method in ESTIMATORS.items():
        left_out = ELSEWHERE | (FOR_QUANTITIES if "Classifier" in estimator else FOR_CLASSES)
        left_out |= NOT_OF_CV if estimator.endswith("CV") else set()
        options = [option for option in options_of(tables, method) if option["name"] not in left_out]
        names |= {name_here(option["name"]): option["name"] for option in options}
        options += [WARM_START] if method in ("relu", "gated", "auto", "kernel") else []
        lines = [f"class {estimator}Parameters:", '    """Parameters', "    ----------"]
        lines += [entry(option) for option in options]
        lines += ['    """', "", "    def __init__(self, *,"]
        lines += [f"                 {name_here(option['name'])}={default_of(option)}," for option in options]
        lines[-1] = lines[-1][:-1] + "):"
        lines += [f"        self.{name_here(option['name'])} = {name_here(option['name'])}" for option in options]
        parts.append("\n".join(lines) + "\n")
    table = "# As the command line names them.\nOPTIONS = {\n" + "".join(
        f"    {here!r}: {there!r},\n" for here, there in sorted(names.items())) + "}\n"
    return HEAD + table + "\n\n" + "\n\n".join(parts)


def main(file):
    from nadir import _core
    file.write_text(text_of(json.loads(_core.describe_options())), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "python" / "nadir" / "_parameters.py")
