"""Families with a tail: normal, lognormal, gamma, inverse gamma."""

# ruff: noqa: D102 - what the methods of a family do stands once, in `Distribution`

from __future__ import annotations

import math
from typing import Literal, cast

import numpy as np
from pydantic import Field, model_validator

from retsim.scenario.family import FAR, LAST_DRAW, Distribution, Floats
from retsim.scenario.fields import reject

__all__ = ["Gamma", "InverseGamma", "Lognormal", "Normal"]


class Normal(Distribution):
    """Normal, cut off at `low` and `high` where these are given; `mean` and `sd` are those before the cut."""

    dist: Literal["normal"] = "normal"
    mean_: float = Field(alias="mean")
    sd: float = Field(ge=0)
    low: float | None = None
    high: float | None = None

    @model_validator(mode="after")
    def _has_mass(self) -> Normal:
        low, high = self._ends()
        if low > high:
            raise reject("must have low <= high")
        if self.sd == 0 and not low <= self.mean_ <= high:
            raise reject("must have its mean within low..high where sd = 0")
        if self.sd > 0 and self._mass() < 1e-12:
            raise reject("must leave some probability between low and high")
        return self

    def quantile(self, u: Floats) -> Floats:
        from scipy.special import ndtri

        if self.sd == 0:
            return np.full(np.shape(u), self.mean_)
        low, high = self._ends()
        # The upper tail is computed as a lower one, where floating point is fine enough.
        if low > self.mean_:
            p_low, p_high = self._below(2 * self.mean_ - low), self._below(2 * self.mean_ - high)
            values = self.mean_ - self.sd * ndtri(p_low - u * (p_low - p_high))
        else:
            p_low, p_high = self._below(low), self._below(high)
            values = self.mean_ + self.sd * ndtri(p_low + u * (p_high - p_low))
        return np.clip(values, low, high)

    def mean(self) -> float:
        if self.sd == 0:
            return self.mean_
        low, high = self._ends()
        slope = self._density(low) - self._density(high)
        return min(max(self.mean_ + self.sd * slope / self._mass(), low), high)

    def support(self) -> tuple[float, float]:
        return (self.mean_, self.mean_) if self.sd == 0 else self._ends()

    def reach(self) -> tuple[float, float]:
        low, high = self.support()
        return max(low, self.mean_ - FAR * self.sd), min(high, self.mean_ + FAR * self.sd)

    def _ends(self) -> tuple[float, float]:
        return (
            -math.inf if self.low is None else self.low,
            math.inf if self.high is None else self.high,
        )

    def _below(self, value: float) -> float:
        return 0.5 * math.erfc((self.mean_ - value) / self.sd / math.sqrt(2))

    def _density(self, value: float) -> float:
        score = (value - self.mean_) / self.sd
        return math.exp(-0.5 * score * score) / math.sqrt(2 * math.pi)

    def _mass(self) -> float:
        low, high = self._ends()
        if low > self.mean_:
            return self._below(2 * self.mean_ - low) - self._below(2 * self.mean_ - high)
        return self._below(high) - self._below(low)


class Lognormal(Distribution):
    """Logarithm normal; `cv` is the standard deviation over the mean."""

    dist: Literal["lognormal"] = "lognormal"
    mean_: float = Field(alias="mean", gt=0)
    cv: float = Field(ge=0, le=100)

    def quantile(self, u: Floats) -> Floats:
        from scipy.special import inv_boxcox, ndtri

        if self.constant:
            return np.full(np.shape(u), self.mean_)
        location, scale = self._logarithm()
        # inv_boxcox(x, 0) is exp(x), one value at a time.
        return np.asarray(inv_boxcox(location + scale * ndtri(u), 0.0))

    def mean(self) -> float:
        return self.mean_

    def support(self) -> tuple[float, float]:
        return (self.mean_, self.mean_) if self.cv == 0 else (0.0, math.inf)

    def reach(self) -> tuple[float, float]:
        location, scale = self._logarithm()
        exponent = location + FAR * scale
        return 0.0, math.exp(exponent) if exponent < 700 else math.inf

    def _logarithm(self) -> tuple[float, float]:
        variance = math.log1p(self.cv**2)
        return math.log(self.mean_) - variance / 2, math.sqrt(variance)


class Gamma(Distribution):
    """Gamma, by `shape` and `rate` or by `mean` and `cv`."""

    dist: Literal["gamma"] = "gamma"
    shape: float | None = Field(default=None, ge=1e-4, le=1e9)
    rate: float | None = Field(default=None, gt=0)
    mean_: float | None = Field(default=None, alias="mean", gt=0)
    cv: float | None = Field(default=None, ge=0, le=100)

    @model_validator(mode="after")
    def _one_way(self) -> Gamma:
        given = tuple(v is not None for v in (self.shape, self.rate, self.mean_, self.cv))
        if given not in ((True, True, False, False), (False, False, True, True)):
            raise reject("must have either shape and rate, or mean and cv")
        if self.cv is not None and 0 < self.cv < 1e-6:
            raise reject("must have a cv of 0 or at least 1e-6")
        return self

    def quantile(self, u: Floats) -> Floats:
        from scipy.special import gammaincinv

        if self.constant:
            return np.full(np.shape(u), self.mean())
        shape, rate = self._numbers()
        return np.asarray(gammaincinv(shape, u) / rate)

    def mean(self) -> float:
        if self.mean_ is not None:
            return self.mean_
        shape, rate = self._numbers()
        return shape / rate

    def support(self) -> tuple[float, float]:
        return (self.mean(), self.mean()) if self.cv == 0 else (0.0, math.inf)

    def reach(self) -> tuple[float, float]:
        if self.constant:
            return self.support()
        shape, rate = self._numbers()
        # P(X > mean + sqrt(2 v t) + c t) <= exp(-t): Boucheron, Lugosi & Massart (2013), section 2.4.
        return 0.0, (shape + math.sqrt(2 * shape * LAST_DRAW) + LAST_DRAW) / rate

    def _numbers(self) -> tuple[float, float]:
        if self.shape is not None and self.rate is not None:
            return self.shape, self.rate
        # _one_way has shown that the other pair is there.
        shape = cast(float, self.cv) ** -2
        return shape, shape / cast(float, self.mean_)


class InverseGamma(Distribution):
    """One over a gamma variable: mean scale / (shape - 1), and a tail that falls as value ** -shape."""

    dist: Literal["inverse_gamma"] = "inverse_gamma"
    shape: float = Field(gt=1, le=1e9)
    scale: float = Field(gt=0)

    def quantile(self, u: Floats) -> Floats:
        from scipy.special import gammainccinv

        return np.asarray(self.scale / gammainccinv(self.shape, u))

    def mean(self) -> float:
        return self.scale / (self.shape - 1)

    def support(self) -> tuple[float, float]:
        return 0.0, math.inf

    def reach(self) -> tuple[float, float]:
        return 0.0, float(self.quantile(np.array(1 - math.exp(-LAST_DRAW))))
