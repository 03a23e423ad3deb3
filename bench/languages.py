#!/usr/bin/env python3
"""The same small function in every language: how long a call takes over HTTP, fresh and replayed, and how large its component is.

Each is made from its template (every new) and built here; tools that are missing are fetched, and a language whose tools cannot be had is named and left out.
"""
import argparse
import os
import pathlib
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

# name: template, what `every build` is told besides
LANGUAGES = {
    "Rust": ("rust", ()),
    "C++": ("cpp", ()),
    "JavaScript (QuickJS)": ("js", ("--engine", "quickjs")),
    "JavaScript (StarlingMonkey)": ("js", ("--engine", "starlingmonkey")),
    "Python": ("python", ()),
}


def build(binary, folder, template, words):
    """out: the component, or why there is none"""
    from_template = subprocess.run([binary, "new", "greeter", "--lang", template], cwd=folder, capture_output=True, text=True)
    if from_template.returncode != 0:
        return None, from_template.stderr
    component = folder / "greeter.wasm"
    built = subprocess.run([binary, "build", "greeter", "--release", "-o", component, "--home", language_tools.HOME, *words], cwd=folder,
                           capture_output=True, text=True)
    return (component, "") if built.returncode == 0 else (None, built.stderr or built.stdout)


def call_times(node, first, count):
    times = []
    for i in range(first, first + count):
        begin = time.perf_counter()
        status, text, _ = node.request("POST", "/greet", {"name": f"Ada {i}", "times": 1})
        times.append(time.perf_counter() - begin)
        if status != 200:
            sys.exit(f"languages: {text}")
    return statistics.median(times)


def measure(name, component, folder):
    from every_process import Node

    home = folder / "home"
    home.mkdir(mode=0o700)
    node = Node(home, "--fn", component)
    try:
        node.wait_ready()
        call_times(node, 0, 5)
        fresh = call_times(node, 100, 60)
        replayed = call_times(node, 100, 60)
    finally:
        node.process.terminate()
        node.process.wait()
    size = component.stat().st_size
    table.line(f"a small function in {name}", f"{table.seconds(fresh)} fresh, {table.seconds(replayed)} replayed, over HTTP; {size / 1024:,.0f} KiB")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--binary", default=os.environ.get("EVERY_BINARY", str(TOP / "build/release/every")))
    options = parser.parse_args()
    os.environ["EVERY_BINARY"] = options.binary
    # What cannot be fetched is named below, with the reason.
    language_tools.install(options.binary, "js", "js-starlingmonkey", "python")
    for name, (template, words) in LANGUAGES.items():
        with tempfile.TemporaryDirectory(prefix="every-languages-") as folder:
            component, why = build(options.binary, pathlib.Path(folder), template, words)
            if component is None:
                lines = [text.strip() for text in why.splitlines() if text.strip()]
                table.line(f"a small function in {name}", f"skipped: {lines[0] if lines else 'it was not built'}")
                continue
            measure(name, component, pathlib.Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
