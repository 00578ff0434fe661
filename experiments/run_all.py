#!/usr/bin/env python3
"""Makes every table and figure of experiments/ anew, from a fresh build: experiments/run_all.py

What each script prints goes to experiments/results/NAME.txt, beside the numbers and pictures that it writes itself. A line is
printed for each with its time, and a summary at the end; the exit code is 1 if any failed. What a script needs and is not there is
said, and the script left out. The default set takes under half an hour on two cores; --all adds what takes longer.

    python3 -m venv peers && peers/bin/pip install -r experiments/requirements.txt
    peers/bin/python experiments/run_all.py                     # the default set
    peers/bin/python experiments/run_all.py --only particle_radius figure1
    peers/bin/python experiments/run_all.py --all               # needs pandas and torch besides
"""
import argparse
import importlib.util
import os
import pathlib
import subprocess
import sys
import time
from collections import namedtuple

HERE = pathlib.Path(__file__).resolve().parent
Entry = namedtuple("Entry", "name script words needs long program", defaults=((), (), False, "--nadir"))
WITHIN_DATA = "iris,seeds,cancer,haberman,banknote,pima_diabetes,blood_transfusion"  # of accuracy.py: the sets of data/
FIGURE2 = ("--iterations", "40", "--budget", "6")
PICTURES, PACKAGE = ("numpy", "matplotlib"), ("numpy", "matplotlib", "nadir")
ENTRIES = [
    Entry("figure1", "figure1.py"),
    Entry("particle_radius", "particle_radius.py", (), PACKAGE, program=None),
    Entry("particle_paths", "particle_paths.py", (), PACKAGE, program=None),
    Entry("figure2-cancer-published", "figure2.py", ("--set", "cancer", *FIGURE2), PICTURES),
    Entry("figure2-pima_diabetes-published", "figure2.py", ("--set", "pima_diabetes", *FIGURE2), PICTURES),
    Entry("figure2-cancer-concave", "figure2.py", ("--set", "cancer", "--rule", "concave", *FIGURE2), PICTURES),
    Entry("meta_algorithm", "meta_algorithm.py", (), (*PACKAGE, "sklearn"), program=None),
    Entry("factorization", "factorization.py", (), ("numpy", "nadir"), program=None),
    Entry("digits_filters", "digits_filters.py", (), ("numpy", "sklearn", "nadir"), program=None),
    Entry("deep_parallel", "deep_parallel.py", (), ("numpy", "nadir"), program=None),
    Entry("linear_verdicts", "linear_verdicts.py", (), ("numpy",)),
    Entry("planted", "planted.py", (), PICTURES),
    Entry("certified_width", "certified_width.py"),
    Entry("table1-fresh", "table1.py", ("--splits", "20-39", "--models", "best", "--name", "table1-fresh")),
    Entry("table1", "table1.py"),
    Entry("particle_widths", "particle_widths.py", (), PACKAGE, program=None),
    Entry("adaptivity", "adaptivity.py", (), (*PACKAGE, "sklearn"), True, program=None),
    Entry("certify_torch", "certify_torch.py", ("--limit", "20"), ("numpy", "torch"), True, "--program"),
    Entry("accuracy", "accuracy.py", ("--sets", WITHIN_DATA, "--rows", "2000"), ("sklearn", "pandas"), True),
]


def environment(nadir):
    """With the package of the build on Python's path, and one thread for each process's matrix products."""
    package = pathlib.Path(nadir).resolve().parent / "python"
    path = os.pathsep.join(filter(None, [str(package), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def missing(entry, nadir):
    """What the script needs and is not there."""
    if not (HERE / entry.script).exists():
        return entry.script
    sys.path.insert(0, str(pathlib.Path(nadir).resolve().parent / "python"))
    return ", ".join(name for name in entry.needs if importlib.util.find_spec(name) is None)


def run(entry, nadir, results):
    """Returns whether it succeeded, and seconds."""
    program = () if entry.program is None else (entry.program, nadir)
    begin = time.monotonic()
    done = subprocess.run([sys.executable, str(HERE / entry.script), *entry.words, *program], capture_output=True, text=True,
                          check=False, env=environment(nadir))
    seconds = time.monotonic() - begin
    if done.returncode == 0:
        (results / f"{entry.name}.txt").write_text(done.stdout, encoding="utf-8")
    else:
        print("\n".join("    " + line for line in (done.stderr or done.stdout).strip().splitlines()[-5:]))
    return done.returncode == 0, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nadir", default=str(HERE.parent / "build" / "nadir"))
    parser.add_argument("--all", action="store_true", help="also what takes longer: "
                        + ", ".join(entry.name for entry in ENTRIES if entry.long))
    parser.add_argument("--only", nargs="+", choices=[entry.name for entry in ENTRIES], help="these alone")
    a = parser.parse_args()
    if not pathlib.Path(a.nadir).is_file():
        raise SystemExit(f"{a.nadir} is not there: build nadir first, or say --nadir PROGRAM")
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    told = {"done": [], "failed": [], "left out": []}
    begin = time.monotonic()
    for entry in ENTRIES:
        if entry.name not in a.only if a.only else entry.long and not a.all:
            if not a.only:
                told["left out"].append(f"{entry.name} (--all)")
            continue
        if lacks := missing(entry, a.nadir):
            print(f"{entry.name:32} left out: needs {lacks}", flush=True)
            told["left out"].append(f"{entry.name} (needs {lacks})")
            continue
        print(f"{entry.name:32} ", end="", flush=True)
        good, seconds = run(entry, a.nadir, results)
        print(f"{seconds:7.1f} s{'' if good else f'  {entry.name} FAILED'}", flush=True)
        told["done" if good else "failed"].append(entry.name)
    print(f"\n{len(told['done'])} made in {(time.monotonic() - begin) / 60:.1f} minutes")
    for state in ("failed", "left out"):
        if told[state]:
            print(f"{state}: {', '.join(told[state])}")
    return 1 if told["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
