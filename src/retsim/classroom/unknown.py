"""A mystery market: each student has one of their own, sees what its firm sees, hands in a plan, and is scored by it.

The market is a packaged one whose hidden values are a lot of the student's name and the class. A year has been lived
under half and half. The plan that is handed in holds for the two years that follow, then a successor returns to half
and half for a while, so that what a plan does to the customers is paid for, or pays.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from retsim.classroom.lots import uniform
from retsim.classroom.plans import Order, Replay, checked
from retsim.classroom.rules import successor
from retsim.classroom.sight import Sight, look
from retsim.market.plans import Plan
from retsim.results.intervals import mean_interval

if TYPE_CHECKING:
    import pandas as pd

    from retsim.experiments.study import Study
    from retsim.scenario import Scenario

MARKET, CUSTOMERS = "telecom", 400
SEEN, RULED, AFTER = 12.0, 24.0, 18.0
"""Months that the student sees, rules, and leaves to the successor."""
CHOOSING, SCORING = 4, 10
"""Replications in which the best known plan is chosen, and others in which the student's is scored against it: the best
of several noisy means looks better than it is, so the two must not be the same."""
KNOWN: Mapping[str, Plan] = {
    "as before": Plan(),
    "win": Plan(retention_share=0.0),
    "service": Plan(retention_share=0.8, mix={"service": 1.0}),
    "coupons": Plan(retention_share=0.8, mix={"price": 1.0}),
    "contact": Plan(retention_share=0.8, mix={"contact": 1.0}),
    "contact at risk": Plan(retention_share=0.8, mix={"contact": 1.0}, targeting="churn-risk"),
    "win back": Plan(retention_share=0.5, mix={"service": 0.4, "win_back": 0.6}),
    "save": Plan(spend=0.0),
}
"""Plans against which one is scored."""
HIDDEN: Mapping[str, tuple[float, float]] = {
    "bound": (0.2, 1.0),
    "failure_rate": (0.01, 0.15),
    "service_efficiency": (0.02, 0.6),
    "ad_efficiency": (0.01, 0.25),
    "contact_gain": (0.01, 0.4),
    "attention": (0.4, 3.0),
}
"""What is hidden, and its range: the share of those usually bound to a firm who are, the firm's failures, what money for
service prevents of them, how far its advertising reaches, what a relevant contact does to attachment, and how often
people think, as a multiple. *Assumed*; lots are even in the logarithm."""
LEVERS = ("retention_share", "spend", "mix", "targeting")

__all__ = ["HIDDEN", "KNOWN", "Mystery", "Result", "mystery"]


class Result(NamedTuple):
    """How a plan did.

    Attributes
    ----------
    student : str
    class_seed : int
    plan : Plan
    best : str
        The known plan that does best in this market.
    regret, low, high : float
        Discounted profit of that one less that of the plan handed in, with its 95 % interval: below 0 where the
        student's is better.
    at_stake : float
        Best less worst known plan: what was to be lost.
    n : int
        Replications, with luck that nobody has seen.
    """

    student: str
    class_seed: int
    plan: Plan
    best: str
    regret: float
    low: float
    high: float
    at_stake: float
    n: int

    def __str__(self) -> str:
        found = f"{abs(self.regret):,.0f} ({self.low:+,.0f} to {self.high:+,.0f}; n = {self.n})"
        side = "less" if self.regret > 0.0 else "more"
        return f"{found} {side} than the best known plan, {self.best!r}; the worst loses {self.at_stake:,.0f}"


class Mystery:
    """One student's market; made by `mystery`.

    Attributes
    ----------
    student : str
    class_seed : int
    sight : Sight
        What the firm sees after the first year: `database`, `bills`, `complaints`, `books`, `survey`, `research`,
        `prices`, `plan`.
    """

    def __init__(self, student: str, class_seed: int) -> None:
        self.student, self.class_seed = student, class_seed
        self._tries = 0

    def __repr__(self) -> str:
        return f"<Mystery market of {self.student}, class {self.class_seed}: {self._tries} plans handed in>"

    @cached_property
    def _scenario(self) -> Scenario:
        return _market(self._values()).with_(horizon=SEEN + RULED + AFTER)

    def _values(self) -> dict[str, float]:
        lots = {name: uniform("mystery", self.class_seed, self.student, name) for name in HIDDEN}
        return {name: low * (high / low) ** lots[name] for name, (low, high) in HIDDEN.items()}

    @cached_property
    def sight(self) -> Sight:
        """What the firm sees when the student takes over."""
        return look(self._scenario, (), SEEN, (self.class_seed, 0))[0]

    def hand_in(self, plan: Plan) -> Result:
        """Let a plan rule, and score it.

        Parameters
        ----------
        plan : Plan
            `retention_share`, `spend`, `mix`, `targeting`; prices and terms stay as they are here.

        Raises
        ------
        TypeError, ValueError
            The plan asks for what a firm cannot do, or for other figures.
        """
        checked(plan, self._scenario)
        if plan.figures:
            raise ValueError(f"plan.figures: stay as they are in a mystery market; a plan sets {', '.join(LEVERS)}")
        means = self._known
        best = str(means.idxmax())
        found = mean_interval(self._best - _profits(self._lived({"mine": plan}, SCORING, 2))["mine"])
        self._tries += 1
        return Result(self.student, self.class_seed, plan, best, *found[:3], float(means.max() - means.min()), found.n)

    @cached_property
    def _known(self) -> pd.Series:
        return _profits(self._lived(KNOWN, CHOOSING, 1)).mean()

    @cached_property
    def _best(self) -> pd.Series:
        best = str(self._known.idxmax())
        return _profits(self._lived({best: KNOWN[best]}, SCORING, 2))[best]

    def known(self) -> pd.DataFrame:
        """How the known plans do on average, the best first; told to who has handed in a plan.

        Raises
        ------
        ValueError
            Nothing was handed in yet.
        """
        import pandas as pd

        self._require_try("known")
        means = self._known.sort_values(ascending=False)
        return pd.DataFrame({"plan": means.index, "profit": means.to_numpy(), "n": CHOOSING})

    def reveal(self) -> pd.DataFrame:
        """The hidden values and their ranges; told to who has handed in a plan.

        Raises
        ------
        ValueError
            Nothing was handed in yet.
        """
        import pandas as pd

        self._require_try("reveal")
        values = self._values()
        return pd.DataFrame(
            [{"hidden": name, "value": values[name], "from": a, "to": b} for name, (a, b) in HIDDEN.items()]
        )

    def _require_try(self, what: str) -> None:
        if not self._tries:
            raise ValueError(
                f"{what}: the market of {self.student} tells after a plan was handed in: hand_in(rs.Plan(...))"
            )

    def _lived(self, plans: Mapping[str, Plan], replications: int, luck: int) -> Study:
        from retsim.experiments.compare import compare

        end = Order(SEEN + RULED, successor(self._scenario))
        return compare(
            dict.fromkeys(plans, self._scenario),
            # The life that the student has seen has the class's own seed; none of these is that one.
            seed=self.class_seed + luck,
            replications=replications,
            workers=1,
            strategy={name: Replay([Order(SEEN, plan), end]) for name, plan in plans.items()},
        )


def mystery(student: str, class_seed: int = 0) -> Mystery:
    """A student's market.

    Parameters
    ----------
    student : str
        Name or number; the same name in the same class has the same market.
    class_seed : int
        The teacher's choice; another one gives everybody another market.

    Raises
    ------
    ValueError
        The name is empty, or the seed none.
    """
    from retsim.results.simulate import KEY_LIMIT, whole

    if not isinstance(student, str) or not student.strip() or len(student) > 100 or not student.isprintable():
        raise ValueError(f"student = {student!r:.120}, must be a name of 1 to 100 printable characters")
    return Mystery(student.strip(), whole("class_seed", class_seed, 0, KEY_LIMIT - 3))


def _market(hidden: Mapping[str, float]) -> Scenario:
    from retsim.scenario import load

    plain = load(MARKET).resized(CUSTOMERS)
    changes: dict[str, Any] = {
        "name": "mystery",
        "budget.retention_share": 0.5,
        **{f"firm.{name}": hidden[name] for name in ("failure_rate", "service_efficiency", "ad_efficiency")},
        "firm.win_back_bonus": 20.0,
        "behaviour.contact_gain": hidden["contact_gain"],
    }
    for name, segment in plain.segments.items():
        for firm, share in segment.initial.items():
            changes[f"segments.{name}.initial.{firm}"] = share * hidden["bound"]
        # The packaged attention is Beta(a, b); the same a with another b has about the mean wanted.
        a, b = segment.traits.attention.a, segment.traits.attention.b  # type: ignore[attr-defined]
        changes[f"segments.{name}.traits.attention.b"] = (a + b) / hidden["attention"] - a
    return plain.with_(**changes)


def _profits(study: Study) -> pd.DataFrame:
    return study.runs.pivot(index="replication", columns="scenario", values="discounted_profit").astype(float)
