"""clang-tidy over every source that the build compiles: tidy.py SOURCE_DIR BUILD_DIR [JOBS]."""
import json
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def check(tidy, build, file):
    # The commands are g++'s: clang does not know all of its warning options, and the clang build reports warnings.
    # Templates that nobody uses are most of what is included; not to parse them saves a seventh of the time.
    start = time.monotonic()
    done = subprocess.run([tidy, "--quiet", "-p", build, "--extra-arg=-Wno-unknown-warning-option",
                           "--extra-arg=-Wno-error", "--extra-arg=-fdelayed-template-parsing", file],
                          capture_output=True, text=True, check=False)
    return done, time.monotonic() - start


def main(root, build, jobs):
    tidy = shutil.which("clang-tidy-14") or shutil.which("clang-tidy")
    if tidy is None:
        print("clang-tidy is not installed; scripts/setup --tests installs it")
        return 1
    commands = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    files = sorted({c["file"] for c in commands if Path(c["file"]).is_relative_to(root)
                    and not Path(c["file"]).is_relative_to(build)})
    if not files:
        print("the build compiles no source of ours")
        return 1
    failed = 0
    with ThreadPoolExecutor(jobs) as pool:
        for file, (done, seconds) in zip(files, pool.map(lambda f: check(tidy, str(build), f), files)):
            name = Path(file).relative_to(root)
            print(f"{name}: {'complaints' if done.returncode else 'clean'}, {seconds:.1f} s", flush=True)
            if done.returncode:
                failed += 1
                print(done.stdout.strip() or done.stderr.strip())
    print(f"{len(files)} files, {failed} with complaints")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), int(sys.argv[3]) if len(sys.argv) > 3 else 2))
