"""From fitted laws to a scenario whose customers buy and vanish as those of the log did.

Two segments live by the same laws: `cohort`, the observed customers, who come when those first bought, and
`prospects`, who might be won. With `avoidable_attrition` = 0 each is a BG/NBD customer exactly, with amounts by
the gamma-gamma model. Where it is above 0, some of the moments at which they would vanish are a choice; without
a programme one or two in a hundred of those end in staying, so that business as usual (no budget) remains what was
observed.

Every value stands beside its ground, which becomes the scenario's evidence.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from retsim.calibrate.assumed import USUAL, Value, Values, firm, mind, strategies
from retsim.calibrate.bgnbd import BgNbd
from retsim.calibrate.economy import Assumptions, Economy, economy_of, rounded
from retsim.calibrate.errors import FitError
from retsim.calibrate.estimation import Fit
from retsim.calibrate.gammagamma import GammaGamma
from retsim.calibrate.paretonbd import ParetoNbd
from retsim.calibrate.summary import Summary
from retsim.calibrate.units import DAYS, check_unit, per_unit

if TYPE_CHECKING:
    from retsim.scenario import Scenario

__all__ = ["COHORT", "PROSPECTS", "scenario_from"]

COHORT, PROSPECTS = "cohort", "prospects"


class Fits(NamedTuple):
    """What was fitted, and to which log."""

    log: str
    bgnbd: Fit[BgNbd]
    gammagamma: Fit[GammaGamma]
    paretonbd: Fit[ParetoNbd] | None


class Starts(NamedTuple):
    """When the observed customers first bought: end of the day, months since the morning of the log's first day."""

    months: NDArray[np.float64]
    n_customers: NDArray[np.int64]


def scenario_from(
    summary: Summary,
    bgnbd: Fit[BgNbd],
    gammagamma: Fit[GammaGamma],
    *,
    name: str,
    paretonbd: Fit[ParetoNbd] | None = None,
    assumptions: Assumptions | None = None,
) -> Scenario:
    """Write a scenario of the customers of a log.

    Parameters
    ----------
    summary : Summary
        Made by `summarise`, so that it knows when customers first bought.
    bgnbd, gammagamma : Fit
        Fitted to it.
    name : str
        Name of the scenario.
    paretonbd : Fit, optional
        Named in the description beside the BG/NBD, which alone makes the customers.
    assumptions : Assumptions, optional
        What the log does not tell.

    Returns
    -------
    Scenario
        Strategies `acquisition-led` and `retention-led` in the same budget, months, one firm without rivals,
        evidence for every value. Business as usual is the scenario with ``budget.monthly`` = 0.

    Raises
    ------
    FitError
        A fit did not converge, or customers' mean amounts have no mean of their own.
    ValueError
        The summary does not know its log, or the assumptions do not go together.
    ScenarioError
        A fitted law reaches beyond what a scenario may hold.
    """
    if summary.first is None:
        raise ValueError("the summary does not know its log; make it with summarise(transactions, ...)")
    _check(bgnbd, gammagamma)
    from retsim.scenario import Scenario
    from retsim.scenario.merging import nested

    assumed = assumptions or Assumptions()
    fits = Fits(_log_name(summary), bgnbd, gammagamma, paretonbd)
    starts = _starts(summary.first)
    price = gammagamma.params.mean_spend()
    economy = economy_of(bgnbd.params, summary.unit, price=price, n=summary.n, assumed=assumed)
    values = _market(starts, economy, assumed) | firm(economy, assumed) | mind(economy, assumed)
    values |= _segments(starts, fits, economy) | strategies()
    return Scenario(
        name=name,
        title=f"{fits.log}: its customers, won or kept",
        question=(
            "Does more of the same budget pay where it wins customers like those of the log, or where it keeps them?"
        ),
        description=_description(summary, fits, assumed),
        **nested({key: value.value for key, value in values.items()}),
        evidence={key: value.ground for key, value in values.items()},
    )


def _check(bgnbd: Fit[BgNbd], gammagamma: Fit[GammaGamma]) -> None:
    for fit in (bgnbd, gammagamma):
        if not fit.converged:
            raise FitError(f"{fit.model} did not converge ({fit.message}): no scenario can rest on it")
    if gammagamma.params.q <= 1.0:
        raise FitError(
            f"gamma-gamma: q = {gammagamma.params.q:.3g}, must be above 1: the spread of customers' amounts "
            "leaves no mean purchase; look for amounts that do not belong in the log"
        )


def _market(starts: Starts, economy: Economy, assumed: Assumptions) -> Values:
    n = int(starts.n_customers.sum())
    horizon = assumed.horizon or max(36.0, float(np.ceil(starts.months[-1])) + 24.0)
    unnamed = assumed.currency == Assumptions.currency
    return {
        "setting": Value("non-contractual", "the log: customers come and go without notice"),
        "currency": Value(assumed.currency, "assumption: the log names none" if unnamed else "choice"),
        "horizon": Value(horizon, "choice: long enough for the observed customers to have bought and left"),
        "customers": Value(
            n + economy.n_prospects, f"the log: {n} customers; assumption: {economy.n_prospects} prospects"
        ),
        "discount_rate": Value(assumed.discount_rate, "assumption: usual order of a company's cost of capital"),
        "budget.monthly": Value(
            economy.monthly,
            f"assumption: {100 * assumed.budget_share:g} % of the first year's revenue of the observed customers",
        ),
    }  # fmt: skip


def _segments(starts: Starts, fits: Fits, economy: Economy) -> Values:
    n = int(starts.n_customers.sum())
    share = n / (n + economy.n_prospects)
    start = {"dist": "values", "values": starts.months.tolist(), "weights": starts.n_customers.tolist()}
    return {
        f"segments.{COHORT}.share": Value(share, f"the log: {n} customers"),
        f"segments.{COHORT}.initial": Value({"focal": 1.0}, "the log: all of them have bought"),
        **_laws(f"segments.{COHORT}", fits, economy),
        f"segments.{COHORT}.traits.start": Value(
            start, "the log: end of the day of the first purchase, months since the log begins"
        ),
        f"segments.{PROSPECTS}.share": Value(1.0 - share, f"assumption: {economy.n_prospects} prospects"),
        **_laws(f"segments.{PROSPECTS}", fits, economy),
    }


def _laws(segment: str, fits: Fits, economy: Economy) -> Values:
    """The fitted laws as traits; `rate` of the purchase rate is alpha in months."""
    r, alpha, a, b = fits.bgnbd.params
    p, q, gamma = fits.gammagamma.params
    alpha *= per_unit(check_unit(fits.bgnbd.unit), "month")
    buying, spending = _ground(fits, fits.bgnbd), _ground(fits, fits.gammagamma)
    usual = {"dist": "inverse_gamma", "shape": q, "scale": p * gamma / economy.price}
    return {
        f"{segment}.traits.purchase_rate": Value({"dist": "gamma", "shape": r, "rate": alpha}, buying),
        f"{segment}.traits.vanish_probability": Value({"dist": "beta", "a": a, "b": b}, buying),
        f"{segment}.traits.spend": Value(usual, spending),
        f"{segment}.spend_noise": Value({"dist": "gamma", "shape": p, "rate": p}, spending),
        f"{segment}.traits.willingness_to_pay": Value(
            rounded(economy.price / USUAL), "assumption: usual service is worth its price, whoever buys how much"
        ),
        f"{segment}.traits.attention": Value(0.0, "the fitted law: purchases are not thought over"),
        f"{segment}.traits.sunk_sensitivity": Value(0.0, "assumption: nothing is paid in advance"),
        f"{segment}.traits.initial_satisfaction": Value(USUAL, "assumption: usual service"),
        f"{segment}.behaviour.attrition_from": Value(1.0, "BG/NBD: nobody leaves at the first purchase"),
        f"{segment}.behaviour.first_purchase": Value(1.0, "the log: a customer is who has bought"),
    }  # fmt: skip


def _description(summary: Summary, fits: Fits, assumed: Assumptions) -> str:
    until = f" up to {summary.cutoff}" if summary.cutoff is not None else ""
    likelihood = f"{fits.bgnbd.log_likelihood:,.2f}"
    if fits.paretonbd is not None:
        likelihood += f"; Pareto/NBD, not used here: {fits.paretonbd.log_likelihood:,.2f}"
    return f"""\
Fitted to {fits.log}{until}: {summary.n:,} customers, of whom {summary.n_repeaters:,} bought again. They buy at
random, each at a rate of their own, and may vanish after each repeat purchase (BG/NBD, log-likelihood {likelihood});
amounts follow the gamma-gamma model. Prospects are assumed to be like them.

MIND: no log tells which departures could have been prevented. avoidable_attrition =
{assumed.avoidable_attrition:g} is an assumption, and whether keeping pays depends on it: compare with
behaviour.avoidable_attrition from 0 to 1. At 0 the customers obey the fitted laws exactly, and no programme can keep
anyone. Margins, budget and the cost of winning a customer are assumptions, too; the evidence names each."""


def _starts(first: NDArray[np.datetime64]) -> Starts:
    days, n_customers = np.unique(first.astype(np.int64), return_counts=True)
    # A day's purchases count at its end, as in `cohort.expected_cumulative`.
    return Starts(np.round((days - days[0] + 1.0) / DAYS["month"], 6), n_customers)


def _ground(fits: Fits, fit: Fit[Any]) -> str:
    names: tuple[str, ...] = fit.params._fields
    unit = f", {fit.unit}s" if fit.unit else ""
    numbers = ", ".join(
        f"{name} = {estimate:.5g} (se {se:.2g})" for name, estimate, se in zip(names, fit.params, fit.se, strict=True)
    )
    return f"fitted: {fit.model}, maximum likelihood on {fits.log}{unit}: {numbers}"


def _log_name(summary: Summary) -> str:
    """File name of the log, without its folder."""
    source = summary.transactions.report.source if summary.transactions is not None else "frame"
    return PurePath(source).name
