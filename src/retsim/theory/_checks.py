"""What an argument must be, and what is said when it is not.

Owns the wording of errors: place, value, rule, and a suggestion where a percentage stands for a share. Knows
no formula.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array: TypeAlias = NDArray[np.float64]
Numbers: TypeAlias = Any  # float from scalars, ndarray from arrays: typed as numpy types its own ufuncs


class Range(NamedTuple):
    """An interval of numbers and how it reads in a sentence."""

    low: float
    high: float
    includes_low: bool
    includes_high: bool
    rule: str

    def admits(self, values: Array) -> NDArray[np.bool_]:
        """Tell for each value whether it lies inside; not-a-number never does."""
        above = values >= self.low if self.includes_low else values > self.low
        below = values <= self.high if self.includes_high else values < self.high
        return np.asarray(above & below & np.isfinite(values))


ANY_NUMBER = Range(-np.inf, np.inf, True, True, "must be a finite number")
SHARE = Range(0.0, 1.0, True, True, "must lie in 0..1")
INNER_SHARE = Range(0.0, 1.0, False, False, "must lie between 0 and 1, ends excluded")
POSITIVE_SHARE = Range(0.0, 1.0, False, True, "must lie in 0..1 and not be 0")
POSITIVE = Range(0.0, np.inf, False, True, "must be above 0")
NON_NEGATIVE = Range(0.0, np.inf, True, True, "must be 0 or more")


def plain(values: Any) -> Numbers:
    """Turn a result without dimensions into a float, leave arrays as they are."""
    result = np.asarray(values, dtype=np.float64)
    return float(result) if result.ndim == 0 else result


@dataclass(frozen=True)
class Place:
    """The function whose arguments are checked: the first words of every error.

    Parameters
    ----------
    name : str
        Module and function as a user writes them, e.g. ``"bass.cumulative"``.
    """

    name: str

    def numbers(self, name: str, value: ArrayLike, meaning: str, within: Range = ANY_NUMBER) -> Array:
        """Return `value` as floats, or raise `ValueError` naming the first value outside `within`."""
        values = self._as_floats(name, value, meaning)
        admitted = within.admits(values)
        if admitted.all():
            return values
        where = tuple(int(i) for i in np.argwhere(~admitted)[0])
        label = name + (f"[{', '.join(map(str, where))}]" if where else "")
        raise ValueError(self._sentence(label, float(values[where]), within, meaning))

    def number(self, name: str, value: ArrayLike, meaning: str, within: Range = ANY_NUMBER) -> float:
        """Return one float, refusing arrays."""
        values = self.numbers(name, value, meaning, within)
        if values.ndim:
            raise ValueError(f"{self.name}: {name} has shape {values.shape}, must be one number ({meaning})")
        return float(values)

    def wholes(self, name: str, value: ArrayLike, meaning: str, least: int = 0) -> Array:
        """Return whole numbers of at least `least`, as floats."""
        rule = f"must be a whole number, {least} or more"
        values = self.numbers(name, value, meaning, Range(least, np.inf, True, True, rule))
        if (values != np.floor(values)).any():
            odd = values[values != np.floor(values)].flat[0]
            raise ValueError(f"{self.name}: {name} = {odd:g}, {rule} ({meaning})")
        return values

    def whole(self, name: str, value: ArrayLike, meaning: str, least: int = 0) -> int:
        """Return one whole number of at least `least`."""
        return int(self.number(name, self.wholes(name, value, meaning, least), meaning))

    def vector(self, name: str, value: ArrayLike, meaning: str, within: Range = ANY_NUMBER) -> Array:
        """Return a one-dimensional array that is not empty."""
        values = self.numbers(name, value, meaning, within)
        if values.ndim != 1 or values.size == 0:
            raise ValueError(f"{self.name}: {name} has shape {values.shape}, must be a list of numbers ({meaning})")
        return values

    def mixture(self, name: str, value: ArrayLike, meaning: str) -> Array:
        """Return shares that sum to 1 (to 1e-9)."""
        values = self.vector(name, value, meaning, SHARE)
        if abs(values.sum() - 1.0) > 1e-9:
            raise ValueError(f"{self.name}: {name} sum to {values.sum():.12g}, must sum to 1 ({meaning})")
        return values

    def transition(self, name: str, value: ArrayLike) -> Array:
        """Return a square matrix whose rows are probabilities that sum to 1 (to 1e-9)."""
        meaning = "chance to move from the row's state to the column's"
        matrix = self.numbers(name, value, meaning, SHARE)
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
            raise ValueError(f"{self.name}: {name} has shape {matrix.shape}, must be square ({meaning})")
        sums = matrix.sum(axis=1)
        worst = int(np.argmax(np.abs(sums - 1.0)))
        if abs(sums[worst] - 1.0) > 1e-9:
            raise ValueError(f"{self.name}: {name} row {worst} sums to {sums[worst]:.12g}, must sum to 1 ({meaning})")
        return matrix

    def past(self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> tuple[Array, Array, Array]:
        """Return purchase histories as three arrays of one shape: repeat purchases, time of the last, age."""
        x, last, observed = np.broadcast_arrays(
            self.wholes("frequency", frequency, "repeat purchases so far"),
            self.numbers("recency", recency, "time of the last purchase since the first", NON_NEGATIVE),
            self.numbers("age", age, "time observed since the first purchase", NON_NEGATIVE),
        )
        for broken, rule in ((last > observed, "must not exceed age"), ((x == 0) & (last > 0), "must be 0")):
            if broken.any():
                past = f"age = {observed[broken].flat[0]:g}, frequency = {x[broken].flat[0]:g}"
                raise self.refuse(f"recency = {last[broken].flat[0]:g}, {rule} (with {past})")
        return x, last, observed

    def one_of(self, name: str, value: object, allowed: Iterable[str]) -> None:
        """Refuse a word that is not in the list."""
        words = tuple(allowed)
        if value not in words:
            raise ValueError(f"{self.name}: {name} = {value!r}, must be one of {', '.join(words)}")

    def refuse(self, sentence: str) -> ValueError:
        """Make the error for a rule that binds several arguments."""
        return ValueError(f"{self.name}: {sentence}")

    def _as_floats(self, name: str, value: ArrayLike, meaning: str) -> Array:
        try:
            values = np.asarray(value)
        except ValueError:
            raise ValueError(f"{self.name}: {name} is a ragged list, must be numbers ({meaning})") from None
        if values.dtype.kind not in "iuf":
            raise ValueError(f"{self.name}: {name} = {value!r:.60}, must be a number ({meaning})")
        return values.astype(np.float64)

    def _sentence(self, label: str, value: float, within: Range, meaning: str) -> str:
        looks_like_percent = within.high == 1.0 and 1.0 < value <= 100.0
        hint = f"; did you mean {value / 100:g}?" if looks_like_percent else ""
        return f"{self.name}: {label} = {value:g}, {within.rule} ({meaning}){hint}"
