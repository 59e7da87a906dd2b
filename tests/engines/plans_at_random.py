"""What firms do and what happens to them, drawn at random: strategies, budgets, word of mouth and shocks."""

from __future__ import annotations

from typing import Any, get_args

from hypothesis import strategies as st

from retsim.crm.tags import FIGURES, PROGRAMMES
from retsim.scenario.outside import SHOCK_NUMBERS
from retsim.scenario.spending import Targeting

_FURTHER = (None, "education", "structural", "core", "survey", "win_back", "community")
_ENDS = {"at_least": st.sampled_from([0.0, 0.5, 2.0, 40.0]), "below": st.sampled_from([0.5, 2.0, 40.0])}
_OF_ANSWERS = st.sampled_from([0.3, 0.5, 0.8])


@st.composite
def word(draw: st.DrawFn) -> dict[str, Any]:
    """No word of mouth in half of the markets, else any network."""
    rate = draw(st.sampled_from([0.0, 0.0, 2.0, 30.0]))
    if not rate:
        return {}
    return {
        "rate": rate,
        "network": draw(st.sampled_from(["none", "random", "small-world", "scale-free"])),
        "ties": draw(st.integers(1, 6)),
        "rivals": draw(st.sampled_from([0.0, 0.3, 1.0])),
        "warnings": draw(st.sampled_from([0.0, 2.0, 9.0])),
        "matching": draw(st.sampled_from([0.0, 0.5, 1.0])),
    }


@st.composite
def strategy(draw: st.DrawFn) -> dict[str, Any]:
    """Any split and mix, for anybody, with or without tags."""
    tags = {name: draw(_tag()) for name in ("loud", "old")[: draw(st.sampled_from([0, 0, 1, 2]))]}
    kept = {programme: st.sampled_from(sorted(tags)) for programme in PROGRAMMES} if tags else {}
    return {
        "retention_share": draw(st.sampled_from([0.0, 0.4, 1.0])),
        "mix": draw(_mix()),
        "targeting": draw(
            st.sampled_from(["everyone", *(kind for kind in get_args(Targeting) if tags or kind != "tagged")])
        ),
        "reach": draw(st.sampled_from([1.0, 1.0, 0.3])),
        "refit_every": draw(st.sampled_from([1.0, 3.0])),
        "reward_loyal": draw(st.sampled_from([0, 1])),
        "court_wavering": draw(st.sampled_from([0, 1])),
        "charge_leaver": draw(st.sampled_from([0.0, 5.0])),
        "adaptive": draw(st.sampled_from([0, 0, 1])),
        "tags": tags,
        "only": draw(st.fixed_dictionaries({}, optional=kept)),
    }


@st.composite
def _tag(draw: st.DrawFn) -> dict[str, Any]:
    figures = draw(st.sets(st.sampled_from(sorted(FIGURES)), min_size=1, max_size=2))
    ends = {figure: draw(st.sampled_from(sorted(_ENDS))) for figure in sorted(figures)}
    return {figure: {end: draw(_OF_ANSWERS if figure == "answer" else _ENDS[end])} for figure, end in ends.items()}


@st.composite
def _mix(draw: st.DrawFn) -> dict[str, float]:
    service, price = draw(st.sampled_from([(1.0, 0.0), (0.0, 1.0), (0.0, 0.0), (0.25, 0.5), (0.5, 0.25)]))
    left = 1.0 - service - price
    further = draw(st.sampled_from(_FURTHER))
    part = left / 2.0 if further else 0.0
    return {"service": service, "price": price, "contact": left - part} | ({further: part} if further else {})


@st.composite
def budget(draw: st.DrawFn, talked: bool, leads: bool) -> dict[str, Any]:
    """Money to win and to keep; referral only where people talk, following up only where there are leads."""
    ways = ["advertising", "promotion", "brand"] + ["referral"] * talked + ["follow_up"] * leads
    used = draw(st.lists(st.sampled_from(ways), min_size=1, max_size=2, unique=True))
    monthly = draw(st.sampled_from([0.0, 7.5, 200.0, 5000.0]))
    credit = draw(st.sampled_from([0, 0, 1]))
    return {
        "monthly": monthly,
        "winning": {way: 1.0 / len(used) for way in used},
        "spend": 1.5 if credit else draw(st.sampled_from([1.0, 0.5])),
        "credit": credit,
    }


@st.composite
def shocks(draw: st.DrawFn, rivals: list[str], horizon: float) -> dict[str, Any]:
    """No shock in every other market, else one or two of any kind, at any time."""
    kinds = sorted(set(SHOCK_NUMBERS) - (set() if rivals else {"entrant", "price-war"}))
    drawn = draw(st.lists(st.sampled_from(kinds), max_size=2, unique=True)) if draw(st.booleans()) else []
    return {kind: draw(_shock(kind, rivals, horizon)) for kind in drawn}


@st.composite
def _shock(draw: st.DrawFn, kind: str, rivals: list[str], horizon: float) -> dict[str, Any]:
    shock: dict[str, Any] = {"kind": kind, "start": draw(st.floats(0.0, horizon, allow_subnormal=False))}
    if kind == "entrant":
        return shock | {"firm": draw(st.sampled_from(rivals))}
    if "firm" in SHOCK_NUMBERS[kind]:
        shock |= draw(st.fixed_dictionaries({}, optional={"firm": st.sampled_from(["focal", *rivals])}))
    return shock | {"duration": draw(st.sampled_from([0.3, 1.0, 5.0]))}
