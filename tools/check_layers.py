#!/usr/bin/env python3
"""Checks every #include between our libraries against the table in cmake/EveryLibrary.cmake, and who may use which third party.

usage: tools/check_layers.py [TOP]     exit 1 and a line for each offence
"""
import pathlib
import re
import sys

TOP = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent)
TABLE = dict(re.findall(r'set\(EVERY_ALLOWED_(\w+) "([^"]*)"\)', (TOP / "cmake/EveryLibrary.cmake").read_text()))
ALLOWED = {name: set(filter(None, deps.split(";"))) for name, deps in TABLE.items()}
OURS = re.compile(r'^\s*#\s*include\s+[<"]every/(\w+)/(testing/)?', re.M)
# header pattern → (where it is legal, why)
THIRD_PARTY = [
    (re.compile(r'^\s*#\s*include\s+[<"]sqlite3', re.M), {"libs/sql/src", "libs/sql/testing"}),
    (re.compile(r'^\s*#\s*include\s+[<"](wasmtime|wasm\.h|every_engines)', re.M), {"libs/wasm/src"}),
    (re.compile(r'^\s*#\s*include\s+<boost/(asio|beast)', re.M), {"libs/gateway/src", "libs/gateway/tests", "libs/gateway/testing", "libs/blocks/src", "bench"}),
    (re.compile(r'^\s*#\s*include\s+<openssl/', re.M), {"libs/ipld/src", "libs/core/src", "libs/gateway/src"}),
]


def cycle(graph):
    state = {}

    def visit(name, path):
        if state.get(name) == "done":
            return None
        if name in path:
            return path[path.index(name):] + [name]
        for dep in sorted(graph.get(name, ())):
            found = visit(dep, path + [name])
            if found:
                return found
        state[name] = "done"
        return None

    for name in sorted(graph):
        found = visit(name, [])
        if found:
            return found
    return None


def check_file(path, problems):
    where = path.relative_to(TOP)
    text = path.read_text(errors="replace")
    if where.parts[0] == "libs":
        library = where.parts[1]
        in_tests = "tests" in where.parts or "testing" in where.parts
        for used, testing in OURS.findall(text):
            if used == library:
                continue
            # Tests may lean on any library they can legally reach and on the fakes of those.
            legal = ALLOWED.get(library, set())
            if used not in legal:
                problems.append(f"{where}: {library} may not include every/{used}/ (allowed: {', '.join(sorted(legal)) or 'none'})")
            if testing and not in_tests:
                problems.append(f"{where}: test support of {used} is for tests only")
    for pattern, legal in THIRD_PARTY:
        if pattern.search(text) and not any(str(where).startswith(place + "/") for place in legal):
            problems.append(f"{where}: {pattern.search(text).group(0).strip()} is legal only under {', '.join(sorted(legal))}")


def main():
    problems = []
    found = cycle(ALLOWED)
    if found:
        problems.append("cmake/EveryLibrary.cmake: cycle " + " -> ".join(found))
    count = 0
    for folder in ("libs", "apps", "bench", "tests"):
        for path in sorted((TOP / folder).rglob("*")):
            if path.suffix in (".h", ".cc") and path.is_file():
                count += 1
                check_file(path, problems)
    for problem in problems:
        print(problem)
    if count == 0:
        print(f"no sources under {TOP}")
        return 1
    print(f"{count} files, {len(problems)} offences")
    return 1 if problems else 0


sys.exit(main())
