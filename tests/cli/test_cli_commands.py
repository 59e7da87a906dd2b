"""The command line within this process: what is printed, what is refused, what is written."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from helpers import unlucky

import retsim as rs
from retsim.cli.output import table
from retsim.experiments import replicate

SMALL = ["--set", "customers=200", "--set", "horizon=12"]


class TestLooking:
    def test_list(self, retsim):
        code, out, _ = retsim("list")
        assert code == 0
        assert all(name in out for name in rs.packaged())
        assert [s["name"] for s in json.loads(retsim("list", "--json")[1])] == rs.packaged()

    def test_show(self, retsim):
        code, out, _ = retsim("show", "telecom", "--set", "budget.monthly=900")
        assert code == 0
        row = next(line for line in out.splitlines() if line.startswith("budget.monthly"))
        assert "900" in row
        values = json.loads(retsim("show", "telecom", "--json")[1])["values"]
        assert {"key", "value", "unit", "low", "high", "source", "set_by"} == set(values[0])

    def test_schema(self, retsim):
        code, out, _ = retsim("schema")
        assert code == 0
        assert json.loads(out) == json.loads(json.dumps(rs.schema()))

    def test_new_can_be_run(self, retsim, tmp_path):
        code, out, _ = retsim("new", "shop", "--extends", "retail", "--set", "customers=60", "--set",
                              "segments.regulars.traits.attention=0.2", "--out", tmp_path)  # fmt: skip
        assert code == 0
        scenario = rs.load(tmp_path / "shop.toml")
        assert (scenario.customers, scenario.name) == (60, "shop")
        assert scenario.behaviour_of("regulars") == rs.load("retail").behaviour_of("regulars")
        assert "extends retail" in out
        assert [p.name for p in tmp_path.iterdir()] == ["shop.toml"]
        before = (tmp_path / "shop.toml").read_text()
        code, _, err = retsim("new", "shop", "--out", tmp_path)
        assert code == 2
        assert "exists already" in err
        assert (tmp_path / "shop.toml").read_text() == before


class TestRun:
    def test_shows_measures_and_years(self, retsim):
        code, out, err = retsim("run", "telecom:even", *SMALL)
        assert code == 0
        assert out.startswith("telecom:even: Mobile contracts in a full market\n12 months, 200 people")
        assert "discounted profit" in out
        assert err == ""

    def test_json_is_the_run(self, retsim):
        code, out, _ = retsim("run", "saas", "--strategy", "retention-led", *SMALL, "--seed", 5, "--json")
        found = json.loads(out)
        scenario = rs.load("saas").with_(customers=200, horizon=12, strategy="retention-led")
        run = rs.simulate(scenario, seed=5)
        assert code == 0
        assert found["runs"][0]["digest"] == run.digest()
        assert found["runs"][0]["measures"]["profit"] == run.measures()["profit"]
        assert found["summary"][0]["low"] is None
        assert len(found["periods"]) == 12


class TestCompare:
    def test_the_answer_comes_first(self, retsim):
        code, out, _ = retsim("compare", "telecom", *SMALL, "--replications", 4)
        assert code == 0
        lines = out.splitlines()
        assert "4 replications, seed 0" in lines[1]
        assert "95 % interval" in lines[3]
        assert "of 4 replications" in lines[3]
        heads = next(line for line in lines if line.startswith("mean (95 % interval)"))
        assert heads.split()[-3:] == ["acquisition-led", "retention-led", "even"]

    def test_json_agrees_with_the_library(self, retsim):
        code, out, err = retsim("compare", "retail", *SMALL, "--replications", 3, "--seed", 2, "--json")
        (found,) = json.loads(out)["comparisons"]
        base = rs.load("retail").with_(customers=200, horizon=12)
        arms = {name: base.with_(strategy=name) for name in ("acquisition-led", "retention-led")}
        study = rs.compare(arms, replications=3, seed=2, workers=1)
        row = study.differences("discounted_profit").iloc[0]
        shown = next(r for r in found["differences"] if r["metric"] == "discounted_profit")
        assert code == 0
        assert err == ""
        assert found["baseline"] == "acquisition-led"
        assert shown["mean"] == row["mean"]
        assert shown["low"] == row["low"]
        answer = found["answer"]
        assert answer["best"] == ("retention-led" if row["mean"] > 0 else "acquisition-led")
        assert answer["is_sure"] == (row["low"] > 0 or row["high"] < 0)
        assert answer["n_better"] == round(max(row["better"], 1 - row["better"] - row["ties"]) * 3)

    def test_one_replication_claims_no_certainty(self, retsim):
        _, out, _ = retsim("compare", "retail", *SMALL, "--replications", 1)
        assert "in one replication, which cannot say how sure that is; ask for more" in out
        assert "(no interval)" in out

    def test_several_scenarios_are_several_comparisons(self, retsim, tmp_path, monkeypatch):
        # Pictures have tests of their own, and take longer than all the rest.
        monkeypatch.setattr("retsim.cli.studies._pictures", lambda: None)
        code, out, _ = retsim("compare", "retail", "saas", *SMALL, "--replications", 2, "--out", tmp_path, "--json")
        found = json.loads(out)
        assert code == 0
        assert [c["name"] for c in found["comparisons"]] == ["retail", "saas"]
        for path, comparison in zip(found["written"], found["comparisons"], strict=True):
            content = json.loads(Path(path).read_text(encoding="utf-8"))
            assert content["command"][:3] == ["retsim", "compare", "retail"]
            assert set(content["runs"]) == {"acquisition-led", "retention-led"}
            runs = pd.read_parquet(tmp_path / comparison["name"] / "runs.parquet")
            assert len(runs) == 4
        run = rs.rerun(tmp_path / "saas", "retention-led", 1)
        assert run.scenario.customers == 200

    def test_chosen_strategies_of_files_are_compared_with_each_other(self, retsim, tmp_path):
        retsim("new", "mine", "--extends", "telecom", "--set", "firm.price=28", "--out", tmp_path)
        path = f"{tmp_path / 'mine.toml'}:even"
        code, out, _ = retsim("compare", "telecom:even", path, *SMALL, "--replications", 2, "--json")
        (found,) = json.loads(out)["comparisons"]
        assert code == 0
        assert list(found["scenarios"]) == ["telecom:even", path]

    def test_strategies_can_be_chosen(self, retsim):
        _, out, _ = retsim("compare", "telecom", *SMALL, "--strategy", "even", "--strategy", "retention-led",
                           "--replications", 1, "--json")  # fmt: skip
        assert list(json.loads(out)["comparisons"][0]["scenarios"]) == ["even", "retention-led"]

    def test_a_failed_run_is_named_and_the_exit_code_tells(self, retsim, monkeypatch):
        monkeypatch.setattr(replicate, "simulate", unlucky(replicate.simulate))
        code, out, err = retsim("compare", "retail", *SMALL, "--replications", 2, "--workers", 1)
        assert code == 1
        assert "retention-led" in out
        assert "failed: retail/acquisition-led, replication 1: ArithmeticError: no luck" in err
        assert "retsim.simulate(scenario, seed=0, replication=1) with the scenario retail/acquisition-led" in err

    def test_a_picture_that_cannot_be_drawn_does_not_cost_the_results(self, retsim, tmp_path, monkeypatch):
        from retsim.cli import studies

        def draw(study, folder):
            raise KeyError("colour")

        monkeypatch.setattr(studies, "_pictures", lambda: draw)
        code, _, err = retsim("run", "retail", *SMALL, "--out", tmp_path)
        assert code == 1
        assert "manifest.json: KeyError: 'colour'" in err
        assert rs.rerun(tmp_path, "retail", 0).seed == 0


class TestValidate:
    def test_all_agree(self, retsim):
        code, out, _ = retsim("validate", "saas", "--customers", 60, "--set", "horizon=6", "--json")
        found = json.loads(out)
        assert code == 0
        assert found["ok"] is True
        assert [row["strategy"] for row in found["checked"]] == ["acquisition-led", "retention-led"]

    def test_a_broken_run_is_found(self, retsim, monkeypatch):
        from retsim.results.run import Run

        digest = Run.digest
        monkeypatch.setattr(Run, "digest", lambda run: digest(run) + run.engine[0])
        code, out, err = retsim("validate", "saas:retention-led", "--customers", 30, "--set", "horizon=2")
        assert code == 1
        assert "BROKEN" in out
        assert "another result with the reference engine" in err


class TestCalibrate:
    @pytest.fixture
    def log(self, tmp_path):
        rows = ["customer,date,amount"]
        for i in range(60):
            for k in range(1 + i % 5):
                rows.append(f"c{i},2024-{1 + (i + 2 * k) % 12:02d}-{1 + i % 27:02d},{10 + i % 7 + k}.50")
        path = tmp_path / "log.csv"
        path.write_text("\n".join(rows))
        return path

    def test_fits_are_shown(self, retsim, log):
        code, out, _ = retsim("calibrate", log, "--json")
        found = json.loads(out)
        assert code == 0
        assert (found["rows"], found["customers"]) == (180, 60)
        assert len(found["fits"]) == 3

    def test_a_bad_row_is_named(self, retsim, log, tmp_path):
        log.write_text(log.read_text() + "\nc1,2024-13-45,3.0\n")
        code, out, err = retsim("calibrate", log)
        assert code == 2
        assert out == ""
        assert "log.csv: 1 of 181 rows cannot be used" in err
        assert "row 182, column date: '2024-13-45'" in err


class TestStrategies:
    """Every scenario has its own strategies and the packaged ones."""

    @pytest.mark.parametrize("arguments", [("telecom:win-back",), ("telecom", "--strategy", "win-back")])
    def test_a_packaged_strategy_can_be_named(self, retsim, arguments):
        code, out, _ = retsim("run", *arguments, *SMALL, "--json")
        base = rs.load("telecom").with_(customers=200, horizon=12, strategy="win-back")
        assert code == 0
        assert json.loads(out)["digest"] == base.digest()

    def test_one_strategy_of_an_ablation_is_that_strategy(self, retsim):
        few = ("--mechanism", "contact", "--replications", 3, *SMALL, "--json")
        by_option, by_name = (
            json.loads(retsim("ablate", *which, *few)[1])
            for which in (("telecom", "--strategy", "acquisition-led"), ("telecom:acquisition-led",))
        )
        assert by_option == by_name
        assert by_option["strategies"] is None


def test_what_is_off_stays_off_under_a_strategy_that_is_chosen_with_it(retsim):
    few = ("--replications", 2, *SMALL, "--json")
    by_option = json.loads(retsim("run", "telecom", "--without", "policy", "--strategy", "by-status", *few)[1])
    on = json.loads(retsim("run", "telecom", "--strategy", "by-status", *few)[1])
    off = rs.load("telecom").with_(customers=200, horizon=12.0, strategy="by-status").without("policy")
    assert by_option["digest"] == off.digest() != on["digest"]


class TestRefusals:
    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["run", "telekom"], ["telekom", "no packaged scenario", "did you mean telecom"]),
            (["run", "no/such.toml"], ["no/such.toml", "does not exist"]),
            (["run", "telecom", "--set", "firm.pric=3"], ["firm.pric is unknown", "did you mean price"]),
            (["run", "retail", "--set", "budget.retention_share=60"], ["= 60, must lie in 0..1", "0.6"]),
            (["run", "retail", "--set", "firm.price=nan"], ["firm.price", "nan"]),
            (["run", "telecom:evn"], ["telecom:evn", "no strategy 'evn'", "even"]),
            (["run", "telecom:even", "--strategy", "retention-led"], ["--strategy retention-led", "names another"]),
            (["run", "retail", "--strategy", "nothing"], ["no strategy 'nothing'", "retention-led", "every scenario has", "win-back"]),
            (["ablate", "telecom", "--mechanism", "contct"], ["--mechanism contct", "must be one of", "did you mean contact?"]),
            (["run", "bank", "--set", "focal.price=2"], ["focal = {price = 2}", "its figures stand under firm"]),
            (["run", "bank", "--set", "firm.imitation=1"], ["firm.imitation = 1", "must be 0 for the focal firm", "rivals.NAME.imitation"]),
            (["ablate", "telecom", "--strategy", "nothing"], ["--strategy nothing", "no strategy 'nothing'"]),
            (["ablate", "telecom", "--strategy", "even", "--strategy", "even"], ["one strategy, or two that differ"]),
            (["run", "telecom", "--seed", "-1"], ["--seed", "must be a whole number from 0 to 4294967295"]),
            (["run", "telecom", "--replications", "many"], ["--replications", "'many'"]),
            (["run", "telecom", "--workers", "0"], ["--workers", "from 1"]),
            (["run"], ["SCENARIO"]),
            (["simulate"], ["invalid choice: 'simulate'"]),
            ([], ["COMMAND"]),
            (["compare", "retail:retention-led"], ["nothing to compare it with"]),
            (["compare", "retail", "retail"], ["compared twice"]),
            (["compare", "bank", "acquisition-led"], ["a strategy of bank", "--strategy acquisition-led"]),
            (["compare", "bank", "--strategies", "even"], ["--strategies even", "did you mean --strategy?", "retsim compare --help"]),
            (["compare", "bank", "--study", __file__], ["--study", "is a file, must be a folder"]),
            (["sweep", "bank", "--over", "budget.retention_share=0:1:3"], ["a step of 3 leaves only 0", "LOW:HIGH:STEP"]),
            (["new", "../x"], ["must be letters, digits"]),
            (["new", "x", "--extends", "nothing"], ["no packaged scenario"]),
            (["calibrate", "nowhere.csv"], ["nowhere.csv", "no such file"]),
            (["validate", "telekom"], ["telekom"]),
        ],
    )  # fmt: skip
    def test_one_message_and_exit_code_2(self, retsim, arguments, words, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        code, out, err = retsim(*arguments)
        assert code == 2
        assert out == ""
        assert len(err.strip().splitlines()) == 1
        for word in words:
            assert word in err
        assert list(tmp_path.iterdir()) == []

    def test_money_that_cannot_be_compared(self, retsim, tmp_path):
        retsim("new", "dollars", "--extends", "retail", "--set", "currency=USD", "--out", tmp_path)
        code, _, err = retsim("compare", "retail:retention-led", f"{tmp_path / 'dollars.toml'}:retention-led")
        assert code == 2
        assert "currency = USD, must be that of retail:retention-led (EUR)" in err

    def test_out_is_refused_before_any_work(self, retsim, tmp_path, monkeypatch):
        (tmp_path / "file").write_text("mine")
        (tmp_path / "manifest.json").write_text("{}")
        monkeypatch.setattr("retsim.experiments.compare.compare", lambda *_, **__: pytest.fail("it ran"))
        for out, word in ((tmp_path / "file", "is a file"), (tmp_path / "file" / "x", "is a file"),
                          (tmp_path, "manifest.json: format = None")):  # fmt: skip
            code, _, err = retsim("run", "retail", *SMALL, "--out", out)
            assert code == 2
            assert word in err
        assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "manifest.json"]

    def test_what_is_nobodys_fault_is_exit_code_1(self, retsim, monkeypatch):
        def broken(*_, **__):
            raise ZeroDivisionError("division by zero")

        monkeypatch.setattr("retsim.experiments.compare.compare", broken)
        code, out, err = retsim("run", "retail", *SMALL)
        assert (code, out) == (1, "")
        assert err.startswith("retsim: ZeroDivisionError: division by zero")

    def test_an_interrupt_is_130_and_one_line(self, retsim, monkeypatch):
        def stopped(*_, **__):
            raise KeyboardInterrupt

        monkeypatch.setattr("retsim.experiments.compare.compare", stopped)
        code, out, err = retsim("run", "retail", *SMALL)
        assert (code, out) == (130, "")
        assert err == "retsim: interrupted; nothing was written\n"


class TestOutput:
    def test_columns_line_up(self):
        assert table([["a", "1"], ["bcd", "22"]], ["x", "n"]) == "x     n\n---  --\na     1\nbcd  22"
