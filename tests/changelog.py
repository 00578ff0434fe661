"""CHANGELOG.md has an Unreleased section with at least one line under a Keep a Changelog heading: changelog.py FILE."""
import re
import sys
from pathlib import Path

HEADINGS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def main(file):
    text = file.read_text(encoding="utf-8")
    section = re.search(r"^## \[Unreleased\]\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if not section:
        print(f"{file.name}: no section '## [Unreleased]'")
        return 1
    lines, heading, wrong = 0, None, []
    for line in section[1].splitlines():
        if line.startswith("### "):
            heading = line[4:].strip()
            if heading not in HEADINGS:
                wrong.append(f"{file.name}: heading '{heading}' is none of {', '.join(sorted(HEADINGS))}")
        elif re.match(r"- \S", line):
            lines += 1
            if heading is None:
                wrong.append(f"{file.name}: '{line}' stands under no heading")
    if lines == 0:
        wrong.append(f"{file.name}: nothing is written under [Unreleased]; every change adds a line")
    print("\n".join(wrong) if wrong else f"{lines} unreleased changes")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
