"""Layout of everything that compiled code touches: customers, firms, hazards, counters, accounts, event log.

Owns names, widths and orders of fields; refuses to own any rule, and any array (`retsim.world` does). A customer is
two cache lines (128 bytes) plus 16 bytes a firm; traits that do not vary inside a segment are stored once for the
segment, not once a customer.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from retsim.parameters import Behaviour, Traits, record_type, table_of

Records = npt.NDArray[np.void]


class Status(IntEnum):
    """Where a customer stands in the market."""

    EXPECTED = 0  # not yet in the market
    PROSPECT = 1  # in the market, never bought
    ACTIVE = 2  # customer of `firm`
    LAPSED = 3  # left `firm`, may come back
    GONE = 4  # vanished for reasons of their own: nobody is told, and nobody wins them back


class Channel(IntEnum):
    """What won a customer."""

    INITIAL = 0
    ADVERTISING = 1
    ORGANIC = 2
    SWITCHING = 3
    PROMOTION = 4
    REFERRAL = 5
    WORD = 6  # word of mouth
    WIN_BACK = 7


class Trigger(IntEnum):
    """Why a customer reconsidered."""

    ATTENTION = 0  # an ordinary occasion that was thought over
    ALERT = 1  # the same after a failure that was not made good
    PRICE = 2  # the price rose
    OFFER = 3  # a rival's offer came
    TERM = 4  # the contract's end
    MOMENT = 5  # a moment of natural attrition that is a choice after all
    NATURAL = 6  # not a decision: vanished for reasons of one's own
    CONTACT = 7  # the firm's own contact woke a sleeper
    NEED = 8  # an open need that the firm did not meet
    WORD = 9  # what others say


class Kind(IntEnum):
    """Kinds of events, in the order in which one customer's events at the same instant happen."""

    TERM = 0
    VANISH = 1
    OCCASION = 2
    CONTACT = 3
    MEETING = 4
    ENTER = 5
    JOIN = 6  # from here on only in the log
    LEAVE = 7
    STAY = 8  # reconsidered and stayed
    COMPLAINT = 9
    DECLINE = 10  # met a firm and did not join
    NONE = 11
    ANSWER = 12  # the service desk answers a complaint
    WORD = 13  # others speak about a firm
    LIFE = 14  # a life event
    SOLD = 15  # a further product is sold
    REDEEM = 16  # points are redeemed
    LEAD = 17  # a prospect becomes a lead of a firm; in the order of events, decides after a follow-up


class Flag(IntEnum):
    """Bits of a customer's `flags`."""

    ALERT = 1
    DISCOUNT = 2  # enrolled in the level 1 programme
    CONTACT = 4  # enrolled in the level 2 programme
    STRUCTURAL = 8  # enrolled in the level 3 programme
    WAITING = 16  # a complaint of theirs waits at the desk
    CORE = 32  # in the service tier of core customers
    CLUB = 64  # member of the firm's club
    STATUS = 128  # billed enough since joining to have status


class Account(IntEnum):
    """Ledger accounts; debits positive, credits negative, every posting has both."""

    CASH = 0
    REVENUE = 1
    FEES = 2
    DISCOUNT = 3
    GOODS = 4
    SERVING = 5
    COMPLAINTS = 6
    COMPENSATION = 7
    WELCOME = 8
    ADVERTISING = 9
    PROGRAMME_SERVICE = 10
    PROGRAMME_CONTACT = 11
    PROGRAMME_STRUCTURAL = 12
    PROGRAMME_EDUCATION = 13
    PROGRAMME_CLUB = 14
    CASH_BACK = 15
    POINTS = 16  # expense of points at what they are thought to cost
    POINTS_LIABILITY = 17
    POINTS_CORRECTION = 18  # they cost more, or less, than was thought
    STAFF = 19
    STAFF_TURNOVER = 20
    PROMOTION = 21
    REFERRAL = 22
    WIN_BACK = 23
    BAD_DEBT = 24
    RETURNS = 25
    PRODUCTS = 26  # revenue of further products
    PRODUCT_GOODS = 27
    OFFERS = 28
    CREDIT = 29  # interest on an overspent budget
    STATUS = 30  # price advantage of those with status
    FOLLOW_UP = 31  # of leads
    PROGRAMME_COMMUNITY = 32
    PROGRAMME_CORE = 33
    SURVEY = 34
    BRAND = 35


class Life(IntEnum):
    """Kinds of life events (R13)."""

    FAMILY = 0
    EDUCATION = 1
    WORK = 2
    PLACE = 3
    FINANCE = 4
    PURCHASE = 5  # a major one


class Due(IntEnum):
    """Places of dates of a customer; after them, when each further product is worn out, or the need for it passes."""

    LIFE = 0  # the next life event
    BLIND = 1  # the next offer made without a need that was seen


class Count(IntEnum):
    """Counters by firm and segment: the first three are stocks, the others flows of the period."""

    ACTIVE = 0
    SATISFIED = 1
    SATISFACTION = 2  # sum over active customers, in units of 2**-32
    OCCASIONS = 3
    FAILURES = 4
    COMPLAINTS = 5
    RECOVERED = 6
    CONTACTS = 7
    COUPONS = 8
    JOINED = 9  # + channel: 9..16
    LOST_TO_RIVAL = 17
    LOST_TO_OUTSIDE = 18
    VANISHED = 19
    TENURE_LOST = 20  # sum of tenures at leaving, in units of 2**-20 months
    ANSWERED = 21  # complaints answered by the desk
    WAITED = 22  # sum of their waits, in units of 2**-20 months
    RELEVANT = 23  # contacts that meant something
    ANNOYED = 24  # contacts that were too many
    WOKEN = 25  # sleepers whom a contact made think
    NEEDS = 26  # needs that opened
    OFFERED = 27  # offers of a further product
    SOLD = 28  # further products sold
    REDEEMED = 29  # redemptions of points
    RECOMMENDED = 30  # words in favour of the firm that someone heard
    WARNED = 31  # words against it
    UNPAID = 32  # bills that were never paid
    RETURNED = 33  # purchases sent back
    REACHED = 34  # prospects whom a firm with a lead funnel reached
    INTERESTED = 35  # of them, who showed interest
    FOLLOWED = 36  # leads that were followed up
    WASTED = 37  # of them, who never meant to buy
    DECIDING = 38  # leads who weighed the firm's offer
    LEADS_WON = 39  # of them, who became customers of the firm
    MEMBERS = 40  # of the community, counted at each tick
    ASKED = 41  # questionnaires sent out
    REPLIED = 42  # and sent back


class Pool(IntEnum):
    """Stocks of customers of nobody, by segment."""

    PROSPECT = 0
    LAPSED = 1
    GONE = 2


class Force(IntEnum):
    """What is kept of each decision: counts, then sums of the forces in micro-units of money."""

    COUNT = 0
    SATISFIED = 1
    SURPLUS = 2
    ATTACHMENT = 3
    SUNK = 4
    TRANSACTION = 5
    SWITCHING = 6
    TERMINATION = 7
    OPPORTUNITY = 8
    AGAINST_SURPLUS = 9  # decisions to stay although the best alternative's surplus was greater


N_STOCKS = 3
N_CHANNELS = len(Channel)
N_TRIGGERS = len(Trigger)
N_ACCOUNTS = len(Account)
N_COUNTS = len(Count) + N_CHANNELS - 1
N_FORCES = len(Force)
MOST_PRODUCTS = 8
FIRST_PRODUCT = len(Due)
MICRO = 1_000_000


def _numbered(names: Iterable[str]) -> Any:
    return IntEnum("TRAIT", {name: n for n, name in enumerate(names)})


TRAIT = _numbered(table_of(Traits))


CUSTOMER = np.dtype(
    [
        ("satisfaction", "f8"), ("expectation", "f8"), ("attachment", "f8"), ("sunk", "f8"),
        ("decayed_at", "f8"), ("occasion_at", "f8"), ("joined_at", "f8"), ("price_seen", "f8"),
        ("contract_end", "f8"), ("vanish_at", "f8"), ("contact_at", "f8"), ("value", "i8"), ("revenue", "i8"),
        ("contact_left", "f4"), ("occasions", "u4"), ("contacts", "u4"),
        ("firm", "i2"), ("cohort", "i2"), ("spells", "u2"), ("coupon_tick", "i2"),
        ("segment", "u1"), ("status", "u1"), ("channel", "u1"), ("flags", "u1"),
    ]
)  # fmt: skip
MORE = np.dtype(
    [
        ("knowledge", "f8"), ("fatigue", "f8"), ("integration", "f8"), ("complained_at", "f8"), ("answer_at", "f8"),
        ("word_at", "f8"), ("life_at", "f8"), ("points", "i8"), ("provision", "i8"), ("points_at", "f8"),
        ("integrated_at", "f8"), ("owed", "i8"), ("revenue_before", "i8"),
        ("contacted_at", "f8"),
        ("word_firm", "i2"), ("words", "u2"), ("complaints", "u2"), ("lives", "u2"), ("offers", "u2"),
        ("needs", "u1"), ("products", "u1"), ("affinity", "f4"),
        ("grievance", "f4"), ("desk_firm", "i2"), ("left_firm", "i2"), ("left_at", "f8"),
        ("lead_at", "f8"), ("lead_since", "f8"), ("lead_meeting", "u4"), ("lead_firm", "i2"), ("lead_channel", "u1"),
        ("community", "u1"), ("tier", "u1"),
    ]
)  # fmt: skip
"""What only some mechanisms need: kept for nobody where none of them is on."""
RELATION = np.dtype([("meet_at", "f8"), ("memory", "f4"), ("meetings", "u4")])
N_TRAITS = len(table_of(Traits))
SEGMENT = record_type(
    Behaviour,
    ("contractual", "f8"),
    ("worth", "f8"),
    ("trait_value", "f8", (N_TRAITS,)),
    ("trait_column", "i8", (N_TRAITS,)),
)
OFFER = np.dtype(
    [
        (name, "f8")
        for name in (
            "price", "unit_cost", "cost_to_serve", "product_quality", "service_quality",
            "delivery_quality", "failure_rate", "severity", "reputation", "accessibility", "recovery_quality",
            "complaint_cost", "compensation", "desk_staff", "promo_bonus", "reward", "welcome_bonus", "setup_fee", "contract_term", "auto_renew",
            "fee_fixed", "fee_per_month", "coupon", "contact_rate", "contact_relevance",
            "detection", "knowledge_detection", "rhythm_detection", "offer_rate", "offer_cost",
            "net_price", "structural_value", "structural_draw", "points_rate", "points_threshold", "points_expiry",
            "assumed_breakage", "cash_back", "status_threshold", "status_discount", "status_service", "status_value",
            "gold_threshold", "gold_discount", "gold_service", "gold_value",
            "platinum_threshold", "platinum_discount", "platinum_service", "platinum_value",
            "club_fee", "club_benefit", "club_attachment", "core_service", "execution",
            "added_value", "stance", "knowledge_gain", "shared_knowledge", "knowledge_relevance", "knowledge_caution",
            "bad_debt", "return_rate", "restock", "affinity_place", "affinity_interest", "affinity_kin",
            "affinity_profession", "affinity_belief", "cared_experience", "cared_bond", "cared_worth",
            "poaching_bonus", "win_back_bonus", "lead_funnel", "lead_appeal", "lead_unaided", "lead_lasts",
            "community_attachment", "community_identification", "community_talk",
        )
    ]
)  # fmt: skip
PRODUCT = np.dtype(
    [
        ("price", "f8"), ("unit_cost", "f8"), ("cycle", "f8"), ("recurring", "f8"), ("initial", "f8"),
        ("by_kind", "f8", (len(Life),)), ("by_product", "f8", (MOST_PRODUCTS,)),
    ]
)  # fmt: skip
"""A further product; the last two are the probabilities that a life event, or a sale, opens a need for it."""
REACH = np.dtype([("since", "f8"), ("reached", "f8"), ("rate", "f8"), ("ad_share", "f8"), ("promo_share", "f8")])
CLOCK = np.dtype(
    [
        ("period", "i8"), ("tick", "i8"), ("initial", "i8"), ("discount", "f8"), ("months", "f8"), ("seed", "u8"),
        ("replication", "u8"),
    ]
)  # fmt: skip
EVENT = np.dtype(
    [
        ("time", "f8"), ("customer", "i8"), ("kind", "i8"), ("firm", "i8"), ("outcome", "i8"), ("trigger", "i8"),
        ("amount", "i8"), ("satisfaction", "f8"), ("expectation", "f8"), ("attachment", "f8"), ("sunk", "f8"),
        ("surplus", "f8"), ("force_attachment", "f8"), ("force_sunk", "f8"), ("transaction", "f8"),
        ("switching", "f8"), ("termination", "f8"), ("opportunity", "f8"),
    ]
)  # fmt: skip
LOG_MARGIN = 4096
"""Free places that the log must have before a batch of occasions, with all that follows them, is lived through."""
