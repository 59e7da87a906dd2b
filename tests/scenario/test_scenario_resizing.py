"""A market of another size: as much money a head, and as many newcomers a head."""

import pytest

import retsim as rs


@pytest.mark.parametrize("name", ["telecom", "structural-bond", "leaky-funnel"])
def test_money_and_newcomers_go_in_proportion_and_nothing_else_changes(name):
    whole = rs.load(name)
    half = whole.resized(whole.customers // 2)
    assert half.customers == whole.customers // 2
    for firm, spec in half.firms().items():
        assert spec.budget.monthly == pytest.approx(whole.firms()[firm].budget.monthly / 2)
        assert spec.structural_launch == pytest.approx(whole.firms()[firm].structural_launch / 2)
    assert half.entry.per_month == pytest.approx(whole.entry.per_month / 2)
    assert half.resized(whole.customers).digest() == whole.digest()


def test_nobody_is_no_market():
    with pytest.raises(rs.ScenarioError, match="customers"):
        rs.load("telecom").resized(-1)
    with pytest.raises(rs.ScenarioError, match="customers"):
        rs.load("telecom").with_(customers=0).resized(10)
