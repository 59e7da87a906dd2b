"""Exercises whose truth is an experiment: the judge runs it, or runs what was handed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from retsim.classroom.judging import (
    PEOPLE,
    REPLICATIONS,
    SEED,
    Judge,
    Verdict,
    arms,
    best_of,
    money_shown,
    number,
    paired,
    study_of,
    word,
)

if TYPE_CHECKING:
    from retsim.experiments.study import Study

WIN, KEEP = "acquisition-led", "retention-led"
WINNERS = {
    "win": "acquisition-led earns more",
    "keep": "retention-led earns more",
    "open": "this many runs cannot tell",
}


def _led(name: str, **common: Any) -> Study:
    return study_of(arms(name, {WIN: {"strategy": WIN}, KEEP: {"strategy": KEEP}}, **common))


def _dear_service() -> tuple[str, str]:
    found = paired(_led("telecom", **{"firm.unit_cost": 16.0}))
    true = "keep" if found[1] > 0.0 else "win" if found[2] < 0.0 else "open"
    return true, f"keeping less winning is {money_shown(found)}"


def _one_programme() -> tuple[str, str]:
    changes = {one: {"budget": {"retention_share": 0.7, "mix": _only(one)}} for one in ("service", "price", "contact")}
    return best_of(study_of(arms("telecom", changes)))


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
    shown = f"winning one costs {cost:,.0f}, keeping one for a year {a_year:,.0f}; keeping less winning is {money_shown(found)}"
    return Verdict(bool(cost > a_year and found[2] < 0.0), shown)


def _satisfied_leavers() -> float:
    market = arms("telecom", {KEEP: {"strategy": KEEP}})
    return float(study_of(market).runs["satisfied_share_of_leavers"].mean())


def _levels() -> tuple[str, str]:
    names = ("retain-1", "retain-2")
    study = study_of(arms("telecom", {name: {"strategy": name} for name in names}))
    found = paired(study)
    true = names[1] if found[1] > 0.0 else names[0] if found[2] < 0.0 else "open"
    return true, f"retain-2 less retain-1 is {money_shown(found)}"


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
    return best_of(study_of(arms("telecom", {aim: {"strategy": aim} for aim in AIMS}, **common)))


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
    from retsim.scenario import load

    if not callable(answer):
        return Verdict(False, f"{answer!r:.60} is no function from rs.View to rs.Plan")
    market = load("saas").resized(PEOPLE).with_(strategy=KEEP, horizon=36.0)
    try:
        study = study_of({"packaged": market, "mine": market}, strategy={"mine": answer})
    except (RuntimeError, TypeError, ValueError) as error:
        return Verdict(False, f"it stopped: {error!s:.300}")
    found = paired(study)
    return Verdict(found[1] > 0.0, f"yours less retention-led in saas, 36 months: {money_shown(found)}")


def _own_shock(answer: Any) -> Verdict:
    """A process after which the focal firm loses more customers, and the books still balance."""
    from retsim.results.simulate import simulate
    from retsim.scenario import load

    if not callable(answer):
        return Verdict(
            False, f"{answer!r:.60} is no process: a function that takes the market and yields market.at(...)"
        )
    market, lost = load("telecom").resized(PEOPLE).with_(horizon=24.0), []
    try:
        for replication in range(REPLICATIONS):
            calm, hit = (simulate(market, seed=SEED, replication=replication, processes=p) for p in ((), (answer,)))
            hit.check()
            lost.append(hit.measures()["lost"] - calm.measures()["lost"])
    except Exception as error:  # whatever the student's own code does
        return Verdict(False, f"it stopped: {type(error).__name__}: {error!s:.300}")
    from retsim.results.intervals import mean_interval

    found = mean_interval(lost)
    return Verdict(found.low > 0.0, f"customers lost besides: {money_shown(found[:3])}; the books balance")


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
