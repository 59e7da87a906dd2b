"""A scenario: market, customers, firms, strategies and horizon, checked as a whole and never changed.

Owns the whole and its changed copies; refuses to read files (`files`) and to run anything.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationError

from retsim.parameters import Parameter
from retsim.scenario.conflicts import conflicts
from retsim.scenario.errors import ScenarioError, refusal
from retsim.scenario.fields import Frozen, Model, described, frozen, number, reject
from retsim.scenario.merging import DEPTH, flattened, is_deep, merged, nested, with_evidence
from retsim.scenario.models import Behaviour, FirmSpec, Segment
from retsim.scenario.names import Name, Table, Text, Title, at_most
from retsim.scenario.needs import LifeEvents, Product
from retsim.scenario.outside import Entry, Shock, Word
from retsim.scenario.plain import digest_of, plain
from retsim.scenario.problems import problems_of
from retsim.scenario.spending import Budget, Mix, Strategy, Winning
from retsim.scenario.strategies import strategies
from retsim.scenario.writing import text_of
from retsim.state import MOST_PRODUCTS

__all__ = ["Plan", "Scenario"]

P = Parameter


class Plan(NamedTuple):
    """What a firm does with its money: strategy and own settings resolved.

    Attributes
    ----------
    monthly : float
        Money a month on winning and keeping together.
    retention_share : float
        Share of it that is spent on keeping.
    mix : Mix
        How that is divided.
    strategy : Strategy
        Whom it goes to, and what else the strategy says.
    budget : Budget
        Terms on which more than the budget may be spent.
    winning : Winning
        How the rest is divided.
    """

    monthly: float
    retention_share: float
    mix: Mix
    winning: Winning
    strategy: Strategy
    budget: Budget


def _name_of_focal(value: Any) -> Any:
    if isinstance(value, dict):
        raise reject("must be text, the name of the focal firm", "its figures stand under firm")
    return value


class Scenario(Model):
    """Market, customers, firms, strategies and horizon.

    Raises
    ------
    ScenarioError
        With every problem at once.
    """

    name: Name = described("Short name; of a file its stem.", "scenario")
    title: Title = described("One line for tables and pictures.", "")
    question: Text = described("What the scenario is to answer.", "")
    description: Text = described("What it is about, for a reader.", "")
    currency: Annotated[str, StringConstraints(min_length=1, max_length=12)] = described("Unit of money.", "EUR")
    setting: Literal["contractual", "non-contractual"] = described(
        "Bills every period under a contract, or purchases whenever the customer likes."
    )
    horizon: float = number(P(60.0, "months", 0.01, 1200, "how long the market is watched"))
    tick: float = number(P(1.0, "months", 0.05, 12, "how often firms act and look at each other"))
    period: float = number(P(1.0, "months", 0.01, 1200, "of a report; the horizon is a whole number of them"))
    desk_step: float = number(
        P(0.1, "months", 0.01, 12, "how often the books of service desks are looked at; no answer arrives sooner (R16)")
    )
    customers: int = number(P(2000, "customers", 0, 20_000_000, "in the market at the start, prospects included"))
    discount_rate: float = number(P(0.1, "share a year", 0, 1, "yearly rate at which later money is worth less"))
    strategy: Name | None = described("The focal firm's strategy; without one it has no programmes.", None)
    budget: Budget = described("The focal firm's budget.", Budget.model_construct())
    focal: Annotated[Name, BeforeValidator(_name_of_focal)] = described("Name of the focal firm.", "focal")
    firm: FirmSpec = described("The focal firm's offer and costs.", FirmSpec.model_construct())
    rivals: Annotated[Table[FirmSpec], at_most(1000)] = described("The other firms, by name.", Frozen())
    behaviour: Behaviour = described(
        "How customers feel, think and choose, unless their segment says otherwise.",
        Behaviour.model_construct(),
    )
    segments: Annotated[Table[Segment], Field(min_length=1), at_most(64)] = described(
        "Kinds of customers, by name; their shares sum to 1."
    )
    strategies: Annotated[Table[Strategy], at_most(1000)] = described(
        "What firms can do with their budgets, by name.", Frozen()
    )
    products: Annotated[Table[Product], at_most(MOST_PRODUCTS)] = described(
        "Further products, by name; without any, nobody has life events.", Frozen()
    )
    life_events: LifeEvents = described("What opens needs for these products.", LifeEvents.model_construct())
    shocks: Annotated[Table[Shock], at_most(100)] = described("What comes from outside, by name (R22).", Frozen())
    entry: Entry = described("People who are new to the market.", Entry.model_construct())
    word: Word = described("What customers tell each other.", Word.model_construct())
    evidence: Annotated[dict[str, Text], BeforeValidator(flattened), AfterValidator(frozen)] = described(
        "Where the values of this file come from: dotted key to a source, or `assumption: ...`.", Frozen()
    )

    def __init__(self, /, **values: Any) -> None:
        if is_deep(values):
            raise refusal(f"is nested deeper than {DEPTH} tables")
        raw = plain(values)
        problems, more = [], 0
        try:
            super().__init__(**raw)
        except ValidationError as error:
            problems = problems_of(error, Scenario)
            more = error.error_count() - len(problems)
        defaults = {key: type(self).model_fields[key].default for key in ("horizon", "tick", "period", "focal")}
        problems += conflicts(raw, {problem.key for problem in problems}, defaults)
        if problems:
            raise ScenarioError(problems, more) from None

    def with_(self, **overrides: Any) -> Scenario:
        """A changed copy, checked anew.

        Parameters
        ----------
        **overrides
            Values by key. Tables are merged: ``with_(budget=dict(retention_share=0.6))`` keeps the monthly
            budget. Dotted keys reach inside: ``with_(**{"segments.loyal.traits.attention": 0.2})``. A
            distribution that names its family replaces what was there. A changed value loses its evidence,
            unless the overrides bring new.

        Returns
        -------
        Scenario

        Raises
        ------
        ScenarioError
            With every problem at once.
        """
        changes = plain(nested(overrides))
        base = plain(self)
        return Scenario(**with_evidence(base, changes, merged(base, changes)))

    def resized(self, customers: int) -> Scenario:
        """The same market with another number of people at the start.

        Budgets, newcomers and what it costs to launch a structural programme go in proportion, so that as much money is
        spent a head. A service desk stays as it is: its servers are people, of whom there are no halves.

        Parameters
        ----------
        customers : int
            Prospects included; 1 or more.

        Raises
        ------
        ScenarioError
            There can be no such number, or the scenario has nobody to be in proportion to.
        """
        from retsim.scenario.resizing import resized

        return resized(self, customers)

    def without(self, *mechanisms: str) -> Scenario:
        """The same market with mechanisms switched off, for every segment and every firm.

        Of strategies, the scenario's own are changed, and those that its firms have: where one that every scenario has
        is to be chosen, choose it first.

        Parameters
        ----------
        *mechanisms : str
            Names of `retsim.MECHANISMS`, such as ``scenario.without("attachment")``.

        Raises
        ------
        ScenarioError
            There is no such mechanism.
        """
        from retsim.scenario.switching import without

        return without(self, mechanisms)

    def firms(self) -> dict[str, FirmSpec]:
        """All firms by name, the focal first, each with its budget and strategy."""
        focal = self.firm.model_copy(update={"budget": self.budget, "strategy": self.strategy})
        return {self.focal: focal, **self.rivals}

    def plan_of(self, firm_name: str) -> Plan:
        """What a firm does with its money.

        Raises
        ------
        KeyError
            There is no such firm.
        """
        firm = self.firms()[firm_name]
        strategy = Strategy()
        if firm.strategy is not None:
            strategy = (
                self.strategies[firm.strategy] if firm.strategy in self.strategies else strategies()[firm.strategy]
            )
        share, mix, winning = firm.budget.retention_share, firm.budget.mix, firm.budget.winning
        return Plan(
            firm.budget.monthly,
            strategy.retention_share if share is None else share,
            strategy.mix if mix is None else mix,
            strategy.winning if winning is None else winning,
            strategy,
            firm.budget,
        )

    def behaviour_of(self, segment: str | Segment) -> Behaviour:
        """How the customers of a segment (itself, or its name) behave."""
        changes = (self.segments[segment] if isinstance(segment, str) else segment).behaviour
        return self.behaviour.model_copy(update=plain(changes))

    @property
    def n_periods(self) -> int:
        """Number of periods in the horizon."""
        return round(self.horizon / self.period)

    def digest(self) -> str:
        """SHA-256 (hexadecimal) of all that can change a result: its name, title and evidence cannot."""
        return digest_of(self)

    def to_toml(self) -> str:
        """The scenario as text of a scenario file; loading it gives an equal scenario."""
        return text_of(plain(self))

    def save(self, path: str | Path) -> Path:
        """Write the scenario to a file, whole or not at all.

        Raises
        ------
        ScenarioError
            The file cannot be written, or would be too large to be read again.
        """
        from retsim.scenario.files import write

        return write(self, path)
