"""The sums behind `retsim.theory.clv`: pure arithmetic, real or complex, on numbers already checked."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from retsim.theory.clv import Convention


class Terms(NamedTuple):
    """The checked numbers of one valuation; arrays that broadcast, complex where a slope is sought."""

    margin: Any
    retention_rate: Any
    discount_rate: Any
    growth: Any
    cost: Any


def present_value(terms: Terms, convention: Convention) -> Any:
    """Value now of margins less retention costs; the sums of `clv.retention_clv`."""
    stream = _continuous_stream if convention.survival == "continuous" else _periodic_stream
    if convention.first_margin == "now":
        grown = terms._replace(margin=terms.margin * (1.0 + terms.growth))
        return terms.margin + stream(grown, convention)
    return stream(terms, convention)


def slope(terms: Terms, name: str, convention: Convention) -> Any:
    """Derivative of the present value with respect to one of the terms, exact to machine precision."""
    step = 1e-30
    shifted = terms._replace(**{name: getattr(terms, name) + 1j * step})
    return np.imag(present_value(shifted, convention)) / step


def _periodic_stream(terms: Terms, convention: Convention) -> Any:
    d = terms.discount_rate
    kept = terms.retention_rate / (1.0 + d)
    before = convention.survival == "before_margin"
    opening = _discount_within(d, convention.discounting) * (terms.retention_rate if before else 1.0)
    margins = terms.margin * opening * _geometric_sum(kept * (1.0 + terms.growth), convention.horizon)
    attempts = _discount_within(d, _moment_of_test(convention)) * _geometric_sum(kept, convention.horizon)
    return margins - terms.cost * attempts


def _continuous_stream(terms: Terms, convention: Convention) -> Any:
    kept = terms.retention_rate / (1.0 + terms.discount_rate)
    margins = terms.margin * _exponential_integral(kept * (1.0 + terms.growth), convention.horizon)
    return margins - terms.cost * _exponential_integral(kept, convention.horizon)


def _moment_of_test(convention: Convention) -> str:
    if convention.survival == "after_margin":
        return "end"
    return "start" if convention.discounting == "continuous" else convention.discounting


def _discount_within(discount_rate: Any, where: str) -> Any:
    """Factor from a moment inside a period to that period's start."""
    if where == "continuous":
        force = np.log1p(discount_rate)
        return np.where(force == 0.0, 1.0, -np.expm1(-force) / np.where(force == 0.0, 1.0, force))
    return (1.0 + discount_rate) ** -{"start": 0.0, "mid": 0.5, "end": 1.0}[where]


def _geometric_sum(ratio: Any, n_terms: float) -> Any:
    """Sum of ratio^0 .. ratio^(n_terms - 1)."""
    if n_terms == math.inf:
        return 1.0 / (1.0 - ratio)
    # Doubling only adds: nothing cancels where the ratio is near 1, and it holds for complex ratios.
    total, power = np.zeros_like(ratio), np.ones_like(ratio)
    for bit in f"{int(n_terms):b}":
        total, power = total * (1.0 + power), power * power
        if bit == "1":
            total, power = 1.0 + ratio * total, power * ratio
    return total


def _exponential_integral(ratio: Any, length: float) -> Any:
    """Integral of ratio^t for t in 0..length."""
    with np.errstate(divide="ignore"):
        fall = -np.log(ratio)
    if length == math.inf:
        return 1.0 / fall
    safe = np.where(fall == 0.0, 1.0, fall)
    return np.where(fall == 0.0, length, -np.expm1(-safe * length) / safe)
