"""Families with two ends: constant, uniform, beta, observed values."""

# ruff: noqa: D102 - what the methods of a family do stands once, in `Distribution`

from __future__ import annotations

import math
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from retsim.scenario.family import Distribution, Floats
from retsim.scenario.fields import reject

__all__ = ["VALUES_LIMIT", "Beta", "Constant", "Uniform", "Values"]

VALUES_LIMIT = 20_000
"""A distribution of values holds at most so many: they travel inside the scenario."""


class Constant(Distribution):
    """The same for all; in a file also a plain number."""

    dist: Literal["constant"] = "constant"
    value: float

    def quantile(self, u: Floats) -> Floats:
        return np.full(np.shape(u), self.value)

    def mean(self) -> float:
        return self.value

    def support(self) -> tuple[float, float]:
        return self.value, self.value


class Uniform(Distribution):
    """Every value between two ends is equally likely."""

    dist: Literal["uniform"] = "uniform"
    low: float
    high: float

    @model_validator(mode="after")
    def _ordered(self) -> Uniform:
        if self.low > self.high:
            raise reject("must have low <= high")
        return self

    def quantile(self, u: Floats) -> Floats:
        return np.minimum(self.low + u * (self.high - self.low), self.high)

    def mean(self) -> float:
        return self.low + (self.high - self.low) / 2

    def support(self) -> tuple[float, float]:
        return self.low, self.high


class Beta(Distribution):
    """Beta between 0 and 1."""

    dist: Literal["beta"] = "beta"
    a: float = Field(ge=1e-3, le=1e9)
    b: float = Field(ge=1e-3, le=1e9)

    def quantile(self, u: Floats) -> Floats:
        from scipy.special import betaincinv

        return np.asarray(betaincinv(self.a, self.b, u))

    def mean(self) -> float:
        return self.a / (self.a + self.b)

    def support(self) -> tuple[float, float]:
        return 0.0, 1.0


Column = Annotated[tuple[float, ...], Field(strict=False, min_length=1, max_length=VALUES_LIMIT)]


class Values(Distribution):
    """Observed values, all equally likely or by `weights`; in a file also as `file`, one value a line."""

    dist: Literal["values"] = "values"
    values: Column = ()
    weights: Column | None = None
    file: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> Values:
        if self.file is not None:
            raise reject("must have values: a file of them is read where a scenario file is loaded")
        if not self.values:
            raise reject("must have values, or a file of them")
        if self.weights is not None:
            if len(self.weights) != len(self.values):
                raise reject(f"must have as many weights as values ({len(self.values)})")
            if min(self.weights) < 0 or not 0 < sum(self.weights) < math.inf:
                raise reject("must have weights >= 0, not all 0")
        return self

    def quantile(self, u: Floats) -> Floats:
        values, weights = self._sorted()
        if weights is None:
            place = np.floor(u * values.size).astype(np.int64)
        else:
            total = np.cumsum(weights)
            place = np.searchsorted(total, u * total[-1], side="right")
        return values[np.minimum(place, values.size - 1)]

    def mean(self) -> float:
        if self.weights is None:
            return math.fsum(self.values) / len(self.values)
        total = math.fsum(self.weights)
        return math.fsum(v * (w / total) for v, w in zip(self.values, self.weights, strict=True))

    def support(self) -> tuple[float, float]:
        return min(self.values), max(self.values)

    def _sorted(self) -> tuple[Floats, Floats | None]:
        values = np.array(self.values)
        order = np.argsort(values, kind="stable")
        if self.weights is None:
            return values[order], None
        weights = np.array(self.weights)[order]
        kept = weights > 0
        return values[order][kept], weights[kept]
