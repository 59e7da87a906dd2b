"""The generator is the published one, its uniforms are uniform, and quantities are the right quantiles of them."""

import math

import numpy as np
import pytest
from helpers import assert_close, assert_mean
from plain_python import EXPONENTS, POSITIVE, WORDS
from scipy.special import ndtri
from scipy.stats import chi2, kstest

from retsim import numerics
from retsim.streams import NEWCOMERS_FROM, Draw, draws, lanes_of, philox
from retsim.variates import exponential, gumbel, normal

# Known answers of the authors' Random123 (kat_vectors, philox4x32 10).
KNOWN = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


def ways(function):
    """A compiled rule, and the same as plain Python."""
    return [function, function.py_func]


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN)
@pytest.mark.parametrize("way", ways(philox), ids=["compiled", "plain"])
def test_known_answers_of_the_paper(way, counter, key, words):
    out = way(tuple(np.uint64(c) for c in counter), tuple(np.uint64(k) for k in key))
    assert tuple(int(word) for word in out) == words


def test_a_draw_is_philox_of_who_what_for_and_when():
    """Counter (index, part, customer, purpose), key (seed, replication), as the manifest's stream version promises."""
    key = (np.uint64(5), np.uint64(9))
    words = philox((np.uint64(3), np.uint64(4), np.uint64(17), np.uint64(Draw.MEETING)), key)
    for way in ways(draws):
        assert way(key, int(Draw.MEETING), 17, 3, 4) == tuple((int(w) + 0.5) / 2**32 for w in words)
    many = lanes_of((5, 9), Draw.MEETING, np.array([16, 17, 18]), 3, 4)
    assert tuple(many[:, 1]) == draws(key, int(Draw.MEETING), 17, 3, 4)


def test_the_table_of_draws_is_append_only():
    """A number is never renamed, reused or left out: results of old seeds depend on it."""
    known = ["TRAIT", "SEGMENT", "AWARENESS", "OCCASION", "DEPARTURE", "VOICE", "CHOICE", "CHOICE_MET", "CHOICE_TERM",
             "FIRST_WAIT", "LIFETIME", "CONTACT", "MEETING", "ENROLMENT", "ENTRY", "LIFE", "NEED", "OFFER", "DESK", "WORD",
             "RISK", "WAKE", "CHOICE_WOKEN", "CHOICE_NEED", "CHOICE_WORD", None, "NETWORK", "AFFINITY", "RIVAL", "CLUB",
             "WIN_BACK", "CHOICE_BACK", "LEAD", None, None, None, "SURVEY"]  # fmt: skip
    assert {draw.value: draw.name for draw in Draw} == {n: name for n, name in enumerate(known) if name}
    assert NEWCOMERS_FROM == 2**31


@pytest.mark.parametrize("word", WORDS)
def test_a_word_becomes_a_uniform_exactly(word):
    assert numerics.unit(np.uint64(word)) == (word + 0.5) / 2**32
    assert 0 < numerics.unit(np.uint64(word)) < 1


@pytest.mark.parametrize("vary", ["customer", "index", "purpose", "seed", "replication", "sub"])
def test_uniforms_are_uniform_whatever_is_counted(vary):
    """Each lane along each part of the counter and the key: no trend, right tails, lanes and neighbours unrelated."""
    n = 4096
    place = {"seed": 1, "replication": 2, "purpose": 3, "customer": 4, "index": 5, "sub": 6}
    rows = []
    for k in range(n):
        at = place | {vary: place[vary] + k}
        key = np.uint64(at["seed"]), np.uint64(at["replication"])
        rows.append(draws(key, at["purpose"], at["customer"], at["index"], at["sub"]))
    u = np.array(rows)
    for lane in range(4):
        assert kstest(u[:, lane], "uniform").pvalue > 1e-5
        assert abs(np.corrcoef(u[1:, lane], u[:-1, lane])[0, 1]) <= 4.5 / np.sqrt(n)
    between = np.corrcoef(u.T)[np.triu_indices(4, 1)]
    assert (np.abs(between) <= 4.5 / np.sqrt(n)).all()


def test_a_million_uniforms_fill_all_cells_evenly():
    u = lanes_of((7, 0), Draw.OCCASION, np.arange(250_000), 3, 0)
    for lane in u:
        found = np.bincount((lane * 1000).astype(int), minlength=1000)
        statistic = ((found - 250.0) ** 2 / 250.0).sum()
        assert chi2.isf(1 - 1e-6, 999) < statistic < chi2.isf(1e-6, 999)
    assert_mean(u.ravel(), 0.5)
    assert_close(u.var(), 1 / 12, np.sqrt(1 / 180 / u.size))


TAILS = [
    2.0**-33,
    1e-9,
    1e-6,
    1e-3,
    0.01,
    0.0749,
    0.0751,
    0.25,
    0.4,
    0.5,
    0.6,
    0.9249,
    0.9251,
    0.99,
    1 - 1e-6,
    1 - 2.0**-33,
]


@pytest.mark.parametrize("way", ways(normal), ids=["compiled", "plain"])
def test_normal_quantiles(way):
    """Against scipy's, which itself is good to some units in the last place; near 1/2 the quantile is near 0."""
    for u in [*TAILS, *np.random.default_rng(1).random(3000)]:
        assert way(float(u)) == pytest.approx(ndtri(u), rel=3e-14, abs=1e-15)
    grid = (np.arange(2000) + 0.5) / 2000
    values = [way(float(u)) for u in grid]
    assert (np.diff(values) > 0).all()


@pytest.mark.parametrize("n", [0, 1])
def test_exponential_and_gumbel_quantiles(n):
    for u in [*TAILS, *np.random.default_rng(2).random(3000)]:
        u = float(u)
        wait, taste = ways(exponential)[n](u), ways(gumbel)[n](u)
        assert wait == pytest.approx(-math.log(u), rel=2e-14)
        assert taste == pytest.approx(-math.log(-math.log(u)), rel=1e-13, abs=1e-14)
        assert wait > 0


def test_quantities_have_their_means():
    u = lanes_of((8, 0), Draw.OCCASION, np.arange(120_000), 1, 0)[0].tolist()
    assert_mean(np.array([exponential(x) for x in u]), 1.0)
    assert_mean(np.array([gumbel(x) for x in u]), 0.5772156649015329, precision=0.007)
    assert_mean(np.array([normal(x) ** 2 for x in u]), 1.0)


def test_own_exp_and_log():
    """Relative error below 1e-14 as promised; held at the ends instead of 0 and infinity."""
    for x in EXPONENTS:
        assert numerics.exp(x) == pytest.approx(math.exp(x), rel=1e-14)
    for x in POSITIVE:
        assert numerics.log(x) == pytest.approx(math.log(x), rel=1e-14, abs=1e-16)
    assert numerics.exp(0.0) == 1.0
    assert numerics.log(1.0) == 0.0
    assert 0 < numerics.exp(-1e9) < 1e-300
    assert numerics.exp(1e9) > 1e300
