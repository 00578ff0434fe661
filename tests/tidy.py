"""clang-tidy over every source: tidy.py SOURCE_DIR FOLDER [JOBS]. Configures the project in FOLDER."""
import json
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def configure(root, folder):
    """A build by clang++ with the sources of a target put together: what they include is then looked at once."""
    venv = root / "build" / "venv" / "bin" / "python"
    python = ["-DNADIR_PYTHON=ON", f"-DPython_EXECUTABLE={venv}"] if venv.exists() else []
    subprocess.run(["cmake", "-S", root, "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
                    "-DCMAKE_CXX_COMPILER=clang++", "-DCMAKE_UNITY_BUILD=ON", "-DNADIR_TESTS=ON", "-DNADIR_BENCH=ON", *python],
                   check=True, stdout=subprocess.DEVNULL)
    commands = json.loads((folder / "compile_commands.json").read_text(encoding="utf-8"))
    ours = {c["file"] for c in commands if "nanobind" not in c["file"]}
    return sorted(file for file in ours if "/Unity/" in file or not Path(file).is_relative_to(folder))


def check(tidy, folder, file):
    # Templates that nobody uses are most of what is included; not to parse them saves a seventh of the time.
    start = time.monotonic()
    done = subprocess.run([tidy, "--quiet", "-p", folder, "--extra-arg=-fdelayed-template-parsing", file],
                          capture_output=True, text=True, check=False)
    return done, time.monotonic() - start


def main(root, folder, jobs):
    tidy = shutil.which("clang-tidy-14") or shutil.which("clang-tidy")
    if tidy is None:
        print("clang-tidy is not installed; scripts/setup --tests installs it")
        return 1
    files = configure(root, folder)
    if not files:
        print("the build compiles no source of ours")
        return 1
    failed = 0
    with ThreadPoolExecutor(jobs) as pool:
        for file, (done, seconds) in zip(files, pool.map(lambda f: check(tidy, str(folder), f), files)):
            name = Path(file).relative_to(folder if "/Unity/" in file else root)
            print(f"{name}: {'complaints' if done.returncode else 'clean'}, {seconds:.1f} s", flush=True)
            if done.returncode:
                failed += 1
                print(done.stdout.strip() or done.stderr.strip())
    print(f"{len(files)} files, {failed} with complaints")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), int(sys.argv[3]) if len(sys.argv) > 3 else 2))
