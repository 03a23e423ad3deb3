"""{{name}}: every public function here is a function of the component; its type hints are its interface."""

import logging


def greet(name: str, times: int = 1) -> str:
    """Greets somebody, once or more."""
    logging.info("greeting %s", name)
    return " ".join([f"Hello, {name}!"] * times)
