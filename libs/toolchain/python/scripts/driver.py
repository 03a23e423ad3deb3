"""Runs componentize-py: driver.py FOLDER-OF-THE-TOOL|- steady|loose ARGUMENTS…

With `steady` the library that evens out the machine (steady/steady.c, by LD_PRELOAD) is begun first. It exits with 3 where that
cannot be done, before anything is made.
"""

import os
import sys

if sys.argv[1] != "-":
    sys.path.insert(0, sys.argv[1])

import componentize_py  # noqa: E402

if sys.argv[2] == "steady":
    try:
        import ctypes

        error = ctypes.CDLL(None).every_steady_begin()
        if error:
            raise OSError(error, os.strerror(error))
    except (ImportError, AttributeError, OSError) as problem:
        print(f"steady: {problem}", file=sys.stderr)
        sys.exit(3)

sys.argv[1:3] = []
sys.exit(componentize_py.script())
