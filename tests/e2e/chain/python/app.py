from dataclasses import dataclass
from enum import Enum
from typing import Optional

class Status(Enum):
    OPEN = "open"
    VERY_LATE = "late"

@dataclass
class Circle:
    radius: float

@dataclass
class Square:
    side: float

@dataclass
class Nothing:
    pass

Shape = Circle | Square | Nothing

@dataclass
class Order:
    id: int
    ratio: float
    note: Optional[str]
    tags: list[str]
    status: Status
    shape: Shape
    data: bytes
    counts: list[tuple[str, int]]

def in_python(order: Order) -> Order:
    assert isinstance(order.data, bytes) and isinstance(order.status, Status)
    id = order.id - 2
    note = None if order.note == "from TypeScript" else f"{order.note}!"
    shape = Square(order.shape.radius) if isinstance(order.shape, Circle) else order.shape
    return Order(id, order.ratio * 2, note, ["Python 🐍", *order.tags], order.status, shape, order.data[::-1], [*order.counts, ("Python", id)])
