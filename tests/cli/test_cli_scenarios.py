"""Beginning and explaining scenarios: `retsim new` and `retsim show`."""

from __future__ import annotations

import json
import tomllib

import pytest

import retsim as rs
from retsim.calibrate.sketch import Figures, sketch
from retsim.scenario.explaining import explained
from retsim.scenario.mechanisms import MECHANISMS

SHOP = ["--setting", "free", "--price", "45", "--margin", "40%", "--customers", "300", "--share", "0.25",
        "--churn", "4%", "--rivals", "1", "--budget", "900"]  # fmt: skip


@pytest.fixture
def terminal(monkeypatch):
    """A person at a terminal who gives these answers, then ends the input or interrupts."""

    def sit(*answers, then=EOFError):
        waiting = list(answers)

        def ask(prompt=""):
            if not waiting:
                raise then
            return waiting.pop(0)

        monkeypatch.setattr("sys.stdin.isatty", lambda: True)
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
        monkeypatch.setattr("builtins.input", ask)
        return waiting

    return sit


class TestNew:
    def test_figures_become_a_scenario_with_that_churn(self, retsim, tmp_path):
        code, out, _ = retsim("new", "shop", *SHOP, "--out", tmp_path)
        assert code == 0
        assert "describes 300 customers and 1 rivals. Churn is" in out
        scenario = rs.load(tmp_path / "shop.toml")
        assert (scenario.setting, scenario.customers, scenario.budget.monthly) == ("non-contractual", 1200, 900.0)
        assert scenario.firm.price - scenario.firm.unit_cost - scenario.firm.cost_to_serve == pytest.approx(0.4 * 45)
        churn = rs.simulate(scenario.with_(horizon=24.0)).measures()["churn_rate"]
        assert churn == pytest.approx(0.04, rel=0.1)
        assert set(scenario.strategies) == {"acquisition-led", "retention-led", "even"}

    def test_every_number_says_its_unit_and_has_a_ground(self, retsim, tmp_path):
        retsim("new", "shop", *SHOP, "--out", tmp_path)
        text = (tmp_path / "shop.toml").read_text(encoding="utf-8")
        assert tomllib.loads(text)["evidence"]["firm.price"] == "own figure"
        line = next(line for line in text.splitlines() if line.startswith("price = 45"))
        assert line.endswith("# money an occasion: list price of an occasion of ordinary size")
        rows = [row for row in rs.evidence(rs.load(tmp_path / "shop.toml")) if row.set_by == "file"]
        assert {row.key: row.source for row in rows if row.source == "not given"} == {}

    def test_a_person_is_asked_and_asked_again(self, retsim, tmp_path, terminal):
        left = terminal("contract", "", "thirty", "30", "", "24", "400", "", "0.02", "0", "")
        code, out, _ = retsim("new", "phone", "--out", tmp_path)
        assert code == 0
        assert left == []
        assert "price: 'thirty', must be a number above 0" in out
        scenario = rs.load(tmp_path / "phone.toml")
        assert (scenario.firm.price, scenario.firm.contract_term, scenario.customers) == (30.0, 24.0, 1600)
        assert scenario.budget.monthly == 720.0

    @pytest.mark.parametrize(("then", "code", "message"), [
        (EOFError, 2, "currency: no answer; give it as --currency, nothing was written"),
        (KeyboardInterrupt, 130, "retsim: interrupted; nothing was written"),
    ])  # fmt: skip
    def test_who_stops_leaves_nothing(self, retsim, tmp_path, terminal, then, code, message):
        terminal("free", then=then)
        found, _, err = retsim("new", "phone", "--out", tmp_path)
        assert found == code
        assert message in err
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(("arguments", "message"), [
        (["--price", "-3"], "--price: '-3', must be a number above 0"),
        (["--margin", "60"], "--margin: '60', must be a share above 0, up to 1, such as 0.6 or 60%"),
        (["--churn", "nan"], "--churn: 'nan', must be a share from 0.001 to 0.3, such as 0.02 or 2%"),
        (["--rivals", "2.5"], "--rivals: '2.5', must be a whole number from 0 to 12"),
        (["--setting", "barter"], "--setting: 'barter', must be contract or free"),
        (["--setting", "free", "--term", "12"], "--term: is asked only of a contractual market, this one is non-contractual"),
        (["--price", "3", "--extends", "retail"], "--price: goes with neither --extends nor --set"),
        (["--extends", "shop"], "--extends shop: is no packaged scenario; packaged are"),
    ])  # fmt: skip
    def test_bad_answers_are_refused(self, retsim, tmp_path, arguments, message):
        code, _, err = retsim("new", "x", *arguments, "--out", tmp_path)
        assert code == 2
        assert message in err
        assert list(tmp_path.iterdir()) == []

    def test_nothing_is_written_over_without_force(self, retsim, tmp_path):
        path = tmp_path / "shop.toml"
        path.write_text("mine")
        code, _, err = retsim("new", "shop", "--extends", "retail", "--out", tmp_path)
        assert code == 2
        assert "exists already, and is not overwritten; choose another name, or say --force" in err
        assert path.read_text() == "mine"
        assert retsim("new", "shop", "--extends", "retail", "--out", tmp_path, "--force")[0] == 0
        assert rs.load(path).title == "shop, after retail"

    def test_a_large_market_is_a_sample_that_says_so(self):
        found = tomllib.loads(sketch("big", Figures(customers=100_000, budget=200_000.0)).text)
        assert found["customers"] == 4000
        assert found["budget"]["monthly"] == 2000.0
        assert "One person here stands for 100" in found["description"]

    def test_a_churn_that_cannot_be_met_is_not_claimed(self):
        found = sketch("held", Figures(churn=0.001))
        assert found.churn > 0.0011


class TestShow:
    def test_says_in_words_what_the_figures_say(self, retsim):
        code, out, _ = retsim("show", "telecom")
        text = " ".join(out.split())
        assert code == 0
        for sentence in (
            "2,000 people are in the market at the start; it is watched for 60 months.",
            "focal: a term of 24 months, which then runs on and can be left at any bill; leaving before costs 15 EUR for each",
            "discounter: a term of 1 month,",
            'focal spends 1,100 EUR a month ("Keep: most of the budget is service, coupons and contact"): 70 % keep',
            "Every value key",
        ):
            assert sentence in text
        assert json.loads(retsim("show", "retail", "--json")[1])["words"]["How they buy"][0].startswith(
            "Without a contract"
        )

    @pytest.mark.parametrize("name", rs.packaged())
    def test_every_packaged_scenario_is_explained(self, name):
        parts = {part.heading: part.sentences for part in explained(rs.load(name))}
        assert len(parts) == 6
        assert all(sentences and all(s.endswith((".", ")")) for s in sentences) for sentences in parts.values())

    @pytest.mark.parametrize("mechanism", ["sunk", "voice", "poaching", "advertising", "discount", "attachment"])
    def test_what_is_switched_off_is_said_to_be_off(self, mechanism):
        for scenario, wanted in ((rs.load("telecom"), "on"), (rs.load("telecom").without(mechanism), "off")):
            on, off, *_ = next(p.sentences for p in explained(scenario) if p.heading == "What else is at work")
            names = (on if wanted == "on" else off).partition(": ")[2].rstrip(".").split(", ")
            assert mechanism in names

    @pytest.mark.parametrize("name", rs.packaged())
    def test_what_is_said_to_be_off_changes_nothing(self, name):
        scenario = rs.load(name)
        small = scenario.resized(min(scenario.customers, 100)).with_(horizon=min(scenario.horizon, 12.0))
        off = next(p.sentences for p in explained(small) if p.heading == "What else is at work")[1]
        names = off.partition(": ")[2].rstrip(".").split(", ")
        assert set(names) < set(MECHANISMS)
        usual = rs.simulate(small, seed=3).digest()
        assert [name for name in names if rs.simulate(small.without(name), seed=3).digest() != usual] == []

    def test_a_rival_who_enters_later_is_said_to(self):
        who = [" ".join(explained(s)[0].sentences) for s in (rs.load("storms"), rs.load("storms").without("shocks"))]
        assert "newcomer asks 19 EUR (from month 48 on)" in who[0]
        assert "newcomer asks 19 EUR (never enters)" in who[1]

    def test_what_gets_no_money_is_not_at_work(self):
        on = next(p.sentences for p in explained(rs.load("telecom")) if p.heading == "What else is at work")[0]
        assert not {"structural", "education", "promotion", "winback", "needs"} & set(
            on.rstrip(".").replace("Switched on: ", "").split(", ")
        )
        on = next(p.sentences for p in explained(rs.load("structural-bond")) if p.heading == "What else is at work")[0]
        assert "structural" in on
        assert set(MECHANISMS) >= {"structural"}
