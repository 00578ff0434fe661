"""Holds every #include of the library against nadir/LAYERS: layers.py SOURCE_DIR.

A room's files, its tests too, include their own room and the rooms that its line allows. The map itself must name every
folder and be free of circles. The verifier includes no other room and stays small enough to be read in one sitting.
"""
import re
import sys
from pathlib import Path

# The verifier's budget by what its rules are about. A new rule brings its line along.
VERIFIER_LINES = {"polynomial networks": 1500, "gated networks": 500, "ReLU networks": 600, "weights": 40,
                  "networks in a ball": 20, "units shared by the outputs, output biases": 50, "a linear part": 25,
                  "further penalties of gated networks": 200, "JSON in linear time": 25, "linear networks": 320,
                  "NPZ archives": 40, "sums of ReLU units": 40, "the format in three files": 25,
                  "kernel machines": 245, "cones of output weights": 210, "units of power 0 and 2": 260,
                  "simplicial cones of ReLU units": 45,
                  "parallel sub-networks": 215, "units of deep sub-networks": 60, "output biases at no cost": 20,
                  "hidden biases at no cost": 40, "given units": 110,
                  "matrix factorization": 265}
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')


def read_map(path):
    """The map as {room: allowed rooms}, and what is wrong with its lines."""
    rooms, wrong = {}, []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = re.fullmatch(r"([a-z]+):((?: [a-z]+)*)\s*", line)
        if not match:
            wrong.append(f"nadir/LAYERS:{number}: not of the form 'room: room room'")
        elif match[1] in rooms:
            wrong.append(f"nadir/LAYERS:{number}: {match[1]} has a line already")
        else:
            rooms[match[1]] = match[2].split()
    return rooms, wrong


def wrong_with_map(rooms, folders):
    for folder in sorted(folders - rooms.keys()):
        yield f"nadir/{folder}: has no line in nadir/LAYERS"
    for room in rooms:
        if room not in folders:
            yield f"nadir/LAYERS: {room} has no folder"
        for other in rooms[room]:
            if other not in rooms:
                yield f"nadir/LAYERS: {room} may include {other}, which has no line"
    if rooms.get("verify"):
        yield "nadir/LAYERS: verify may include no other room"
    placed = set()
    while ready := {r for r in rooms if r not in placed and all(o in placed or o not in rooms for o in rooms[r])}:
        placed |= ready
    if len(placed) < len(rooms):
        yield "nadir/LAYERS: rooms on or above a circle: " + " ".join(r for r in rooms if r not in placed)


def wrong_with_includes(file, where, room, allowed):
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quoted, target = match[1] == '"', match[2]
        parts = target.split("/")
        if parts[0] != "nadir":
            if quoted:
                yield f'{where}:{number}: "{target}": our own headers are included as nadir/room/header.hpp'
        elif len(parts) != 3:
            yield f"{where}:{number}: {target}: a room includes headers of rooms only"
        elif parts[1] != room and parts[1] not in allowed:
            yield f"{where}:{number}: {room} may not include {target}; nadir/LAYERS allows: {' '.join(allowed) or 'none'}"


def main(root):
    library = root / "nadir"
    rooms, wrong = read_map(library / "LAYERS")
    if not rooms:
        wrong.append("nadir/LAYERS: names no room")
    folders = {p.name for p in library.iterdir() if p.is_dir() and not p.name.startswith((".", "__"))}
    wrong += wrong_with_map(rooms, folders)
    files = sorted(p for p in library.rglob("*") if p.suffix in (".hpp", ".cpp") and p.parent != library)
    for file in files:
        room = file.relative_to(library).parts[0]
        wrong += wrong_with_includes(file, file.relative_to(root), room, rooms.get(room, []))
    own = [f for f in files if f.relative_to(library).parts[0] == "verify" and not f.name.endswith(("_test.cpp", "test_util.hpp"))]
    lines = sum(len(f.read_text(encoding="utf-8").splitlines()) for f in own)
    allowed = sum(VERIFIER_LINES.values())
    if lines > allowed:
        wrong.append(f"nadir/verify: {lines} lines without tests, at most {allowed} are allowed")
    for line in wrong:
        print(line)
    print(f"{len(files)} files, {len(rooms)} rooms, verifier {lines} lines: {len(wrong)} violations")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
