"""multiply, the Python part of the article's arithmetic."""

import wit_world
from wit_world.imports import logging


class WitWorld(wit_world.WitWorld):
    def multiply(self, a: float, b: float) -> float:
        product = a * b
        logging.log(logging.Level.INFO, "guest:python:multiply", f"{a} * {b} = {product}")
        return product
