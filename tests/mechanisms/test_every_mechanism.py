"""All mechanisms together: each of them changes something, both engines agree, and the books balance."""

import pytest
from helpers import assert_lawful, differing, everything, run_market

import retsim as rs

ALL = {name: everything(rs.load(name)).with_(customers=150, horizon=10.0) for name in ("bank", "retail")}


@pytest.mark.parametrize("name", ALL)
def test_engines_and_threads_agree_on_everything_at_once(name):
    scenario = ALL[name].with_(customers=80)
    compiled = run_market(scenario, 5, log=True)
    assert differing(compiled, run_market(scenario, 5, engine="reference", log=True)) == []
    assert differing(compiled, run_market(scenario, 5, threads=2), events=False) == []
    assert_lawful(compiled)


@pytest.mark.parametrize("mechanism", rs.MECHANISMS)
def test_every_mechanism_changes_what_happens_when_it_is_switched_off(mechanism):
    """More than what is kept: accounts, counters or customers."""
    changed = []
    for scenario in ALL.values():
        off = scenario.without(mechanism)
        if off.digest() != scenario.digest():
            changed += [what for what in differing(run_market(scenario, 6), run_market(off, 6)) if what != "more"]
    assert changed
