"""Scenarios from files: packaged, extended, with values from files, set from outside, written and read again."""

import os
import tomllib

import pytest

from retsim.scenario import Scenario, ScenarioError, evidence, load, packaged, set_values
from retsim.scenario.distributions import Values
from retsim.scenario.plain import plain

SMALL = 'setting = "contractual"\n[segments.all]\n'


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Works in a folder of its own; writes files there."""
    monkeypatch.chdir(tmp_path)

    def write_file(name, text):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return name

    return write_file


def problem_of(call, *arguments):
    with pytest.raises(ScenarioError) as caught:
        call(*arguments)
    (problem,) = caught.value.problems
    return problem


class TestPackaged:
    def test_these_come_with_the_package(self):
        assert {"leaky-funnel", "retail", "saas", "telecom"} <= set(packaged())
        assert packaged() == sorted(packaged())

    @pytest.mark.parametrize("name", ["bank", "insurance", "retail", "saas", "telecom"])
    def test_each_is_complete(self, name):
        scenario = load(name)
        assert scenario.name == name
        assert scenario.setting == ("non-contractual" if name == "retail" else "contractual")
        assert scenario.title
        assert scenario.question
        assert len(scenario.rivals) >= 2
        assert len(scenario.segments) >= 2
        assert {"acquisition-led", "retention-led"} <= scenario.strategies.keys()
        for segment in scenario.segments.values():
            assert any(not getattr(segment.traits, trait).constant for trait in type(segment.traits).model_fields)
            assert segment.initial.keys() == scenario.firms().keys()

    @pytest.mark.parametrize("name", ["bank", "insurance", "retail", "saas", "telecom"])
    def test_both_strategies_divide_the_same_budget(self, name):
        win, keep = (load(name).with_(strategy=s).plan_of("focal") for s in ("acquisition-led", "retention-led"))
        assert (win.retention_share, keep.retention_share) == (0.2, 0.7)
        assert win.monthly == keep.monthly > 0
        assert win.mix == keep.mix

    @pytest.mark.parametrize("name", packaged())
    def test_every_value_has_a_source_or_says_assumption(self, name):
        for row in evidence(load(name)):
            assert row.source, row.key
            assert row.source not in ("not given", "changed without a source"), row.key


class TestRoundTrip:
    @pytest.mark.parametrize("name", packaged())
    def test_saved_and_loaded_is_the_same(self, name, tmp_path):
        scenario = load(name)
        path = scenario.save(tmp_path / f"{name}.toml")
        again = load(path)
        assert again == scenario
        assert again.digest() == scenario.digest()
        assert again.to_toml() == scenario.to_toml()
        assert list(again.segments) == list(scenario.segments)
        assert list(again.rivals) == list(scenario.rivals)
        assert evidence(again) == evidence(scenario)

    def test_strange_words_survive(self, tmp_path):
        scenario = Scenario(
            name="x",
            setting="contractual",
            title='quote " backslash \\ tab \t newline \n bell \x07 del \x7f Ümlaut 客 \U0001f600',
            segments={"dist": {"initial": {"dist": 0.2}}, "Groß & klein = #1": {"share": 0.0}},
            rivals={"dist": {"price": 1e-7}, '"quoted"': {"price": 1e9}},
        )
        assert load(scenario.save(tmp_path / "x.toml")) == scenario

    def test_name_is_the_stem_of_the_file(self, write):
        assert load(write("my.market.toml", SMALL)).name == "my-market"
        assert load(write("other.toml", 'name = "given"\n' + SMALL)).name == "given"

    def test_byte_order_mark_and_windows_lines_are_read(self, write, tmp_path):
        (tmp_path / "w.toml").write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
        assert load("w.toml").setting == "contractual"

    def test_a_folder_that_is_missing_is_refused(self, tmp_path):
        problem = problem_of(load("saas").save, tmp_path / "missing" / "x.toml")
        assert problem.rule.startswith("cannot be written")

    def test_nothing_is_written_that_could_not_be_read(self, tmp_path):
        values = Values(values=tuple(range(20_000)))
        traits = dict.fromkeys(("spend", "willingness_to_pay"), values)
        many = load("saas").with_(segments={name: {"traits": traits} for name in ("offices", "agencies")})
        assert "has more than" in problem_of(many.save, tmp_path / "x.toml").rule
        assert os.listdir(tmp_path) == []

    def test_a_thousand_rivals_are_saved_and_loaded(self, tmp_path):
        rival = plain(load("telecom").rivals["network"])
        scenario = load("telecom").with_(rivals={f"rival {n}": rival for n in range(998)})
        assert load(scenario.save(tmp_path / "x.toml")) == scenario.with_(name="telecom")

    def test_a_failed_write_leaves_the_old_file(self, tmp_path, monkeypatch):
        path = load("saas").save(tmp_path / "x.toml")
        before = path.read_bytes()

        def full_disk(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full_disk)
        problem = problem_of(load("telecom").save, path)
        assert problem.rule == "cannot be written: No space left on device"
        assert path.read_bytes() == before
        assert os.listdir(tmp_path) == ["x.toml"]


class TestExtends:
    def test_tables_are_merged_and_values_replaced(self, write):
        write("base.toml", SMALL + "[firm]\nprice = 20.0\nunit_cost = 5.0\n[rivals.a]\n")
        scenario = load(write("top.toml", 'extends = "base.toml"\n[firm]\nprice = 25.0\n[rivals.b]\n'))
        assert (scenario.firm.price, scenario.firm.unit_cost) == (25.0, 5.0)
        assert list(scenario.rivals) == ["a", "b"]
        assert scenario.name == "top"

    def test_a_packaged_scenario_can_be_extended(self, write):
        scenario = load(write("mine.toml", 'extends = "telecom"\nhorizon = 36\n'))
        assert scenario.horizon == 36
        assert scenario.with_(horizon=60).digest() == load("telecom").digest()

    def test_a_distribution_replaces_another_whole_but_a_part_changes_a_part(self, write):
        write("base.toml", SMALL + 'traits.spend = { dist = "gamma", mean = 2.0, cv = 0.5 }\n')
        whole = load(
            write(
                "a.toml",
                'extends = "base.toml"\n[segments.all]\ntraits.spend = { dist = "uniform", low = 1, high = 2 }',
            )
        )
        part = load(write("b.toml", 'extends = "base.toml"\n[segments.all]\ntraits.spend.mean = 3'))
        assert whole.segments["all"].traits.spend.mean() == 1.5
        assert part.segments["all"].traits.spend.mean() == 3.0
        assert part.segments["all"].traits.spend.cv == 0.5

    def test_problems_name_the_file_that_set_the_value(self, write):
        write("base.toml", SMALL + "[firm]\nprice = -1\n")
        with pytest.raises(ScenarioError) as caught:
            load(write("top.toml", '# top\nextends = "base.toml"\nhorizon = -1\n'))
        places = {problem.key: (problem.file, problem.line) for problem in caught.value.problems}
        assert places == {"horizon": ("top.toml", 3), "firm.price": ("base.toml", 4)}

    @pytest.mark.parametrize(
        ("written", "rule"),
        [
            ('"nowhere.toml"', "is no packaged scenario and no file"),
            ('"telecm"', "is no packaged scenario and no file"),
            ("3", "must be the name of a packaged scenario or a file"),
            ('""', "must be the name of a packaged scenario or a file"),
            ('"top.toml"', "must not lead back to itself (circular)"),
            ('"../base.toml"', "must be a file in or below the folder of the scenario"),
            ('"sub/../../base.toml"', "must be a file in or below the folder of the scenario"),
            ('"/etc/passwd"', "must be a file in or below the folder of the scenario"),
            ("'C:\\base.toml'", "must be a file in or below the folder of the scenario"),
            ("'..\\base.toml'", "must be a file in or below the folder of the scenario"),
            ('"a\\u0000b.toml"', "must be a file in or below the folder of the scenario"),
        ],
    )
    def test_refused(self, write, written, rule):
        problem = problem_of(load, write("top.toml", f"horizon = 12\nextends = {written}\n"))
        assert (problem.file, problem.line, problem.key) == ("top.toml", 2, "extends")
        assert problem.rule == rule

    def test_circles_are_refused(self, write):
        write("a.toml", 'extends = "b.toml"')
        write("b.toml", 'extends = "c.toml"')
        write("c.toml", 'extends = "a.toml"')
        problem = problem_of(load, "a.toml")
        assert (problem.file, problem.rule) == ("c.toml", "must not lead back to itself (circular)")

    def test_long_chains_are_refused(self, write):
        write("f0.toml", SMALL)
        for n in range(1, 20):
            write(f"f{n}.toml", f'extends = "f{n - 1}.toml"')
        assert load("f8.toml").setting == "contractual"
        assert problem_of(load, "f9.toml").rule == "must not be a chain of more than 8 scenarios"

    def test_links_out_of_the_folder_are_refused(self, write, tmp_path):
        write("out/base.toml", SMALL)
        write("in/top.toml", 'extends = "link.toml"')
        os.symlink(tmp_path / "out" / "base.toml", tmp_path / "in" / "link.toml")
        problem = problem_of(load, "in/top.toml")
        assert problem.rule == "must be a file in or below the folder of the scenario"

    def test_a_changed_value_does_not_keep_the_old_evidence(self, write):
        scenario = load(write("mine.toml", 'extends = "telecom"\nfirm.price = 31.0\nfirm.unit_cost = 8.0\n'))
        sources = {row.key: row.source for row in evidence(scenario)}
        before = {row.key: row.source for row in evidence(load("telecom"))}
        assert sources["firm.price"] == "changed without a source"
        assert sources["firm.unit_cost"] == before["firm.unit_cost"]
        sourced = write(
            "mine.toml",
            'extends = "telecom"\nfirm.price = 31.0\n[evidence]\nfirm.price = "price list 2024"\n',
        )
        assert {row.key: row.source for row in evidence(load(sourced))}["firm.price"] == "price list 2024"


class TestValueFiles:
    USE = SMALL + 'traits.spend = { dist = "values", file = "spend.csv" }\n'

    @pytest.mark.parametrize(
        "text", ["1\n2.5\n4\n", "spend\n1\n2.5\n4\n", "# a\n\n1\r\n 2.5 \n\n4,", '"1"\n"2.5"\n"4"']
    )
    def test_one_column_is_read(self, write, text):
        write("spend.csv", text)
        spend = load(write("s.toml", self.USE)).segments["all"].traits.spend
        assert spend.values == (1.0, 2.5, 4.0)
        assert spend.mean() == 2.5

    def test_the_scenario_carries_the_values(self, write, tmp_path):
        write("spend.csv", "1\n2\n")
        scenario = load(write("s.toml", self.USE))
        os.unlink("spend.csv")
        (tmp_path / "elsewhere").mkdir()
        assert load(scenario.save("elsewhere/s.toml")) == scenario

    def test_base_and_top_read_beside_themselves(self, write):
        write("below/spend.csv", "7\n")
        write("below/base.toml", self.USE)
        scenario = load(write("top.toml", 'extends = "below/base.toml"'))
        assert scenario.segments["all"].traits.spend.mean() == 7.0

    @pytest.mark.parametrize(
        ("text", "line", "rule"),
        [
            ("1\n2\nthree\n", 3, '"three" is not a finite number'),
            ("1\nnan\n", 2, '"nan" is not a finite number'),
            ("1\n1e999\n", 2, '"1e999" is not a finite number'),
            ("1;2\n3;4\n", 2, '"3;4" is not a finite number'),
            ("", 0, "must hold 1 to 20,000 values, not 0"),
            ("spend\n", 0, "must hold 1 to 20,000 values, not 0"),
            ("1\n" * 20_001, 0, "must hold 1 to 20,000 values, not 20,001"),
        ],
    )
    def test_bad_columns_are_refused(self, write, text, line, rule):
        write("spend.csv", text)
        problem = problem_of(load, write("s.toml", self.USE))
        assert (problem.file, problem.line, problem.rule) == ("spend.csv", line, rule)

    @pytest.mark.parametrize("name", ["../spend.csv", "/etc/hostname", "..\\\\spend.csv"])
    def test_files_from_elsewhere_are_refused(self, write, name):
        problem = problem_of(load, write("s.toml", self.USE.replace("spend.csv", name)))
        assert (problem.file, problem.line) == ("s.toml", 3)
        assert problem.key == "segments.all.traits.spend.file"
        assert problem.rule == "must be a file in or below the folder of the scenario"

    def test_a_missing_file_and_a_doubled_source_are_refused(self, write):
        assert problem_of(load, write("s.toml", self.USE)).rule == "does not exist"
        both = self.USE.replace("file =", "values = [1], file =")
        assert problem_of(load, write("s.toml", both)).rule == "must not stand beside values"


class TestSetValues:
    def test_values_are_set(self):
        scenario = set_values(
            load("telecom"),
            ["budget.retention_share=0.6", "strategy=acquisition-led", "segments.bargain.traits.attention=0.2",
             'segments.bargain.traits.voice={dist="beta", a=1, b=3}', 'title="two words"', "customers = 0"],
        )  # fmt: skip
        assert scenario.plan_of("focal")[:2] == (1100.0, 0.6)
        assert scenario.strategy == "acquisition-led"
        assert scenario.segments["bargain"].traits.attention.mean() == 0.2
        assert scenario.segments["bargain"].traits.voice.mean() == 0.25
        assert (scenario.title, scenario.customers) == ("two words", 0)

    def test_plain_tables_stay_plain_and_are_not_changed(self):
        raw = {"firm": {"price": 1.0}}
        assert set_values(raw, ["firm.price=2", "horizon=12"]) == {"firm": {"price": 2}, "horizon": 12}
        assert raw == {"firm": {"price": 1.0}}

    @pytest.mark.parametrize(
        ("assignment", "key", "rule", "hint"),
        [
            ("budget.retention_share=5", "budget.retention_share", "must lie in 0..1 (share of the budget)", "did you mean 0.05?"),
            ("budget.retentoin_share=0.5", "budget.retentoin_share", "is unknown", "did you mean retention_share?"),
            ("segments.bargian.share=0.5", "segments.bargian.share", "must name one of the segments", "did you mean bargain?"),
            ("rivals.x.price=5", "rivals.x.price", "must name one of the rivals", "there are network, discounter"),
            ("strategy=retention-lead", "strategy", "must be one of acquisition-led, even, retention-led, or a strategy that every scenario has (`retsim list`)", "did you mean retention-led?"),
            ("firm.price=.5", "firm.price", "must be a value as in a scenario file", "did you mean 0.5?"),
            ("discount_rate=10%", "discount_rate", "must be a value as in a scenario file", "did you mean 0.1?"),
            ("title=two words", "title", "must be a value as in a scenario file", 'did you mean the text "two words"?'),
            ("firm.price=nan", "firm.price", "must be a number in 0..1000000000 (money an occasion)", ""),
            ("firm.price=true", "firm.price", "must be a number in 0..1000000000 (money an occasion)", "write 1"),
            ("firm.price=1\nhorizon=2", "firm.price", "must be a value as in a scenario file", ""),
            ("firm=3", "firm", "must be a table", ""),
            ("firm.price", "", "must be key=value", ""),
            ("=3", "", "must be key=value", ""),
            ("firm.price=", "", "must be key=value", ""),
            ("a.b.c.d.e.f.g.h.i=1", "", "is nested deeper than 8 tables", "no scenario needs that"),
        ],
    )  # fmt: skip
    def test_refused(self, assignment, key, rule, hint):
        problem = problem_of(set_values, load("telecom"), ["horizon=12", assignment])
        assert problem.file.startswith("--set " + assignment.partition("\n")[0])
        assert (problem.key, problem.rule, problem.hint) == (key, rule, hint)

    def test_two_problems_name_their_assignments(self):
        with pytest.raises(ScenarioError) as caught:
            set_values(load("saas"), ["horizon=-1", "firm.price=-1"])
        assert {p.file for p in caught.value.problems} == {"--set horizon=-1", "--set firm.price=-1"}


def test_written_text_is_what_other_programs_read(tmp_path):
    text = load("telecom").to_toml()
    table = tomllib.loads(text)
    assert table["segments"]["bargain"]["traits"]["vanish_rate"] == 0.003
    assert table["strategies"]["retention-led"]["mix"] == {"service": 0.4, "price": 0.3, "contact": 0.3}
