"""Each claim in full, on a fresh seed, against what docs/claims.csv says of it.

False alarms: 1e-9 a finding, two-sided, Student's t. A finding that has moved by the sum of that quantile and the one of
0.999, about eleven standard errors of the difference at twenty replications, is found with probability 0.999.
"""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from retsim.claims import CLAIMS, Lab
from retsim.results.intervals import student_quantile

TABLE = Path(__file__).resolve().parents[2] / "docs" / "claims.csv"
REPLICATIONS, SEED = 20, 20261125
FALSE_ALARM = 1e-9


def error_of(low, high, n):
    """Standard error from a 95 % interval."""
    return (high - low) / 2.0 / student_quantile(0.95, int(n) - 1)


def rows():
    return pd.read_csv(TABLE)


def test_the_table_has_every_claim_in_order_with_verdicts_that_follow_from_its_numbers():
    from retsim.claims.claim import verdict_of

    table = rows()
    assert list(dict.fromkeys(table["claim"])) == [key for key in CLAIMS if key in set(table["claim"])]
    for row in table.itertuples():
        assert row.verdict == verdict_of((row.mean, row.low, row.high), row.above, row.below), row
        assert row.n >= 20


@pytest.mark.verify
@pytest.mark.parametrize("key", CLAIMS)
def test_a_fresh_seed_finds_the_same(key):
    table = rows()
    known = {(row.where, row.effect): row for row in table[table["claim"] == key].itertuples()}
    assert known, f"docs/claims.csv has nothing of {key}: retsim claims {key} --out docs"
    found = list(CLAIMS[key].test(Lab(REPLICATIONS, SEED)))
    assert {(f.where, f.effect) for f in found} == set(known)
    for f in found:
        old = known[f.where, f.effect]
        error = math.hypot(error_of(f.low, f.high, f.n), error_of(old.low, old.high, old.n))
        allowed = student_quantile(1.0 - FALSE_ALARM, min(f.n, int(old.n)) - 1) * error
        assert np.isfinite(allowed), f
        assert abs(f.mean - old.mean) <= allowed + 1e-12, (f, old)
