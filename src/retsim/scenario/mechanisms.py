"""The mechanisms of the model by name.

Owns what "off" means for each: values at which a mechanism changes nothing (`switching` puts them into a scenario). A
test holds every name against the parameters, so that none of them is left behind when a rule is added.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from retsim.crm.care import MEANS
from retsim.crm.tags import PROGRAMMES

__all__ = ["MECHANISMS", "Mechanism"]


_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Mechanism(NamedTuple):
    """What carries a part of the result and can be switched off.

    Attributes
    ----------
    meaning : str
    behaviour, firm, traits : mapping of str to float
        Values that switch it off, for every segment and every firm.
    market : mapping of str to float
        The same for the market as a whole, by dotted key.
    strategy : mapping of str to value
        The same for every strategy of the scenario, and for those that its firms have.
    """

    meaning: str
    behaviour: Mapping[str, float] = _NOTHING
    firm: Mapping[str, float] = _NOTHING
    traits: Mapping[str, float] = _NOTHING
    market: Mapping[str, float] = _NOTHING
    strategy: Mapping[str, Any] = _NOTHING


def _zero(*names: str) -> dict[str, float]:
    return dict.fromkeys(names, 0.0)


MECHANISMS: dict[str, Mechanism] = {
    "failures": Mechanism("something goes wrong at some occasions (R2)", firm=_zero("failure_rate")),
    "disappointment": Mechanism("losses weigh more than gains (R3)", behaviour={"loss_aversion": 1.0}),
    "attachment": Mechanism(
        "contact breeds comfort: attachment, and what it is worth and holds (R4, R8)",
        behaviour=_zero(
            "attachment_gain", "contact_gain", "attachment_value", "relational_barrier", "voice_attachment", "word_bond"
        ),
        firm=_zero("club_attachment", "community_attachment"),
        traits=_zero("initial_attachment"),
    ),
    "sunk": Mechanism("past payments count (R5, R8)", traits=_zero("sunk_sensitivity")),
    "voice": Mechanism("customers complain and are answered (R6)", {"voice_attachment": 0.0}, _zero("accessibility"), _zero("voice")),
    "paradox": Mechanism(
        "a good answer leaves more satisfied than no failure would have (R6)", behaviour=_zero("recovery_paradox")
    ),
    "alertness": Mechanism("an unrepaired failure makes customers think (R7)", behaviour=_zero("alert_attention")),
    "transaction": Mechanism(
        "the six costs of moving to another firm (R8)",
        behaviour=_zero(
            "search_cost", "information_cost", "bargaining_cost", "decision_cost", "monitoring_cost", "breach_risk"
        ),
    ),
    "switching": Mechanism(
        "starting anew costs procedures, and products held (R8)", behaviour=_zero("procedural_cost", "product_switching_cost")
    ),
    "termination": Mechanism(
        "fees and barriers of ending it (R8)",
        _zero("power_imbalance", "relational_barrier"),
        _zero("fee_fixed", "fee_per_month"),
        strategy=_zero("charge_leaver"),
    ),
    "growth": Mechanism(
        "loyal customers spend more and cost less (R12)",
        behaviour=_zero("spend_growth", "rate_growth", "satisfaction_growth", "service_saving"),
    ),
    "attrition": Mechanism(
        "customers vanish for reasons of their own (R1)", traits=_zero("vanish_rate", "vanish_probability")
    ),
    "advertising": Mechanism("advertising reaches prospects and rivals' customers (R15)", firm=_zero("ad_ceiling")),
    "poaching": Mechanism(
        "advertising and offers reach rivals' customers, too (R15, R20)", firm=_zero("poaching", "poaching_bonus")
    ),
    "service": Mechanism("money for service prevents failures (R19)", firm=_zero("service_ceiling")),
    "discount": Mechanism("level 1: coupons for the tenured (R19)", firm=_zero("discount")),
    "contact": Mechanism("level 2: personal contact (R11, R19)", firm=_zero("contact_rate")),
    "structural": Mechanism(
        "level 3: what integration is worth, holds and draws (R8, R19)",
        _zero("structural_cost"),
        _zero("structural_value", "structural_draw"),
    ),
    "points": Mechanism("level 1: points (R14)", firm=_zero("points_rate")),
    "cashback": Mechanism("level 1: cash back (R19)", firm=_zero("cash_back")),
    "status": Mechanism("level 1: status tiers (R19)", firm=_zero("status_threshold", "gold_threshold", "platinum_threshold")),
    "club": Mechanism("a club with fee, benefits and cost (R19)", firm=_zero("club")),
    "careplan": Mechanism(
        "care by four means (R19)", firm=_zero(*MEANS)
    ),
    "affinity": Mechanism(
        "customers and the firm's people have something in common (R19)",
        firm=_zero("affinity_place", "affinity_interest", "affinity_kin", "affinity_profession", "affinity_belief"),
    ),
    "identification": Mechanism(
        "shared values (R4)", behaviour=_zero("identification"), firm=_zero("community_identification")
    ),
    "addedvalue": Mechanism("what a firm adds to the product is worth something (R8)", firm=_zero("added_value")),
    "execution": Mechanism("of a programme only a part is delivered (R23)", firm={"execution": 1.0}),
    "targeting": Mechanism(
        "programmes take some first, or are kept for some (R21)",
        strategy={"targeting": "everyone", "core_by": "everyone", "only": dict.fromkeys(PROGRAMMES)},
    ),
    "policy": Mechanism(
        "the loyal are rewarded, the wavering courted, the leaver charged (R21)",
        strategy=_zero("reward_loyal", "court_wavering", "charge_leaver"),
    ),
    "knowledge": Mechanism("the firm learns to know its customers (R11)", firm=_zero("knowledge_gain")),
    "fatigue": Mechanism("too many contacts annoy (R11)", behaviour=_zero("annoyance")),
    "waking": Mechanism("contacts wake the dissatisfied (R11)", behaviour=_zero("wake_probability")),
    "education": Mechanism("care before purchase prevents misunderstandings (R2)", firm=_zero("education_efficiency")),
    "core": Mechanism("core customers are served better than others (R21)", firm=_zero("core_service", "core_staff")),
    "survey": Mechanism("customers answer surveys (R21)", behaviour=_zero("survey_response")),
    "risk": Mechanism("bad debts and returns", firm=_zero("bad_debt", "return_rate")),
    "desk": Mechanism("complaints wait at a service desk (R16)", firm=_zero("desk_staff", "core_staff")),
    "staff": Mechanism("staff's morale follows customers, and service follows morale (R18)", firm=_zero("morale_speed")),
    "word": Mechanism("customers recommend and warn (R17)", market=_zero("word.rate")),
    "promotion": Mechanism("prize draws and lists with a bonus (R15)", firm=_zero("promo_ceiling")),
    "brand": Mechanism("money makes a brand, of which more is believed (R17)", firm=_zero("brand_lift")),
    "needs": Mechanism("life events open needs (R13)", behaviour=_zero("life_event_rate")),
    "replacement": Mechanism("products wear out, which opens needs (R13)"),
    "offers": Mechanism("offers made without a need that was seen (R13)", firm=_zero("offer_rate")),
    "imitation": Mechanism("rivals copy programmes (R20)", firm=_zero("imitation")),
    "matching": Mechanism("rivals follow a lower price (R20)", firm=_zero("price_matching")),
    "funnel": Mechanism(
        "prospects differ in intent, and leads leak before they decide (R15)",
        firm={"lead_appeal": 1.0, "lead_unaided": 1.0},
        traits={"intent": 1.0},
    ),
    "community": Mechanism(
        "members of a community are closer to the firm and speak of it (R4, R17, R19)",
        firm={"community_attachment": 0.0, "community_identification": 0.0, "community_talk": 1.0},
    ),
    "winback": Mechanism("the lapsed are asked to come back (R15)", firm=_zero("win_back_limit")),
    "shocks": Mechanism("what comes from outside (R22)"),
}  # fmt: skip
