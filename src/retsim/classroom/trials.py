"""Exercises whose truth is an experiment: the judge runs it, or runs what was handed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from retsim.classroom.classes import small
from retsim.classroom.judging import (
    PEOPLE,
    REPLICATIONS,
    SEED,
    Judge,
    Verdict,
    arms,
    number,
    paired,
    study_of,
    word,
)

if TYPE_CHECKING:
    from retsim.experiments.asking import Question
    from retsim.experiments.study import Study
    from retsim.results.run import Run
    from retsim.scenario import Scenario

WIN, KEEP = "acquisition-led", "retention-led"
AS_IT_IS, MORE = "as it is", 0.25
WINNERS = {
    "win": "acquisition-led earns more",
    "keep": "retention-led earns more",
    "open": "this many runs cannot tell",
}


def _led(name: str, **common: Any) -> Study:
    return study_of(arms(name, {WIN: {"strategy": WIN}, KEEP: {"strategy": KEEP}}, **common))


def _money(found: tuple[float, float, float]) -> str:
    return f"{found[0]:+,.0f} ({found[1]:+,.0f} to {found[2]:+,.0f}; n = {REPLICATIONS})"


def _dear_service() -> tuple[str, str]:
    found = paired(_led("telecom", **{"firm.unit_cost": 16.0}))
    true = "keep" if found[1] > 0.0 else "win" if found[2] < 0.0 else "open"
    return true, f"keeping less winning is {_money(found)}"


def _one_programme() -> tuple[str, str]:
    changes = {one: {"budget": {"retention_share": 0.7, "mix": _only(one)}} for one in ("service", "price", "contact")}
    means = study_of(arms("telecom", changes)).runs.groupby("scenario", observed=True)["discounted_profit"].mean()
    true = str(means.idxmax())
    return true, f"mean discounted profit, n = {REPLICATIONS}: " + ", ".join(f"{k} {v:,.0f}" for k, v in means.items())


def _only(one: str) -> dict[str, float]:
    return {name: float(name == one) for name in ("service", "price", "contact")}


def _folklore(answer: Any) -> Verdict:
    """Keeping is cheaper than winning on average, and the keeper loses."""
    from retsim.scenario import packaged

    if not isinstance(answer, str) or answer not in packaged():
        return Verdict(False, f"{answer!r:.60} is no packaged scenario; retsim.packaged() lists them")
    study = _led(answer)
    cost = study.runs.groupby("scenario", observed=True)["acquisition_cost_per_customer"].mean()[KEEP]
    paths = study.paths[study.paths["scenario"] == KEEP]
    a_year = 12.0 * paths["retention_spend"].sum() / paths["active"].sum()
    found = paired(study)
    shown = (
        f"winning one costs {cost:,.0f}, keeping one for a year {a_year:,.0f}; keeping less winning is {_money(found)}"
    )
    return Verdict(bool(cost > a_year and found[2] < 0.0), shown)


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
        f"for winning, is {_money(found)}"
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


def _satisfied_leavers() -> float:
    market = arms("telecom", {KEEP: {"strategy": KEEP}})
    return float(study_of(market).runs["satisfied_share_of_leavers"].mean())


def _levels() -> tuple[str, str]:
    names = ("retain-1", "retain-2")
    study = study_of(arms("telecom", {name: {"strategy": name} for name in names}))
    found = paired(study)
    true = names[1] if found[1] > 0.0 else names[0] if found[2] < 0.0 else "open"
    return true, f"retain-2 less retain-1 is {_money(found)}"


def _force() -> tuple[str, str]:
    """Which force leavers lacked most against those who stayed."""
    table = study_of(arms("telecom", {KEEP: {"strategy": KEEP}})).departures
    table = table[table["outcome"].isin(["stay", "network", "discounter"])]
    forces = ["surplus", "attachment", "sunk", "transaction", "switching", "termination"]
    weight, stayed = table["count"].to_numpy(float), table["outcome"].eq("stay").to_numpy()
    x = table[forces].to_numpy(float)
    apart = np.average(x[stayed], axis=0, weights=weight[stayed]) - np.average(
        x[~stayed], axis=0, weights=weight[~stayed]
    )
    gaps = dict(zip(forces, apart.tolist(), strict=True))
    lacked = sorted(gaps, key=lambda force: -gaps[force])
    return lacked[0], "stayers had more of: " + ", ".join(f"{force} {gaps[force]:+.1f}" for force in lacked)


AIMS = {
    "predicted-value": "who will pay most",
    "churn-risk": "who will probably leave",
    "random": "a new lot each quarter",
}


def _aims() -> tuple[str, str]:
    """Contact for the few whom the money reaches: whom first."""
    plans = {aim: {"retention_share": 0.5, "mix": _only("contact"), "targeting": aim} for aim in AIMS}
    common = {"strategies": plans, "horizon": 36, "behaviour.contact_gain": 0.3}
    study = study_of(arms("telecom", {aim: {"strategy": aim} for aim in AIMS}, **common))
    means = study.runs.groupby("scenario", observed=True)["discounted_profit"].mean()
    shown = ", ".join(f"{name} {mean:,.0f}" for name, mean in means.items())
    return str(means.idxmax()), f"mean discounted profit, n = {REPLICATIONS}: {shown}"


COUPONS = {
    "newcomers": "in the first two years",
    "ending": "whose contract ends within three months",
    "everyone": "for who comes first, until the money is gone",
}


def _coupons() -> tuple[str, str]:
    """The same coupon money a month, kept for some: for whom does it earn most."""
    tags = {"newcomers": {"tenure": {"below": 24.0}}, "ending": {"contract_left": {"at_least": 0.01, "below": 3.0}}}
    plans: dict[str, Any] = {
        name: {"retention_share": 0.7, "mix": {"service": 0.4, "price": 0.3, "contact": 0.3}} for name in COUPONS
    }
    for name, tag in tags.items():
        plans[name] |= {"tags": {name: tag}, "only": {"price": name}}
    common = {"strategies": plans, "horizon": 48, "firm.discount_tenure": 0.0}
    study = study_of(arms("telecom", {name: {"strategy": name} for name in COUPONS}, **common))
    return _best(study)


STAGES = {
    "promotion": "win more, with a prize",
    "contact": "keep by contact",
    "service": "prevent failures",
    "win_back": "ask the lapsed to come back",
}


def _stages() -> tuple[str, str]:
    """A quarter of the budget more, all of it at one stage."""
    market = small("mail-order", PEOPLE).with_(horizon=48)
    money = market.budget.monthly
    keep = {"service": 0.21 * money, "price": 0.28 * money, "contact": 0.21 * money}
    changes = {}
    for stage in STAGES:
        win, more = {"advertising": 0.30 * money}, dict(keep)
        part = win if stage == "promotion" else more
        part[stage] = part.get(stage, 0.0) + 0.25 * money
        won, kept = sum(win.values()), sum(more.values())
        changes[stage] = market.with_(
            budget={
                "monthly": won + kept,
                "retention_share": kept / (won + kept),
                "mix": {name: euros / kept for name, euros in more.items()},
                "winning": {name: euros / won for name, euros in win.items()},
            }
        )
    return _best(study_of(changes))


def _best(study: Study) -> tuple[str, str]:
    """The arm of greatest mean profit, and all means in words."""
    means = study.runs.groupby("scenario", observed=True)["discounted_profit"].mean()
    shown = ", ".join(f"{name} {mean:,.0f}" for name, mean in means.items())
    return str(means.idxmax()), f"mean discounted profit, n = {REPLICATIONS}: {shown}"


def _seeing_needs() -> float:
    """What it may cost a month at most to see seven needs in ten instead of three."""
    seen = {f"{part:g}": {"firm.detection": part} for part in (0.3, 0.7)}
    study = study_of(arms("bank", seen, horizon=48))
    months = sum(1.08 ** (-(month + 0.5) / 12.0) for month in range(48))
    return paired(study)[0] / months


def _paired_luck() -> float:
    row = _led("saas").differences("discounted_profit").iloc[0]
    return float(row["variance_ratio"])


def _shorter_look(answer: Any) -> Verdict:
    """A forecast from half a year of a log, held against the rest of it."""
    from retsim.calibrate import Transactions, fit_bgnbd, summarise, tracking

    if not isinstance(answer, tuple) or len(answer) != 2 or not isinstance(answer[0], Transactions):
        return Verdict(
            False, f"{answer!r:.60} is no pair: (the log that read_transactions returned, a number of percent)"
        )
    log, given = answer
    try:
        summary = summarise(log, cutoff="1997-06-30", unit="week")
        errors = tracking(summary, fit_bgnbd(summary).params).errors
    except ValueError as error:
        return Verdict(False, f"it stopped: {error!s:.300}")
    if errors.empty:
        return Verdict(False, "this log has nothing after 1997-06-30 to hold a forecast against")
    return number(lambda: 100.0 * float(errors["error_total"].iloc[0]), "percent", within=0.02)(given)


def _own_strategy(answer: Any) -> Verdict:
    """A function that beats the packaged plan."""
    if not callable(answer):
        return Verdict(False, f"{answer!r:.60} is no function from rs.View to rs.Plan")
    market = small("saas", PEOPLE).with_(strategy=KEEP, horizon=36.0)
    try:
        study = study_of({"packaged": market, "mine": market}, strategy={"mine": answer})
    except (RuntimeError, TypeError, ValueError) as error:
        return Verdict(False, f"it stopped: {error!s:.300}")
    found = paired(study)
    return Verdict(found[1] > 0.0, f"yours less retention-led in saas, 36 months: {_money(found)}")


def _own_shock(answer: Any) -> Verdict:
    """A process after which the focal firm loses more customers, and the books still balance."""
    from retsim.results.simulate import simulate

    if not callable(answer):
        return Verdict(
            False, f"{answer!r:.60} is no process: a function that takes the market and yields market.at(...)"
        )
    market, lost = small("telecom", PEOPLE).with_(horizon=24.0), []
    try:
        for replication in range(REPLICATIONS):
            calm, hit = (simulate(market, seed=SEED, replication=replication, processes=p) for p in ((), (answer,)))
            hit.check()
            lost.append(hit.measures()["lost"] - calm.measures()["lost"])
    except Exception as error:  # whatever the student's own code does
        return Verdict(False, f"it stopped: {type(error).__name__}: {error!s:.300}")
    from retsim.results.intervals import mean_interval

    found = mean_interval(lost)
    return Verdict(found.low > 0.0, f"customers lost besides: {_money(found[:3])}; the books balance")


EXERCISES: dict[str, tuple[str, Judge]] = {
    "01-1": (
        "telecom with a unit cost of 16 instead of 8: which earns more, winning or keeping? ('win', 'keep', or 'open' where "
        "8 replications of 400 people cannot tell)",
        word(WINNERS, _dear_service),
    ),
    "01-2": (
        "telecom, 70 % of the budget for keeping, all of it in one programme: which one earns most? ('service', 'price' or "
        "'contact')",
        word({"service": "fewer failures", "price": "coupons", "contact": "personal contact"}, _one_programme),
    ),
    "01-3": (
        "Name a packaged scenario in which keeping a customer for a year costs less than winning one, and in which the "
        "retention-led strategy still loses.",
        _folklore,
    ),
    "03-a": (
        "telecom under retention-led: what share of those who chose to leave was satisfied? (0 to 1, within a tenth of it)",
        number(_satisfied_leavers, "share, 0 to 1", within=0.1),
    ),
    "04-a": (
        "telecom under retention-led: of which holding force had leavers for a rival least, against those who stayed? (the "
        "name of a force, as in study.departures)",
        word(dict.fromkeys(("surplus", "attachment", "sunk", "transaction", "switching", "termination"), "a force"), _force),
    ),
    "06-a": (
        "telecom: which level of bond earns more, coupons (strategy 'retain-1') or care ('retain-2')? ('retain-1', 'retain-2', "
        "or 'open')",
        word({"retain-1": "financial", "retain-2": "social", "open": "cannot tell"}, _levels),
    ),
    "10-1": (
        "telecom with contact_gain 0.3, half of the budget for contact with those whom it reaches, 36 months: whom first, if "
        "profit is to be highest? ('predicted-value', 'churn-risk' or 'random')",
        word(AIMS, _aims),
    ),
    "11-1": (
        "telecom under retention-led, 48 months, coupons at any tenure (discount_tenure 0): the same money for coupons, kept by a tag "
        "for 'newcomers' (tenure below 24) or for those whose contract is 'ending' (contract_left from 0.01 to below 3), or for "
        "'everyone'. Which earns most? (one of the three words)",
        word(COUPONS, _coupons),
    ),
    "11-2": (
        "mail-order under retention-led, 48 months, and a quarter of the budget more, all of it in one place: 'promotion', 'contact', "
        "'service' or 'win_back'. Which earns most? (one of the four words)",
        word(STAGES, _stages),
    ),
    "11-3": (
        "bank, 400 people, 48 months: what may it cost a month at most to see seven needs in ten (firm.detection 0.7) instead of "
        "three? (EUR a month that are worth the gain in discounted profit; within a quarter of it: it is an estimate)",
        number(_seeing_needs, "EUR a month", within=0.25),
    ),
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
    "14-1": (
        "saas, acquisition-led against retention-led, discounted profit: how many times as many unpaired runs would be "
        "needed for the same interval (variance_ratio)? (a number, within a half of it: it is an estimate)",
        number(_paired_luck, "times", within=0.5),
    ),
    "15-1": (
        "Cut the log of CDNOW off at 1997-06-30 and fit BG/NBD. By how many percent are the purchases foreseen for the remaining "
        "weeks off, less than 0 where too few? (a pair: the log, as read_transactions returns it, and the percentage)",
        _shorter_look,
    ),
    "16-1": (
        "Hand in a strategy: a function from rs.View to rs.Plan that earns more than retention-led in saas (400 people, "
        "36 months, 8 replications; the whole 95 % interval above 0).",
        _own_strategy,
    ),
    "16-2": (
        "Hand in a process (market -> yields) after which the focal firm of telecom loses more customers in 24 months; the "
        "books must balance.",
        _own_shock,
    ),
}  # fmt: skip
