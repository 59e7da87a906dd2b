"""Questions about a firm: taken from options, asked where a person sits at a terminal, refused by the same rules."""

from __future__ import annotations

import re
import sys
from argparse import Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from retsim.cli.errors import UserError

if TYPE_CHECKING:
    from retsim.calibrate.sketch import Figures

SETTINGS = {"contract": "contractual", "contractual": "contractual", "free": "non-contractual",
            "non-contractual": "non-contractual"}  # fmt: skip

__all__ = ["QUESTIONS", "Question", "figures_of"]


class Question(NamedTuple):
    """One figure: how it is asked, which answers are taken, and when it is asked at all."""

    name: str
    text: str
    rule: str
    read: Callable[[str], Any]
    when: str = ""

    def answer(self, text: str, place: str) -> Any:
        """What an answer says.

        Raises
        ------
        UserError
            With place, value and rule.
        """
        try:
            return self.read(text.strip())
        except ValueError:
            raise UserError(f"{place}: {text.strip()[:40]!r}, must be {self.rule}") from None


def _number(low: float, high: float, *, above: bool = False, whole: bool = False) -> Callable[[str], float]:
    """A reader of numbers in a range; without its lower end where they must be above it. A percent sign divides."""

    def read(text: str) -> float:
        percent = text.endswith("%")
        value = float(text.removesuffix("%")) / (100.0 if percent else 1.0)
        if not low <= value <= high or (above and value == low) or (whole and (value != int(value) or percent)):
            raise ValueError
        return int(value) if whole else value

    return read


def _setting(text: str) -> str:
    if text.lower() not in SETTINGS:
        raise ValueError
    return SETTINGS[text.lower()]


def _currency(text: str) -> str:
    if not re.fullmatch(r"\w{1,12}|[^\w\s]{1,3}", text):
        raise ValueError
    return text


QUESTIONS = (
    Question("setting", "Do customers have a contract and bills, or buy when they like? (contract/free)",
             "contract or free", _setting),
    Question("currency", "Currency", "a word such as EUR", _currency),
    Question("price", "Price, money a month under a contract, else a purchase", "a number above 0", _number(0, 1e6, above=True)),
    Question("margin", "Margin: share of the price left after cost of goods and serving",
             "a share above 0, up to 1, such as 0.6 or 60%", _number(0, 1, above=True)),
    Question("purchases", "Purchases a customer makes a month", "a number from 0.01 to 100", _number(0.01, 100), "non-contractual"),
    Question("term", "Months of a contract, 0 for none", "a number of months from 0 to 120", _number(0, 120), "contractual"),
    Question("customers", "Customers you have today", "a whole number from 20 to 100,000,000", _number(20, 1e8, whole=True)),
    Question("share", "They are which share of all people in your market?",
             "a share from 0.001 to 1, such as 0.25 or 25%", _number(0.001, 1)),
    Question("churn", "Share of them that you lose a month", "a share from 0.001 to 0.3, such as 0.02 or 2%", _number(0.001, 0.3)),
    Question("rivals", "Number of rivals that matter", "a whole number from 0 to 12", _number(0, 12, whole=True)),
    Question("budget", "Money you spend a month on winning and keeping", "a number, 0 or more", _number(0, 1e9)),
)  # fmt: skip


def figures_of(args: Namespace) -> Figures:
    """The figures of a firm: those given as options; the others asked at a terminal, else usual ones.

    Raises
    ------
    UserError
        An option is wrong, or belongs to the other setting.
    """
    from retsim.calibrate.sketch import Figures

    known: dict[str, Any] = {}
    asks = sys.stdin.isatty() and sys.stdout.isatty()
    for question in QUESTIONS:
        given = getattr(args, question.name)
        setting = known.get("setting", Figures().setting)
        if question.when and question.when != setting:
            if given is not None:
                raise UserError(f"--{question.name}: is asked only of a {question.when} market, this one is {setting}")
            continue
        if given is not None:
            known[question.name] = question.answer(given, f"--{question.name}")
        elif question.name == "budget":
            known["budget"] = (
                _asked(question, _usual_budget(Figures(**known))) if asks else _usual_budget(Figures(**known))
            )
        elif asks:
            known[question.name] = _asked(question, getattr(Figures(), question.name))
    return Figures(**known)


def _usual_budget(figures: Figures) -> float:
    """Six percent of revenue, to two digits: the order of the packaged scenarios."""
    purchases = figures.purchases if figures.setting == "non-contractual" else 1.0
    return float(f"{0.06 * figures.price * purchases * figures.customers:.2g}")


def _asked(question: Question, usual: Any) -> Any:
    """Ask until the answer can be taken; an empty one takes what is usual."""
    while True:
        try:
            text = input(
                f"{question.text} [{usual:g}]: " if not isinstance(usual, str) else f"{question.text} [{usual}]: "
            )
        except EOFError:
            raise UserError(
                f"\n{question.name}: no answer; give it as --{question.name}, nothing was written"
            ) from None
        if not text.strip():
            return usual
        try:
            return question.answer(text, question.name)
        except UserError as error:
            print(f"  {error}")
