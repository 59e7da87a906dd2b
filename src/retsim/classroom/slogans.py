"""Exercises of notebook 13, the famous numbers, whose truth is an experiment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from retsim.classroom.judging import PEOPLE, REPLICATIONS, SEED, Judge, Verdict, money_shown, study_of

if TYPE_CHECKING:
    from retsim.experiments.asking import Question
    from retsim.results.run import Run
    from retsim.scenario import Scenario

AS_IT_IS, MORE = "as it is", 0.25


def _cheap_to_win(answer: Any) -> Verdict:
    """Winning is cheaper than keeping on average, and the further euro belongs in keeping."""
    from retsim.scenario import load, packaged

    if not isinstance(answer, str) or answer not in packaged():
        return Verdict(False, f"{answer!r:.60} is no packaged scenario; retsim.packaged() lists them")
    study = study_of(_further_money(load(answer).with_(horizon=36.0)))
    paths = study.paths[study.paths["scenario"] == AS_IT_IS]
    joined, active = paths["joined"].sum(), paths["active"].sum()
    if not joined or not active or not paths["retention_spend"].sum():
        return Verdict(False, f"in {answer} nobody is won, or nothing is spent for keeping")
    cost, a_year = paths["acquisition_spend"].sum() / joined, 12.0 * paths["retention_spend"].sum() / active
    table = study.differences("discounted_profit", baseline="win")
    row = table[table["scenario"] == "keep"].iloc[0]
    found = (float(row["mean"]), float(row["low"]), float(row["high"]))
    shown = (
        f"winning one costs {cost:,.0f}, keeping one for a year {a_year:,.0f}; a quarter more for keeping, less as much more "
        f"for winning, is {money_shown(found)}"
    )
    return Verdict(bool(cost < a_year and found[1] > 0.0), shown)


def _further_money(market: Scenario) -> dict[str, Scenario]:
    """A market as it is, and with a quarter more of the budget, all for keeping or all for winning."""
    share = market.plan_of(market.focal).strategy.retention_share
    monthly = market.budget.monthly * (1.0 + MORE)
    kept = {"keep": share + MORE, "win": share}
    return {AS_IT_IS: market} | {
        way: market.with_(**{"budget.monthly": monthly, "budget.retention_share": part / (1.0 + MORE)})
        for way, part in kept.items()
    }


def _mostly_satisfied(answer: Any) -> Verdict:
    """Most customers are satisfied, and most of those who left were not."""
    from retsim.experiments.asking import ask
    from retsim.scenario import Scenario

    if not isinstance(answer, Scenario):
        return Verdict(False, f"{answer!r:.60} is no Scenario; rs.load('telecom').with_(...) makes one")
    market = answer.resized(PEOPLE).with_(horizon=36.0)
    questions: dict[str, Question] = {"customers": _satisfied_customers, "leavers": "satisfied_share_of_leavers"}
    table = ask({"yours": market}, questions, replications=REPLICATIONS, seed=SEED).means()
    found = {row["question"]: [float(row[x]) for x in ("mean", "low", "high")] for row in table.to_dict("records")}
    shown = ", ".join(
        f"satisfied among {who} {m:.0%} ({low:.0%} to {high:.0%})" for who, (m, low, high) in found.items()
    )
    right = found["customers"][1] > 0.5 and found["leavers"][2] < 0.5
    return Verdict(right, f"{shown}; n = {REPLICATIONS}")


def _satisfied_customers(run: Run) -> float:
    ours = run.totals[run.totals["firm"] == run.scenario.focal]
    return float(ours["satisfied"].sum() / max(ours["active"].sum(), 1))


EXERCISES: dict[str, tuple[str, Judge]] = {
    "13-2": (
        "Name a packaged scenario in which winning a customer costs less than keeping one for a year, and in which a quarter "
        "more of the budget for keeping nevertheless earns more than a quarter more for winning (36 months, 8 replications; the "
        "whole 95 % interval above 0).",
        _cheap_to_win,
    ),
    "13-4": (
        "Hand in a Scenario, made of telecom, in which most customers are satisfied and most of those who chose to leave were "
        "not (400 people, 36 months, 8 replications; both 95 % intervals beyond one half).",
        _mostly_satisfied,
    ),
}  # fmt: skip
