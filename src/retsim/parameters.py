"""What the rules need to know: every parameter once, with default, unit, range and evidence on its line.

Owns the names, ranges and defaults of the model; refuses to own any value of a scenario. Three readers share these
tables: the scenario files (validation, JSON Schema, ``retsim show``), the compiled rules (`BEHAVIOUR` as a record),
and the documentation. `inf` as an upper end means "no upper end"; money is in the scenario's currency.
"""

from __future__ import annotations

from math import inf
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Behaviour", "Firm", "Parameter", "Traits", "record_type", "table_of"]


class Parameter(NamedTuple):
    """One number of the model.

    Attributes
    ----------
    default : float
    unit : str
        Unit, in words a strategist reads.
    low, high : float
        Closed range; `inf` for no end.
    meaning : str
    source : str
        Author and year, or the word ``assumption``.
    """

    default: float
    unit: str
    low: float
    high: float
    meaning: str
    source: str = "assumption"


P = Parameter

# fmt: off


class Traits:
    """What a customer is born with; each may be a distribution per segment."""

    purchase_rate = P(1.0, "purchases a month", 0, 1000, "own rate of buying where purchases are free (R1)")
    spend = P(1.0, "multiple of the list price", 0, 1e6, "usual basket of this customer (R12)", "Fader, Hardie & Lee 2005")
    willingness_to_pay = P(60.0, "money an occasion", 0, inf, "worth of a perfect occasion to the customer (R8)")
    sunk_sensitivity = P(0.5, "weight", 0, 100, "0: rational; above: past payments count (R5)", "Arkes & Blumer 1985; Thaler 1980")
    social_sensitivity = P(1.0, "weight", 0, 10, "how much bonds mean to this customer, the market's culture (R4)")
    voice = P(0.4, "probability", 0, 1, "inclination to complain when something failed (R6)", "Hirschman 1970; TARP")
    attention = P(0.12, "probability", 0, 1, "reconsiders at an ordinary occasion (R7)")
    price_of_time = P(1.0, "multiple", 0, 1000, "weight of the effort of changing (R8)")
    vanish_rate = P(0.0, "per month", 0, 100, "hazard of leaving for reasons of one's own (R1)", "Schmittlein, Morrison & Colombo 1987")
    vanish_probability = P(0.0, "probability", 0, 1, "chance to vanish after an occasion (R1)", "Fader, Hardie & Lee 2005")
    initial_satisfaction = P(0.7, "0 to 1", 0, 1, "satisfaction before the first own experience (R3)")
    initial_attachment = P(0.0, "0 to 1", 0, 1, "attachment of those who are customers at the start (R4)")
    tenure = P(0.0, "months", 0, 1200, "months since joining of those who are customers at the start")
    start = P(0.0, "months", 0, 1200, "when the customer enters the market")
    talk = P(1.0, "multiple", 0, 1000, "how much this customer tells others (R17)")


class Behaviour:
    """How the customers of a segment feel, think and choose."""

    billing_period = P(1.0, "months", 0.01, 120, "time between bills under a contract (R1)")
    first_bill = P(0.0, "months", 0, 120, "from joining to the first bill: 0 in advance, one period in arrears (R1)")
    first_purchase = P(1.0, "1 or 0", 0, 1, "1: joining is a purchase; 0: the first comes after a wait (R1)")
    attrition_from = P(1.0, "occasion", 0, 1000, "number of occasions before natural attrition can strike (R1)", "Fader, Hardie & Lee 2005: 1")
    attrition_before = P(0.0, "1 or 0", 0, 1, "1: natural attrition is tested before the payment, 0: after it (R1)")
    avoidable_attrition = P(0.0, "share", 0, 1, "share of natural attrition that is a choice after all (R1, R7)")
    attrition_pull = P(0.0, "money", 0, inf, "extra pull of leaving when such a moment comes (R8)")
    service_weight = P(0.5, "share", 0, 1, "weight of service in what is perceived (R2)", "assumption: service before product before price")
    product_weight = P(0.3, "share", 0, 1, "weight of the product (R2)")
    delivery_weight = P(0.2, "share", 0, 1, "weight of delivery (R2)")
    experience_noise = P(0.1, "0 to 1", 0, 1, "standard deviation of one experience (R2)")
    learning_rate = P(0.15, "share of the gap", 0, 1, "satisfaction moves towards experience (R3)", "Oliver 1980; value assumed")
    loss_aversion = P(2.0, "multiple", 0, 20, "faster where experience falls short of expectation (R3)", "Kahneman & Tversky 1979")
    expectation_learning = P(0.08, "share of the gap", 0, 1, "expectation moves towards experience (R3)")
    initial_expectation = P(0.7, "0 to 1", 0, 1, "expectation before the first own experience (R3)")
    satisfied_mark = P(0.7, "0 to 1", 0, 1, "from here on a customer counts as satisfied")
    attachment_gain = P(0.02, "share of the gap", 0, 1, "a good occasion's part of the way to full attachment (R4)", "Bowlby 1969; value assumed")
    contact_gain = P(0.05, "share of the gap", 0, 1, "a relevant contact's part of that way (R4, R11)")
    attachment_cut = P(0.3, "share", 0, 1, "lost by a failure that is not made good (R4)")
    attachment_decay = P(0.03, "per month", 0, 100, "attachment fades (section 5)")
    sunk_setup = P(0.0, "money", 0, inf, "own effort of starting, as felt (R5)")
    sunk_per_occasion = P(0.0, "money", 0, inf, "added to the sunk stock by each occasion (R5)")
    sunk_depreciation = P(0.1, "per month", 0, 100, "payment depreciation (R5)", "Gourville & Soman 1998; value assumed")
    voice_attachment = P(0.3, "probability", 0, 1, "the attached speak up more (R6)", "Hirschman 1970; value assumed")
    recovery_strength = P(1.0, "share of the loss", 0, 1, "satisfaction restored by a good answer (R6)")
    recovery_paradox = P(0.0, "0 to 1", 0, 1, "overshoot after a good answer, off by default (R6)", "McCollough & Bharadwaj 1992")
    patience = P(0.5, "months", 0, 1200, "an answer that takes longer is none (R6, R16)")
    alert_attention = P(0.6, "probability", 0, 1, "reconsiders at an occasion when alert (R7)")
    price_tolerance = P(0.0, "share of the price", 0, 10, "a rise up to this goes unnoticed (R7)")
    planning_horizon = P(6.0, "months", 0, 1200, "over which flows count in a decision (R8)")
    attachment_value = P(10.0, "money a month", 0, inf, "worth of full attachment (R8)")
    search_cost = P(4.0, "money", 0, inf, "finding out who else there is; shrinks with exposure (R8)", "Williamson 1975; value assumed")
    information_cost = P(4.0, "money", 0, inf, "finding out what they offer; shrinks with exposure (R8)", "Williamson 1975; value assumed")
    bargaining_cost = P(2.0, "money", 0, inf, "agreeing on terms (R8)", "Williamson 1975; value assumed")
    decision_cost = P(2.0, "money", 0, inf, "making up one's mind (R8)", "Williamson 1975; value assumed")
    monitoring_cost = P(2.0, "money", 0, inf, "seeing that they keep their word (R8)", "Williamson 1975; value assumed")
    breach_risk = P(4.0, "money", 0, inf, "that they do not (R8)", "Williamson 1975; value assumed")
    exposure_gain = P(0.3, "share of the gap", 0, 1, "what one meeting adds to exposure (R8)")
    procedural_cost = P(20.0, "money", 0, inf, "ceiling of learning anew elsewhere (R8)", "Burnham, Frels & Mahajan 2003")
    procedural_scale = P(12.0, "months", 0.01, 1200, "tenure in which 63 % of it has grown (R8)")
    relational_barrier = P(10.0, "money", 0, inf, "breaking a bond of full attachment (R8)", "Burnham, Frels & Mahajan 2003")
    power_imbalance = P(0.0, "money", 0, inf, "what a dependent customer must fear (R8)")
    outside_value = P(0.0, "money a month", -inf, inf, "living without the category (R8)")
    choice_noise = P(20.0, "money", 0, inf, "scale of the taste shock (R9)", "McFadden 1974; value assumed")
    spend_growth = P(0.0, "share", 0, 10, "spend per occasion grows with tenure by up to this (R12)", "Reichheld & Sasser 1990")
    rate_growth = P(0.0, "share", 0, 10, "purchase rate grows with tenure by up to this (R12)")
    growth_scale = P(24.0, "months", 0.01, 1200, "tenure in which 63 % of it has grown (R12)")
    satisfaction_growth = P(0.0, "multiple", 0, 10, "spend per point of satisfaction above 0.5 (R12)")
    growth_ceiling = P(4.0, "multiple", 1, 100, "loyal customers spend at most this much more (R12)", "model: 2 to 4 times")
    service_saving = P(0.0, "share", 0, 1, "cost to serve falls with tenure by up to this (R12)", "Reichheld & Sasser 1990")
    saving_scale = P(24.0, "months", 0.01, 1200, "tenure in which 63 % of it has come (R12)")
    advertising_response = P(1.0, "multiple", 0, 1000, "of the firm's advertising efficiency in this segment (R15)")
    delighted_mark = P(0.85, "0 to 1", 0, 1, "from here on a customer recommends the firm (R17)", "Reichheld 2003; value assumed")
    disappointed_mark = P(0.4, "0 to 1", 0, 1, "below this a customer warns of it (R17)", "Reichheld 2003; value assumed")
    promotion_response = P(1.0, "multiple", 0, 1000, "of the firm's promotion efficiency in this segment (R15)")
    word_response = P(1.0, "multiple", 0, 1000, "of what reaches this segment by word: more for risky, complex products (R17)", "Arndt 1967")
    word_bond = P(0.1, "0 to 1", 0, 1, "attachment with which those begin whom others won for the firm (R4, R17)", "Schmitt, Skiera & Van den Bulte 2011; value assumed")
    organic_response = P(1.0, "multiple", 0, 1000, "of the firm's organic hazard in this segment (R15)")


class Firm:
    """A firm's offer, costs and programmes before any money is spent on them."""

    price = P(30.0, "money an occasion", 0, inf, "list price of an occasion of ordinary size")
    unit_cost = P(12.0, "money an occasion", 0, inf, "cost of goods of an occasion of ordinary size")
    cost_to_serve = P(3.0, "money an occasion", 0, inf, "cost of serving an occasion (R12)")
    product_quality = P(0.75, "0 to 1", 0, 1, "what the product gives (R2)")
    service_quality = P(0.75, "0 to 1", 0, 1, "what service gives (R2)")
    delivery_quality = P(0.75, "0 to 1", 0, 1, "what delivery gives (R2)")
    failure_rate = P(0.05, "probability", 0, 1, "something fails at an occasion (R2)")
    severity = P(0.4, "0 to 1", 0, 1, "what a failure takes from the experience (R2)")
    reputation = P(0.7, "0 to 1", 0, 1, "quality that those believe who were never there (R8)")
    awareness = P(0.5, "probability", 0, 1, "known to a customer at the start")
    accessibility = P(0.6, "0 to 1", 0, 1, "how easily a complaint is made (R6)")
    recovery_quality = P(0.6, "probability", 0, 1, "a complaint is answered well (R6)")
    complaint_cost = P(5.0, "money", 0, inf, "handling one complaint (R6)")
    compensation = P(0.0, "money", 0, inf, "paid with a good answer (R6)")
    desk_staff = P(0.0, "servers", 0, 1000, "answer complaints, first come, first served; 0: answered at once (R16)")
    desk_rate = P(40.0, "answers a month and server", 0.001, 1e6, "speed of one server (R16)", "Erlang 1917; value assumed")
    staff_cost = P(3000.0, "money a server and month", 0, inf, "for the desk, with or without complaints (R16)")
    morale = P(0.7, "0 to 1", 0, 1, "of the staff, where customers are ordinarily satisfied (R18)")
    morale_speed = P(0.0, "per month", 0, 100, "at which morale moves towards its target; 0: no staff loop (R18)")
    morale_gain = P(1.0, "per point of satisfaction", 0, 100, "the target follows customers' satisfaction (R18)", "Heskett, Jones, Loveman, Sasser & Schlesinger 1994; value assumed")
    ordinary_satisfaction = P(0.7, "0 to 1", 0, 1, "of customers, which leaves morale as it is (R18)")
    overload_stress = P(0.5, "0 to 1", 0, 1, "taken from the target by a desk without end of work (R18)")
    overload_scale = P(0.25, "months", 0.001, 1200, "of work ahead of each server, by which 63 % of it are taken (R18)")
    morale_effect = P(0.5, "share per point of morale", 0, 10, "service quality follows morale (R18)", "Heskett et al. 1994; value assumed")
    turnover_cost = P(0.0, "money a customer and month", 0, inf, "staff who leave, at morale 0; none at morale 1 (R18)")
    welcome_bonus = P(0.0, "money", 0, inf, "paid to a newcomer (R8)")
    setup_fee = P(0.0, "money", 0, inf, "paid by a newcomer; joins the sunk stock (R5)")
    contract_term = P(0.0, "months", 0, 1200, "length of the contract; 0: none")
    auto_renew = P(0.0, "1 or 0", 0, 1, "1: a new term follows the old; 0: goes on without one")
    fee_fixed = P(0.0, "money", 0, inf, "for leaving within the contract (R8)")
    fee_per_month = P(0.0, "money a month left", 0, inf, "for each month that the contract still had (R8)")
    ad_ceiling = P(0.1, "probability a month", 0, 0.999, "of prospects that advertising can reach at most (R15)", "Blattberg & Deighton 1996; value assumed")
    ad_efficiency = P(0.1, "per money a prospect", 0, inf, "speed of diminishing returns (R15)", "Blattberg & Deighton 1996; value assumed")
    promo_ceiling = P(0.25, "probability a month", 0, 0.999, "of prospects that promotion can reach at most (R15)", "Blattberg & Deighton 1996; value assumed")
    promo_efficiency = P(0.25, "per money a prospect", 0, inf, "speed of diminishing returns: cheaper than advertising (R15)", "Blattberg & Neslin 1990; value assumed")
    promo_bonus = P(20.0, "money", 0, inf, "prize or rebate for joining, only for those whom promotion reached (R8, R15)")
    referral_reward = P(10.0, "money", 0, inf, "paid to who brings a newcomer, while the money for it lasts (R15)")
    referral_lift = P(0.05, "share per money", 0, 1000, "more talk for each unit of the reward (R15, R17)", "Biyalogorsky, Gerstner & Libai 2001; value assumed")
    poaching = P(0.1, "share", 0, 1, "of the reach that also gets to rivals' customers, as an offer (R7, R15)")
    organic = P(0.005, "per month", 0, 100, "prospects come of themselves (R15)")
    service_ceiling = P(0.7, "share", 0, 1, "of failures that service spending can prevent at most (R19, R23)")
    service_efficiency = P(0.5, "per money a customer and month", 0, inf, "speed of diminishing returns (R23)", "Blattberg & Deighton 1996; value assumed")
    discount = P(0.1, "share of the price", 0, 1, "level 1: one coupon a tick for the tenured (R19)", "Berry & Parasuraman 1991; value assumed")
    discount_tenure = P(12.0, "months", 0, 1200, "from when on a customer counts as tenured")
    silence = P(12.0, "months", 0, 1200, "without a sign of life, after which a customer without contract is given up (R19)")
    contact_cost = P(2.0, "money a customer and month", 0.000001, inf, "level 2: cost of caring for one customer (R19)")
    contact_rate = P(1.0, "contacts a month", 0, 100, "while cared for (R11)")
    contact_relevance = P(0.6, "probability", 0, 1, "a contact means something to the customer (R11)")

# fmt: on


def table_of(group: type) -> dict[str, Parameter]:
    """Name to `Parameter`, in the order of the file."""
    return {name: value for name, value in vars(group).items() if isinstance(value, Parameter)}


def record_type(group: type, *extra: tuple[Any, ...]) -> np.dtype[np.void]:
    """NumPy record of a group: one float64 a parameter, then the extra fields."""
    return np.dtype([(name, np.float64) for name in table_of(group)] + list(extra))
