"""A report says what the study says, keeps texts texts, needs nothing else, and overwrites nothing of others."""

from __future__ import annotations

import base64
import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import retsim as rs
from retsim.cli import main
from retsim.experiments.answer import verdict
from retsim.experiments.flipfile import BreakevenFileError, read_breakeven, save_breakeven
from retsim.experiments.manifest import ManifestError
from retsim.plots.saving import PICTURES
from retsim.reports.figures import difference_table
from retsim.reports.grounds import grounds
from retsim.results.words import MINUS

EVIL = "<script>alert('x')</script> & \"co\""
VOID = {"meta", "img", "br", "hr", "link"}


class Page(HTMLParser):
    """Text, tags, attributes and cells of a page; refuses tags that do not close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def study():
    market = rs.load("telecom").with_(customers=150, horizon=12, title=EVIL, question="保持か獲得か? 留住还是赢得?")
    arms = {EVIL: market.with_(strategy="acquisition-led"), "keep": market.with_(strategy="retention-led")}
    return rs.compare(arms, replications=4, seed=5, workers=1)


@pytest.fixture(scope="module")
def flips(study):
    names = study.names
    points = [{"entry.per_month": x} for x in (0.0, 20.0, 40.0)]
    values = np.array([[9.0, 1.0, -7.0], [8.0, -1.0, -9.0], [11.0, 2.0, np.nan]])
    from retsim.experiments.breakeven import Breakeven, Facts, Question

    return Breakeven(names, {"entry.per_month": (0.0, 40.0)}, Question(points=3, replications=3), (points, values),
                     Facts("EUR", "", 5))  # fmt: skip


@pytest.fixture
def few(monkeypatch):
    """Only one picture: drawing all of them takes seconds, and they have tests of their own."""
    monkeypatch.setattr("retsim.reports.pictures.PICTURES", {"customers": PICTURES["customers"]})


@pytest.fixture(scope="module")
def page(study, flips, tmp_path_factory):
    path = rs.report(study, tmp_path_factory.mktemp("page") / "report.html", breakeven=[flips])
    return SimpleNamespace(path=path, text=path.read_text(encoding="utf-8"))


def test_the_answer_is_the_studys_and_comes_before_any_picture(study, page):
    said = verdict(study, "discounted_profit", "EUR", minus=MINUS)
    shown = Page(page.text)
    assert said in shown.text
    assert "保持か獲得か? 留住还是赢得?" in shown.text
    assert page.text.index("95 % interval") < page.text.index("<img")


def test_paired_differences_are_those_of_the_library(study, page):
    row = study.differences("discounted_profit").iloc[0]
    cells = difference_table(study, "discounted_profit").rows[0]
    sign = "+" if row["mean"] > 0 else MINUS
    assert cells[1].startswith(f"{sign}{abs(row['mean']):,.0f} (")
    assert cells[2] == f"{round(row['better'] * 4)} of 4"
    assert cells[3] == ("not sure" if row["low"] <= 0 <= row["high"] else "better" if row["low"] > 0 else "worse")
    assert cells[1] in Page(page.text).text


def test_texts_of_a_scenario_stay_texts(page):
    shown = Page(page.text)
    assert EVIL in " ".join(shown.text.split())
    assert {tag for tag, _ in shown.tags}.isdisjoint({"script", "iframe", "link", "object", "svg"})
    assert not [name for _, attributes in shown.tags for name in attributes if name.startswith("on")]
    for source in _sources(shown):
        svg = ET.fromstring(base64.b64decode(source.partition("base64,")[2]))
        assert not [node for node in svg.iter() if node.tag.endswith("script")]


def test_the_page_needs_nothing_else(page):
    shown = Page(page.text)
    sources = _sources(shown)
    assert len(sources) == 8  # seven of the study, one break-even
    assert all(source.startswith("data:image/svg+xml;base64,") for source in sources)
    assert not re.search(r"url\(|@import|https?://", re.sub(r"data:[^\"]+", "", page.text))
    policy = next(a["content"] for tag, a in shown.tags if tag == "meta" and a.get("http-equiv"))
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    assert all(a["alt"] for tag, a in shown.tags if tag == "img")


def test_it_prints_and_has_a_dark_side(page):
    style = re.search(r"<style>(.*?)</style>", page.text, re.DOTALL)[1]
    assert "@media print" in style
    assert "@media (prefers-color-scheme: dark)" in style


def test_every_value_of_every_scenario_is_in_it_with_its_ground(study):
    found = grounds(study)
    given = {row[0]: row for row in found.given.rows}
    assert given["firm.contract_term"][1:] == [
        "24", "months", "assumption: 24 months, the longest first term for consumers under EU Directive 2018/1972, art. 105",
    ]  # fmt: skip
    defaults = {row[0] for row in found.defaults.rows}
    assert "behaviour.loss_aversion" in defaults
    for row in rs.evidence(study.scenarios["keep"]):
        first, _, rest = row.key.partition(".")
        folded = f"{first}.*.{rest.partition('.')[2]}"
        assert (
            row.key in given
            or row.key in defaults
            or folded in defaults
            or folded.replace("rivals.*", "firm") in defaults
        )


def test_what_flips_is_said_and_drawn(flips, page):
    assert flips.sentence() in Page(page.text).text


def test_a_written_study_reads_back_as_it_was(study, tmp_path, flips, few):
    study.save(tmp_path, command=["retsim", "compare", "a b"])
    back = rs.read_study(tmp_path)
    assert (back.names, back.seed, back.replications) == (study.names, study.seed, study.replications)
    for table in ("runs", "paths", "departures", "flows", "survival", "survival_runs", "cohorts"):
        pd.testing.assert_frame_equal(getattr(back, table), getattr(study, table), check_dtype=False)
    pd.testing.assert_frame_equal(back.differences(), study.differences())
    small, whole = (one.part({"kept": "keep"}) for one in (back, study))
    for table in ("runs", "departures", "flows", "cohorts"):
        pd.testing.assert_frame_equal(getattr(small, table), getattr(whole, table), check_dtype=False)
    save_breakeven(flips, tmp_path / "breakeven.json")
    assert main(["report", str(tmp_path), "--pictures"]) == 0
    text = Page((tmp_path / "report.html").read_text(encoding="utf-8")).text
    assert flips.sentence() in text
    assert "retsim compare 'a b'" in text
    names = {path.name for path in (tmp_path / "report-pictures").iterdir()}
    assert names == {"customers.png", "customers.svg", "breakeven.png", "breakeven.svg"}


def test_a_changed_table_is_no_ground_for_a_report(study, tmp_path):
    study.save(tmp_path)
    runs = study.runs.assign(discounted_profit=1e9)
    runs.to_parquet(tmp_path / "runs.parquet", index=False)
    with pytest.raises(ManifestError, match="is not the file that manifest"):
        rs.read_study(tmp_path)


def test_a_break_even_reads_back_to_the_last_bit(flips, tmp_path):
    back = read_breakeven(save_breakeven(flips, tmp_path / "b.json"))
    np.testing.assert_array_equal(back.values, flips.values)
    assert (back.names, back.over, back.question, back.facts) == (flips.names, flips.over, flips.question, flips.facts)
    (tmp_path / "b.json").write_text('{"format": "else"}')
    with pytest.raises(BreakevenFileError, match="must be 'retsim breakeven 1'"):
        read_breakeven(tmp_path / "b.json")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "nowhere: does not exist; name the folder of --study or --out"),
        (["."], "holds no study, but folders of studies; name one of"),
        (["kept", "--metric", "fame"], "--metric: metric = 'fame', must be one of"),
        (["kept", "--out", "mine.html"], "mine.html: exists and is no report of retsim; choose another name"),
        (["kept", "--out", "page.pdf"], "--out page.pdf: ends in .pdf, must end in .html, or be a folder"),
        (["kept", "--over", "firm.price=9:1"], "the lower end comes first"),
    ],
)
def test_what_cannot_be_reported_is_refused(arguments, message, study, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    study.save(tmp_path / "kept")
    (tmp_path / "mine.html").write_text("mine")
    assert main(["report", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert (tmp_path / "mine.html").read_text() == "mine"
    assert not (tmp_path / "kept" / "report.html").exists()


def test_a_kept_study_that_was_stopped_says_so_and_can_be_asked_where_it_flips(tmp_path, capsys, few):
    market = rs.load("telecom").with_(customers=80, horizon=6)
    arms = {f"telecom/{name}": market.with_(strategy=name) for name in ("acquisition-led", "retention-led")}
    rs.compare(arms, replications=2, folder=tmp_path, workers=1)
    from retsim.experiments.folder import Folder
    from retsim.experiments.replicate import Settings

    folder = Folder(tmp_path, arms, Settings(0))
    folder.plan(5)
    folder.close()
    over = ["--over", "firm.price=25:35", "--points", "2", "--replications", "2", "--workers", "1"]
    assert main(["report", str(tmp_path), *over, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["written"] == [str(tmp_path / "report.html")]
    text = Page((tmp_path / "report.html").read_text(encoding="utf-8")).text
    assert "Only 4 of 10 planned runs are there" in text
    assert "telecom/" not in text
    assert "Where the answer flips" in text


def test_one_replication_and_one_scenario_claim_nothing(study, tmp_path, few):
    alone = rs.compare({"keep": study.scenarios["keep"]}, replications=1, workers=1)
    text = Page(rs.report(alone, tmp_path / "one.html").read_text(encoding="utf-8")).text
    assert "One replication cannot say how sure anything is" in text
    assert "The difference, with the same luck" not in text


def _sources(shown: Page) -> list[str]:
    return [attributes["src"] for tag, attributes in shown.tags if tag == "img"]
