"""How the values of options are read: a message with value and rule where they are wrong."""

from __future__ import annotations

import argparse
from collections.abc import Callable

__all__ = ["KEY_LIMIT", "place", "positive", "whole"]

KEY_LIMIT = 2**32 - 1
"""Largest seed and number of replications."""


def place(text: str) -> int | str:
    """A number of processes, or another place where runs are made."""
    from retsim.experiments.place import placed

    try:
        found = placed(text)
    except (TypeError, ValueError) as error:
        raise argparse.ArgumentTypeError(str(error).removeprefix("workers = ").removeprefix("workers.")) from None
    return found.number if text.strip().isdecimal() and found.number is not None else text.strip()


def positive(text: str) -> float:
    """A number above 0."""
    try:
        value = float(text) if len(text) < 30 else None
    except ValueError:
        value = None
    if value is None or not 0.0 < value < 1e9:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} must be a number above 0")
    return value


def whole(low: int, high: int) -> Callable[[str], int]:
    """A reader of whole numbers in a range."""

    def read(text: str) -> int:
        try:
            value = int(text) if len(text) < 30 else None
        except ValueError:
            value = None
        if value is None or not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text[:40]!r} must be a whole number from {low} to {high}")
        return value

    return read
