"""What is said of claims: in words, on the page, in the picture and on the command line."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from retsim import plots
from retsim.claims import CLAIMS, Claim, Finding
from retsim.claims.claim import finding
from retsim.claims.page import page
from retsim.claims.words import amount, border, verdict_words
from retsim.cli import main

THREE = (0.30, 0.34, 0.38)


def made_up(lab):
    yield finding("telecom: free", "share lost", THREE, "share", above=0.0)
    yield finding("telecom: tied", "share lost", np.negative(THREE), "share", above=0.0, limit=True)


@pytest.fixture
def invented(monkeypatch):
    """A claim whose experiment takes no time."""
    claim = Claim("made-up", "All is lost.", "nobody (2000)", made_up, "fails where customers are tied")
    monkeypatch.setitem(CLAIMS, "made-up", claim)
    return claim


def shown(mean, half, unit, **borders):
    return Finding(
        "w",
        "e",
        mean,
        mean - half,
        mean + half,
        unit,
        "holds",
        40,
        **{"above": 0.0, "below": math.inf, "limit": False} | borders,
    )


def test_amounts_have_as_many_digits_as_their_interval_carries():
    assert amount(shown(0.34129, 0.0236, "share")) == "34.1 % (31.8 to 36.5)"
    assert amount(shown(0.0020171, 0.000594, "share a month")) == "0.202 % a month (0.142 to 0.261)"
    assert amount(shown(46250.4, 28330.0, "EUR")) == "46,250 EUR (17,920 to 74,580)"
    assert amount(shown(0.137, 0.08, "correlation")) == "0.137 (0.057 to 0.217)"
    assert amount(shown(0.0, 0.0, "EUR")) == "0 EUR (0 to 0)"
    assert amount(finding("w", "e", [1.5], "times")) == "1.5 times, one replication"
    assert amount(finding("w", "e", [], "times")) == "not measured"


def test_borders_and_verdicts_in_words():
    assert border(shown(0.5, 0.1, "share", above=0.25, below=0.85)) == "25 to 85 %"
    assert border(shown(0.5, 0.1, "share", above=-math.inf, below=-0.25)) == "below -25 %"
    assert border(shown(0.5, 0.1, "times", above=2.0)) == "above 2"
    free, tied = made_up(None)
    assert (verdict_words(free), verdict_words(tied)) == ("holds", "fails here, as it should")
    assert verdict_words(free._replace(limit=True)) == "holds even here"


def test_the_command_says_the_verdict_first_and_keeps_others_in_the_folder(invented, tmp_path, capsys, monkeypatch):
    assert main(["claims", "made-up", "--replications", "3", "--out", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert lines[2].split() == ["made-up", "holds", "1", "of", "1"]
    assert "fails here, as it should: telecom: tied" in out
    assert "share lost: 34.0 % (24.1 to 43.9); holds if above 0 %" in out
    kept = pd.read_csv(tmp_path / "claims.csv")
    assert kept[["claim", "n", "seed"]].to_numpy().tolist() == [["made-up", 3, 0]] * 2
    text = (tmp_path / "claims.md").read_text(encoding="utf-8")
    assert f"| [made-up](#made-up) | **holds** | 1 of 1 | 3 | 0 | {kept['date'][0]} |" in text
    assert "| leaky-funnel | not tried | | | | |" in text
    assert (tmp_path / "claims.png").stat().st_size > 5000
    other = invented._replace(key="other")
    monkeypatch.setitem(CLAIMS, "other", other)
    assert main(["claims", "other", "--seed", "7", "--out", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["written"] == [
        str(tmp_path / f"claims.{k}") for k in ("csv", "md", "png")
    ]
    both = pd.read_csv(tmp_path / "claims.csv")
    assert both.groupby("claim")["seed"].first().to_dict() == {"made-up": 0, "other": 7}


def test_a_table_of_something_else_is_not_overwritten(invented, tmp_path, capsys):
    (tmp_path / "claims.csv").write_text("a,b\n1,2\n")
    assert main(["claims", "made-up", "--out", str(tmp_path)]) == 2
    assert "is no table of claims" in capsys.readouterr().err
    assert (tmp_path / "claims.csv").read_text() == "a,b\n1,2\n"


def test_an_unknown_claim_is_refused_with_those_there_are(capsys):
    assert main(["claims", "fife"]) == 2
    assert "there are leaky-funnel" in capsys.readouterr().err


def test_the_list_names_all_without_work(capsys):
    assert main(["claims", "--list", "--json"]) == 0
    assert [claim["claim"] for claim in json.loads(capsys.readouterr().out)["claims"]] == list(CLAIMS)


def frame_of(*findings):
    return pd.DataFrame([{"claim": "made-up"} | f._asdict() for f in findings])


def test_the_page_names_every_finding(invented):
    frame = frame_of(*made_up(None)).assign(seed=0, date="2026-01-01", version="1")
    text = page(frame, [invented])
    assert text.count("share lost") == 2
    assert "Its limits: fails where customers are tied." in text


def test_the_picture_has_each_effect_at_its_place_beside_the_border():
    free, tied = made_up(None)
    figure = plots.claims(frame_of(free, tied))
    (ax,) = figure.axes
    marks = {line.get_label(): line for line in ax.lines if line.get_label() in (free.where, tied.where)}
    for f in (free, tied):
        (x,) = marks[f.where].get_xdata()
        shaded = next(
            c for c in ax.collections if c.get_paths()[0].contains_point((0.999, marks[f.where].get_ydata()[0]))
        )
        edge = shaded.get_paths()[0].vertices[:, 0].min()
        assert (x > edge) == (f.mean > f.above)
    assert marks[free.where].get_marker() == "o"
    assert marks[tied.where].get_marker() == "D"
    assert "1 of 1 finding bear" in figure.get_suptitle().replace("\n", " ")
    assert "3 replications each" in figure.get_supxlabel().replace("\n", " ")


def test_what_is_no_table_of_findings_is_not_drawn():
    with pytest.raises(ValueError, match="lacks the columns where, effect"):
        plots.claims(pd.DataFrame({"claim": ["x"]}))
    with pytest.raises(ValueError, match="has no row"):
        plots.claims(frame_of(*made_up(None)).head(0))
