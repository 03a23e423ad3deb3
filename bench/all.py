#!/usr/bin/env python3
"""All of the bench, one table; at the end how many bounds were kept and which were missed. Run from the top of the checkout."""
import argparse
import os
import re
import subprocess
import sys
import time

PARTS = {
    "bench": ["build/release/every_bench"],
    "languages": [sys.executable, "bench/languages.py"],
    "edit": [sys.executable, "bench/edit_save_call.py"],
    "original": [sys.executable, "bench/original.py"],
}
VERDICT = re.compile(r"\s(pass|FAIL)$")


def run(command):
    """Shows what a part prints. out: lines with a verdict, exit code"""
    lines = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            if VERDICT.search(line.rstrip("\n")):
                lines.append(line.rstrip("\n"))
    return lines, process.returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--original", default=os.environ.get("EVERY_ORIGINAL"), help="the original's binary, homestar-runtime 0.3.0 (EVERY_ORIGINAL)")
    parser.add_argument("--receipts", type=int, default=1_000_000, help="in the large store; its bound is for 10000000")
    parser.add_argument("--only", choices=PARTS, action="append", help="may be given again")
    options = parser.parse_args()
    began = time.monotonic()
    cores, load = os.cpu_count(), os.getloadavg()[0]
    print(f"{cores} cores, load {load:.1f} before it began" + ("; other work is going on, ratios will be off" if load > 0.5 else ""))
    judged, broken = [], []
    for name, command in PARTS.items():
        if options.only and name not in options.only:
            continue
        if name == "bench":
            command = [*command, "--receipts", str(options.receipts)]
        if name == "original":
            if not options.original:
                print("against the original: skipped, it takes its binary: --original PATH or EVERY_ORIGINAL=PATH")
                continue
            command = [*command, "--original", options.original]
        lines, code = run(command)
        judged += lines
        if code != 0 and not any(line.endswith("FAIL") for line in lines):
            broken.append(f"{name} ended with {code}")
    missed = [line for line in judged if line.endswith("FAIL")]
    print(f"\n{len(judged) - len(missed)} of {len(judged)} bounds kept, in {time.monotonic() - began:.0f} s" + ("; missed:" if missed else ""))
    for line in missed:
        print("  " + re.sub(r"\s{2,}", "  ", line.removesuffix("FAIL").rstrip()))
    for problem in broken:
        print("  NOT MEASURED: " + problem)
    return 1 if missed or broken else 0


if __name__ == "__main__":
    sys.exit(main())
