"""What a team's plans brought, told apart from its luck: the same plans in other lives."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from retsim.classroom.plans import Replay
from retsim.results.intervals import mean_interval
from retsim.results.simulate import whole

if TYPE_CHECKING:
    from retsim.classroom.rounds import Game

LIVES = 12
"""Further lives in which a team's plans are tried, so that luck and skill can be told apart."""

__all__ = ["LIVES", "Score", "scored"]


class Score(NamedTuple):
    """What the plans brought, in money, discounted, the successor's time included.

    Attributes
    ----------
    profit : float
        In the life that was played.
    gain : float
        The same less what the starting plan brings in that life.
    mean, low, high : float
        Mean of that gain in `lives` other lives with the same plans, and its 95 % interval: the skill.
    lives : int
    """

    profit: float
    gain: float
    mean: float
    low: float
    high: float
    lives: int

    def __str__(self) -> str:
        return (
            f"profit {self.profit:,.0f}; {self.gain:+,.0f} against the starting plan in this life, "
            f"{self.mean:+,.0f} ({self.low:+,.0f} to {self.high:+,.0f}) in {self.lives} others"
        )


def scored(played: Game, lives: int) -> Score:
    """What a team's plans brought, in the life that was played and in so many others."""
    from retsim.experiments.compare import compare

    whole("lives", lives, 2, 1000)
    # The first replication is the life that was played; the others never were.
    study = compare(
        {"plans": played.scenario, "start": played.scenario},
        replications=lives + 1,
        seed=played.rules.seed,
        workers=1,
        strategy={"plans": Replay(played.orders())},
    )
    profits = study.runs.pivot(index="replication", columns="scenario", values="discounted_profit")
    gains = (profits["plans"] - profits["start"]).to_numpy()
    found = mean_interval(gains[1:])
    return Score(float(profits["plans"].iloc[0]), float(gains[0]), found.mean, found.low, found.high, found.n)
