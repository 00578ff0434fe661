"""Formatting and plain-text habits of the whole tree: style.py SOURCE_DIR.

C++ files are as clang-format leaves them; text files hold no tabs, no blanks at line ends, no absolute paths of
somebody's machine, and end with one newline; sources other than tests keep to 400 lines.
"""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

SOURCE_LINES = 400
TEXT = {".cpp", ".hpp", ".py", ".md", ".cmake", ".txt", ".json", ".toml", ".cff", ".sh", ""}
SKIPPED = {"data", "LICENSE"}  # kept as their sources gave them
MACHINE_PATH = re.compile(r"(?<![\w.~})-])/(?:work|home|root|tmp|Users)/")


def files_of(root):
    """What git tracks or would track; without git, all but hidden folders, build trees and virtual environments."""
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            capture_output=True, text=True, check=False) if shutil.which("git") else None
    if listed and listed.returncode == 0 and listed.stdout:
        names = sorted(set(listed.stdout.split("\0")) - {""})
    else:
        names = []
        for folder, children, leaves in os.walk(root):
            children[:] = [c for c in children if not c.startswith((".", "build", "__"))]
            names += [os.path.relpath(os.path.join(folder, leaf), root) for leaf in leaves]
        names.sort()
    return [root / name for name in names if (root / name).is_file() and name.split("/")[0] not in SKIPPED]


def wrong_with_text(file, where):
    try:
        text = file.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        yield f"{where}: is not UTF-8"
        return
    if text and (not text.endswith("\n") or text.endswith("\n\n")):
        yield f"{where}: must end with one newline"
    for number, line in enumerate(text.split("\n"), 1):
        if "\t" in line:
            yield f"{where}:{number}: tab"
        if line != line.rstrip():
            yield f"{where}:{number}: blank or carriage return at the end of the line"
        if MACHINE_PATH.search(line):
            yield f"{where}:{number}: absolute path of a machine"
    lines = text.count("\n")
    if file.suffix in (".cpp", ".hpp") and not file.name.endswith("_test.cpp") and lines > SOURCE_LINES:
        yield f"{where}: {lines} lines, at most {SOURCE_LINES} are allowed"


def wrong_with_format(formatter, files, root):
    done = subprocess.run([formatter, "--dry-run", "-Werror", "--style=file", *files],
                          capture_output=True, text=True, check=False, cwd=root)
    if done.returncode != 0:
        reports = [line for line in done.stderr.splitlines() if "error:" in line or "warning:" in line]
        yield from reports or [f"{formatter} failed: {done.stderr.strip()}"]
        yield "run: clang-format -i on the files above"


def main(root):
    files = files_of(root)
    wrong = []
    for file in files:
        if file.suffix in TEXT:
            wrong += wrong_with_text(file, file.relative_to(root))
    sources = [str(f.relative_to(root)) for f in files if f.suffix in (".cpp", ".hpp")]
    formatter = shutil.which("clang-format-14") or shutil.which("clang-format")
    if formatter is None:
        wrong.append("clang-format is not installed; scripts/setup --tests installs it")
    elif not sources:
        wrong.append("no C++ file found")
    else:
        wrong += wrong_with_format(formatter, sources, root)
    for line in wrong:
        print(line)
    print(f"{len(files)} files, {len(sources)} of them C++: {len(wrong)} complaints")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
