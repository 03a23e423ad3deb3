from dataclasses import dataclass
@dataclass
class Circle:
    """A round thing."""
    radius: float
@dataclass
class Square:
    side: float
@dataclass
class Nothing:
    pass
Shape = Circle | Square | Nothing
