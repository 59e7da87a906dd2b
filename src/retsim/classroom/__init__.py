"""The class kit: exercises that check themselves, a mystery market for each student, and a game in rounds.

    rs.classroom.check("12-1", 123.4)              # is that right? a friendly word why
    market = rs.classroom.mystery("ada")           # a market of her own, of which she sees what a firm sees
    game = rs.classroom.game("Blue", seed=7)       # plan, look at the database, plan again: eight rounds

Nothing here is a rule of the model: truths are simulated or computed when they are asked for. Names load on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from retsim.classroom.board import Board, codes
    from retsim.classroom.cockpit import panel
    from retsim.classroom.grading import Exercise, Verdict, check, exercises
    from retsim.classroom.rounds import Game, game, resume, standings
    from retsim.classroom.rules import Rules
    from retsim.classroom.sight import Sight
    from retsim.classroom.unknown import Mystery, Result, mystery

_HOMES = {
    "board": ("Board", "codes"),
    "grading": ("Exercise", "Verdict", "check", "exercises"),
    "cockpit": ("panel",),
    "rounds": ("Game", "game", "resume", "standings"),
    "rules": ("Rules",),
    "sight": ("Sight",),
    "unknown": ("Mystery", "Result", "mystery"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Board",
    "Exercise",
    "Game",
    "Mystery",
    "Result",
    "Rules",
    "Sight",
    "Verdict",
    "check",
    "codes",
    "exercises",
    "game",
    "mystery",
    "panel",
    "resume",
    "standings",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
