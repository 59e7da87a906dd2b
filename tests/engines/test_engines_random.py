"""Both engines agree on scenarios that nobody thought of."""

import pytest
from helpers import assert_lawful, differing, events_of, run_market
from hypothesis import given, settings
from hypothesis import strategies as st
from scenarios_at_random import scenarios

from retsim.state import Channel, Kind, Trigger

SEEDS = st.integers(0, 2**32 - 1)
LOGGED = {Kind.OCCASION, Kind.CONTACT, Kind.ENTER, Kind.JOIN, Kind.LEAVE, Kind.STAY, Kind.COMPLAINT, Kind.DECLINE,
          Kind.LIFE, Kind.SOLD, Kind.ANSWER, Kind.REDEEM, Kind.WORD, Kind.LEAD}  # fmt: skip
RARE = ({Trigger.PRICE, Trigger.MOMENT, Trigger.CONTACT}, {Channel.REFERRAL, Channel.WIN_BACK})
"""One random scenario in a hundred, or fewer, has somebody leave or come for these: they have tests of their own."""


def _agree_on(n_examples):
    """Compare engines on so many random scenarios; returns what happened in them: kinds, triggers, channels."""
    seen = (set(), set(), set())

    @settings(max_examples=n_examples)
    @given(scenarios(), SEEDS)
    def agree(scenario, seed):
        compiled = run_market(scenario, seed, log=True)
        assert differing(compiled, run_market(scenario, seed, engine="reference", log=True)) == []
        assert differing(compiled, run_market(scenario, seed, threads=2), events=False) == []
        assert_lawful(compiled)
        events = events_of(compiled)
        seen[0].update(events["kind"].tolist())
        seen[1].update(events["trigger"][events["kind"] == Kind.LEAVE].tolist())
        seen[2].update(events["trigger"][events["kind"] == Kind.JOIN].tolist())

    agree()
    return seen


def test_engines_agree_on_random_scenarios():
    kinds, _, channels = _agree_on(25)
    # So few need not hold everything that can happen; the many below must.
    assert kinds >= {Kind.OCCASION, Kind.JOIN, Kind.LEAVE, Kind.STAY, Kind.COMPLAINT}
    assert channels >= {Channel.INITIAL, Channel.SWITCHING}


@pytest.mark.verify
def test_engines_agree_on_many_random_scenarios():
    kinds, triggers, channels = _agree_on(600)
    assert kinds >= LOGGED
    assert triggers >= set(Trigger) - RARE[0]
    assert channels >= set(Channel) - RARE[1]
