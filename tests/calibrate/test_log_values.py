"""Single values: dates, amounts of money, returns."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retsim.calibrate import read_transactions
from retsim.calibrate.amounts import decimal_sign, parse_amounts
from retsim.calibrate.dates import parse_dates
from retsim.calibrate.returns import DayTotals, net_returns


@pytest.mark.parametrize(
    "text",
    [
        "2020-04-13", "2020/4/13", "2020.04.13", "20200413", "13 Apr 2020", "13-April-2020", "13/apr/2020",
        "Apr 13, 2020", "April 13 2020", "13/04/2020", "04/13/2020", "13.4.2020", "2020-04-13T23:30:00Z",
        "2020-04-13 23:30:00.123456+02:00", "2020-04-13T00:10-0500", "4/13/2020 8:26 PM", "20200413 08:26",
    ],
)  # fmt: skip
def test_dates_with_one_reading(text):
    found = parse_dates([text])
    assert found.reasons == [""]
    assert found.days[0] == np.datetime64("2020-04-13")


@given(st.dates(), st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y%m%d", "%d %b %Y"]))
def test_dates_by_format_and_without(day, form):
    in_range = 1900 <= day.year <= 2100
    text = day.strftime(form.replace("%Y", f"{day.year:04d}"))
    by_format = parse_dates([text], form)
    assert (by_format.reasons[0] == "") == in_range
    assert not in_range or by_format.days[0] == np.datetime64(day)
    alone = parse_dates([text])
    assert np.isnat(alone.days[0]) or alone.days[0] == np.datetime64(day)


@pytest.mark.parametrize("text", ["now", "today", "NaT", "43831", "1583280000", "2020-04", "2020-13-01", "4"])
def test_texts_that_are_no_dates(text):
    assert parse_dates([text]).reasons[0]
    assert parse_dates([text], "%Y-%m-%d").reasons[0]


def test_the_day_counts_as_written_whatever_the_offset():
    texts = ["2020-04-13T23:30:00-0500", "2020-04-13T00:30:00+0200"]
    assert parse_dates(texts, "%Y-%m-%dT%H:%M:%S%z").days.tolist() == parse_dates(["2020-04-13"] * 2).days.tolist()


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("12.5", ".", 12.5), ("12,5", ",", 12.5), ("1,234.50", ".", 1234.5), ("1.234,50", ",", 1234.5),
        ("1 234,50", ",", 1234.5), ("1'234.50", ".", 1234.5), ("1,234,567", ".", 1234567.0),
        ("1\u00a0234,5", ",", 1234.5), ("$12.50", ".", 12.5), ("12,50 €", ",", 12.5), ("-$5", ".", -5.0),
        ("(12.00)", ".", -12.0), ("($12.00)", ".", -12.0), ("\u221212.5", ".", -12.5), (".5", ".", 0.5),
        ("22.200000000000003", ".", 22.200000000000003), ("1e3", ".", 1000.0), ("+7", ".", 7.0),
        ("EUR 3", ",", 3.0), ("0", ".", 0.0),
    ],
)  # fmt: skip
def test_amounts(text, decimal, value):
    found = parse_amounts([text], decimal)
    assert found.reasons == [""]
    assert found.amounts[0] == value


@pytest.mark.parametrize(
    ("text", "decimal"),
    [
        ("12,5", "."), ("12.5", ","), ("1,23,4", "."), ("12,3456.7", "."), ("0,125", "."), ("1_000", "."),
        ("0x10", "."), ("1e", "."), ("True", "."), ("--5", "."), ("5-", "."), ("1 2", "."),
    ],
)  # fmt: skip
def test_texts_that_are_no_amounts(text, decimal):
    assert np.isnan(parse_amounts([text], decimal).amounts[0])


@pytest.mark.parametrize(
    ("texts", "sign"),
    [
        (["5", "7"], "."), (["5", "7.5"], "."), (["5", "7,5"], ","), (["1.234", "7.5"], "."),
        (["1.234", "7,5"], ","), (["1,234.5"], "."), (["1.234,5"], ","), (["1,234"], ""), (["1.234"], ""),
        (["0.125"], "."), (["0,125"], ","), (["1234.500"], "."), (["1,5", "1.5"], ""), (["1.234.567"], ","),
    ],
)  # fmt: skip
def test_decimal_signs(texts, sign):
    assert decimal_sign(texts).sign == sign


def test_returns_by_hand(log):
    found = read_transactions(
        log(
            "a,2020-01-01,10", "a,2020-01-05,20", "a,2020-01-09,5",
            # 5 the same day, all 20 of the 5th, 2 of the 1st; what was bought later is not touched.
            "a,2020-01-09,-27", "a,2020-01-12,8",
            # Bought before the log begins; and another customer's purchases are no help.
            "b,2020-01-02,-3", "b,2020-01-03,4",
        )
    )  # fmt: skip
    rows = [(c, d.day, a) for c, d, a in found.days.itertuples(index=False)]
    assert rows == [("a", 1, 8.0), ("a", 12, 8.0), ("b", 3, 4.0)]
    report = found.report
    assert (report.n_returns, report.n_days_returned) == (2, 2)
    assert (report.amount_returned, report.amount_unmatched) == (30.0, 3.0)


def test_a_return_in_full_leaves_no_dust(log):
    found = read_transactions(log("a,2020-01-01,10.1", "a,2020-01-01,20.2", "a,2020-01-01,-30.3", "a,2020-01-02,0"))
    assert found.days["date"].dt.day.tolist() == [2]
    assert found.report.amount_unmatched == 0.0


EVENTS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 6), st.integers(-9, 9)), max_size=30)


@given(EVENTS)
def test_returns_take_the_latest_coin_first(events):
    """Every purchase is a pile of coins; a return takes coins one by one, the latest day first."""

    def totals(sign):
        sums = {}
        for customer, day, amount in events:
            if amount * sign > 0:
                sums[customer, day] = sums.get((customer, day), 0) + abs(amount)
        return dict(sorted(sums.items()))

    bought, returned = totals(1), totals(-1)
    piles, unmatched = dict(bought), 0
    for (customer, day), coins in returned.items():
        for _ in range(coins):
            full = [key for key, left in piles.items() if key[0] == customer and key[1] <= day and left > 0]
            if full:
                piles[max(full)] -= 1
            else:
                unmatched += 1

    def arrays(sums):
        keys = np.array(list(sums), dtype=np.int64).reshape(-1, 2)
        return DayTotals(keys[:, 0], keys[:, 1], np.array(list(sums.values()), dtype=float))

    netted = net_returns(arrays(bought), arrays(returned))
    assert netted.left.tolist() == list(piles.values())
    assert netted.unmatched == unmatched
    assert netted.taken_back.tolist() == [left == 0 for left in piles.values()]
