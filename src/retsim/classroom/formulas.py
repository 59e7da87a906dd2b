"""Exercises whose truth is a closed form (`retsim.theory`)."""

from __future__ import annotations

from dataclasses import replace

from retsim.classroom.judging import Judge, number, word
from retsim.results.intervals import normal_quantile
from retsim.theory import base, bass, bgnbd, clv, decay, points, queue, sbg

CDNOW = bgnbd.BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426)
"""Fader, Hardie & Lee (2005), table 2; weeks."""
HIGH_END = {"a": 0.6681, "b": 3.8061}
"""Fader & Hardie (2007), "high end" customers, table 2."""


def _five_years() -> float:
    return float(clv.retention_clv(100, 0.8, discount_rate=0.1, convention=replace(clv.IMMEDIATE, horizon=5)))


def _five_points() -> float:
    before, after = (clv.retention_clv(100, r, discount_rate=0.1, convention=clv.RENEWALS_ONLY) for r in (0.80, 0.85))
    return 100.0 * (float(after) / float(before) - 1.0)


def _cost_of_five_points() -> float:
    """What a programme may cost at each renewal before it takes all that five points bring; the value is linear in it."""

    def worth(retention: float, cost: float) -> float:
        found = clv.retention_clv(100, retention, discount_rate=0.1, convention=clv.RENEWALS_ONLY, retention_cost=cost)
        return float(found)

    return (worth(0.85, 0.0) - worth(0.80, 0.0)) / (worth(0.85, 0.0) - worth(0.85, 1.0))


def _half_were_satisfied() -> float:
    """Where s d = (1 - s) k d."""
    times = 4.0
    return times / (1.0 + times)


def _six_times_the_odds() -> float:
    odds = 6.0 * 0.70 / 0.30
    return 100.0 / (1.0 + odds)


def _seen_difference() -> float:
    """Customers a group for a difference of two shares that is as large as half its 95 % interval."""
    share, difference = 0.4, 0.03
    return 2.0 * normal_quantile(0.95) ** 2 * share * (1.0 - share) / difference**2


def _understated() -> float:
    """How far the formula with the first year's retention falls short of the mixed base."""
    first = float(sbg.retention_rate(1, **HIGH_END))
    simple = clv.retention_clv(1, first, discount_rate=0.1, convention=clv.IMMEDIATE)
    return 100.0 * (1.0 - float(simple) / float(sbg.discounted_lifetime(0.1, **HIGH_END)))


def _who_is_alive() -> tuple[str, str]:
    """Two customers, one year each, last purchase half a year ago."""
    often, seldom = (float(bgnbd.p_active(x, 26.0, age=52.0, population=CDNOW)) for x in (20, 2))
    shown = (
        f"P(alive) is {often:.2f} after 20 purchases and {seldom:.2f} after 2: for who buys often half a year is long"
    )
    return ("often" if often > seldom else "seldom"), shown


EXERCISES: dict[str, tuple[str, Judge]] = {
    "02-a": (
        "A firm wins 100 customers a week, and each week 4 % of its customers leave. At how many customers does its base "
        "come to rest? (a number of customers)",
        number(lambda: float(base.steady_base(100, 0.04)), "customers"),
    ),
    "05-a": (
        "What was paid counts less each month, at a rate of 0.08 a month. After how many months does it count half? (months)",
        number(lambda: float(decay.half_life(0.08)), "months"),
    ),
    "07-a": (
        "150 complaints a month come to a desk of 4 who answer 40 a month each. How long does one wait for its turn on "
        "average? (months; within 1 %)",
        number(lambda: float(queue.mean_wait(150, 40, n_servers=4)), "months"),
    ),
    "08-a": (
        "A product spreads as Bass (1969) has it, innovation 0.02 and imitation 0.35 a year. After how many years do most "
        "people adopt it? (years)",
        number(lambda: float(bass.peak_time(innovation=0.02, imitation=0.35)), "years"),
    ),
    "09-a": (
        "Points are redeemed at a rate of 0.12 a month and lapse at 0.03 a month. What share of them is never redeemed? (0 to 1)",
        number(lambda: float(points.breakage(redemption_rate=0.12, expiry_rate=0.03)), "share, 0 to 1"),
    ),
    "12-1": (
        "Margin 100 a year, the first at once, retention 0.8, discount rate 0.1: what is a customer worth over five "
        "renewals? (money)",
        number(_five_years, "money"),
    ),
    "12-2": (
        "Take the high-end customers of Fader & Hardie (2007): sBG with a = 0.6681, b = 3.8061, margin 1 at once and at each "
        "renewal, discount rate 0.1. By how many percent does the formula with the first year's retention rate fall "
        "short of the sBG's value? (percent)",
        number(_understated, "percent"),
    ),
    "12-3": (
        "Two customers of CDNOW (BG/NBD: r = 0.243, alpha = 4.414, a = 0.793, b = 2.426, weeks) have been seen for 52 weeks. "
        "One bought again 20 times, the other twice, both last in week 26. Who is more probably still a customer? "
        "('often' or 'seldom')",
        word({"often": "20 purchases", "seldom": "2 purchases"}, _who_is_alive),
    ),
    "13-1": (
        "A programme lifts retention from 0.80 to 0.85 a year and costs, at each renewal, so much for every customer who is "
        "up for it, kept or not. Margin 100 a year from the first renewal on, discount rate 0.1. Up to which cost does a "
        "customer become worth more by it? (money)",
        number(_cost_of_five_points, "money"),
    ),
    "13-3": (
        "Who is dissatisfied leaves four times as often as who is satisfied. At what share of satisfied customers is "
        "half of those who leave satisfied? (0 to 1)",
        number(_half_were_satisfied, "share, 0 to 1"),
    ),
    "13-5": (
        "Of the merely satisfied 30 % leave when they think about it. The odds that a completely satisfied customer stays are six "
        "times as high. What percentage of them leaves? (percent)",
        number(_six_times_the_odds, "percent"),
    ),
    "13-a": (
        "Retention rises from 0.80 to 0.85 a year, discount rate 0.1, margins from the first renewal on. By how many percent "
        "does the value of a customer rise? (percent)",
        number(_five_points, "percent"),
    ),
    "15-3": (
        "Of 100 customers 40 buy again. A programme is tried on one half at random. How many customers does each half need, if "
        "the 95 % interval of a difference of 3 points is just to leave 0? (customers a group; the share taken as 0.4 in both)",
        number(_seen_difference, "customers"),
    ),
}  # fmt: skip
