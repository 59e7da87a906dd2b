"""Whatever stands in a file or behind --set: a scenario or a `ScenarioError`, and soon."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retsim.scenario import Scenario, ScenarioError, load, packaged, set_values
from retsim.scenario.lines import lines_of
from retsim.scenario.merging import flattened
from retsim.scenario.plain import plain
from retsim.scenario.reading import parsed
from retsim.scenario.writing import text_of

SCENARIOS = [load(name) for name in packaged()]
TEXTS = [scenario.to_toml() for scenario in SCENARIOS]
SPLINTERS = ["nan", "inf", "-1", "true", '"', "'''", "[", "]]", "{", "}", "=", ".", ",", "\n", "#", "\x00", "\ud7ff", "1e999",
             "9" * 500, "0x" + "f" * 5000, "2024-01-01T00:00:00Z", "extends = 'telecom'\n", "[segments]\n", "dist", '"values"',
             "file = 'x'", "é", "\\u0000", "\t", "a.b.c.d.e.f.g.h.i.j"]  # fmt: skip


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz") / "market.toml"


def tried(call):
    """A scenario or nothing; any other error fails the test."""
    scenario, problems = None, ["none"]
    try:
        scenario = call()
    except ScenarioError as error:
        problems = error.problems
    assert problems
    assert all(len(str(problem)) < 2000 for problem in problems)
    return scenario


@st.composite
def mutilated(draw):
    """A packaged scenario with a few splinters in it, or a few pieces cut out, doubled or moved."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from([0, 0, 1, 3, 30, 300])))
        piece = draw(st.sampled_from([*SPLINTERS, "", text[start:end] * 2, text[end : end + 200]]))
        text = text[:start] + piece + text[end:]
    return text


@given(content=st.one_of(st.binary(max_size=300), mutilated().map(lambda text: text.encode("utf-8", "surrogatepass"))))
def test_files(path, content):
    path.write_bytes(content)
    tried(lambda: load(path))


VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.dates(),
        st.sampled_from([10**400, -0.0, 0.5, 1, "keep", "beta", "focal"]),
    ),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["dist", "values", "a", "b", "mean", "cv", "share", "traits", "x", ""]), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip
KEYS = sorted(
    {key for text in TEXTS for key in lines_of(text)} | {"", "x", "segments.bargain.spend_noise", "firm.budget"}
)


@given(changes=st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4))
def test_programs(changes):
    tried(lambda: SCENARIOS[0].with_(**changes))
    tried(lambda: Scenario(**changes))


@given(
    key=st.one_of(st.sampled_from(KEYS), st.text(max_size=10)),
    value=st.one_of(st.sampled_from(SPLINTERS), st.text(max_size=10)),
)
def test_settings(key, value):
    tried(lambda: set_values(SCENARIOS[1], [f"{key}={value}"]))
    tried(lambda: set_values(plain(SCENARIOS[1]), [f"{key}={value}"]))


@given(content=mutilated())
def test_what_loads_also_survives_a_round_trip(path, content):
    path.write_text(content, encoding="utf-8", errors="surrogatepass")
    scenario = tried(lambda: load(path))
    if scenario is not None:
        assert load(scenario.save(path)) == scenario


LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters=".")
# A name is never empty, and never has a dot.
NAMES = st.text(LETTERS, min_size=1, max_size=6)
TABLES = st.recursive(
    st.dictionaries(NAMES, st.one_of(st.floats(allow_nan=False), st.integers(-(2**62), 2**62), st.text(st.characters(exclude_categories=["Cs"]), max_size=8)), max_size=4),
    lambda inner: st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=6,
)  # fmt: skip


@given(table=TABLES)
def test_written_text_reads_back(table):
    text = text_of(table)
    assert (parsed(text, "x") if text.strip() else {}) == table


@given(table=TABLES)
def test_lines_are_those_of_the_keys(table):
    text = text_of(table)
    lines, written = lines_of(text), text.split("\n")
    for key, value in flattened(table).items():
        if not isinstance(value, dict):
            there = flattened(parsed(written[lines[key] - 1], "x"))
            assert [item for name, item in there.items() if f".{key}".endswith(f".{name}")] == [value]
