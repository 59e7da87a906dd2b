"""What was probably meant: one-letter slips over all keys, numbers in other units."""

import string

import pytest

from retsim.parameters import Parameter
from retsim.scenario.hints import meant_key, meant_number, meant_word
from retsim.scenario.scenario import Scenario
from retsim.scenario.shape import shape_of


def tables(shape):
    """Keys of every table that a scenario can have, each once."""
    found = set()
    if shape.families:
        return {tuple(family.fields) for family in shape.families.values()}
    if shape.fields:
        found.add(tuple(shape.fields))
    for inner in [*shape.fields.values(), *([shape.item] if shape.item else [])]:
        found |= tables(inner)
    return found


def slips(word):
    """Every omission, doubling and exchange of neighbours; one wrong and one further letter at each place."""
    for n, letter in enumerate(word):
        other = string.ascii_lowercase[(string.ascii_lowercase.find(letter) + 7 * n + 5) % 26]
        yield word[:n] + word[n + 1 :]
        yield word[:n] + letter + word[n:]
        yield word[:n] + word[n + 1 : n + 2] + letter + word[n + 2 :]
        yield word[:n] + other + word[n + 1 :]
        yield word[:n] + other + word[n:]


def test_one_letter_slips_are_found():
    right = total = 0
    for table in tables(shape_of(Scenario)):
        for key in table:
            # Every seventh slip of the long tables: the rest differ only in place.
            for slip in list(slips(key))[:: 7 if len(table) > 20 else 1]:
                if slip and slip not in table:
                    total += 1
                    right += meant_key(slip, table) == f"did you mean {key}?"
    assert total > 1500
    assert right / total >= 0.99


def test_nothing_is_suggested_for_nonsense():
    assert meant_word("xyzzy", ["price", "unit_cost"]) == ""
    assert meant_word(3, ["price"]) == ""
    assert meant_word("p" * 10_000, ["price"]) == ""


def test_a_key_in_the_wrong_table_is_sent_to_its_own():
    assert meant_key("attention", ["price"], ["segments.NAME.traits.attention", "x.y"]) == (
        "it belongs under segments.NAME.traits"
    )
    assert meant_key("horizon", ["price"], ["horizon"]) == "it belongs under the top"


@pytest.mark.parametrize(
    ("value", "unit", "low", "high", "hint"),
    [
        (5, "share", 0, 1, "did you mean 0.05?"),
        (100, "share", 0, 1, "did you mean 1?"),
        (101, "share", 0, 1, ""),
        (-0.2, "share", 0, 1, "did you mean 0.2?"),
        (-2, "share", 0, 1, ""),
        (1200, "per month", 0, 100, "did you mean 100 (a twelfth, if it is yearly)?"),
        (1201, "per month", 0, 100, ""),
        (3652.5, "months", 0, 1200, "did you mean 120 (if it is in days)?"),
        (True, "share", 0, 1, "write 1"),
        (True, "months", 2, 3, ""),
        ("0.05", "share", 0, 1, "did you mean 0.05, without quotes?"),
        ("0,05", "share", 0, 1, "did you mean 0.05, without quotes?"),
        ("5 %", "share", 0, 1, "did you mean 0.05, without quotes?"),
        ("nan", "share", 0, 1, ""),
        ("many", "share", 0, 1, ""),
        (5, "1 or 0", 0, 1, ""),
        (10**400, "share", 0, 1, ""),
        (float("inf"), "share", 0, 1, ""),
        (float("nan"), "share", 0, 1, ""),
        ([5], "share", 0, 1, ""),
    ],
)
def test_numbers_in_another_unit(value, unit, low, high, hint):
    assert meant_number(value, Parameter(0.0, unit, low, high, "")) == hint
