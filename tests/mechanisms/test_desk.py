"""The service desk: true waits, what an answer in time or too late does, and what it costs (R6, R16)."""

import itertools

import numpy as np
import pytest
from helpers import (
    account_totals,
    assert_lawful,
    bare_scenario,
    counts_of,
    customers_of,
    differing,
    events_of,
    run_market,
)

import retsim as rs
from retsim.market.desk import completions
from retsim.scenario import ScenarioError, load
from retsim.state import MICRO, Count, Flag, Kind
from retsim.streams import Draw, lanes_of
from retsim.theory import queue

WAIT_UNIT = 2.0**-20


def desk_scenario(**overrides):
    """Everybody complains at every failure and nobody ever leaves, so that complaints come at random."""
    return bare_scenario(
        **{
            "firm.failure_rate": 0.5, "firm.severity": 0.4, "firm.accessibility": 1.0, "firm.recovery_quality": 1.0,
            "firm.desk_staff": 1.0, "firm.desk_rate": 20.0, "firm.staff_cost": 0.0, "segments.all.traits.voice": 1.0,
            "behaviour.learning_rate": 0.5, "behaviour.recovery_strength": 1.0, "behaviour.patience": 1200.0,
        }
        | overrides
    )  # fmt: skip


def total(market, which):
    return int(counts_of(market)[..., which].sum())


def test_a_queue_by_hand():
    """Two servers: the third request waits for the second's server, the fourth finds one free."""
    free = [0.0, 0.5]
    assert completions([0.0, 1.0, 2.0, 9.0], [5.0, 2.0, 1.0, 1.0], free).tolist() == [5.0, 3.0, 4.0, 10.0]
    assert sorted(free) == [5.0, 10.0]


@pytest.mark.parametrize(("arrival_rate", "service_rate", "servers"), [(2.0, 1.0, 3), (0.7, 1.0, 1), (9.0, 1.0, 12)])
def test_the_queue_is_erlangs(arrival_rate, service_rate, servers):
    """Mean wait, response and chance to wait at all of M/M/c, over 400 independent stretches after a warm-up."""
    rng = np.random.default_rng(11)
    waits, delayed = [], []
    for _ in range(400):
        arrivals = np.cumsum(rng.exponential(1 / arrival_rate, 800))
        services = rng.exponential(1 / service_rate, 800)
        wait = (completions(arrivals, services, [0.0] * servers) - arrivals - services)[300:]
        waits.append(wait.mean())
        delayed.append((wait > 1e-9).mean())
    for found, due in (
        (waits, queue.mean_wait(arrival_rate, service_rate, n_servers=servers)),
        (delayed, queue.p_wait(arrival_rate, service_rate, n_servers=servers)),
    ):
        error = np.std(found, ddof=1) / 20
        assert error < 0.05 * due
        assert abs(np.mean(found) - due) < 4 * error


def one_customer(**overrides):
    """One customer under contract whose first bill, at the start, is a failure."""
    billed = {"setting": "contractual", "behaviour.billing_period": 100.0, "customers": 1, "horizon": 3.0}
    return desk_scenario(
        **billed, **{"firm.failure_rate": 1.0, "segments.all.traits.initial_attachment": 0.5}, **overrides
    )


def test_an_answer_by_hand():
    """S falls from .7 half of the way to .35 and is restored in full, when the desk is done, at a look."""
    market = run_market(one_customer(**{"firm.compensation": 2.5, "behaviour.attachment_cut": 0.4}), 7, log=True)
    (complaint,), (answer,) = events_of(market, Kind.COMPLAINT), events_of(market, Kind.ANSWER)
    assert complaint["satisfaction"] == pytest.approx(0.525, abs=1e-12)
    service = -np.log(lanes_of((7, 0), Draw.DESK, np.array([0]), 1, 0)[0, 0]) / 20.0
    assert answer["time"] == max(service, 0.1)
    assert total(market, Count.WAITED) == int(service / WAIT_UNIT)
    assert answer["satisfaction"] == pytest.approx(0.7, abs=1e-6)
    assert answer["attachment"] == 0.5
    assert (total(market, Count.COMPLAINTS), total(market, Count.ANSWERED), total(market, Count.RECOVERED)) == (1, 1, 1)
    assert account_totals(market)["compensation"] == 2.5 * MICRO
    assert not customers_of(market)["flags"].any()


def test_the_paradox_by_hand():
    market = run_market(
        one_customer(**{"behaviour.recovery_strength": 0.4, "behaviour.recovery_paradox": 0.2}), log=True
    )
    (answer,) = events_of(market, Kind.ANSWER)
    assert answer["satisfaction"] == pytest.approx(0.525 + 0.4 * 0.175 + 0.2, abs=1e-6)


def test_too_late_is_no_answer():
    """At the end of patience the customer is alert and less attached; the desk answers all the same, for nothing."""
    slow = {
        "firm.desk_rate": 0.03125,
        "behaviour.patience": 0.25,
        "behaviour.attachment_cut": 0.4,
        "firm.compensation": 9.0,
    }
    market = run_market(one_customer(**slow), 7, log=True)
    (answer,) = events_of(market, Kind.ANSWER)
    assert (answer["time"], answer["outcome"]) == (0.25, 0)
    assert answer["satisfaction"] == pytest.approx(0.525, abs=1e-12)
    assert answer["attachment"] == pytest.approx(0.3, abs=1e-12)
    assert customers_of(market)["flags"][0] == Flag.ALERT
    assert total(market, Count.RECOVERED) == account_totals(market)["compensation"] == 0
    assert total(market, Count.ANSWERED) == 1


def test_waits_in_a_market_are_erlangs_and_obey_littles_law():
    """20 complaints a month from 4,000 customers, two servers who could answer 28."""
    busy = {"customers": 4000, "horizon": 60.0, "period": 0.25, "desk_step": 0.0625}
    scenario = desk_scenario(
        **busy,
        **{
            "firm.desk_staff": 2.0,
            "firm.desk_rate": 14.0,
            "behaviour.first_purchase": 0.0,
            "segments.all.traits.purchase_rate": 0.01,
        },
    )
    waits, little = [], []
    for seed in range(12):
        counts = counts_of(run_market(scenario, seed)).sum(axis=(1, 2))
        came, answered = counts[:, Count.COMPLAINTS], counts[:, Count.ANSWERED]
        late = slice(40, None)
        waits.append(counts[late, Count.WAITED].sum() * WAIT_UNIT / answered[late].sum())
        inside = (np.cumsum(came) - np.cumsum(answered))[late].mean()
        little.append(inside / (came[late].mean() / 0.25) / waits[-1])
    due = queue.mean_response(20.0, 14.0, n_servers=2)
    error = np.std(waits, ddof=1) / np.sqrt(12)
    assert error < 0.05 * due
    assert abs(np.mean(waits) - due) < 4 * error
    assert abs(np.mean(little) - 1.0) < 4 * np.std(little, ddof=1) / np.sqrt(12) < 0.1


@pytest.mark.parametrize(
    ("lever", "values"), [("firm.desk_staff", (1.0, 2.0, 5.0)), ("firm.desk_rate", (12.0, 25.0, 60.0))]
)
def test_more_service_never_makes_anybody_wait_longer(lever, values):
    """The same complaints; each is answered no later, so at any moment no fewer are."""
    scenario = desk_scenario(customers=60, **{"behaviour.patience": 0.4})
    runs = [run_market(scenario.with_(**{lever: value}), 3) for value in values]
    for less, more in itertools.pairwise(runs):
        few, many = (counts_of(m)[:, 0, 0] for m in (less, more))
        assert few[:, Count.COMPLAINTS].sum() > 100
        assert many[:, Count.COMPLAINTS].sum() > 100
        assert total(more, Count.RECOVERED) > total(less, Count.RECOVERED)
        assert total(more, Count.WAITED) / total(more, Count.ANSWERED) < total(less, Count.WAITED) / total(
            less, Count.ANSWERED
        )


def test_the_same_requests_at_a_better_desk():
    """Pathwise: one more server, or quicker ones, and not one request is answered later."""
    rng = np.random.default_rng(5)
    arrivals, services = np.cumsum(rng.exponential(1.0, 3000)), rng.exponential(1.8, 3000)
    usual = completions(arrivals, services, [0.0, 0.0])
    for better in (completions(arrivals, services, [0.0] * 3), completions(arrivals, 0.9 * services, [0.0, 0.0])):
        assert (better <= usual).all()
        assert (better < usual).mean() > 0.3


def test_patience_never_costs_a_recovery():
    """Who waits longer before giving up is made good no less often: the same complaints, answered at the same times."""
    scenario = desk_scenario(customers=60, **{"firm.desk_rate": 40.0})
    recovered = [
        total(run_market(scenario.with_(**{"behaviour.patience": p}), 3), Count.RECOVERED)
        for p in (0.0, 0.2, 1.0, 50.0)
    ]
    assert recovered == sorted(recovered)
    assert recovered[0] == 0 < recovered[1] < recovered[3]


def staffed(name, **overrides):
    rivals = {f"rivals.{next(iter(load(name).rivals))}.desk_staff": 1.0}
    staff = {"firm.desk_staff": 2.0, "firm.desk_rate": 4.0, "firm.failure_rate": 0.3, "firm.staff_cost": 300.0}
    return load(name).with_(customers=300, horizon=14.0, **rivals, **staff, **overrides)


@pytest.mark.parametrize("name", ["telecom", "retail"])
def test_engines_and_threads_agree(name):
    scenario = staffed(name, strategy="retention-led")
    compiled = run_market(scenario, 2, log=True)
    assert differing(compiled, run_market(scenario, 2, engine="reference", log=True)) == []
    assert differing(compiled, run_market(scenario, 2, threads=2, log=True)) == []
    assert_lawful(compiled)
    assert set(events_of(compiled, Kind.ANSWER)["outcome"]) == {0, 1}
    assert set(events_of(compiled, Kind.ANSWER)["firm"]) == {0, 1}


def test_reports_and_further_syncs_change_nothing():
    def restless(market):
        for when in (0.37, 1.0, 2.05, 2.1, 9.99):
            yield market.at(when)
            market.sync()

    scenario = staffed("telecom")
    usual = run_market(scenario, 4, log=True)
    assert differing(usual, run_market(scenario, 4, log=True, processes=[restless])) == []
    weekly = run_market(scenario.with_(period=0.25), 4, log=True)
    assert (events_of(usual) == events_of(weekly)).all()


def test_without_a_desk_its_figures_change_nothing():
    scenario = load("telecom").with_(customers=200, horizon=8.0)
    figures = {"firm.desk_rate": 1.0, "firm.staff_cost": 7.0, "behaviour.patience": 9.0, "desk_step": 0.5}
    run = rs.simulate(scenario)
    assert run.digest() == rs.simulate(scenario.with_(**figures)).digest()
    assert run.more.size == 0
    assert run.periods["mean_wait"].isna().all()


def test_staff_are_paid_without_a_single_complaint():
    scenario = desk_scenario(
        customers=7, horizon=5.0, **{"firm.failure_rate": 0.0, "firm.staff_cost": 1000.01, "firm.desk_staff": 3.0}
    )
    assert account_totals(run_market(scenario))["staff"] == 5 * 3 * 1000.01 * MICRO
    nobody = scenario.with_(**{"segments.all.initial": {"focal": 0.0}})
    run = rs.simulate(nobody)
    run.check()
    assert run.totals["profit"].sum() == pytest.approx(-15 * 1000.01)


def test_well_answered_complainers_come_back_more_than_the_silent():
    """Pattern 11: one failure for all, half of them speak; who was made good in time leaves less in the next months."""

    def repaired(market):
        yield market.at(0.5)
        market.set("focal", failure_rate=0.0)

    scenario = load("saas").with_(
        customers=6000,
        horizon=9.0,
        **{"firm.failure_rate": 1.0, "firm.desk_staff": 40.0, "behaviour.patience": 0.5, "firm.accessibility": 1.0},
        **{"behaviour.learning_rate": 0.4, "firm.severity": 0.6, "firm.contract_term": 0.0},
        # Everybody speaks as readily: no kind of customer is among the complainers more than among the silent.
        **{f"segments.{s}.traits.voice": 0.5 for s in load("saas").segments},
        **{f"segments.{s}.traits.tenure": 0.0 for s in load("saas").segments},
    )
    market = run_market(scenario, 1, log=True, processes=[repaired])
    failed = events_of(market, Kind.OCCASION)
    mine = np.unique(failed["customer"][(failed["time"] < 0.5) & (failed["firm"] == 0)])
    spoke = events_of(market, Kind.COMPLAINT)
    answers = events_of(market, Kind.ANSWER)
    good, bad = (answers["customer"][answers["outcome"] == outcome] for outcome in (1, 0))
    left = events_of(market, Kind.LEAVE)["customer"]
    silent = np.setdiff1d(mine, spoke["customer"])
    stayed = {}
    for name, who in (("good", np.intersect1d(mine, good)), ("bad", np.intersect1d(mine, bad)), ("silent", silent)):
        assert who.size > 100, name
        stayed[name] = 1.0 - np.isin(who, left).mean(), who.size
    for other in ("silent", "bad"):
        error = np.sqrt(sum(p * (1 - p) / n for p, n in (stayed["good"], stayed[other])))
        assert stayed["good"][0] - stayed[other][0] > 4 * error


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("firm.desk_staff", 1.5),
        ("firm.desk_staff", -1.0),
        ("desk_step", 0.0),
        ("firm.desk_rate", 0.0),
        ("behaviour.patience", -0.1),
    ],
)
def test_bad_input_is_refused(key, value):
    with pytest.raises(ScenarioError) as caught:
        load("telecom").with_(**{key: value})
    assert caught.value.problems[0].key == key


def test_a_desk_cannot_come_where_no_firm_has_one():
    def hire(servers):
        def process(market):
            yield market.at(1.0)
            market.set("focal", desk_staff=servers)

        return process

    with pytest.raises(ValueError, match=r"focal.desk_staff = 2.0, must be 0: no firm of the scenario has a desk"):
        run_market(bare_scenario(), processes=[hire(2.0)])
    with pytest.raises(ValueError, match="whole number"):
        run_market(desk_scenario(), processes=[hire(1.5)])
    more = [total(run_market(desk_scenario(customers=80), 1, processes=[hire(n)]), Count.ANSWERED) for n in (1.0, 6.0)]
    assert more[0] < more[1]
