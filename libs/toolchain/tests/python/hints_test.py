"""WIT from type hints, and what is refused: the table of docs/guide/python.md, case by case."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "python" / "scripts"))

import describe  # noqa: E402
from names import camel, kebab  # noqa: E402
from problem import Problem  # noqa: E402

HEAD = """from __future__ import annotations
import enum, typing
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, Flag
from typing import Annotated, Any, Dict, List, Literal, NamedTuple, NewType, Optional, Tuple, Union
"""

# hint of the parameter `v` -> its WIT type
TYPES = {
    "int": "s64", "float": "f64", "bool": "bool", "str": "string", "bytes": "list<u8>", "bytearray": "list<u8>",
    "list[int]": "list<s64>", "List[str]": "list<string>", "Sequence[float]": "list<f64>", "list[list[bool]]": "list<list<bool>>",
    "tuple[int, str]": "tuple<s64, string>", "Tuple[int, float, bool]": "tuple<s64, f64, bool>", "tuple[float, ...]": "list<f64>",
    "int | None": "option<s64>", "Optional[str]": "option<string>", "Union[None, list[int]]": "option<list<s64>>",
    "dict[str, int]": "list<tuple<string, s64>>", "Dict[str, list[float]]": "list<tuple<string, list<f64>>>",
    "'float'": "f64", "typing.Optional[bytes]": "option<list<u8>>",
    'Annotated[int, "u8"]': "u8", 'Annotated[int, "s32"]': "s32", 'Annotated[int, "u64"]': "u64", 'Annotated[float, "f32"]': "f32",
    'Annotated[str, "char"]': "char",
    "Ok[int] | Err[str]": "result<s64, string>", "Result[float, str]": "result<f64, string>", "Ok[None] | Err[str]": "result<_, string>",
    "Ok[int] | Err[None]": "result<s64>", "Ok | Err": "result", "list[Ok[int] | Err[str]]": "list<result<s64, string>>",
}

# definitions, hint -> definitions in WIT, type
DEFINED = {
    "record": ("@dataclass\nclass GeoPoint:\n    'Where.'\n    lat: float\n    place_name: str\n", "GeoPoint",
               ["/// Where.", "record geo-point { lat: f64, place-name: string }"], "geo-point"),
    "record_in_record": ("@dataclass\nclass A:\n    x: int\n@dataclass\nclass B:\n    a: A\n    more: list[A]\n", "B",
                         ["record a { x: s64 }", "record b { a: a, more: list<a> }"], "b"),
    "inherited_fields": ("@dataclass\nclass A:\n    x: int\n@dataclass\nclass B(A):\n    y: int\n", "B", ["record b { x: s64, y: s64 }"], "b"),
    "default_field": ("@dataclass\nclass A:\n    x: int = 3\n    y: Optional[str] = None\n", "A", ["record a { x: option<s64>, y: option<string> }"], "a"),
    "named_tuple": ("class P(NamedTuple):\n    x: float\n    y: float\n", "P", ["record p { x: f64, y: f64 }"], "p"),
    "enum": ("class Colour(Enum):\n    RED = 1\n    DARK_GREEN = 2\n", "Colour", ["enum colour { red, dark-green }"], "colour"),
    "enum_by_module": ("class Colour(enum.Enum):\n    RED = 1\n", "Colour", ["enum colour { red }"], "colour"),
    "flags": ("class Perms(Flag):\n    READ = 1\n    WRITE = 2\n", "Perms", ["flags perms { read, write }"], "perms"),
    "literal": ('Size = Literal["small", "extra-large"]\n', "Size", ["enum size { small, extra-large }"], "size"),
    "variant": ("@dataclass\nclass Circle:\n    r: float\n@dataclass\nclass Nothing:\n    pass\nShape = Union[Circle, Nothing]\n", "Shape",
                ["record circle { r: f64 }", "variant shape { circle(circle), nothing }"], "shape"),
    "variant_without_name": ("@dataclass\nclass A:\n    r: float\n@dataclass\nclass B:\n    s: str\n", "A | B | None",
                             ["record a { r: f64 }", "record b { s: string }", "variant a-or-b { a(a), b(b) }"], "option<a-or-b>"),
    "variant_of_plain_types": ("", "int | str", ["variant int-or-str { int(s64), str(string) }"], "int-or-str"),
    "alias": ("Prices = list[float]\n", "Prices", [], "list<f64>"),
    "new_type": ("UserId = NewType('UserId', int)\n", "UserId", [], "s64"),
    "keyword": ("@dataclass\nclass Record:\n    type: str\n    from_: int\n", "Record", ["record %record { %type: string, %from: s64 }"], "%record"),
}

# whole source -> what the message says, and the line
REFUSED = {
    "no_type": ("def f(a, b: int) -> int:\n    return 1\n", "the parameter a of f has no type; write for example a: float", 1),
    "no_result_type": ("def f(a: int):\n    return a\n", "the result of f has no type", 1),
    "any": ("from typing import Any\ndef f(a: Any) -> int:\n    return 1\n", "the parameter a of f has the type Any, which says nothing", 2),
    "bare_list": ("def f(\n    a: int,\n    b: list,\n) -> int:\n    return 1\n", "the parameter b of f has the type list without saying of what", 3),
    "set": ("def f(a: set[int]) -> int:\n    return 1\n", "the parameter a of f has the type set[int], which cannot be typed in WIT", 1),
    "complex": ("def f(a: complex) -> int:\n    return 1\n", "the parameter a of f has the type complex", 1),
    "unknown_class": ("def f(a: Thing) -> int:\n    return 1\n", "the parameter a of f has the type Thing", 1),
    "plain_class": ("class Thing:\n    pass\ndef f(a: Thing) -> int:\n    return 1\n", "put @dataclass above it", 1),
    "recursive": ("from dataclasses import dataclass\n@dataclass\nclass Node:\n    next: 'list[Node]'\ndef f(a: Node) -> int:\n    return 1\n",
                  "the field next of Node has the type Node, which holds itself", 4),
    "field_without_wit": ("from dataclasses import dataclass\n@dataclass\nclass A:\n    x: set[int]\ndef f(a: A) -> int:\n    return 1\n",
                          "the field x of A has the type set[int]", 4),
    "empty_record": ("from dataclasses import dataclass\n@dataclass\nclass A:\n    pass\ndef f(a: A) -> int:\n    return 1\n", "A, which has no fields", 5),
    "star": ("def f(*a: int) -> int:\n    return 1\n", "the function f takes *a", 1),
    "double_star": ("def f(**a: int) -> int:\n    return 1\n", "the function f takes **a", 1),
    "async": ("async def f(a: int) -> int:\n    return 1\n", "the function f is async", 1),
    "generator": ("def f(a: int) -> list[int]:\n    yield a\n", "the function f is a generator", 1),
    "literal_without_name": ("from typing import Literal\ndef f(a: Literal['x']) -> int:\n    return 1\n", "needs a name in WIT", 2),
    "result_refused": ("def f(a: int) -> object:\n    return 1\n", "the result of f has the type object", 1),
    "same_name_twice": ("def a_b(a: int) -> int:\n    return 1\ndef aB(a: int) -> int:\n    return 1\n", "two functions are called a-b in WIT", 3),
    "no_function": ("X = 1\n", "has no public function", 0),
}

# what cannot be built at all
PROBLEMS = {
    "syntax": ("def f(a: int) -> int\n    return 1\n", "this is not valid Python: expected ':'", 1),
    "unknown_import": ("import numpy\ndef f(a: int) -> int:\n    return 1\n", "imports numpy, which is neither in this project nor in Python's library", 1),
}


def described(source, **others):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "app.py").write_text(source)
        for name, text in others.items():
            path = root / name.replace("__", "/").replace("_DOT_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return describe.describe(str(root / "app.py"), str(root), str(root))


class HintsTest(unittest.TestCase):
    def wit(self, source, **others):
        answer = described(source, **others)
        self.assertNotIn("wit_problem", answer)
        return answer["wit"]

    def test_each_hint_has_its_wit_type_as_a_parameter_and_as_a_result(self):
        for hint, wanted in TYPES.items():
            with self.subTest(hint=hint):
                wit = self.wit(HEAD + f"def f(v: {hint}) -> {hint}: ...\n")
                self.assertIn(f"export f: func(v: {wanted}) -> {wanted};", wit)

    def test_each_class_or_alias_has_its_definition(self):
        for name, (source, hint, definitions, wanted) in DEFINED.items():
            with self.subTest(name):
                wit = self.wit(HEAD + source + f"def f(v: {hint}) -> {hint}: ...\n")
                for line in definitions:
                    self.assertIn(f"  {line}\n", wit)
                self.assertIn(f"export f: func(v: {wanted}) -> {wanted};", wit)

    def test_what_cannot_be_typed_is_refused_by_name_and_line(self):
        for name, (source, message, line) in REFUSED.items():
            with self.subTest(name):
                problem = described(source)["wit_problem"]
                self.assertIn(message, problem["message"])
                self.assertEqual(("app.py", line), (problem["file"], problem["line"]))

    def test_what_cannot_be_built_is_a_problem_with_its_line(self):
        for name, (source, message, line) in PROBLEMS.items():
            with self.subTest(name):
                with self.assertRaises(Problem) as caught:
                    described(source)
                self.assertIn(message, caught.exception.message)
                self.assertEqual(("app.py", line), (caught.exception.file, caught.exception.line))

    def test_the_whole_of_a_world(self):
        self.assertEqual(
            "package local:app;\n\nworld app {\n  import wasi:logging/logging;\n\n"
            "  /// Multiplies.\n  ///\n  /// Twice.\n  export multiply-by: func(first-value: f64, factor: option<f64>);\n}\n",
            self.wit('def multiply_by(first_value: float, factor: float = 2) -> None:\n    """Multiplies.\n\n    Twice."""\n'))

    def test_private_functions_and_those_not_in_all_are_not_exported(self):
        wit = self.wit("__all__ = ['f']\ndef f(a: int) -> int: ...\ndef _g(a): ...\ndef h(a): ...\n")
        self.assertIn("export f:", wit)
        self.assertNotIn(" g:", wit)
        self.assertNotIn(" h:", wit)

    def test_classes_may_come_from_other_modules_of_the_project(self):
        wit = self.wit("from shapes import Circle as Round\nimport lib.more\ndef f(a: Round) -> int: ...\n",
                       shapes_DOT_py="from dataclasses import dataclass\n@dataclass\nclass Circle:\n    r: float\n",
                       lib__more_DOT_py="")
        self.assertIn("record circle { r: f64 }", wit)

    def test_only_modules_that_are_reached_and_files_they_name_belong_to_a_build(self):
        answer = described("import used\ndef f(a: int) -> int: ...\n", used_DOT_py="DATA = open('data.json')\n", unused_DOT_py="",
                           data_DOT_json="{}", other_DOT_json="{}")
        self.assertEqual(["app.py", "used.py", "data.json"], answer["files"])

    def test_the_style_of_componentize_py_is_seen_with_its_bindings_module(self):
        for source, module in (("import multiplication\nclass Multiplication(multiplication.Multiplication):\n    def multiply(self, a, b): ...\n", "multiplication"),
                               ("from wit_world import WitWorld\nclass WitWorld(WitWorld):\n    def multiply(self, a, b): ...\n", "wit_world")):
            answer = described(source)
            self.assertEqual((module, ["multiply"]), (answer["world_module"], answer["functions"]))
            self.assertNotIn("wit", answer)

    def test_build_tools_in_requirements_are_told_apart_from_packages(self):
        answer = described("def f(a: int) -> int: ...\n", requirements_DOT_txt="# tools\ncomponentize-py==0.11.1\nidna==3.10  # names\npytest\n")
        self.assertEqual({"file": "requirements.txt", "lines": ["idna==3.10"], "tools": ["componentize-py==0.11.1", "pytest"]}, answer["requirements"])

    def test_requirements_that_name_no_package_of_an_index_are_refused(self):
        for line in ("-e .", "./local", "git+https://example.org/x.git", "-r more.txt"):
            with self.subTest(line), self.assertRaises(Problem) as caught:
                described("def f(a: int) -> int: ...\n", requirements_DOT_txt=line + "\n")
            self.assertIn("cannot be bundled", caught.exception.message)


class NamesTest(unittest.TestCase):
    def test_kebab_case(self):
        for name, wanted in {"a": "a", "total_price": "total-price", "TotalPrice": "total-price", "HTTPCode": "http-code", "DARK_GREEN": "dark-green",
                             "sha_256": "sha256", "from_": "from", "x2": "x2", "größe": None, "__": None, "_1": None}.items():
            with self.subTest(name):
                self.assertEqual(wanted, kebab(name))

    def test_binding_classes(self):
        self.assertEqual("AOrB2", camel("a-or-b2"))


if __name__ == "__main__":
    unittest.main()
