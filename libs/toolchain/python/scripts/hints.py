"""WIT from type hints.

A shape says how a value goes to Python and back (see guest/every_guest.py); beside it stands the WIT type's text:
  ["int", type] ["float"] ["bool"] ["str"] ["char"] ["bytes"] ["list", S] ["tuples", S] ["dict", K, V] ["tuple", [S…]] ["option", S]
  ["record", binding, class, [[field, S, has default]…]] ["enum"|"flags", binding, class] ["literal", binding, [text…]]
  ["variant", binding, [[class, S or null]…]] ["result", S or null, S or null, Ok, Err]
A class is [module, name].
"""

import ast

from names import camel, escaped, kebab
from problem import Problem

INTS = ("s8", "s16", "s32", "s64", "u8", "u16", "u32", "u64")
PLAIN = {"int": (["int", "s64"], "s64"), "float": (["float"], "f64"), "bool": (["bool"], "bool"), "str": (["str"], "string"),
         "bytes": (["bytes"], "list<u8>"), "bytearray": (["bytes"], "list<u8>")}
LISTS = {"list", "List", "Sequence", "Iterable", "Collection", "MutableSequence"}
DICTS = {"dict", "Dict", "Mapping", "MutableMapping"}
TYPING = {"typing", "typing_extensions", "collections.abc", "builtins", ""}
TYPES_MODULE = "componentize_py_types"
ADVICE = ("int, float, bool, str, bytes, list[T], tuple[A, B], dict[K, V], T | None, a dataclass, an Enum, a union of dataclasses and "
          "Ok[T] | Err[E] can be typed")


class Where:
    """What is being typed, for messages."""

    def __init__(self, module, line, subject):
        self.module, self.line, self.subject = module, line, subject

    def fail(self, message):
        raise Problem(f"{self.subject} {message}", self.module.shown, self.line)

    def at(self, node, module=None):
        return Where(module or self.module, getattr(node, "lineno", self.line), self.subject)


class Typer:
    """Turns hints into shapes and WIT, collecting the type definitions on the way."""

    def __init__(self, project):
        self.project = project
        self.definitions = {}  # WIT name -> text
        self.known = {}  # (module, class) or ("union", …) -> (shape, WIT name)
        self.open = []
        self.empty_allowed = False  # a dataclass without fields is a union's case, and nothing else in WIT
        self.takers = {}  # WIT name -> what took it

    # ---- names ------------------------------------------------------------------------------------------------------

    def resolve(self, module, name):
        """Where a name comes from: (module name, name, definition node or None)."""
        seen = set()
        while (module.name, name) not in seen:
            seen.add((module.name, name))
            found = definition(module, name)
            if found is not None:
                return module, name, found
            if name not in module.imports:
                return None, name, None
            origin, original = module.imports[name]
            other = self.project.load(origin)
            if other is None or original is None:
                return origin, original or name, None
            module, name = other, original
        return None, name, None

    def claim(self, name, owner, where):
        wit = kebab(name)
        if wit is None:
            where.fail(f"uses the type {name}, whose name WIT cannot hold; begin it with a letter and use only a–z, A–Z, 0–9 and _")
        if self.takers.setdefault(wit, owner) != owner:
            where.fail(f"uses a second type that is called {wit} in WIT; rename one of them")
        return wit

    # ---- types ------------------------------------------------------------------------------------------------------

    def type_of(self, node, module, where, alias=None):
        """(shape, WIT text) of a hint."""
        where = where.at(node, module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                inner = ast.parse(node.value, mode="eval").body
            except SyntaxError:
                where.fail(f'has the type "{node.value}", which is not a Python expression')
            ast.increment_lineno(inner, node.lineno - 1)
            return self.type_of(inner, module, where, alias)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self.union(flatten(node), module, where, alias)
        if isinstance(node, ast.Subscript):
            return self.generic(node, module, where, alias)
        if isinstance(node, (ast.Name, ast.Attribute)):
            return self.named(node, module, where, alias)
        where.fail(f"has the type {shown(node)}, which is none that WIT has; {ADVICE}")

    def base_name(self, node, module):
        """(origin, name, definition) of a name or of `module.name`."""
        if isinstance(node, ast.Name):
            origin, name, found = self.resolve(module, node.id)
            return origin, name, found
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            origin, original = module.imports.get(node.value.id, (None, None))
            if origin is not None:
                target = origin if original is None else f"{origin}.{original}"
                other = self.project.load(target)
                if other is not None:
                    return self.resolve(other, node.attr)
                return target, node.attr, None
        return None, shown(node), None

    def named(self, node, module, where, alias):
        origin, name, found = self.base_name(node, module)
        if found is None:
            if origin in (None, "builtins") and name in PLAIN:
                return PLAIN[name]
            if origin in (None, "builtins") and name in ("list", "tuple", "dict"):
                where.fail(f"has the type {name} without saying of what; write for example "
                           + {"list": "list[float]", "tuple": "tuple[int, str]", "dict": "dict[str, int]"}[name])
            if name in ("Any", "object"):
                where.fail(f"has the type {name}, which says nothing; {ADVICE}")
            if origin is None and name not in dir(__builtins__ if not isinstance(__builtins__, dict) else object):
                where.fail(f"has the type {shown(node)}, which cannot be used here: no class or alias of that name in "
                           f"{module.shown} or what it imports from this project; {ADVICE}")
            where.fail(f"has the type {shown(node)}, which cannot be typed in WIT; {ADVICE}")
        if isinstance(found, ast.ClassDef):
            allowed, self.empty_allowed = self.empty_allowed, False
            shape, text = self.of_class(found, origin, name, where)
            if shape[0] == "record" and not shape[3] and not allowed:
                where.fail(f"uses {name}, which has no fields; in WIT only a union can have such a member")
            return shape, text
        return self.type_of(found, origin, where, alias or name)

    def generic(self, node, module, where, alias):
        origin, name, found = self.base_name(node.value, module)
        arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if name in ("Ok", "Err", "Result"):
            return self.result([node], module, where)
        if found is not None:
            where.fail(f"has the type {shown(node)}; classes with type parameters cannot be typed in WIT: write one class for each use")
        if name == "Annotated":
            return self.annotated(node, arguments, module, where)
        if name == "Optional":
            return self.union([arguments[0], ast.Constant(None)], module, where, alias)
        if name == "Union":
            return self.union(arguments, module, where, alias)
        if name == "Literal":
            return self.literal(node, arguments, where, alias)
        if name in LISTS and len(arguments) == 1:
            shape, text = self.type_of(arguments[0], module, where)
            return ["list", shape], f"list<{text}>"
        if name in ("tuple", "Tuple"):
            if len(arguments) == 2 and isinstance(arguments[1], ast.Constant) and arguments[1].value is ...:
                shape, text = self.type_of(arguments[0], module, where)
                return ["tuples", shape], f"list<{text}>"
            parts = [self.type_of(a, module, where) for a in arguments]
            return ["tuple", [p[0] for p in parts]], f"tuple<{', '.join(p[1] for p in parts)}>"
        if name in DICTS and len(arguments) == 2:
            key, value = (self.type_of(a, module, where) for a in arguments)
            return ["dict", key[0], value[0]], f"list<tuple<{key[1]}, {value[1]}>>"
        where.fail(f"has the type {shown(node)}, which cannot be typed in WIT; {ADVICE}")

    def annotated(self, node, arguments, module, where):
        shape, text = self.type_of(arguments[0], module, where)
        wanted = arguments[1].value if len(arguments) > 1 and isinstance(arguments[1], ast.Constant) else None
        if shape[0] == "int" and wanted in INTS:
            return ["int", wanted], wanted
        if shape == ["float"] and wanted in ("f32", "f64"):
            return shape, wanted
        if shape == ["str"] and wanted in ("char", "string"):
            return (["char"] if wanted == "char" else shape), wanted
        where.fail(f"has the type {shown(node)}; the WIT type beside int can be {', '.join(INTS)}, beside float f32 or f64, beside str char")

    def literal(self, node, arguments, where, alias):
        values = [a.value if isinstance(a, ast.Constant) else None for a in arguments]
        if not values or not all(isinstance(v, str) for v in values):
            where.fail(f"has the type {shown(node)}; only a Literal of strings can be typed (it becomes an enum)")
        if alias is None:
            where.fail(f"has the type {shown(node)}, which needs a name in WIT: give it one, as in Colour = {shown(node)}")
        wit = self.claim(alias, ("literal", alias), where)
        self.definitions[wit] = f"enum {escaped(wit)} {{ {', '.join(self.case(v, where) for v in values)} }}"
        return ["literal", camel(wit), values], escaped(wit)

    def case(self, name, where):
        wit = kebab(name)
        if wit is None:
            where.fail(f"has a case called {name!r}, which WIT cannot hold; begin it with a letter and use only a–z, A–Z, 0–9 and _")
        return escaped(wit)

    def union(self, members, module, where, alias):
        members = [m for member in members for m in self.unfold(member, module)]
        rest = [m for m in members if not is_none(m[0])]
        if len(rest) < len(members):
            shape, text = self.type_of(rest[0][0], rest[0][1], where, alias) if len(rest) == 1 else self.variant(rest, where, alias)
            return ["option", shape], f"option<{text}>"
        return self.variant(members, where, alias)

    def unfold(self, node, module):
        """The members of a union, with those of unions it names; (node, module) pairs."""
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return [m for part in flatten(node) for m in self.unfold(part, module)]
        return [(node, module)]

    def variant(self, members, where, alias):
        names = [self.base_name(m.value if isinstance(m, ast.Subscript) else m, module)[1] for m, module in members]
        if set(names) <= {"Ok", "Err"}:
            return self.result([m for m, _ in members], members[0][1], where)
        title = alias or "_or_".join(names)
        wit = self.claim(title, ("union", *names), where)
        cases, lines = [], []
        for (node, module), name in zip(members, names):
            self.empty_allowed = True
            shape, text = self.type_of(node, module, where)
            self.empty_allowed = False
            if shape[0] not in ("record", "int", "float", "bool", "str", "bytes", "enum"):
                where.fail(f"has a union with {shown(node)}; a union's members can be dataclasses, enums, int, float, bool, str and bytes")
            empty = shape[0] == "record" and not shape[3]
            owner = shape[2] if shape[0] in ("record", "enum") else ["builtins", name]
            if empty:
                self.definitions.pop(kebab(name), None)
            cases.append([owner, None if empty else shape])
            lines.append(self.case(name, where) + ("" if empty else f"({text})"))
        self.definitions.pop(wit, None)
        self.definitions[wit] = f"variant {escaped(wit)} {{ {', '.join(lines)} }}"
        return ["variant", camel(wit), cases], escaped(wit)

    def result(self, nodes, module, where):
        """`Ok[T] | Err[E]`, one of them alone, or `Result[T, E]`."""
        parts, classes = {"Ok": None, "Err": None}, {"Ok": [TYPES_MODULE, "Ok"], "Err": [TYPES_MODULE, "Err"]}
        for node in nodes:
            base = node.value if isinstance(node, ast.Subscript) else node
            arguments = [] if base is node else (node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice])
            origin, name, found = self.base_name(base, module)
            for kind, argument in zip(["Ok", "Err"] if name == "Result" else [name], arguments):
                if not is_none(argument):
                    parts[kind] = self.type_of(argument, module, where)
            if name in classes and found is not None:
                classes[name] = [origin.name, name]
        ok, err = parts["Ok"], parts["Err"]
        text = "result"
        if err:
            text = f"result<{ok[1] if ok else '_'}, {err[1]}>"
        elif ok:
            text = f"result<{ok[1]}>"
        return ["result", ok and ok[0], err and err[0], classes["Ok"], classes["Err"]], text

    # ---- classes ----------------------------------------------------------------------------------------------------

    def of_class(self, node, module, name, where):
        key = (module.name, name)
        if key in self.known:
            return self.known[key]
        if key in self.open:
            where.fail(f"has the type {name}, which holds itself; WIT has no recursive types: use a list with indices, or JSON in a str")
        where = where.at(node, module)
        wit = self.claim(name, key, where)
        bases = {self.base_name(b, module)[1] for b in node.bases}
        if bases & {"Enum", "IntEnum", "StrEnum"}:
            made = self.members(node, name, where), ["enum", camel(wit), [module.name, name]], "enum"
        elif bases & {"Flag", "IntFlag"}:
            made = self.members(node, name, where), ["flags", camel(wit), [module.name, name]], "flags"
        elif is_dataclass(node) or bases & {"NamedTuple"}:
            self.open.append(key)
            fields = self.fields(node, module, name, where)
            self.open.pop()
            made = [f"{escaped(kebab(f))}: {text}" for f, _, text, _ in fields], \
                ["record", camel(wit), [module.name, name], [[f, shape, default] for f, shape, _, default in fields]], "record"
        else:
            where.fail(f"uses the class {name}, which is no dataclass and no Enum; put @dataclass above it (from dataclasses import dataclass)")
        lines, shape, kind = made
        self.definitions[wit] = docs(node, "") + f"{kind} {escaped(wit)} {{ {', '.join(lines)} }}"
        self.known[key] = (shape, escaped(wit))
        return self.known[key]

    def members(self, node, name, where):
        found = [t.id for s in node.body if isinstance(s, ast.Assign) for t in s.targets if isinstance(t, ast.Name) and not t.id.startswith("_")]
        if not found:
            where.fail(f"uses {name}, which has no members")
        return [self.case(f, where) for f in found]

    def fields(self, node, module, name, where):
        found = []
        for base in node.bases:
            origin, base_name, parent = self.base_name(base, module)
            if isinstance(parent, ast.ClassDef):
                found += self.fields(parent, origin, base_name, where)
        for statement in node.body:
            if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
                continue
            if "ClassVar" in shown(statement.annotation):
                continue
            field = statement.target.id
            inner = Where(module, statement.lineno, f"the field {field} of {name}")
            if kebab(field) is None:
                inner.fail("has a name that WIT cannot hold; begin it with a letter and use only a–z, A–Z, 0–9 and _")
            shape, text = self.type_of(statement.annotation, module, inner)
            default = statement.value is not None and shape[0] != "option"
            found.append((field, shape, f"option<{text}>" if default else text, default))
        return found


def definition(module, name):
    """The class of that name at the top of a module, or what an alias stands for."""
    for node in module.tree.body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return node
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            value = node.value
            if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "NewType" and len(value.args) == 2:
                return value.args[1]
            return value
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name and node.value is not None:
            return node.value
        if type(node).__name__ == "TypeAlias" and node.name.id == name:
            return node.value
    return None


def flatten(node):
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return flatten(node.left) + flatten(node.right)
    return [node]


def is_none(node):
    return (isinstance(node, ast.Constant) and node.value is None) or (isinstance(node, ast.Name) and node.id == "NoneType")


def is_dataclass(node):
    return any("dataclass" in shown(d) for d in node.decorator_list)


def shown(node):
    return ast.unparse(node)


def docs(node, indent):
    """A docstring as WIT comment lines."""
    text = ast.get_docstring(node)
    return "" if not text else "".join(f"{indent}/// {line}".rstrip() + "\n" for line in text.splitlines())
