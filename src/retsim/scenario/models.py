"""The parts of a scenario: what a firm offers, how a segment feels, what a strategy does with money.

Owns the form of each part; refuses to compare parts with each other (`conflicts`). The model's parameters are
not written here again: their fields come from `retsim.parameters`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BeforeValidator, StringConstraints, model_validator

from retsim import parameters
from retsim.parameters import Parameter, table_of
from retsim.scenario.distributions import AnyDistribution, Constant, Distribution
from retsim.scenario.fields import (
    Frozen,
    Model,
    bounded,
    described,
    filled,
    frozen,
    limits,
    number,
    numbers_of,
    one_or_zero,
    reject,
    spread,
)
from retsim.scenario.spend import spend_quantiles
from retsim.scenario.tags import Only, Tag
from retsim.state import Life

__all__ = [
    "Behaviour",
    "BehaviourChanges",
    "Budget",
    "Entry",
    "FirmSpec",
    "LifeEvents",
    "Mix",
    "Name",
    "Product",
    "Segment",
    "Shock",
    "Strategy",
    "Table",
    "Text",
    "Title",
    "Traits",
    "Winning",
    "Word",
]

P = Parameter
SUM_TOLERANCE = 1e-9
SPREAD = P(1.0, "multiple of the usual basket", 0, 1e6, "scatter of baskets about a customer's usual one (R12)")
OPENS = P(0.0, "probability", 0, 1, "that this opens a need for the product")
INITIAL = P(0.0, "share of the segment", 0, 1, "customers of this firm at the start")

Text = Annotated[str, StringConstraints(max_length=10_000)]
Title = Annotated[str, StringConstraints(max_length=200)]


def _name(text: str) -> str:
    if not text or len(text) > 64 or text != text.strip() or "." in text or not text.isprintable():
        raise reject("must be a name of 1 to 64 printable characters without dots or outer blanks")
    return text


Name = Annotated[str, AfterValidator(_name)]
Item = TypeVar("Item")
Table = Annotated[dict[Name, Item], AfterValidator(frozen)]


def at_most(limit: int) -> BeforeValidator:
    """A check that a table is short, before the work of checking what is in it."""

    def check(table: Any) -> Any:
        if isinstance(table, dict) and len(table) > limit:
            raise reject(f"must have at most {limit:,} entries")
        return table

    return BeforeValidator(check)


class Mix(Model):
    """How retention money is divided; the shares sum to 1."""

    service: float = number(P(0.0, "share of the retention money", 0, 1, "fewer and milder failures (R19, R23)"))
    price: float = number(P(0.0, "share of the retention money", 0, 1, "discounts for the tenured (R19, level 1)"))
    contact: float = number(P(0.0, "share of the retention money", 0, 1, "personal contact (R19, level 2)"))
    structural: float = number(P(0.0, "share of the retention money", 0, 1, "ties of system and work (R19, level 3)"))
    education: float = number(P(0.0, "share of the retention money", 0, 1, "care before purchase (R2)"))
    win_back: float = number(P(0.0, "share of the retention money", 0, 1, "asking the lapsed to come back (R15, R21)"))
    community: float = number(P(0.0, "share of the retention money", 0, 1, "a community of customers (R17, R19)"))
    core: float = number(P(0.0, "share of the retention money", 0, 1, "a service tier for core customers (R21)"))
    survey: float = number(
        P(0.0, "share of the retention money", 0, 1, "asking customers how satisfied they are (R21)")
    )

    @model_validator(mode="after")
    def _whole(self) -> Mix:
        total = math.fsum(getattr(self, name) for name in type(self).model_fields)
        if abs(total - 1) > SUM_TOLERANCE:
            raise reject(f"must have shares that sum to 1, not {total:.12g}")
        return self


class Winning(Model):
    """How the money that wins customers is divided; the shares sum to 1."""

    advertising: float = number(P(0.0, "share of the money that wins", 0, 1, "reach of prospects (R15)"))
    promotion: float = number(P(0.0, "share of the money that wins", 0, 1, "prize draws and lists, with a bonus (R15)"))
    referral: float = number(P(0.0, "share of the money that wins", 0, 1, "rewards for who brings a newcomer (R15)"))
    follow_up: float = number(P(0.0, "share of the money that wins", 0, 1, "following up leads (R15)"))

    @model_validator(mode="after")
    def _whole(self) -> Winning:
        total = math.fsum((self.advertising, self.promotion, self.referral, self.follow_up))
        if abs(total - 1) > SUM_TOLERANCE:
            raise reject(f"must have shares that sum to 1, not {total:.12g}")
        return self


ADVERTISING_ONLY = Winning.model_construct(advertising=1.0)
EQUAL_MIX = Mix.model_construct(service=1 / 3, price=1 / 3, contact=1 / 3, education=0.0)

Targeting = Literal[
    "everyone", "random", "past-value", "predicted-value", "churn-risk", "value-at-risk", "worst", "tenure",
    "dissatisfied", "tagged",
]  # fmt: skip
Switch = Annotated[float, AfterValidator(one_or_zero)]


class Strategy(Model):
    """What a firm does with its budget."""

    title: Title = described("What people call it.", "")
    retention_share: float = number(P(0.0, "share of the budget", 0, 1, "spent on keeping; the rest on winning"))
    mix: Mix = described("How the retention money is divided.", EQUAL_MIX)
    winning: Winning = described("How the money that wins is divided.", ADVERTISING_ONLY)
    targeting: Targeting = described(
        "Whom programmes take first where the money does not reach all: by what the firm's own database says (R21).",
        "everyone",
    )
    refit_every: float = number(P(3.0, "months", 0.05, 1200, "from one fit of its models to the next (R21)"))
    reach: float = number(P(1.0, "share of the customers", 0, 1, "that a programme takes at most (R19, R21)"))
    reward_loyal: Switch = number(P(0.0, "1 or 0", 0, 1, "1: coupons go to the customers of longest standing (R21)"))
    court_wavering: Switch = number(P(0.0, "1 or 0", 0, 1, "1: contact goes to those most likely to leave (R21)"))
    charge_leaver: float = number(
        P(0.0, "money a month left", 0, math.inf, "added to the fee for leaving a contract early (R8, R21)")
    )
    adaptive: Switch = number(P(0.0, "1 or 0", 0, 1, "1: plans the split anew each quarter, from its own books (R21)"))
    core_by: Targeting | None = described(
        "Who are core customers, where those are others than programmes take first (R21).", None
    )
    tags: Annotated[Table[Tag], at_most(64)] = described(
        "Labels that the firm gives its customers by what its database says of them (R21).", Frozen()
    )
    only: Only = described("Programmes that are kept for customers with a tag (R21).", Only.model_construct())

    @model_validator(mode="after")
    def _known_tags(self) -> Strategy:
        for programme, tag in self.only.by_programme().items():
            if tag not in self.tags:
                known = ", ".join(self.tags) or "the strategy's tags (there are none)"
                raise reject(f"must be one of {known}", at=f"only.{programme}")
        if "tagged" in self.aims() and not self.tags:
            key = "targeting" if self.targeting == "tagged" else "core_by"
            raise reject("must not be tagged where the strategy has no tags", "give it tags", at=key)
        return self

    def targeting_of(self, programme: str) -> str:
        """Whom a programme ("price", "contact", "core", "win_back") takes first."""
        if programme == "price" and self.reward_loyal:
            return "tenure"
        if programme == "contact" and self.court_wavering:
            return "churn-risk"
        if programme == "win_back" and self.targeting not in ("everyone", "random"):
            # Of those who have left, only what they were worth is known.
            return "past-value"
        if programme == "core" and self.core_by is not None:
            return self.core_by
        return self.targeting

    def aims(self) -> set[str]:
        """All kinds of targeting that any programme uses."""
        return {self.targeting_of(programme) for programme in ("price", "contact", "core", "win_back")}

    def aimed(self, targeting: str) -> Strategy:
        """The same strategy with another targeting.

        Raises
        ------
        ValueError
            There is no such targeting.
        """
        known = get_args(Targeting)
        if targeting not in known:
            raise ValueError(f"targeting = {targeting!r}, must be one of {', '.join(known)}")
        return self.model_copy(update={"targeting": targeting})

    def needs_complaints(self) -> bool:
        """Whether the firm counts each customer's complaints: its models of leaving, or its tags, read them."""
        tagged = any("complaints" in figure for tag in self.tags.values() for figure in tag.ranges())
        return tagged or not self.aims().isdisjoint(("predicted-value", "churn-risk", "value-at-risk"))


class Budget(Model):
    """What a firm spends a month on winning and keeping customers."""

    monthly: float = number(P(0.0, "money a month", 0, math.inf, "spent on winning and keeping together"))
    retention_share: float | None = number(
        P(0.0, "share of the budget", 0, 1, "spent on keeping, instead of the strategy's"), None
    )
    mix: Mix | None = described("How the retention money is divided, instead of the strategy's.", None)
    winning: Winning | None = described("How the money that wins is divided, instead of the strategy's.", None)
    spend: float = number(P(1.0, "share of the budget", 0, 10, "that is spent; above 1 only with credit (R23)"))
    credit: Switch = number(P(0.0, "1 or 0", 0, 1, "1: what is spent beyond the budget is borrowed (R23)"))
    credit_rate: float = number(P(0.1, "share a year", 0, 10, "interest on what is borrowed (R23)"))


SHOCK_NUMBERS: dict[str, tuple[str, ...]] = {
    "quality-crisis": ("firm", "duration", "depth", "press", "press_duration"),
    "price-war": ("duration", "price_factor"),
    "recession": ("duration", "worth_factor"),
    "outage": ("firm", "duration"),
    "entrant": ("firm",),
}
"""What may be said of each kind of shock besides its kind and start."""


class Shock(Model):
    """Something that comes from outside (R22)."""

    kind: Literal["quality-crisis", "price-war", "recession", "outage", "entrant"] = described("What happens.")
    start: Annotated[float, bounded(P(0.0, "months", 0, 1200, "when it comes; at the horizon or later: never"))]
    duration: float = number(P(6.0, "months", 0.01, 1200, "how long it lasts"))
    firm: Name | None = described("Whom it hits; without a name the focal firm. An entrant must be a rival.", None)
    depth: float = number(P(0.3, "share", 0, 1, "of the quality of service, product and delivery that is lost"))
    press: float = number(P(0.2, "share", 0, 1, "of the reputation that is lost to what is written about it"))
    press_duration: float = number(P(12.0, "months", 0.01, 1200, "how long the reputation suffers"))
    price_factor: float = number(P(0.8, "multiple", 0, 100, "of rivals' prices"))
    worth_factor: float = number(P(0.85, "multiple", 0, 100, "of everyone's willingness to pay"))

    @model_validator(mode="after")
    def _fitting(self) -> Shock:
        allowed = {"kind", "start", *SHOCK_NUMBERS[self.kind]}
        for name in sorted(self.model_fields_set - allowed):
            raise reject(
                f"must not be set: a shock of kind {self.kind} has {', '.join(SHOCK_NUMBERS[self.kind])}", at=name
            )
        return self


class Product(Model):
    """A further product, which any firm can sell to its own customers (R13)."""

    price: float = number(P(0.0, "money, a month where recurring", 0, math.inf, "paid at the sale, or month by month"))
    unit_cost: float = number(P(0.0, "money, a month where recurring", 0, math.inf, "what that costs the firm"))
    recurring: Annotated[float, AfterValidator(one_or_zero)] = number(
        P(0.0, "1 or 0", 0, 1, "1: paid with every bill for its months, 0: paid once, at the sale")
    )
    cycle: float = number(P(0.0, "months", 0, 1200, "after which it is worn out and the need opens again; 0: never"))
    initial: float = number(P(0.0, "share of the customers", 0, 1, "of those there at the start who have it"))
    opens: Table[Annotated[float, bounded(OPENS)]] = described(
        "Probability that its sale opens a need for another product, by product.", Frozen()
    )


class LifeEvent(Model):
    """A kind of life event."""

    share: float = number(P(1.0, "weight", 0, 1000, "how frequent it is beside the other kinds (R13)"))
    opens: Table[Annotated[float, bounded(OPENS)]] = described(
        "Probability that it opens a need for a product, by product.", Frozen()
    )


def _event(meaning: str) -> Any:
    return described(meaning, LifeEvent.model_construct())


class LifeEvents(Model):
    """The six kinds of life events, and the needs that they open (R13)."""

    family: LifeEvent = _event("Marriage, a child, a separation, a death.")
    education: LifeEvent = _event("School, training, a degree.")
    work: LifeEvent = _event("A first, another, or no more job.")
    place: LifeEvent = _event("Moving to another home.")
    finance: LifeEvent = _event("An inheritance, a gain, a loss.")
    purchase: LifeEvent = _event("A major purchase, such as a car or a home.")

    def of(self, kind: Life) -> LifeEvent:
        """The kind of that number."""
        event: LifeEvent = getattr(self, kind.name.lower())
        return event


class Entry(Model):
    """People who are new to the market."""

    per_month: float = number(P(0.0, "newcomers a month", 0, 1e6, "enter the market as prospects (R15)"))
    per_satisfied: float = number(
        P(
            0.0,
            "newcomers a satisfied customer and month",
            0,
            100,
            "further newcomers, drawn by the content (R15)",
        )
    )
    walk_in: float = number(P(0.0, "share of the newcomers", 0, 1, "walk straight into a firm (R15)"))


class Word(Model):
    """What customers tell each other about firms."""

    rate: float = number(
        P(0.0, "per month", 0, 100, "at which a prospect hears of a firm that everybody recommends; 0: no word (R17)")
    )
    network: Literal["none", "random", "small-world", "scale-free"] = described(
        "Who tells whom: everybody everybody (none), or neighbours in a network.", "none"
    )
    ties: int = number(P(4, "ties", 1, 50, "that each customer makes: twice as many neighbours on average (R17)"))
    rewiring: float = number(
        P(
            0.1,
            "share",
            0,
            1,
            "of a small world's ties that lead anywhere (R17)",
            "Watts & Strogatz 1998; value assumed",
        )
    )
    rivals: float = number(P(0.3, "share", 0, 1, "of recommendations that also reach other firms' customers (R17)"))
    warnings: float = number(
        P(
            2.0,
            "multiple",
            0,
            100,
            "by which a warning weighs more than a recommendation (R17)",
            "Arndt 1967; value assumed",
        )
    )
    matching: float = number(
        P(
            0.5,
            "share",
            0,
            1,
            "of recommendations not made to whom the offer is not worth its price (R17)",
            "Schmitt, Skiera & Van den Bulte 2011; value assumed",
        )
    )
    leavers: float = number(P(6.0, "months", 0, 1200, "for which who left discontent goes on warning (R17)"))
    reputation_learning: float = number(
        P(0.5, "per word a head", 0, 1000, "reputation moves towards what is told (R17)")
    )


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
