"""Units of time: how many days they have. One year is 365.25 days, one month a twelfth of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast, get_args

Unit = Literal["day", "week", "month", "year"]

DAYS: Mapping[Unit, float] = {"day": 1.0, "week": 7.0, "month": 365.25 / 12.0, "year": 365.25}
"""Days in a unit."""


def check_unit(unit: str) -> Unit:
    """Return the unit, or raise ValueError if it is not one of day, week, month, year."""
    if unit in get_args(Unit):
        return cast(Unit, unit)
    raise ValueError(f"unit = {unit!r}, must be one of {', '.join(get_args(Unit))}")


def per_unit(unit: Unit, other: Unit) -> float:
    """How many of `other` make one `unit`: per_unit("month", "week") = 4.348."""
    return DAYS[unit] / DAYS[other]
