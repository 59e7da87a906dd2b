"""The pages of docs/: what they name exists, what they take from the program is as the program has it, and they build."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

import retsim as rs
from retsim import parameters, state
from retsim.parameters import table_of
from retsim.scenario import needs, outside, scenario, spending

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
CONCEPTS = (DOCS / "concepts.md").read_text(encoding="utf-8")
ROWS = [
    line.strip("| ").split(" | ")
    for line in CONCEPTS.splitlines()
    if line.startswith("| ") and "| concept |" not in line
]
HOMES = {
    "": scenario.Scenario, "budget": spending.Budget, "mix": spending.Mix, "winning": spending.Winning,
    "strategy": spending.Strategy, "word": outside.Word, "entry": outside.Entry, "products": needs.Product,
    "life_events": needs.LifeEvents, "shocks": outside.Shock,
}  # fmt: skip
GROUPS = {"traits": parameters.Traits, "behaviour": parameters.Behaviour, "firm": parameters.Firm}


def _renewing():
    path = ROOT / "scripts" / "renew_docs.py"
    spec = importlib.util.spec_from_file_location("renew_docs", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_what_a_page_takes_from_the_program_is_as_the_program_has_it(page):
    """Where this fails, run scripts/renew_docs.py."""
    text = page.read_text(encoding="utf-8")
    assert _renewing().renewed(text) == text
    assert text.count("<!-- from the program:") == text.count("<!-- end -->")


def test_every_parameter_stands_in_the_odd_page():
    odd = (DOCS / "odd.md").read_text(encoding="utf-8")
    for group in GROUPS.values():
        for name, p in table_of(group).items():
            row = next(line for line in odd.splitlines() if line.startswith(f"| `{name}` | {p.default:g} | {p.unit} |"))
            assert p.source.replace("|", "\\|") in row


def test_the_state_variables_of_the_odd_page_are_those_of_the_program():
    odd = (DOCS / "odd.md").read_text(encoding="utf-8")
    tables = re.findall(r"(?s)\| variable \| meaning \|\n\|---\|---\|\n(.*?)\n\n", odd)
    for table, record in zip(tables, (state.CUSTOMER, state.MORE), strict=True):
        named = [name for line in table.splitlines() for name in re.findall(r"`(\w+)`", line.split(" | ")[0])]
        assert sorted(named) == sorted(record.names)
    bond = re.search(r"\(`retsim\.state\.RELATION`\): (.*?)\n\n", odd, re.DOTALL)[1]
    assert tuple(re.findall(r"`(\w+)`", bond)) == state.RELATION.names


def test_the_odd_page_has_the_seven_elements_in_their_order():
    odd = (DOCS / "odd.md").read_text(encoding="utf-8")
    assert re.findall(r"(?m)^## (\d)\. (.*)$", odd) == [
        ("1", "Purpose and patterns"), ("2", "Entities, state variables and scales"),
        ("3", "Process overview and scheduling"), ("4", "Design concepts"), ("5", "Initialization"),
        ("6", "Input data"), ("7", "Submodels"),
    ]  # fmt: skip


class TestConceptMap:
    def test_has_concepts_in_two_languages(self):
        assert len(ROWS) > 50
        for row in ROWS:
            assert len(row) == 6, row
            assert re.search(r"[\u4e00-\u9fff]", row[1]), row

    def test_keys_exist(self):
        for row in ROWS:
            keys = re.findall(r"`([^`]+)`", row[3])
            assert keys, row
            for key in keys:
                home, _, name = key.rpartition(".")
                known = table_of(GROUPS[home]) if home in GROUPS else HOMES[home].model_fields
                assert name in known, f"{row[0]}: {key}"

    def test_rules_exist_and_each_is_there(self):
        numbers = {int(n) for row in ROWS for n in re.findall(r"R(\d+)", row[2])}
        assert all(re.search(r"\bR\d+\b", row[2]) for row in ROWS)
        assert numbers == set(range(1, 24))

    def test_scenarios_exist_and_each_is_there(self):
        named = {name for row in ROWS for name in re.findall(r"`([^`]+)`", row[4])}
        assert named == set(rs.packaged())

    def test_notebooks_exist_and_each_is_there(self):
        listed = set(re.findall(r"(?m)^(\d+)\. ", (DOCS / "guides" / "notebooks.md").read_text(encoding="utf-8")))
        named = {number for row in ROWS for number in row[5].split(", ")}
        there = {str(int(path.name[:2])) for path in (ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb")}
        assert named <= listed
        assert there <= named


def test_the_reference_has_every_public_name():
    page = (DOCS / "api.md").read_text(encoding="utf-8")
    for name in rs.__all__:
        home = name if name in ("calibrate", "claims", "classroom", "plots", "theory") else rf":: retsim\.{name}$"
        assert re.search(home, page, re.MULTILINE), name
    for room in ("calibrate", "claims", "classroom", "plots"):
        for name in getattr(rs, room).__all__:
            assert re.search(rf":: retsim\.{room}\.{name}$", page, re.MULTILINE), f"{room}.{name}"


def test_the_documentation_builds_without_a_warning(tmp_path):
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-d", str(tmp_path / "trees"), str(DOCS),
               str(tmp_path / "html")]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    for page in ("index", "concepts", "odd", "api", "guides/report", "decisions/README"):
        html = (tmp_path / "html" / f"{page}.html").read_text(encoding="utf-8")
        # Nothing is fetched when a page is opened.
        assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=\"(?:https?:)?//", html), page
