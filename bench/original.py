#!/usr/bin/env python3
"""The original's runtime 0.3.0 against ours, in one run, through the original's own JavaScript client; a stand-in answers what the original asks of a Kubo.

Its binary is bin/homestar of the npm package homestar-linux-x64 (or homestar-darwin-arm64, ...), version 0.3.0.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP / "bench"))
import table  # noqa: E402

UNITS = {"us": 1e-3, "ms": 1, "s": 1e3}


def milliseconds(text, what):
    """The value a line of every_bench begins with."""
    found = re.search(rf"^{re.escape(what)} +([\d.]+) (us|ms|s)\b", text, re.MULTILINE)
    if not found:
        sys.exit(f"original: every_bench prints no line '{what}':\n{text}")
    return float(found.group(1)) * UNITS[found.group(2)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--original", default=os.environ.get("EVERY_ORIGINAL"), help="its binary (EVERY_ORIGINAL)")
    parser.add_argument("--binary", default=os.environ.get("EVERY_BINARY", str(TOP / "build/release/every")))
    parser.add_argument("--bench", default=str(TOP / "build/release/every_bench"))
    options = parser.parse_args()
    if not options.original:
        parser.error("the original's binary is needed: --original PATH")
    client = TOP / "tests/clients/homestar"
    environment = {**os.environ, "EVERY_ORIGINAL": str(pathlib.Path(options.original).resolve()), "EVERY_COMPONENT": str(client / "image.wat")}
    done = subprocess.run([client / "run", pathlib.Path(options.binary).resolve(), TOP / "bench/original.mjs"], stdout=subprocess.PIPE, text=True, env=environment)
    if done.returncode != 0:
        sys.exit("original: not measured")
    times = json.loads(done.stdout.splitlines()[-1])
    ours, original = times["ours"], times["original"]
    inside = subprocess.run([options.bench, "--only", "tasks"], stdout=subprocess.PIPE, text=True, cwd=TOP).stdout

    def compare(what, mine, bound):
        kind = "fresh" if "fresh" in what else "replay"
        figures = f"{original[kind] / mine:.3g} x: {table.seconds(mine / 1e3)} a task against {table.seconds(original[kind] / 1e3)}"
        if kind == "replay" and original["lost"]:
            figures += f"; {original['lost']} of its {original['replays'] + original['lost']} replays told no end and are not counted"
        return table.at_least(what, original[kind] / mine, bound, " x", figures)

    kept = [
        compare("the original's client, fresh, chain of 200", ours["fresh"], 100),
        compare("the original's client, replay", ours["replay"], 20),
        compare("in process against the original, fresh, chain", milliseconds(inside, "1,000-task chain, fresh") / 1000, 500),
        compare("in process against the original, replay", milliseconds(inside, "replay of a known task"), 100),
    ]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
