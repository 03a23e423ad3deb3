"""A user's modules as parsed source: nothing of theirs is ever imported here."""

import ast
import os
import sys

from problem import Problem

SKIPPED = {"__pycache__", "node_modules", "output", "build", "dist", "target"}


class Module:
    def __init__(self, name, path, shown, tree, text):
        self.name, self.path, self.shown, self.tree, self.text = name, path, shown, tree, text
        self.is_package = os.path.basename(path) == "__init__.py"
        self.imports = {}  # local name -> (module, name or None)
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    whole = alias.asname is not None
                    self.imports[alias.asname or alias.name.split(".")[0]] = (alias.name if whole else alias.name.split(".")[0], None)
            elif isinstance(node, ast.ImportFrom):
                base = self.absolute(node)
                for alias in node.names:
                    self.imports[alias.asname or alias.name] = (base, alias.name)

    def absolute(self, node):
        """The module a `from … import` names."""
        if not node.level:
            return node.module or ""
        package = self.name.split(".") if self.is_package else self.name.split(".")[:-1]
        package = package[: len(package) - (node.level - 1)] if node.level > 1 else package
        return ".".join(package + ([node.module] if node.module else []))

    def named(self):
        """Every module that this one may import, wherever in the file it does so."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield alias.name, node.lineno
            elif isinstance(node, ast.ImportFrom):
                base = self.absolute(node)
                yield base, node.lineno
                for alias in node.names:
                    yield base + "." + alias.name, node.lineno


class Project:
    """The modules below a folder, parsed when they are asked for."""

    def __init__(self, root):
        self.root = os.path.abspath(root)
        self.modules = {}

    def shown(self, path):
        return os.path.relpath(path, self.root)

    def find(self, name):
        """The path of one of the project's own modules, or None."""
        if not name or not all(part.isidentifier() for part in name.split(".")):
            return None
        base = os.path.join(self.root, *name.split("."))
        for path in (os.path.join(base, "__init__.py"), base + ".py"):
            if os.path.isfile(path):
                return path
        return None

    def load(self, name):
        """The parsed module of that name, or None where it is not the project's own."""
        if name not in self.modules:
            path = self.find(name)
            self.modules[name] = path and self.parse(name, path)
        return self.modules[name]

    def parse(self, name, path):
        shown = self.shown(path)
        try:
            with open(path, "rb") as file:
                text = file.read()
            tree = ast.parse(text, filename=shown)
        except SyntaxError as error:
            code = (error.text or "").strip()
            raise Problem(f"this is not valid Python: {error.msg}" + (f": {code}" if code else ""), shown, error.lineno or 0)
        except ValueError as error:
            raise Problem(f"this is not valid Python: {error}", shown)
        return Module(name, path, shown, tree, text)

    def reachable(self, entry):
        """The modules that `entry` imports, directly or not, by name; a module's packages are among them."""
        found, waiting = {}, [entry.name]
        while waiting:
            name = waiting.pop()
            module = self.load(name)
            if module is None or name in found:
                continue
            found[name] = module
            parts = name.split(".")
            waiting += [".".join(parts[:i]) for i in range(1, len(parts))]
            waiting += [other for other, _ in module.named()]
        return found

    def named_files(self, modules):
        """Other files of the project whose name stands as a string in one of the modules: data that is read while it is loaded."""
        strings = set()
        for module in modules.values():
            for node in ast.walk(module.tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and 2 < len(node.value) < 200:
                    strings.add(os.path.basename(node.value))
        found = []
        for folder, folders, files in os.walk(self.root):
            folders[:] = sorted(
                f for f in folders
                if not f.startswith(".") and f not in SKIPPED and not os.path.exists(os.path.join(folder, f, "pyvenv.cfg"))
            )
            for name in sorted(files):
                if name in strings and not name.endswith((".py", ".pyc", ".wasm", ".wit")):
                    found.append(os.path.join(folder, name))
        return found


def is_standard(name):
    return name.split(".")[0] in sys.stdlib_module_names or name == "__future__"
