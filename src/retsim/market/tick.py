"""A tick: what firms do each month, in the order in which they do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retsim.market.bonds import integrate, lapse, meet
from retsim.market.branding import build_brand
from retsim.market.channels import promote
from retsim.market.core_tier import serve_core
from retsim.market.credit import charge_interest
from retsim.market.educating import educate
from retsim.market.gathering import gather
from retsim.market.leads import follow_up
from retsim.market.offering import pace
from retsim.market.programmes import advertise, care, reward, serve
from retsim.market.staff import feel, pay_staff
from retsim.market.surveying import survey
from retsim.market.winning_back import win_back

if TYPE_CHECKING:
    from retsim.market.firms import Firm
    from retsim.market.market import Market


def tick(market: Market) -> None:
    """Budgets are granted and spent, newcomers come, hazards change."""
    months = market.scenario.tick
    if market.keeps_database:
        _look(market)
    for planner in market.planners:
        if planner.firm.present:
            planner.plan()
    market.rivals.react(months)
    present = [firm for firm in market.firms if firm.present]
    for firm in present:
        firm.grant(months)
        charge_interest(market, firm, months)
    market.word.spread(months)
    for firm in present:
        _act(market, firm, months)
    market.targeting.forget()
    came = market.newcomers.come(market.now, months)
    market.world.clock["tick"][0] += 1
    if came:
        market.admit(came)
    market.clocks_moved()


def _look(market: Market) -> None:
    """Firms' databases are brought up to now, and customers tagged by them."""
    people = market.population
    market.database.update(people.customers[: people.n], people.more[: people.n], market.now)
    market.targeting.tag()


def _act(market: Market, firm: Firm, months: float) -> None:
    """A firm spends its budgets, and shows what it offers from now on."""
    rate_before = firm.promise()
    promote(market, firm, months)
    build_brand(market, firm, months)
    advertise(market, firm, months)
    serve(market, firm, months)
    educate(market, firm, months)
    survey(market, firm)
    serve_core(market, firm, months)
    reward(market, firm)
    care(market, firm, months, rate_before)
    pace(market, firm)
    integrate(market, firm, months)
    lapse(market, firm)
    meet(market, firm, months)
    feel(market, firm)
    pay_staff(market, firm, months)
    win_back(market, firm, months)
    gather(market, firm, months)
    follow_up(market, firm, months)
    firm.show(market.world.offers[firm.index])
