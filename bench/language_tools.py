"""The home in the build cache whose language tools the benchmarks build with."""
import os
import pathlib
import subprocess
import sys

HOME = pathlib.Path(os.environ.get("EVERY_CACHE_DIR") or
                    pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "every-build") / "edit-save-call"


def install(binary, *tools):
    """Fetches those that are missing. out: whether all are there; why not is on standard error"""
    return subprocess.run([binary, "toolchain", "install", *tools, "--home", HOME], stdout=sys.stderr).returncode == 0
