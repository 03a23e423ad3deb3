#!/usr/bin/env python3
"""From saving a source to its new answer under `every dev`, for each language, against the bounds; run by `make bench`.

Each language is a project of `every new`, built and served; then its source is changed and the function asked until it answers anew. The median of a
few changes counts. For Rust and C++ the time of their compilers is measured beside it and does not count. The processor time says what a change costs where the
machine has other work, too. Exit code 1: a bound was missed.
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP / "tests" / "e2e"))
sys.path.insert(0, str(TOP / "bench"))
import language_tools  # noqa: E402
import table  # noqa: E402

PATIENCE_S = 300

# language: source, what a change replaces, bound [s], the compilers whose time is told apart
LANGUAGES = {
    "rust": ("src/lib.rs", "Hello", 3, ("cargo", "rustc")),
    "cpp": ("greeter.cpp", "Hello", 3, ("clang-19", "clang++-19")),
    "ts": ("src/greet.ts", "Hello", 4, ()),
    "python": ("greeter.py", "Hello", 10, ()),
}


def shims(folder, programs, log):
    """Stand-ins that run the real program and note how long it took. out: the folder, to be first in PATH"""
    folder.mkdir()
    for program in programs:
        real = shutil.which(program)
        if not real:
            sys.exit(f"edit_save_call: {program} is not in PATH; every doctor says how to install it")
        # Only what compiles counts: other calls ask for a version.
        (folder / program).write_text(f'#!/bin/bash\nbegin=$(date +%s%N)\n"{real}" "$@"\ncode=$?\n'
                                      f'case " $* " in *" build "*|*" -o "*) [ "{program}" = rustc ] || echo $(( $(date +%s%N) - begin )) >> "{log}";; esac\nexit $code\n')
        (folder / program).chmod(0o755)
    return folder


def noted(log):
    return sum(int(line) for line in log.read_text().split()) / 1e9 if log.exists() else 0.0


def processor_time(root):
    """Of a process and all below it, with those that have ended [s]."""
    rows = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue  # it has just ended
        rows[int(stat.parent.name)] = (int(fields[1]), sum(map(int, fields[11:15])))
    total, wanted = 0, [root]
    while wanted:
        pid = wanted.pop()
        total += rows.get(pid, (0, 0))[1]
        wanted += [child for child, (parent, _) in rows.items() if parent == pid]
    return total / os.sysconf("SC_CLK_TCK")


def call(node):
    return node.request("POST", "/greet", {"name": "Ada", "times": 1})


def measure(language, folder, changes):
    from every_process import BINARY, Node

    file, word, bound, compilers = LANGUAGES[language]
    log = folder / "compilers.log"
    project = folder / "greeter"
    subprocess.run([BINARY, "new", "greeter", "--lang", language], cwd=folder, check=True, capture_output=True)
    home = folder / "home"
    home.mkdir(mode=0o700)
    (home / "toolchains").symlink_to(language_tools.HOME / "toolchains")
    before = os.environ["PATH"]
    if compilers:
        os.environ["PATH"] = f"{shims(folder / 'bin', compilers, log)}:{before}"
    node = Node(home, "--fn", project)
    os.environ["PATH"] = before
    try:
        node.wait_ready()
        status, text, _ = call(node)
        if status != 200:
            sys.exit(f"edit_save_call: {language} does not answer at the start: {text}\n" + "\n".join(node.lines))
        source = project / file
        whole, own, work = [], [], []
        for change in range(1, changes + 1):
            wanted = f"Hello{change}, Ada!"
            log.unlink(missing_ok=True)
            before = processor_time(node.process.pid)
            begin = time.monotonic()
            source.write_text(source.read_text().replace(word, f"Hello{change}"))
            word = f"Hello{change}"
            while wanted not in (text := call(node)[1]):
                if time.monotonic() - begin > PATIENCE_S:
                    sys.exit(f"edit_save_call: {language} still answers {text!r}\n" + "\n".join(node.lines))
                time.sleep(0.01)
            whole.append(time.monotonic() - begin)
            own.append(whole[-1] - noted(log))
            work.append(processor_time(node.process.pid) - before)
    finally:
        node.process.terminate()
        node.process.wait()
    value = statistics.median(own)
    figures = f"{value:.2f} s" + (f" beside {statistics.median(whole) - value:.2f} s of {compilers[0]}" if compilers else "")
    figures += f" (whole: {', '.join(f'{t:.2f}' for t in whole)}; {statistics.median(work):.1f} s of processor time)"
    return table.at_most(f"edit, save, call: {language}", value, bound, " s", figures)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("languages", nargs="*", help=f"of {', '.join(LANGUAGES)}; default: all")
    parser.add_argument("--binary", default=os.environ.get("EVERY_BINARY", str(TOP / "build/release/every")))
    parser.add_argument("--changes", type=int, default=3, help="measured for each language (default 3)")
    options = parser.parse_args()
    unknown = set(options.languages) - set(LANGUAGES)
    if unknown:
        parser.error(f"no such language: {', '.join(sorted(unknown))}; there are {', '.join(LANGUAGES)}")
    os.environ["EVERY_BINARY"] = options.binary
    chosen = options.languages or list(LANGUAGES)
    tools = [{"ts": "js"}.get(language, language) for language in chosen if language in ("ts", "python")]
    if tools and not language_tools.install(options.binary, *tools):
        sys.exit("edit_save_call: the tools could not be installed")
    passed = True
    for language in chosen:
        with tempfile.TemporaryDirectory(prefix="every-edit-") as folder:
            passed = measure(language, pathlib.Path(folder), options.changes) and passed
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
