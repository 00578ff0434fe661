"""nadir/README.md names every header as `room/header.hpp`, and no header that is not there: map.py SOURCE_DIR."""
import re
import sys
from pathlib import Path


def main(root):
    library = root / "nadir"
    there = {str(p.relative_to(library)) for p in library.rglob("*.hpp")}
    named = set(re.findall(r"`([a-z_]+(?:/[a-z0-9_]+)*\.hpp)`", (library / "README.md").read_text(encoding="utf-8")))
    wrong = [f"nadir/{header}: has no line in nadir/README.md" for header in sorted(there - named)]
    wrong += [f"nadir/README.md: {header} does not exist" for header in sorted(named - there)]
    for line in wrong:
        print(line)
    print(f"{len(there)} headers, {len(named)} named: {len(wrong)} differences")
    return 1 if wrong or not there else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
