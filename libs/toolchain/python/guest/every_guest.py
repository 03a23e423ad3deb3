"""Inside the component: the user's plain functions as the classes that componentize-py wants, their values, and their log lines.

Loaded once, when the component is made. `classes` is called by the generated every_app.py; shapes are described in hints.py.
"""

import dataclasses
import importlib
import sys
import typing

function_now = ""  # which function runs; for the category of its log lines


def thing(where):
    module, name = where
    return getattr(importlib.import_module(module), name)


def wrong(what, wanted, value):
    text = repr(value)
    raise TypeError(f"{what} must be {wanted}, and is {text if len(text) < 80 else text[:77] + '...'}")


class Values:
    """Makes the two directions of each shape: from the component's world to the user's, and back with the checks the world needs."""

    def __init__(self, world):
        self.world = world
        self.types = importlib.import_module("componentize_py_types")

    def both(self, shape):
        return getattr(self, "of_" + shape[0])(*shape[1:])

    def same(self, wanted, test, turn=None):
        def back(value, what):
            if not test(value):
                wrong(what, wanted, value)
            return turn(value) if turn else value

        return (lambda value: value), back

    def of_int(self, name):
        bits = int(name[1:])
        low, high = (0, 2**bits - 1) if name[0] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        return self.same(f"an int from {low} to {high}", lambda v: isinstance(v, int) and low <= v <= high, int)

    def of_float(self):
        return self.same("a float", lambda v: hasattr(v, "__float__"), float)

    def of_bool(self):
        return self.same("a bool", lambda v: isinstance(v, bool))

    def of_str(self):
        return self.same("a str", lambda v: isinstance(v, str))

    def of_char(self):
        return self.same("a str of one character", lambda v: isinstance(v, str) and len(v) == 1)

    def of_bytes(self):
        return self.same("bytes", lambda v: isinstance(v, (bytes, bytearray, memoryview)), bytes)

    def of_list(self, item, make=list, wanted="a list"):
        out, back = self.both(item)

        def inwards(values, what):
            if isinstance(values, (str, bytes, dict)) or not hasattr(values, "__iter__"):
                wrong(what, wanted, values)
            return [back(v, f"{what}[{i}]") for i, v in enumerate(values)]

        return (lambda values: make(out(v) for v in values)), inwards

    def of_tuples(self, item):
        return self.of_list(item, tuple, "a tuple")

    def of_dict(self, key, value):
        key_out, key_back = self.both(key)
        value_out, value_back = self.both(value)

        def inwards(values, what):
            if not hasattr(values, "items"):
                wrong(what, "a dict", values)
            return [(key_back(k, f"a key of {what}"), value_back(v, f"{what}[{k!r}]")) for k, v in values.items()]

        return (lambda pairs: {key_out(k): value_out(v) for k, v in pairs}), inwards

    def of_tuple(self, items):
        parts = [self.both(item) for item in items]

        def inwards(values, what):
            if not isinstance(values, (tuple, list)) or len(values) != len(parts):
                wrong(what, f"a tuple of {len(parts)}", values)
            return tuple(back(v, f"{what}[{i}]") for i, ((_, back), v) in enumerate(zip(parts, values)))

        return (lambda values: tuple(out(v) for (out, _), v in zip(parts, values))), inwards

    def of_option(self, inner):
        out, back = self.both(inner)
        return (lambda v: None if v is None else out(v)), (lambda v, what: None if v is None else back(v, what))

    def of_record(self, binding, where, fields):
        theirs, ours = getattr(self.world, binding), thing(where)
        names = [f.name for f in dataclasses.fields(theirs)]
        parts = [(name, field[0], field[2], *self.both(field[1])) for name, field in zip(names, fields)]

        def outwards(value):
            given = {}
            for name, field, has_default, out, _ in parts:
                held = getattr(value, name)
                if not (has_default and held is None):
                    given[field] = out(held)
            return ours(**given)

        def inwards(value, what):
            if not isinstance(value, ours):
                wrong(what, f"a {where[1]}", value)
            return theirs(*(back(getattr(value, field), f"{what}.{field}") for _, field, _, _, back in parts))

        return outwards, inwards

    def of_enum(self, binding, where):
        theirs, ours = list(getattr(self.world, binding)), thing(where)
        members = [m for name, m in ours.__members__.items() if not name.startswith("_")]

        def inwards(value, what):
            for mine, other in zip(members, theirs):
                if value is mine:
                    return other
            wrong(what, f"a {where[1]}", value)

        return dict(zip(theirs, members)).__getitem__, inwards

    def of_flags(self, binding, where):
        theirs, ours = getattr(self.world, binding), thing(where)
        pairs = list(zip(theirs.__members__.values(), [m for n, m in ours.__members__.items() if not n.startswith("_")]))

        def outwards(value):
            made = ours(0)
            for other, mine in pairs:
                if other in value:
                    made |= mine
            return made

        def inwards(value, what):
            if not isinstance(value, ours):
                wrong(what, f"a {where[1]}", value)
            made = theirs(0)
            for other, mine in pairs:
                if mine in value:
                    made |= other
            return made

        return outwards, inwards

    def of_literal(self, binding, values):
        theirs = list(getattr(self.world, binding))
        to_theirs = dict(zip(values, theirs))

        def inwards(value, what):
            if value not in to_theirs:
                wrong(what, "one of " + ", ".join(map(repr, values)), value)
            return to_theirs[value]

        return dict(zip(theirs, values)).__getitem__, inwards

    def of_variant(self, binding, cases):
        union = getattr(self.world, binding)
        theirs = typing.get_args(union) or (union,)
        parts = [(other, thing(where), *(self.both(shape) if shape else (None, None))) for other, (where, shape) in zip(theirs, cases)]

        def outwards(value):
            for other, ours, out, _ in parts:
                if isinstance(value, other):
                    return out(value.value) if out else ours()
            raise TypeError(f"{value!r} is no case of {binding}")

        def inwards(value, what):
            # The exact class first: a bool is an int too, and a class may inherit from another.
            for fits in (lambda ours: type(value) is ours, lambda ours: isinstance(value, ours)):
                for other, ours, _, back in parts:
                    if fits(ours):
                        return other(back(value, what)) if back else other()
            wrong(what, "a " + " or a ".join(ours.__name__ for _, ours, _, _ in parts), value)

        return outwards, inwards

    def of_result(self, ok, err, ok_class, err_class):
        nothing = (lambda v: None), (lambda v, what: None)
        ok_out, ok_back = self.both(ok) if ok else nothing
        err_out, err_back = self.both(err) if err else nothing
        ok_class, err_class = thing(ok_class), thing(err_class)

        def outwards(value):
            return ok_class(ok_out(value.value)) if isinstance(value, self.types.Ok) else err_class(err_out(value.value))

        def inwards(value, what):
            if isinstance(value, (ok_class, self.types.Ok)):
                return self.types.Ok(ok_back(value.value, what))
            if isinstance(value, (err_class, self.types.Err)):
                return self.types.Err(err_back(value.value, what))
            wrong(what, "an Ok or an Err", value)

        return outwards, inwards


def typed(function, export, values):
    """A function of the user's values as one of the component's."""
    params = [(name, optional, keyword, values.both(shape)[0]) for name, shape, optional, keyword in export["params"]]
    shape = export["result"]
    back = values.both(shape)[1] if shape else None
    fails = shape is not None and shape[0] == "result"
    what = f"the result of {export['python']}"

    def call(*given):
        positional, named, by_name = [], {}, False
        for (name, optional, keyword, out), value in zip(params, given):
            if optional and value is None:
                by_name = True  # its default stands; what follows is passed by name
            elif by_name or keyword:
                named[name] = out(value)
            else:
                positional.append(out(value))
        result = function(*positional, **named)
        if back is None:
            return None
        result = back(result, what)
        if not fails:
            return result
        if isinstance(result, values.types.Err):
            raise result
        return result.value

    return call


def watched(name, call):
    """Says which function runs."""

    def method(self, *given):
        global function_now
        function_now = name
        return call(*given)

    return method


def classes(app, world_module, hints, given):
    """What componentize-py looks up in the app's module.

    hints: exports made from type hints; given: {class name: {method: the user's function}} of a world that was given."""
    world = importlib.import_module(world_module)
    user = importlib.import_module(app)
    log_lines(world_module)
    short_tracebacks()
    values = Values(world)
    made = {}
    if hints:
        methods = {}
        for export in hints:
            method = watched(export["python"], typed(getattr(user, export["python"]), export, values))
            name = export["name"].replace("-", "_")
            methods[name] = methods[name + "_"] = method  # componentize-py adds a _ to Python's own words
        made["WitWorld"] = type("WitWorld", (), methods)
    for protocol, wanted in given.items():
        theirs = getattr(user, protocol, None)
        methods = {}
        for method, name in wanted.items():
            call = bound(theirs, name) if hasattr(theirs, name) else getattr(user, name)
            methods[method] = methods[method + "_"] = watched(name, call)
        made[protocol] = type(protocol, (), methods)
    return made


def bound(theirs, method):
    """One instance for all calls of a method, made at the first."""
    one = []

    def call(*given):
        if not one:
            one.append(theirs())
        return getattr(one[0], method)(*given)

    return call


def short_tracebacks():
    """What is printed of an exception that nobody catches: the user's lines only, with their text. Files are not there at run time."""
    import linecache
    import traceback

    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None) or ""
        if path.startswith("/0/"):
            with open(path, encoding="utf-8") as file:
                lines = file.read().splitlines(True)
            linecache.cache[path] = (sum(map(len, lines)), None, lines, path)

    def hook(kind, error, trace):
        while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
            trace = trace.tb_next
        text = "".join(traceback.format_exception(kind, error, trace))
        print(text.replace('File "/0/', 'File "'), end="", file=sys.stderr)

    sys.excepthook = hook


def log_lines(world_module):
    """Python's logging becomes log lines with their levels, where the user's code has loaded it at all."""
    logging = sys.modules.get("logging")
    if logging is None:
        return
    try:
        wasi = importlib.import_module(world_module + ".imports.logging")
    except ImportError:
        wasi = None
    levels = {10: "DEBUG", 20: "INFO", 30: "WARN", 40: "ERROR", 50: "CRITICAL"}

    class Handler(logging.Handler):
        def emit(self, record):
            try:
                text = self.format(record)
                if wasi is None:
                    print(text, file=sys.stdout if record.levelno <= 20 else sys.stderr)
                    return
                name = levels.get(record.levelno // 10 * 10, "CRITICAL" if record.levelno > 50 else "TRACE")
                logger = function_now if record.name == "root" else record.name
                wasi.log(getattr(wasi.Level, name), f"guest:python:{logger}", text)
            except Exception:
                self.handleError(record)

    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
    if root.level == logging.WARNING:
        root.setLevel(logging.DEBUG)
    root.addHandler(Handler())
