"""Luck: every draw is a pure function of (seed, replication, customer, purpose, index).

Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3", SC11) turns a
counter and a key into four 32-bit words. The key is (seed, replication); the counter says who draws, what for and
for which time. Nothing is ever "the next number", so no scenario can shift another customer's luck.

`Draw` is the table of purposes. It is append-only: a number is never reused and never renumbered, so renaming or
moving code cannot change a result. Each draw gives four *lanes*; what a lane decides is written beside it.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from retsim.jit import kernel, rule
from retsim.numerics import unit

STREAM_VERSION = 1
"""Raised when the same seed gives other numbers; written into every manifest."""


NEWCOMERS_FROM = 2**31
"""First stream number of customers who were not in the pool at the start."""


class Draw(IntEnum):
    """Purposes of draws; the comment names the index and the four lanes."""

    TRAIT = 0  # index: trait; lane 0: the trait's quantile
    SEGMENT = 1  # index 0; lanes: segment, firm at the start
    AWARENESS = 2  # index 0, sub: firm // 4; lane: firm % 4 known at the start
    OCCASION = 3  # index: n-th occasion; lanes: wait for the next, experience, attention, failure
    DEPARTURE = 4  # index: n-th occasion; lanes: natural attrition, avoidable or not, spend, unused
    VOICE = 5  # index: n-th occasion; lanes: speaks, recovery, unused, unused
    CHOICE = 6  # index: n-th occasion, sub: alternatives // 4; lanes: taste for an alternative
    CHOICE_MET = 7  # index: n-th meeting, sub: firm met * 1024 + alternatives // 4; lanes as CHOICE
    CHOICE_TERM = 8  # index: n-th contract end, sub: alternatives // 4; lanes as CHOICE
    FIRST_WAIT = 9  # index: n-th spell; lane 0: wait from joining to the first purchase
    LIFETIME = 10  # index: n-th spell; lane 0: natural lifetime
    CONTACT = 11  # index: n-th contact; lanes: wait for the next, relevance (index 0: wait for the first)
    MEETING = 12  # index: n-th meeting, sub: firm; lanes: wait for the next, channel (index 0: wait for the first)
    ENROLMENT = 13  # index: programme, sub: n-th new order (0: the first); lanes: rank in the queue for it, delivered
    ENTRY = 14  # customer: n-th newcomer; lanes: wait after the one before, walks in, which firm
    LIFE = 15  # index: n-th life event; lanes: wait for the next, kind, detected, answers the offer (index 0: wait for the first)
    NEED = 16  # index: n-th life event, sub: product // 4; lane: product % 4 is needed (index 0: held at the start)
    OFFER = 17  # index: n-th offer, sub 0; lanes: which, detected, taken, wait for the next; sub 1, 2: needs that its sale opens
    DESK = 18  # index: n-th complaint at the desk; lanes: service time, recovery, unused, unused
    WORD = 19  # index: tick, sub: firm; lanes: heard, when in the tick, unused, unused
    RISK = 20  # index: n-th occasion; lanes: pays, sends back, unused, unused
    WAKE = 21  # index: n-th contact; lanes: wakes, unused, unused, unused
    CHOICE_WOKEN = 22  # index: n-th contact, sub: alternatives // 4; lanes as CHOICE
    CHOICE_NEED = (
        23  # index: n-th life event, sub: offers since a product wore out * 1024 + alternatives // 4; lanes as CHOICE
    )
    CHOICE_WORD = 24  # index: n-th word heard, sub: firm * 1024 + alternatives // 4; lanes as CHOICE
    # 25 was never used
    NETWORK = 26  # index: n-th tie; lanes: neighbour, rewired, unused, unused
    AFFINITY = 27  # index 0; lanes and sub: kinds of affinity
    RIVAL = 28  # customer: firm; index: level; lane: delay of imitation
    CLUB = 29  # index: n-th spell; lane 0: inclination to join the firm's club
    WIN_BACK = 30  # index: tick; lanes: when in the tick the approach comes, unused, unused, unused
    CHOICE_BACK = 31  # index: tick, sub: firm * 1024 + alternatives // 4; lanes as CHOICE
    LEAD = 32  # index: n-th meeting, sub: firm met; lanes: interested, in earnest, what is believed, when followed up
    # 33 to 35 were never used
    SURVEY = 36  # index: tick; lanes: replies, error of the answer, unused, unused


_MASK = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)


@rule
def philox(counter, key):
    """Philox4x32-10: four words of counter and two of key (uint64 below 2**32) to four words.

    Source: Salmon et al. (2011), section 3.3; constants from the authors' Random123.
    """
    c0, c1, c2, c3 = counter[0] & _MASK, counter[1] & _MASK, counter[2] & _MASK, counter[3] & _MASK
    k0, k1 = key[0] & _MASK, key[1] & _MASK
    for _ in range(10):
        product_0 = _MULTIPLIER_0 * c0
        product_1 = _MULTIPLIER_1 * c2
        c0, c1, c2, c3 = (
            (product_1 >> _HALF) ^ c1 ^ k0,
            product_1 & _MASK,
            (product_0 >> _HALF) ^ c3 ^ k1,
            product_0 & _MASK,
        )
        k0 = (k0 + _WEYL_0) & _MASK
        k1 = (k1 + _WEYL_1) & _MASK
    return c0, c1, c2, c3


@rule
def draws(key, purpose, customer, index, sub):
    """The four uniforms of one draw.

    Parameters
    ----------
    key : tuple of uint64
        (seed, replication).
    purpose : int
        A `Draw`.
    customer, index, sub : int
        Whose, the how-manieth of this purpose, and its part (a firm, a group of alternatives); each below 2**32.
    """
    words = philox((np.uint64(index), np.uint64(sub), np.uint64(customer), np.uint64(purpose)), key)
    return unit(words[0]), unit(words[1]), unit(words[2]), unit(words[3])


def lanes_of(key, purpose, customers, index, sub):
    """All four lanes of one draw for many customers.

    Parameters
    ----------
    key : tuple of int
        (seed, replication).
    purpose, index, sub : int
        As in `draws`.
    customers : int64 array, shape (n,)

    Returns
    -------
    float64 array, shape (4, n)
    """
    out = np.empty((4, customers.size))
    _fill_lanes((np.uint64(key[0]), np.uint64(key[1])), (int(purpose), int(index), int(sub)), customers, out)
    return out


@kernel
def _fill_lanes(key, what, customers, out):
    purpose, index, sub = what
    for n in range(customers.size):
        out[0, n], out[1, n], out[2, n], out[3, n] = draws(key, purpose, customers[n], index, sub)
