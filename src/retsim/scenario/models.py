"""Firms and people: what a firm offers, and how the customers of a segment feel, think and choose.

Owns the form of each part; refuses to compare parts with each other (`conflicts`). The model's parameters are
not written here again: their fields come from `retsim.parameters`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BeforeValidator, model_validator

from retsim import parameters
from retsim.parameters import Parameter, table_of
from retsim.scenario.distributions import AnyDistribution, Constant, Distribution
from retsim.scenario.fields import Frozen, Model, bounded, described, filled, limits, number, numbers_of, reject, spread
from retsim.scenario.names import Name, Table
from retsim.scenario.spend import spend_quantiles
from retsim.scenario.spending import Budget

__all__ = ["Behaviour", "BehaviourChanges", "FirmSpec", "Segment", "Traits"]

P = Parameter
SPREAD = P(1.0, "multiple of the usual basket", 0, 1e6, "scatter of baskets about a customer's usual one (R12)")
INITIAL = P(0.0, "share of the segment", 0, 1, "customers of this firm at the start")


class _Numbers(Model):
    """A group of parameters; each is an attribute of the parameter's name."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> float: ...


@filled(numbers_of(parameters.Firm))
class FirmSpec(_Numbers):
    """A firm's offer and costs, and for a rival its budget and strategy."""

    budget: Budget = described(
        "What the firm spends a month; the focal firm's stands at the top of the scenario.",
        Budget.model_construct(),
    )
    strategy: Name | None = described("Strategy; without one the firm has no retention programmes.", None)


@filled(numbers_of(parameters.Behaviour))
class Behaviour(_Numbers):
    """How customers feel, think and choose."""


@filled(numbers_of(parameters.Behaviour, optional=True))
class BehaviourChanges(Model):
    """What a segment does differently; what is not given is as for everyone."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> float | None: ...


def trait(parameter: Parameter) -> tuple[Any, Any]:
    """Field definition of a number that may differ between customers."""
    low, high = limits(parameter)

    def from_number(value: Any) -> Any:
        if isinstance(value, dict | Distribution):
            return _named(value)
        if isinstance(value, bool | str) or not isinstance(value, int | float):
            raise reject("must be a number or a distribution")
        if not low <= value <= high or not math.isfinite(value):
            raise reject("must lie in the range")
        return Constant(value=float(value))

    def within(value: Distribution) -> Distribution:
        ends = value.support() if (low, high) == (0, 1) else value.reach()
        if not low <= ends[0] <= ends[1] <= high:
            reached = f"this one reaches {ends[0]:.6g}..{ends[1]:.6g}"
            raise reject("must be a distribution within the range", reached)
        return value

    kind = Annotated[AnyDistribution, BeforeValidator(from_number), AfterValidator(within)]
    return kind, spread(parameter, Constant.model_construct(value=parameter.default))


def _named(value: Any) -> Any:
    # pydantic writes to stderr where the family is a number of very many digits.
    if isinstance(value, dict) and not isinstance(value.get("dist", ""), str):
        raise reject("must name its family in dist, as text")
    return value


@filled({name: trait(parameter) for name, parameter in table_of(parameters.Traits).items()})
class Traits(Model):
    """What the customers of a segment are born with: one distribution each."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Distribution: ...


@filled({"spend_noise": trait(SPREAD)})
class Segment(Model):
    """A kind of customer."""

    share: float = number(P(1.0, "share of the customers", 0, 1, "how many of the customers are of this kind"))
    traits: Traits = described("What they are born with.", Traits.model_construct())
    behaviour: BehaviourChanges = described(
        "What they do differently from everyone.", BehaviourChanges.model_construct()
    )
    initial: Table[Annotated[float, bounded(INITIAL)]] = described(
        "Share of the segment that is a firm's customer at the start, by firm; the rest are prospects.",
        Frozen(),
    )
    if TYPE_CHECKING:
        spend_noise: Distribution

    @model_validator(mode="after")
    def _scalable(self) -> Segment:
        if not self.spend_noise.mean() > 0:
            raise reject("must have a spend_noise with a mean above 0: it is scaled to mean 1")
        return self

    def spend_quantiles(self) -> NDArray[np.float64]:
        """Scatter of single baskets as a table of quantiles (see `spend.spend_quantiles`)."""
        return spend_quantiles(self.spend_noise)
