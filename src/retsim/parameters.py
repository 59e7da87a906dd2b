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
    stance = P(0.5, "0 to 1", 0, 1, "what the customer stands for, on one axis (R4)")
    talk = P(1.0, "multiple", 0, 1000, "how much this customer tells others (R17)")
    intent = P(1.0, "probability", 0, 1, "a prospect means to buy: passes each stage of a lead funnel (R15)", "D'Haen & Van den Poel 2013; value assumed")


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
    integration_rate = P(0.1, "per month", 0, 100, "integration grows towards 1 while in the firm's system (R19)")
    integration_decay = P(0.1, "per month", 0, 100, "and fades when out of it (R19)")
    structural_cost = P(60.0, "money", 0, inf, "undoing full integration (R8, R19)", "Burnham, Frels & Mahajan 2003; value assumed")
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
    life_event_rate = P(0.02, "life events a month", 0, 10, "family, education, work, place, finance, a major purchase (R13)")
    offer_uptake = P(0.6, "probability", 0, 1, "the fully content take an offer that meets a need (R13)")
    offer_annoyance = P(0.03, "0 to 1", 0, 1, "satisfaction lost by an offer that meets none (R13)")
    need_lasts = P(6.0, "months", 0.01, 1200, "an open need is then met elsewhere, or forgotten (R13)")
    need_pull = P(20.0, "money", 0, inf, "rivals are worth more while a need stays open (R13, R8)")
    product_switching_cost = P(10.0, "money a product", 0, inf, "of each further product held (R13, R8)", "Burnham, Frels & Mahajan 2003; value assumed")
    advertising_response = P(1.0, "multiple", 0, 1000, "of the firm's advertising efficiency in this segment (R15)")
    delighted_mark = P(0.85, "0 to 1", 0, 1, "from here on a customer recommends the firm (R17)", "Reichheld 2003; value assumed")
    disappointed_mark = P(0.4, "0 to 1", 0, 1, "below this a customer warns of it (R17)", "Reichheld 2003; value assumed")
    promotion_response = P(1.0, "multiple", 0, 1000, "of the firm's promotion efficiency in this segment (R15)")
    word_response = P(1.0, "multiple", 0, 1000, "of what reaches this segment by word: more for risky, complex products (R17)", "Arndt 1967")
    word_bond = P(0.1, "0 to 1", 0, 1, "attachment with which those begin whom others won for the firm (R4, R17)", "Schmitt, Skiera & Van den Bulte 2011; value assumed")
    organic_response = P(1.0, "multiple", 0, 1000, "of the firm's organic hazard in this segment (R15)")
    contact_tolerance = P(3.0, "contacts not recovered from", 0, 1000, "beyond which a contact annoys (R11)")
    fatigue_recovery = P(0.5, "per month", 0, 100, "fatigue from contacts fades (R11)")
    annoyance = P(0.0, "0 to 1", 0, 1, "satisfaction lost by a contact too many; 0: none is (R11)")
    wake_probability = P(0.0, "probability", 0, 1, "a contact makes a dissatisfied customer reconsider (R7, R11)")
    affinity_gain = P(0.2, "share a kind", 0, 10, "what each kind shared adds to a contact's gain (R4, R19)", "Byrne 1971; value assumed")
    identification = P(0.0, "weight", 0, 1, "of shared values in what attachment gains; 0: none (R4)", "Bhattacharya & Sen 2003; value assumed")
    survey_response = P(0.3, "probability", 0, 1, "that one neither content nor discontent, and not attached, answers a questionnaire (R21)")
    survey_pleased = P(1.0, "log odds", -20, 20, "the content answer more, by this beyond the middle and the discontent less (R21)", "Peterson & Wilson 1992; value assumed")
    survey_extreme = P(0.0, "log odds", -20, 20, "those of firm opinion, good or bad, answer more (R21)", "Hu, Pavlou & Zhang 2009; value assumed")
    survey_attached = P(1.0, "log odds", -20, 20, "the attached answer more (R21)")
    survey_noise = P(0.05, "0 to 1", 0, 1, "standard deviation of what is said about what is felt (R21)")


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
    brand_lift = P(0.3, "share of the gap", 0, 1, "to full belief that a brand at its best closes for those who were never there (R8, R17)")
    brand_efficiency = P(0.5, "per month and money a person", 0, inf, "speed at which money builds the brand (R17)", "Vidale & Wolfe 1957; value assumed")
    brand_decay = P(0.1, "per month", 0, 100, "speed at which the brand is forgotten (R17)", "Vidale & Wolfe 1957; value assumed")
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
    detection = P(0.3, "probability", 0, 1, "a need of a customer of whom nothing is known is seen in time (R13)")
    knowledge_detection = P(0.5, "probability", 0, 1, "needs that full knowledge of a customer shows besides (R13)")
    rhythm_detection = P(0.02, "probability an occasion", 0, 1, "an open need shows in how they buy (R13)")
    offer_rate = P(0.0, "offers a month", 0, 10, "of further products without a need that was seen (R13)")
    offer_cost = P(1.0, "money an offer", 0, inf, "of making an offer of a further product (R13)")
    structural_launch = P(0.0, "money", 0, inf, "level 3: building the system, once, from its fund (R19)", "Berry & Parasuraman 1991; value assumed")
    structural_setup = P(20.0, "money a customer", 0, inf, "level 3: taking one customer into it (R19)", "Berry & Parasuraman 1991; value assumed")
    structural_upkeep = P(2.0, "money a customer and month", 0, inf, "level 3: keeping one customer in it (R19)")
    structural_value = P(6.0, "money a month", 0, inf, "level 3: worth to a fully integrated customer (R8, R19)")
    structural_draw = P(0.0, "money a month", 0, inf, "level 3: worth that others expect of it while it runs (R8, R19)")
    points_rate = P(0.0, "share of what is paid", 0, 1, "level 1: points earned, in what they are worth; 0: none (R14)")
    points_threshold = P(10.0, "money", 0, inf, "points held from which on they pay for purchases (R14)")
    points_expiry = P(0.0, "months", 0, 1200, "without a purchase, after which points lapse; 0: never (R14)")
    assumed_breakage = P(0.0, "share", 0, 1, "of points that the accounts expect to lapse (R14)", "IFRS 15, B44-B47; value assumed")
    cash_back = P(0.0, "share of what is paid", 0, 1, "level 1: of the last bill, paid back with the next (R19)")
    status_threshold = P(0.0, "money", 0, inf, "level 1: billed since joining, beyond which one has status, the first tier; 0: none (R19)")
    status_discount = P(0.0, "share of the price", 0, 1, "price advantage of status (R19)")
    status_service = P(0.0, "0 to 1", 0, 1, "better service for those with status (R2, R19)")
    status_value = P(0.0, "money", 0, inf, "what giving up status costs, as felt (R8, R19)")
    gold_threshold = P(0.0, "money", 0, inf, "level 1: billed since joining, beyond which status is gold; 0: no such tier (R19)")
    gold_discount = P(0.0, "share of the price", 0, 1, "price advantage of gold, in place of that of status (R19)")
    gold_service = P(0.0, "0 to 1", 0, 1, "better service for gold, in place of that for status (R2, R19)")
    gold_value = P(0.0, "money", 0, inf, "what giving up gold costs, as felt (R8, R19)")
    platinum_threshold = P(0.0, "money", 0, inf, "level 1: billed since joining, beyond which status is platinum; 0: no such tier (R19)")
    platinum_discount = P(0.0, "share of the price", 0, 1, "price advantage of platinum, in place of that of gold (R19)")
    platinum_service = P(0.0, "0 to 1", 0, 1, "better service for platinum, in place of that for gold (R2, R19)")
    platinum_value = P(0.0, "money", 0, inf, "what giving up platinum costs, as felt (R8, R19)")
    core_cost = P(4.0, "money a customer and month", 0.000001, inf, "of one core customer in a service tier of their own (R21)")
    core_service = P(0.1, "0 to 1", 0, 1, "better service for those in it (R2, R21)")
    core_staff = P(0.0, "servers", 0, 1000, "of a desk that answers only their complaints; 0: they wait with the others (R16, R21)")
    survey_cost = P(1.0, "money a questionnaire", 0.000001, inf, "of asking one customer how satisfied they are (R21)")
    survey_pause = P(6.0, "months", 0, 1200, "for which who was asked is not asked again (R21)")
    club = P(0.0, "1 or 0", 0, 1, "1: the firm runs a club (R19)")
    club_fee = P(0.0, "money a month", 0, inf, "paid by a member (R19)")
    club_benefit = P(0.0, "money a month", 0, inf, "worth to a member (R8, R19)")
    club_cost = P(0.0, "money a month", 0, inf, "of one member, to the firm (R19)")
    club_attachment = P(0.0, "per month", 0, 100, "speed at which membership closes the gap to full attachment (R4, R19)")
    knowledge_gain = P(0.0, "share of the gap", 0, 1, "what each interaction teaches the firm of a customer; 0: nothing (R11)")
    shared_knowledge = P(1.0, "share", 0, 1, "of that knowledge reaches the branch that needs it (R11)")
    knowledge_relevance = P(0.5, "share of the gap", 0, 1, "closed to a contact sure to be relevant, by full knowledge (R11)")
    affinity_place = P(0.0, "probability", 0, 1, "customer and the firm's people share a place (R19)")
    affinity_interest = P(0.0, "probability", 0, 1, "they share an interest (R19)")
    affinity_kin = P(0.0, "probability", 0, 1, "they share kin (R19)")
    affinity_profession = P(0.0, "probability", 0, 1, "they share a profession (R19)")
    affinity_belief = P(0.0, "probability", 0, 1, "they share a belief (R19)")
    care_product = P(0.0, "share of the contact money", 0, 1, "care plan: product and service (R19)")
    care_communication = P(0.0, "share of the contact money", 0, 1, "care plan: communication (R19)")
    care_incentive = P(0.0, "share of the contact money", 0, 1, "care plan: sales incentives (R19)")
    care_relations = P(0.0, "share of the contact money", 0, 1, "care plan: public relations (R19)")
    care_before = P(0.25, "part of each means", 0, 1, "spent before a purchase, in proportion to the three parts (R19)")
    care_during = P(0.25, "part of each means", 0, 1, "spent during a purchase (R19)")
    care_after = P(0.5, "part of each means", 0, 1, "spent after a purchase (R19)")
    care_product_before = P(1.0, "multiple of the general part", 0, 1000, "of product and service that goes before a purchase, where that is to differ (R19)")
    care_product_during = P(1.0, "multiple of the general part", 0, 1000, "of product and service that goes during a purchase, where that is to differ (R19)")
    care_product_after = P(1.0, "multiple of the general part", 0, 1000, "of product and service that goes after a purchase, where that is to differ (R19)")
    care_communication_before = P(1.0, "multiple of the general part", 0, 1000, "of communication that goes before a purchase, where that is to differ (R19)")
    care_communication_during = P(1.0, "multiple of the general part", 0, 1000, "of communication that goes during a purchase, where that is to differ (R19)")
    care_communication_after = P(1.0, "multiple of the general part", 0, 1000, "of communication that goes after a purchase, where that is to differ (R19)")
    care_incentive_before = P(1.0, "multiple of the general part", 0, 1000, "of sales incentives that goes before a purchase, where that is to differ (R19)")
    care_incentive_during = P(1.0, "multiple of the general part", 0, 1000, "of sales incentives that goes during a purchase, where that is to differ (R19)")
    care_incentive_after = P(1.0, "multiple of the general part", 0, 1000, "of sales incentives that goes after a purchase, where that is to differ (R19)")
    care_relations_before = P(1.0, "multiple of the general part", 0, 1000, "of public relations that goes before a purchase, where that is to differ (R19)")
    care_relations_during = P(1.0, "multiple of the general part", 0, 1000, "of public relations that goes during a purchase, where that is to differ (R19)")
    care_relations_after = P(1.0, "multiple of the general part", 0, 1000, "of public relations that goes after a purchase, where that is to differ (R19)")
    care_efficiency = P(0.5, "per money a customer and month", 0.000001, inf, "speed of diminishing returns of care (R19)", "Blattberg & Deighton 1996; value assumed")
    care_experience = P(0.1, "0 to 1", 0, 1, "product and service add to an occasion at most this (R2, R19)")
    care_relevance = P(0.5, "share of the gap", 0, 1, "communication closes of contacts' irrelevance at most this (R11, R19)")
    care_bond = P(1.0, "share", 0, 100, "public relations add to what attachment gains at most this (R4, R19)")
    misunderstanding_share = P(0.8, "share", 0, 1, "of failures are misunderstandings that education prevents (R2)")
    education_efficiency = P(0.5, "per money a customer and month", 0, inf, "speed of diminishing returns (R2)", "Blattberg & Deighton 1996; value assumed")
    stance = P(0.5, "0 to 1", 0, 1, "what the firm stands for, on one axis (R4)")
    added_value = P(0.0, "money a month", 0, inf, "worth to customers of what comes with the product (R8)")
    bad_debt = P(0.0, "probability", 0, 1, "a stranger never pays a bill")
    return_rate = P(0.0, "probability", 0, 1, "a stranger sends a purchase back")
    restock = P(0.5, "share of the cost of goods", 0, 1, "saved where goods come back")
    knowledge_caution = P(0.8, "share of the risk", 0, 1, "avoided where the firm knows all of a customer")
    execution = P(1.0, "share", 0, 1, "of a programme that reaches those it is paid for; the rest is paid all the same (R19, R23)")
    win_back_cost = P(2.0, "money an approach", 0.000001, inf, "of asking one lapsed customer to come back (R15)")
    win_back_bonus = P(0.0, "money", 0, inf, "promised with it, paid to who comes back (R15)")
    win_back_wait = P(1.0, "months", 0, 1200, "after the departure before the first approach, and from one to the next (R15)")
    win_back_limit = P(24.0, "months", 0, 1200, "after the departure beyond which nobody is approached (R15)")
    imitation = P(0.0, "1 or 0", 0, 1, "a rival copies the focal firm's programmes (R20)", "Berry & Parasuraman 1991: level by level")
    imitation_delay_1 = P(6.0, "months", 0, 1200, "mean delay of copying level 1, financial (R20)")
    imitation_delay_2 = P(18.0, "months", 0, 1200, "mean delay of copying level 2, social (R20)")
    imitation_delay_3 = P(48.0, "months", 0, 1200, "mean delay of copying level 3, structural (R20)")
    imitation_spread = P(0.5, "coefficient of variation", 0, 10, "of these delays (R20)")
    price_matching = P(0.0, "share of the gap", 0, 1, "by which a rival follows a lower price of the focal firm (R20)")
    matching_delay = P(1.0, "months", 0, 1200, "until it does (R20)")
    poaching_bonus = P(0.0, "money", 0, inf, "paid to a customer of another firm who changes over (R20)")
    lead_funnel = P(0.0, "1 or 0", 0, 1, "1: whom the firm reaches becomes a lead before a customer (R15)", "D'Haen & Van den Poel 2013")
    lead_appeal = P(0.2, "probability", 0, 1, "who has no intent shows interest all the same (R15)")
    lead_unaided = P(0.2, "share", 0, 1, "of the leads in earnest who decide without a follow-up (R15)")
    lead_lasts = P(3.0, "months", 0.01, 1200, "an interest that nobody follows up is then forgotten (R15)")
    follow_up_cost = P(5.0, "money a lead", 0.000001, inf, "of following one lead up (R15)")
    qualification = P(0.5, "share", 0, 1, "of what the firm's database makes of a lead is its intent; the rest is chance (R15)", "D'Haen & Van den Poel 2013; form and value assumed")
    qualification_mark = P(0.4, "0 to 1", 0, 1, "leads that the firm believes in less are not followed up (R15)")
    community_cost = P(1.0, "money a customer and month", 0.000001, inf, "of keeping one customer in the firm's community (R19)")
    community_attachment = P(0.03, "per month", 0, 100, "speed at which members' interaction closes the gap to full attachment (R4, R19)", "Algesheimer, Dholakia & Herrmann 2005; value assumed")
    community_identification = P(0.3, "weight", 0, 1, "of shared values in what a member's attachment gains, besides (R4, R19)", "Bhattacharya & Sen 2003; value assumed")
    community_talk = P(2.0, "multiple", 0, 1000, "of how much a member tells others (R17, R19)", "Muniz & O'Guinn 2001; value assumed")

# fmt: on


def table_of(group: type) -> dict[str, Parameter]:
    """Name to `Parameter`, in the order of the file."""
    return {name: value for name, value in vars(group).items() if isinstance(value, Parameter)}


def record_type(group: type, *extra: tuple[Any, ...]) -> np.dtype[np.void]:
    """NumPy record of a group: one float64 a parameter, then the extra fields."""
    return np.dtype([(name, np.float64) for name in table_of(group)] + list(extra))
