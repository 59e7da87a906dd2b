"""The claims: verdicts from intervals, and every experiment runs and says something."""

import json
import math

import pytest

from retsim.claims import CLAIMS, Lab, chosen, verdicts
from retsim.claims.claim import finding, verdict_of
from retsim.cli import main


@pytest.mark.parametrize(
    ("interval", "borders", "verdict"),
    [
        ((0.7, 0.65, 0.75), (0.6, 0.85), "holds"),
        ((0.7, 0.55, 0.85), (0.6, 0.85), "not sure"),
        ((0.5, 0.45, 0.55), (0.6, 0.85), "does not hold"),
        ((0.9, 0.86, 0.94), (0.6, 0.85), "does not hold"),
        ((0.1, 0.05, 0.15), (0.0, math.inf), "holds"),
        ((0.1, math.nan, math.nan), (0.0, math.inf), "not sure"),
    ],
)
def test_a_claim_holds_where_the_whole_interval_does(interval, borders, verdict):
    assert verdict_of(interval, *borders) == verdict


def test_a_finding_carries_the_interval_of_its_values():
    found = finding("here", "an effect", [1.0, 2.0, 3.0], "money", above=0.0)
    assert (found.mean, found.n, found.unit) == (2.0, 3, "money")
    # Student's t of 2 degrees of freedom, 95 %: 4.303; standard error 1 / sqrt 3.
    assert found.high - found.mean == pytest.approx(4.302653 / math.sqrt(3.0), rel=1e-6)


@pytest.mark.parametrize("key", CLAIMS)
def test_every_claim_says_what_it_means_and_where_it_comes_from(key):
    claim = CLAIMS[key]
    assert claim.key == key
    assert claim.text.endswith(".")
    assert claim.source
    assert claim.condition


def test_a_small_experiment_gives_findings_with_intervals():
    frame = verdicts(["satisfied-and-gone"], Lab(replications=3, workers=1, size=0.2))
    assert list(frame["where"]) == ["telecom", "retail", "saas"]
    assert (frame["low"] < frame["mean"]).all()
    assert frame["verdict"].isin(["holds", "does not hold", "not sure"]).all()


def test_a_smaller_lab_has_fewer_people_with_as_much_money_each():
    whole, part = Lab().load("telecom"), Lab(size=0.25).load("telecom")
    assert part.customers * 4 == whole.customers
    assert part.budget.monthly * 4 == whole.budget.monthly
    assert part.rivals["network"].budget.monthly * 4 == whole.rivals["network"].budget.monthly


def test_an_unknown_claim_is_refused_with_those_there_are(capsys):
    with pytest.raises(ValueError, match="claim 'fife': there is none of this name; there are satisfied-and-gone"):
        chosen(["fife"])
    assert main(["claims", "fife"]) == 2
    assert "there are satisfied-and-gone" in capsys.readouterr().err


def test_the_list_names_all_without_work(capsys):
    assert main(["claims", "--list", "--json"]) == 0
    assert [claim["claim"] for claim in json.loads(capsys.readouterr().out)["claims"]] == list(CLAIMS)
