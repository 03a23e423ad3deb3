"""Each type that hints can say, there and back; log lines; what goes wrong."""
import logging
import sys
from dataclasses import dataclass, field
from enum import Enum, Flag, auto
from typing import Optional, Annotated, Literal
from shapes import Shape, Circle
import shapes
import greeting_words
from componentize_py_types import Ok, Err

class Colour(Enum):
    """Paint."""
    RED = "r"
    DARK_GREEN = "g"

class Perms(Flag):
    READ = auto()
    WRITE = auto()

Size = Literal["small", "extra-large"]

@dataclass
class Point:
    x: float
    y_label: str
    tags: list[str] = field(default_factory=list)

def multiply(a: float, b: float = 2.0) -> float:
    """Multiplies.

    Second line."""
    logging.info("multiplying %s", a)
    print("hello from print")
    return a * b

def ints(a: int, b: Annotated[int, "u8"], c: bool, d: str, e: bytes, f: "list[int]", g: tuple[int, str], h: Optional[Point], i: dict[str, int], j: tuple[float, ...]) -> tuple[int, int, bool, str, bytes, list[int], tuple[int, str], Optional[Point], dict[str, int], tuple[float, ...]]:
    return a, b, c, d, e, f, g, h, i, j

def paint(colour: Colour, shape: Shape, perms: Perms, size: Size, ch: Annotated[str, "char"], f: Annotated[float, "f32"]) -> tuple[Colour, shapes.Shape, Perms, Size, Annotated[str, "char"], Annotated[float, "f32"]]:
    assert isinstance(colour, Colour) and isinstance(shape, (Circle, shapes.Square, shapes.Nothing)) and isinstance(size, str)
    return colour, shape, perms, size, ch, f

def divide(a: float, b: float) -> Ok[float] | Err[str]:
    if b == 0:
        return Err("division by zero")
    return Ok(a / b)

def flip(r: list[Ok[int] | Err[str]]) -> list[Ok[str] | Err[int]]:
    return [Err(x.value) if isinstance(x, Ok) else Ok(x.value) for x in r]

def either(v: int | str | bool) -> int | str | bool:
    return v

def say(what: str) -> None:
    logging.getLogger("talk").warning(what)

def boom(x: int) -> int:
    return {}[x]

def lie(x: int) -> str:
    return x


def greet(name: str) -> str:
    return greeting_words.HELLO + name


def count(numbers: dict[str, int], /, *, step: Annotated[int, "u32"] = 1, deep: dict[str, list[Optional[int]]]) -> dict[str, list[Optional[int]]]:
    return {**deep, **{k: [v + step] for k, v in numbers.items()}}


def levels() -> None:
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL):
        logging.log(level, "at %d", level)
    print("to standard error", file=sys.stderr)
    print("unfinished", end="")


def _private(x): return x
