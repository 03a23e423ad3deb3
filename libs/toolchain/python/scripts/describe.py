"""Says what a Python source offers: describe.py ENTRY PROJECT, one JSON object on standard output.

root          the folder that `import` starts from; all paths are relative to it
problem       {"message","file","line"}: it cannot be built; nothing else is there then
module        the entry's module name
world_module  the module of bindings that the source imports
class         the class of componentize-py's style that it has, or null
functions     the names it implements: those of that class, else its public functions
wit, hints    the WIT made from type hints, and the exports as a Python literal for every_guest.classes; or
wit_problem   why there is none
files         the modules it reaches, and the files they name
requirements  {"file","lines","tools"}: packages to bundle, and build tools that are not
Nothing of the user's is imported or run.
"""

import ast
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from hints import Typer, Where, docs, shown  # noqa: E402
from modules import Project, is_standard  # noqa: E402
from names import camel, escaped, kebab  # noqa: E402
from problem import Problem  # noqa: E402

TOOLS = {"componentize-py", "pip", "setuptools", "wheel", "build", "mypy", "black", "ruff", "flake8", "pytest", "pylint", "isort",
         "wasmtime", "poetry", "hatch", "pre-commit", "tox"}


def public_functions(module):
    found = [n for n in module.tree.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
    listed = None
    for node in module.tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            try:
                listed = set(ast.literal_eval(node.value))
            except ValueError:
                pass
    return [n for n in found if (n.name in listed if listed is not None else not n.name.startswith("_"))]


def world_class(module, project):
    """(class node, world module) of a module written for componentize-py: class WitWorld(wit_world.WitWorld), or an older name."""
    for node in module.tree.body:
        if not isinstance(node, ast.ClassDef):
            continue
        for base in node.bases:
            if isinstance(base, ast.Attribute) and isinstance(base.value, ast.Name):
                origin, inner = module.imports.get(base.value.id, (None, None))
                name = base.attr
            elif isinstance(base, ast.Name):
                origin, inner = module.imports.get(base.id, (None, None))
                name = inner
            else:
                continue
            if origin and not is_standard(origin) and project.find(origin) is None and name and camel(kebab(origin.split(".")[0]) or "") == name:
                return node, origin
    for node in module.tree.body:
        if isinstance(node, ast.ClassDef) and node.name == "WitWorld":
            return node, None
    return None, None


def bindings_module(modules, project):
    """The module of bindings that the sources import from, as in `from multiplication.imports import logging`."""
    for module in modules.values():
        for name, _ in module.named():
            parts = name.split(".")
            if len(parts) > 1 and parts[1] in ("imports", "exports") and project.find(parts[0]) is None and not is_standard(name):
                return parts[0]
    return None


def has_value(function):
    """Whether a function returns something somewhere (in itself, not in a function inside it)."""
    waiting = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            continue
        if isinstance(node, ast.Return) and node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
            return True
        waiting += ast.iter_child_nodes(node)
    return False


def typed_function(function, module, typer):
    where = Where(module, function.lineno, f"the function {function.name}")
    if isinstance(function, ast.AsyncFunctionDef):
        where.fail("is async; a workflow's function is called and answers: write it with def")
    if any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in ast.walk(function)):
        where.fail("is a generator; return a list")
    wit = kebab(function.name)
    if wit is None:
        where.fail("has a name that WIT cannot hold; begin it with a letter and use only a–z, A–Z, 0–9 and _, or begin it with _ to keep it private")
    arguments = function.args
    for extra, mark in ((arguments.vararg, "*"), (arguments.kwarg, "**")):
        if extra:
            where.fail(f"takes {mark}{extra.arg}; a function of a component has a fixed list of parameters: "
                       + ("use a list, as in values: list[float]" if mark == "*" else "use a dataclass or a dict"))
    every = arguments.posonlyargs + arguments.args
    defaults = [None] * (len(every) - len(arguments.defaults)) + list(arguments.defaults)
    every, defaults = every + arguments.kwonlyargs, defaults + list(arguments.kw_defaults)
    keyword_only = len(arguments.kwonlyargs)
    params, text = [], []
    for index, (argument, default) in enumerate(zip(every, defaults)):
        here = Where(module, argument.lineno, f"the parameter {argument.arg} of {function.name}")
        if argument.annotation is None:
            here.fail(f"has no type; write for example {argument.arg}: float")
        name = kebab(argument.arg)
        if name is None:
            here.fail("has a name that WIT cannot hold; begin it with a letter and use only a–z, A–Z, 0–9 and _")
        shape, type_text = typer.type_of(argument.annotation, module, here)
        optional = default is not None and shape[0] != "option"
        params.append([argument.arg, shape, optional, index >= len(every) - keyword_only])
        text.append(f"{escaped(name)}: {f'option<{type_text}>' if optional else type_text}")
    result, arrow = None, ""
    here = Where(module, function.lineno, f"the result of {function.name}")
    if function.returns is None:
        if has_value(function):
            here.fail("has no type; write for example -> float after the parameters")
    elif not (isinstance(function.returns, ast.Constant) and function.returns.value is None):
        result, type_text = typer.type_of(function.returns, module, here)
        arrow = f" -> {type_text}"
    return {"name": wit, "python": function.name, "params": params, "result": result}, \
        docs(function, "  ") + f"  export {escaped(wit)}: func({', '.join(text)}){arrow};"


def wit_of(module, functions, project):
    """(WIT text, exports) from the hints of a module's public functions."""
    typer = Typer(project)
    exports, lines = [], []
    for function in functions:
        export, line = typed_function(function, module, typer)
        if any(e["name"] == export["name"] for e in exports):
            raise Problem(f"two functions are called {export['name']} in WIT; rename one", module.shown, function.lineno)
        exports.append(export)
        lines.append(line)
    world = kebab(module.name.split(".")[-1]) or "app"
    definitions = "".join("".join(f"  {line}\n" for line in d.splitlines()) for d in typer.definitions.values())
    text = f"package local:{escaped(world)};\n\nworld {escaped(world)} {{\n  import wasi:logging/logging;\n\n" \
           + (definitions + "\n" if definitions else "") + "\n".join(lines) + "\n}\n"
    return text, exports


def requirements(folder):
    """What to bundle, and what is a tool. Lines of requirements.txt, or the dependencies of pyproject.toml."""
    path = os.path.join(folder, "requirements.txt")
    lines, tools, file = [], [], None
    if os.path.isfile(path):
        file = "requirements.txt"
        with open(path, encoding="utf-8", errors="replace") as source:
            text = re.sub(r"\\\r?\n", " ", source.read())
        raw = [re.sub(r"(^|\s)#.*", "", line).strip() for line in text.splitlines()]
    else:
        path = os.path.join(folder, "pyproject.toml")
        raw = []
        if os.path.isfile(path):
            file = "pyproject.toml"
            try:
                import tomllib

                with open(path, "rb") as source:
                    raw = list(tomllib.load(source).get("project", {}).get("dependencies", []))
            except ImportError:
                pass
            except ValueError as error:
                raise Problem(f"this is not valid TOML: {error}", path)
    for number, line in enumerate(filter(None, raw), 1):
        if line.startswith(("-e", "--editable", "-r", "--requirement", "-c", "--constraint", ".", "/", "file:")) or "://" in line.split("--")[0]:
            raise Problem(f"`{line}` cannot be bundled; name packages with their versions here, as in `idna==3.10`", path)
        match = re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", line)
        name = re.sub(r"[-_.]+", "-", match.group(0)).lower() if match else ""
        (tools if name in TOOLS else lines).append(line)
    return {"file": file, "lines": lines if any(not line.startswith("-") for line in lines) else [], "tools": tools}


def missing_modules(modules, project, bundled, bindings):
    """A Problem for the first import that nothing can answer; without it the tool's message is the user's."""
    for module in modules.values():
        for node in module.tree.body:
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else \
                [module.absolute(node)] if isinstance(node, ast.ImportFrom) and not node.level else []
            for name in names:
                top = name.split(".")[0]
                if project.find(top) is None and not os.path.isdir(os.path.join(project.root, top)) and not is_standard(name) \
                        and top != bindings and not bundled and top not in ("wit_world", "componentize_py_types", "poll_loop",
                                                                           "componentize_py_async_support", "every_guest"):
                    raise Problem(f"imports {name}, which is neither in this project nor in Python's library; if it is a package, name it in "
                                  "requirements.txt beside the source and build again", module.shown, node.lineno)


def import_root(entry):
    """The nearest folder above that is no package."""
    folder = os.path.dirname(os.path.abspath(entry))
    while os.path.isfile(os.path.join(folder, "__init__.py")) and folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
    return folder


def describe(entry, root, folder):
    project = Project(root)
    name = os.path.splitext(os.path.relpath(os.path.abspath(entry), project.root))[0].replace(os.sep, ".")
    if not all(part.isidentifier() for part in name.split(".")):
        raise Problem("this file's name is no module name; use letters, digits and _", project.shown(entry))
    module = project.load(name)
    modules = project.reachable(module)
    node, bindings = world_class(module, project)
    bindings = bindings or bindings_module(modules, project)
    functions = public_functions(module)
    needed = requirements(folder)
    missing_modules(modules, project, needed["lines"], bindings)
    answer = {"module": name, "world_module": bindings or "wit_world", "class": node.name if node else None, "requirements": needed,
              "files": sorted(project.shown(m.path) for m in modules.values()) + [project.shown(f) for f in project.named_files(modules)]}
    if node:
        answer["functions"] = [n.name for n in node.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)) and not n.name.startswith("_")]
    else:
        answer["functions"] = [f.name for f in functions]
    if not node:
        try:
            if not functions:
                raise Problem("has no public function at its top level; write for example: def add(a: float, b: float) -> float:", module.shown)
            answer["wit"], exports = wit_of(module, functions, project)
            answer["hints"] = repr(exports)
        except Problem as problem:
            answer["wit_problem"] = problem.as_json()
    return answer


if __name__ == "__main__":
    root = import_root(sys.argv[1])
    try:
        result = describe(sys.argv[1], root, sys.argv[2])
    except Problem as problem:
        result = {"problem": problem.as_json()}
    result["root"] = root
    json.dump(result, sys.stdout, ensure_ascii=False, indent=1)
