"""R21: labels that a firm gives its customers from its database, and programmes that are kept for them."""

from types import SimpleNamespace

import numpy as np
import pytest
from helpers import assert_lawful, customers_of, differing, run_market

import retsim as rs
from retsim.crm.tags import bears
from retsim.scenario import load
from retsim.state import Flag


def ends(at_least=None, below=None):
    return SimpleNamespace(at_least=at_least, below=below)


def test_who_bears_a_tag_by_hand():
    """The lower end is included, the upper is not; all ranges must hold; what is not known meets none."""
    seen = SimpleNamespace(
        number=np.arange(4), revenue=np.array([99.0, 100.0, 200.0, 300.0]), answer=np.array([0.9, np.nan, 0.4, 0.5])
    )
    assert bears({"revenue": ends(100.0)}, seen).tolist() == [False, True, True, True]
    assert bears({"revenue": ends(100.0, 300.0)}, seen).tolist() == [False, True, True, False]
    assert bears({"answer": ends(below=0.5)}, seen).tolist() == [False, False, True, False]
    assert bears({"revenue": ends(100.0), "answer": ends(0.5)}, seen).tolist() == [False, False, False, True]


TAGS = {
    "big": {"revenue": {"at_least": 120.0}},
    "new": {"tenure": {"below": 12.0}},
    "cross": {"recent_complaints": {"at_least": 0.5}},
}


def tagged(name="retail", *, monthly=9000.0, **strategy):
    plan = {"retention_share": 1.0, "mix": {"price": 0.5, "contact": 0.5}, "tags": TAGS} | strategy
    scenario = load(name).with_(customers=300, horizon=14.0, strategies={"tags": plan}, strategy="tags")
    return scenario.with_(**{"budget.monthly": monthly, "firm.discount_tenure": 0.0, "firm.failure_rate": 0.2})


def watched(scenario, look, when=9.0, **options):
    """What `look` sees in a market just after the tick at a moment, and the market."""
    found = []

    def watch(market):
        for _ in range(2):
            yield market.at(when)
        found.append(look(market))

    return found, run_market(scenario, 2, processes=[watch], **options)


def flags_and_tags(market):
    known = market.database.customers(0, market.firms[0].figures["silence"])
    people = customers_of(market)
    flags = np.where(people["firm"] == 0, people["flags"], 0)
    return known, flags, {name: set(numbers.tolist()) for name, numbers in market.firms[0].tags.borne.items()}


@pytest.mark.parametrize("programme", ["contact", "price"])
def test_a_programme_kept_for_a_tag_reaches_its_bearers_and_nobody_else(programme):
    flag = {"contact": Flag.CONTACT, "price": Flag.DISCOUNT}[programme]
    (found,), market = watched(tagged(only={programme: "big"}), flags_and_tags)
    known, flags, borne = found
    assert borne["big"] == set(known.number[known.revenue >= 120.0].tolist())
    assert borne["new"] == set(known.number[known.tenure < 12.0].tolist())
    reached = set(np.flatnonzero(flags & flag).tolist())
    assert len(reached) > 5
    assert reached <= borne["big"]
    other = {"contact": Flag.DISCOUNT, "price": Flag.CONTACT}[programme]
    assert set(np.flatnonzero(flags & other).tolist()) - borne["big"]
    assert_lawful(market)


@pytest.mark.parametrize(("programme", "fund"), [("core", "core"), ("win_back", "win_back"), ("survey", "survey")])
def test_so_do_the_others(programme, fund):
    scenario = tagged(mix={fund: 1.0}, only={programme: "big"})
    (found,), market = watched(scenario, flags_and_tags)
    known, flags, borne = found
    database, n = market.database, market.population.n
    touched = {
        "core": set(np.flatnonzero(flags & Flag.CORE).tolist()),
        "win_back": set(np.flatnonzero(np.isfinite(database.approaches(np.arange(n)))).tolist()),
        "survey": set(np.flatnonzero(np.isfinite(database.asked(np.arange(n)))).tolist()),
    }[programme]
    free = run_market(tagged(mix={fund: 1.0}), 2)
    assert differing(market, free) != []
    if programme == "core":
        assert touched
        assert touched <= borne["big"]
    else:
        big_once = set(np.flatnonzero(customers_of(market)["revenue"] >= 120_000_000).tolist())
        assert touched <= big_once
        assert touched or programme == "win_back"
    assert known.number.size > 50


def test_targeting_by_tags_takes_those_with_most_of_them_first():
    (found,), _ = watched(tagged(targeting="tagged", monthly=40.0), flags_and_tags)
    known, flags, borne = found
    labels = np.array([sum(int(i) in bearers for bearers in borne.values()) for i in known.number])
    courted = (flags[known.number] & Flag.CONTACT) != 0
    assert 0 < courted.sum() < known.number.size
    assert labels[courted].min() >= np.sort(labels)[-courted.sum() - 10]
    assert labels[courted].mean() > labels[~courted].mean()


def test_a_wider_tag_reaches_the_same_customers_and_more():
    reached = []
    for least in (600.0, 200.0):
        scenario = tagged(tags={"big": {"revenue": {"at_least": least}}}, only={"contact": "big"})
        # What is not delivered keeps nobody: nothing feeds back.
        (found,), _ = watched(
            scenario.with_(**{"firm.contact_relevance": 0.0, "behaviour.annoyance": 0.0}), flags_and_tags
        )
        reached.append(set(np.flatnonzero(found[1] & Flag.CONTACT).tolist()))
    assert reached[0] < reached[1]
    assert len(reached[1] - reached[0]) >= 0.3 * len(reached[1])


@pytest.mark.parametrize("name", ["telecom", "retail"])
def test_engines_and_threads_agree(name):
    scenario = tagged(name, monthly=150.0, targeting="tagged", only={"price": "new", "contact": "big"})
    compiled = run_market(scenario, 4, log=True)
    assert differing(compiled, run_market(scenario, 4, engine="reference", log=True)) == []
    assert differing(compiled, run_market(scenario, 4, threads=2, log=True)) == []
    assert differing(compiled, run_market(tagged(name, monthly=150.0), 4, log=True)) != []
    rs.simulate(scenario, seed=4).check()


def by_hand(view):
    """Label who has bought most by hand, and keep contact for them; the label is there at the next view."""
    best = view.customers.number[np.argsort(-view.customers.revenue, kind="stable")[:20]]
    return rs.Plan(tags={"best": best}, only={"contact": "best"})


def test_a_strategy_of_ones_own_gives_tags_and_sees_them():
    seen = []

    def spy(view):
        seen.append((dict(view.tags), dict(view.only)))
        return by_hand(view)

    run = rs.simulate(tagged(), seed=2, strategy=spy)
    assert run.digest() == rs.simulate(tagged(), seed=2, strategy=by_hand, engine="reference").digest()
    assert set(seen[0][0]) == set(TAGS)
    assert seen[0][1] == {}
    assert seen[1][1] == {"contact": "best"}
    assert seen[1][0]["best"].size == 20
    mine = run.customers["firm"] == "focal"
    assert 0 < run.customers["in_contact"][mine].sum() <= 20
    with pytest.raises(ValueError, match="read-only"):
        seen[1][0]["best"][0] = 1


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (rs.Plan(tags={"big": [0]}), "tags.big is a rule of the scenario"),
        (rs.Plan(tags={"mine": [10**6]}), "tags.mine: 1000000 is not the number of a customer whom the firm knows"),
        (rs.Plan(only={"contact": "none"}), "only.contact = 'none', must be one of big, new, cross"),
        (rs.Plan(only={"service": "big"}), "only.service is no programme, must be one of price, contact, core"),
    ],
)
def test_a_plan_with_wrong_tags_is_refused(plan, message):
    with pytest.raises(ValueError, match=r"tags|only") as refusal:
        rs.simulate(tagged(), strategy=lambda view: plan)
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tags": {"big": {}}}, "must have a range of one of tenure, recency, frequency, revenue"),
        ({"tags": {"big": {"revenue": {}}}}, "must have at_least or below"),
        ({"tags": {"big": {"revenue": {"at_least": 5, "below": 5}}}}, "must have at_least (5) less than below (5)"),
        ({"tags": {"big": {"revenu": {"at_least": 5}}}}, "did you mean revenue?"),
        ({"tags": {"big": {"revenue": {"at_least": "much"}}}}, "must be a number"),
        ({"only": {"contact": "big"}}, 'strategies.tags.only.contact = "big", must be one of the strategy\'s tags (there are none)'),
        ({"tags": TAGS, "only": {"contact": "bigg"}}, 'strategies.tags.only.contact = "bigg", must be one of big, new, cross'),
        ({"tags": {"big": {"complaints": {"below": 0}}}}, "strategies.tags.tags.big.complaints.below = 0, must lie above 0"),
        ({"tags": {"big": {"tenure": {"at_least": -1}}}}, "big.tenure.at_least = -1, must lie in 0.."),
        ({"tags": {"big": {"revenue": {"at_least": float("inf")}}}}, "big.revenue.at_least = inf, must lie in 0..1e+12"),
        ({"tags": {"big": {"answer": {"at_least": 5}}}}, "big.answer.at_least = 5, must be at most 1, the best answer"),
        ({"targeting": "tagged"}, 'strategies.tags.targeting = "tagged", must not be tagged where the strategy has no tags'),
        ({"core_by": "tagged"}, 'strategies.tags.core_by = "tagged", must not be tagged'),
        ({"tags": TAGS, "only": {"contac": "big"}}, "did you mean contact?"),
    ],
)  # fmt: skip
def test_refusals(changes, message):
    with pytest.raises(rs.ScenarioError) as refusal:
        load("retail").with_(strategies={"tags": changes})
    assert message in str(refusal.value)
    assert str(refusal.value).count("\n") < 4


def test_tags_are_written_and_read_again(tmp_path):
    scenario = tagged(only={"contact": "big"})
    assert load(scenario.save(tmp_path / "tags.toml")) == scenario
