"""Reference and compiled engine, one and two threads, with and without a log: the same bits."""

import pytest
from helpers import assert_lawful, differing, events_of, run_market

from retsim.scenario import load
from retsim.state import LOG_MARGIN, Kind, Trigger

SCENARIOS = ("telecom", "retail", "saas")
FURTHER = ("bank", "insurance", "airline", "grocery", "lead-funnel", "customer-community", "bad-film", "season-ticket")
STRATEGIES = (None, "acquisition-led", "retention-led")


def small(name, strategy=None, customers=250, horizon=18.0):
    scenario = load(name).with_(customers=customers, horizon=horizon)
    return scenario if strategy is None else scenario.with_(strategy=strategy)


@pytest.mark.parametrize("seed", [1, 2**32 - 1])
@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("name", SCENARIOS)
def test_engines_agree_on_every_bit(name, strategy, seed):
    scenario = small(name, strategy)
    compiled = run_market(scenario, seed, 3, log=True)
    reference = run_market(scenario, seed, 3, engine="reference", log=True)
    assert differing(compiled, reference) == []
    # Without a log ordinary occasions are lived through in columns.
    assert differing(run_market(scenario, seed, 3), reference, events=False) == []
    assert len(events_of(compiled)) > 1000
    assert_lawful(compiled)
    assert_lawful(reference)


@pytest.mark.parametrize("name", FURTHER)
def test_engines_agree_on_the_other_packaged_markets(name):
    """In small size: the reference engine costs what it costs."""
    scenario = load(name)
    scenario = scenario.with_(customers=80, horizon=min(scenario.horizon, 8.0))
    compiled = run_market(scenario, 2, 1, log=True)
    assert differing(compiled, run_market(scenario, 2, 1, engine="reference", log=True)) == []
    assert differing(compiled, run_market(scenario, 2, 1, threads=2, log=True)) == []
    assert len(events_of(compiled)) > 300
    assert_lawful(compiled)


@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize("name", SCENARIOS)
def test_threads_change_nothing(name, threads):
    scenario = small(name, "retention-led", customers=700, horizon=30.0)
    alone = run_market(scenario, 5, log=True)
    assert differing(alone, run_market(scenario, 5, threads=threads, log=True)) == []
    assert len(events_of(alone)) > 5000


@pytest.mark.parametrize("engine", ["compiled", "reference"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_log_changes_nothing(name, engine):
    scenario = small(name, "retention-led")
    logged = run_market(scenario, 9, engine=engine, log=True)
    silent = run_market(scenario, 9, engine=engine)
    assert differing(logged, silent, events=False) == []
    assert events_of(silent).size == 0


def test_the_log_survives_running_full(monkeypatch):
    """A log with hardly any room above what one batch may need is emptied again and again, in both engines."""
    scenario = small("retail", "retention-led", customers=120, horizon=12.0)
    usual = run_market(scenario, 4, log=True)
    monkeypatch.setattr("retsim.market.log.CHUNK", LOG_MARGIN + 5)
    for engine, threads in (("compiled", 1), ("compiled", 2), ("reference", 1)):
        assert differing(usual, run_market(scenario, 4, engine=engine, threads=threads, log=True)) == []


@pytest.mark.parametrize("name", SCENARIOS)
def test_engines_agree_where_vanishing_is_partly_a_choice(name):
    """Moments of natural attrition, most of them avoidable: some stay, some leave, some are simply gone."""
    moments = {"behaviour.avoidable_attrition": 0.7, "behaviour.attrition_pull": 60.0}
    moments |= {f"segments.{s}.traits.vanish_probability": 0.1 for s in load(name).segments}
    scenario = small(name, "retention-led").with_(**moments)
    compiled = run_market(scenario, 10, log=True)
    assert differing(compiled, run_market(scenario, 10, engine="reference", log=True)) == []
    thought = events_of(compiled, Kind.STAY, Kind.LEAVE)
    kinds = [thought["kind"][thought["trigger"] == trigger] for trigger in (Trigger.MOMENT, Trigger.NATURAL)]
    assert set(kinds[0]) == {Kind.STAY, Kind.LEAVE}
    assert set(kinds[1]) == {Kind.LEAVE}


def test_other_seeds_and_replications_are_other_runs():
    """The comparison would see a difference if there were one."""
    scenario = small("telecom")
    one = run_market(scenario, 1, 0, log=True)
    for seed, replication in ((2, 0), (1, 1)):
        changed = differing(one, run_market(scenario, seed, replication, log=True))
        assert {"customers", "ledger", "counts", "events"} <= set(changed)


@pytest.mark.verify
@pytest.mark.parametrize("name", SCENARIOS)
def test_engines_agree_on_long_runs(name):
    for seed in range(5):
        scenario = small(name, "retention-led", customers=1500, horizon=60.0)
        compiled = run_market(scenario, seed, log=True, threads=2)
        assert differing(compiled, run_market(scenario, seed, engine="reference", log=True)) == []
