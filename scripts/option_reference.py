"""Writes docs/options.md from what the programs say for --help: option_reference.py NADIR NADIR_VERIFY [FILE].

To be run again whenever an option changes; a test holds the page against the programs.
"""
import re
import subprocess
import sys
from pathlib import Path

HEAD = """# Options
All that `--help` prints, by `scripts/option_reference.py`; not to be edited. Which method is for what: [trainers.md](trainers.md).
"""


def help_of(*words):
    return subprocess.run([*words, "--help"], capture_output=True, text=True, check=True).stdout


def cell(text):
    return re.sub(r"\s+", " ", text.strip()).replace("|", "\\|").replace("<", "&lt;")


def head_of(given):
    """An option's names and type, and its default: `--seed UINT=0`, `--json,--no-json{false}`."""
    names, _, rest = given.strip().partition(" ")
    names = re.sub(r"\{.*?\}", "", names).replace(",", ", ")
    kind, _, default = rest.partition("=")
    return f"`{names}`" + (f" {kind.strip().lower()}" if kind.strip() else ""), default.strip().replace("[]", "")


def entries_of(lines):
    """(option, text) of a group's lines: the text begins in column 34, or on the next line."""
    entries = []
    for line in lines:
        if line.startswith(" " * 34):
            entries[-1][1] += " " + line
        else:
            given, _, text = line[2:].partition("  ") if len(line) > 34 and line[33] == " " else (line, "", "")
            entries.append([given, text])
    return entries


def section(title, text):
    """A program's help as a chapter with a table for each group of options."""
    if text.lower().startswith("usage"):  # written by hand
        yield f"\n## {title}\n```\n{text.strip()}\n```\n"
        return
    before, *groups = re.split(r"^(?=[A-Z][^\n]*:$)", text, flags=re.MULTILINE)
    words = " ".join(line.strip() for line in before.splitlines() if not line.startswith("Usage:")).strip()
    yield f"\n## {title}\n{words[:1].upper() + words[1:]}.\n"
    for group in groups:
        name, *lines = [line for line in group.splitlines() if line.strip()]
        if any(not line.startswith("  ") for line in lines):  # what follows the options: words
            first = next(i for i, line in enumerate(lines) if not line.startswith("  "))
            lines, words = lines[:first], lines[first:]
        else:
            words = []
        entries = [(head_of(given), text) for given, text in entries_of(lines) if "--help" not in given]
        if entries:
            yield f"\n### {name[:-1]}\n| option | default | |\n| --- | --- | --- |\n"
            for (option, default), text in entries:
                yield f"| {option} | {cell(default)} | {cell(text)} |\n"
        if words:
            yield "\n" + "\n".join(words) + "\n"


def main(nadir, verify, file):
    commands = re.findall(r"^  ([a-z]+) ", help_of(nadir).split("Subcommands:")[1], flags=re.MULTILINE)
    parts = [HEAD]
    for command in commands:
        if command == "verify":
            continue  # as nadir-verify
        parts += section(f"nadir {command}", help_of(nadir, command))
    parts += section("nadir-verify", help_of(verify))
    file.write_text("".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2],
         Path(sys.argv[3]) if len(sys.argv) > 3 else Path(__file__).parent.parent / "docs" / "options.md")
