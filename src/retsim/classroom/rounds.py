"""A game in rounds: plan, live three months, look at the database, plan again; the market is one and the same.

Each round lives the market from its start under all plans so far. Luck is keyed by customer, purpose and index, and a
longer run begins as the shorter one, so the rounds before are the same to the last bit, and teams with the same rules
meet the same people with the same luck. After the last round a successor runs the firm with the plan that stood at the
beginning, and what it earns counts: who has plundered the firm pays for it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from retsim.classroom.plans import Order, checked, of_json, to_json
from retsim.classroom.rules import Rules, checked_rules, successor
from retsim.classroom.scoring import LIVES, Score, scored
from retsim.classroom.sight import Sight, look
from retsim.market.plans import Plan

if TYPE_CHECKING:
    import pandas as pd

    from retsim.results.run import Run

FORM = 1

__all__ = ["Game", "game", "resume", "standings"]


class Game:
    """One team's game; made by `game` or `resume`.

    Attributes
    ----------
    team : str
    rules : Rules
    plans : tuple of Plan
        One a round played.
    """

    def __init__(self, team: str, rules: Rules, *, path: Path | None = None, plans: Iterable[Plan] = ()) -> None:
        self.team, self.rules, self.path = team, rules, path
        self.scenario = rules.scenario()
        self.plans: tuple[Plan, ...] = ()
        for plan in plans:
            self._take(plan)
        self._look()

    def __repr__(self) -> str:
        r = self.rules
        return f"<Game of {self.team}: {r.market}, seed {r.seed}, {len(self.plans)} of {r.rounds} rounds played>"

    @property
    def over(self) -> bool:
        """Whether all rounds are played."""
        return len(self.plans) >= self.rules.rounds

    @property
    def month(self) -> int:
        """Now, in months since the start."""
        return len(self.plans) * self.rules.months

    def play(self, plan: Plan | None = None) -> Sight:
        """Plan for the next round, and live through it.

        Parameters
        ----------
        plan : Plan, optional
            What is not given stays as it is; None: everything stays.

        Returns
        -------
        Sight
            What the firm sees after the round.

        Raises
        ------
        TypeError, ValueError
            The plan asks for what a firm cannot do, or all rounds are played. Nothing was played then.
        OSError
            The game cannot be saved. Nothing was played then, either.
        """
        if self.over:
            raise ValueError(f"game of {self.team}: all {self.rules.rounds} rounds are played; see score()")
        before = self.plans
        self._take(Plan() if plan is None else plan)
        try:
            if self.path is not None:
                self.save(self.path)
        except OSError:
            self.plans = before
            raise
        self._look()
        return self.sight

    def _take(self, plan: Plan) -> None:
        if self.over:
            raise ValueError(f"game of {self.team}: has more plans than the {self.rules.rounds} rounds of its rules")
        self.plans = (*self.plans, checked(plan, self.scenario))

    def _look(self) -> None:
        self.sight, self._run = look(self.scenario, self.orders(), float(self.month), (self.rules.seed, 0))

    def orders(self) -> list[Order]:
        """All plans and when they were made; after the last round that of the successor."""
        orders = [Order(float(k * self.rules.months), plan) for k, plan in enumerate(self.plans)]
        return [*orders, Order(float(self.rules.end), successor(self.scenario))] if self.over else orders

    def database(self) -> pd.DataFrame:
        """The customer database now (`Sight.database`)."""
        return self.sight.database()

    def books(self) -> pd.DataFrame:
        """The firm's books so far (`Sight.books`)."""
        return self.sight.books()

    def so_far(self) -> Run:
        """The run up to now, and one tick beyond: for the teacher, who may see everything."""
        return self._run

    def score(self, lives: int = LIVES) -> Score:
        """What the plans brought, once all rounds are played.

        Raises
        ------
        ValueError
            Rounds are left.
        """
        if not self.over:
            left = self.rules.rounds - len(self.plans)
            raise ValueError(f"game of {self.team}: {left} rounds are left; the books say what was earned so far")
        return self._score if lives == LIVES else scored(self, lives)

    @cached_property
    def _score(self) -> Score:
        return scored(self, LIVES)

    def save(self, path: str | Path) -> Path:
        """Write rules and plans to a file, whole or not at all; `resume` goes on from it.

        Raises
        ------
        OSError
        """
        target = Path(path)
        content = {
            "retsim game": FORM,
            "team": self.team,
            "rules": self.rules._asdict(),
            "scenario": self.scenario.digest(),
            "plans": [to_json(plan) for plan in self.plans],
        }
        fresh = target.with_name(f".{target.name}.new")
        fresh.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        os.replace(fresh, target)
        return target


def game(team: str = "us", market: str = "telecom", *, path: str | Path | None = None, **rules: int) -> Game:
    """Begin a game.

    Parameters
    ----------
    team : str
    market : str
        A packaged scenario, such as "telecom", "retail" or "saas".
    path : path, optional
        Saved there after every round; a file that is there is not overwritten.
    **rules
        `seed`, `rounds`, `months`, `after`, `customers`, as in `Rules`; teams with the same ones can be compared.

    Raises
    ------
    ValueError
        A rule is not what it must be.
    FileExistsError
        There is a file already: `resume` goes on from it.
    """
    place = None if path is None else Path(path)
    if place is not None and place.exists():
        raise FileExistsError(f"{place}: is there already; retsim.classroom.resume({str(place)!r}) goes on from it")
    return Game(team, checked_rules({"market": market, **rules}), path=place)


def resume(path: str | Path) -> Game:
    """Go on with a saved game, from its rules and plans alone.

    Raises
    ------
    ValueError
        The file holds no game, or one of another version of the market.
    OSError
        It cannot be read.
    """
    place = Path(path)
    try:
        content = json.loads(place.read_text(encoding="utf-8"))
        if content["retsim game"] != FORM:
            raise ValueError(f"its form is {content['retsim game']!r}, must be {FORM}")
        found = Game(
            str(content["team"]),
            checked_rules(content["rules"]),
            path=place,
            plans=[of_json(p) for p in content["plans"]],
        )
        written = content["scenario"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{place}: holds no game that can be read ({error})") from error
    if written != found.scenario.digest():
        raise ValueError(f"{place}: was played in another version of {found.rules.market}; play it with that version")
    return found


def standings(games: Iterable[Game | str | Path], lives: int = LIVES) -> pd.DataFrame:
    """Games that are over, the best first: every score is made anew from the plans, so that none can be written in.

    Parameters
    ----------
    games : iterable of Game or path
        All with the same rules.
    lives : int

    Returns
    -------
    DataFrame
        One row a team: `rank`, `team`, `profit`, `gain` in the life that was played; `mean`, `low`, `high` of the gain
        in other lives. The order is that of `mean`: the luck of one life decides nothing.

    Raises
    ------
    ValueError
        Rules differ, or rounds are left.
    """
    import pandas as pd

    teams = [one if isinstance(one, Game) else resume(one) for one in games]
    for other in teams[1:]:
        if other.rules != teams[0].rules:
            raise ValueError(
                f"{other.team} played by {other.rules}, {teams[0].team} by {teams[0].rules}: must be the same"
            )
    rows = [{"team": one.team, **one.score(lives)._asdict()} for one in teams]
    table = pd.DataFrame(rows).sort_values("mean", ascending=False, kind="stable", ignore_index=True)
    table.insert(0, "rank", table["mean"].rank(ascending=False, method="min").astype(int))
    return table
