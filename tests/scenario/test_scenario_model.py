"""A scenario as an object: defaults from the parameter tables, changed copies, plans, digest, evidence, schema."""

import json
import subprocess
import sys
from math import inf

import jsonschema
import pytest

from retsim import parameters
from retsim.parameters import table_of
from retsim.scenario import (
    Behaviour,
    Budget,
    FirmSpec,
    Mix,
    Scenario,
    ScenarioError,
    Segment,
    evidence,
    load,
    schema,
)
from retsim.scenario.distributions import Gamma
from retsim.scenario.fields import limits
from retsim.scenario.plain import plain


def small(**values):
    return Scenario(**{"setting": "contractual", "segments": {"all": {}}, **values})


class TestDefaults:
    def test_every_parameter_has_its_default(self):
        scenario = small(rivals={"other": {}})
        for name, parameter in table_of(parameters.Firm).items():
            assert getattr(scenario.firm, name) == getattr(scenario.rivals["other"], name) == parameter.default
        for name, parameter in table_of(parameters.Behaviour).items():
            assert getattr(scenario.behaviour, name) == parameter.default
        for name, parameter in table_of(parameters.Traits).items():
            trait = getattr(scenario.segments["all"].traits, name)
            assert trait.constant
            assert trait.mean() == parameter.default

    @pytest.mark.parametrize(
        ("group", "place"),
        [
            (parameters.Firm, "rivals.other"),
            (parameters.Behaviour, "behaviour"),
            (parameters.Behaviour, "segments.all.behaviour"),
            (parameters.Traits, "segments.all.traits"),
        ],
    )
    def test_every_parameter_has_its_range(self, group, place):
        scenario = small(rivals={"other": {"desk_staff": 1.0}})
        weights = ("service_weight", "product_weight", "delivery_weight")
        status = {f"{place}.status_threshold": 1.0}
        below = {"gold_threshold": status, "platinum_threshold": status | {f"{place}.gold_threshold": 2.0}}
        for name, parameter in table_of(group).items():
            low, high = limits(parameter)
            key = f"{place}.{name}"
            for end, step in ((low, -1), (high, 1)):
                if abs(end) == inf:
                    continue
                if name not in weights:
                    scenario.with_(**{key: end}, **below.get(name, {}))
                with pytest.raises(ScenarioError) as caught:
                    scenario.with_(**{key: end + step * max(abs(end) * 1e-9, 1e-9)})
                assert caught.value.problems[0].key == key

    def test_the_top_of_a_scenario(self):
        scenario = small()
        assert (scenario.horizon, scenario.tick, scenario.period, scenario.n_periods) == (60, 1, 1, 60)
        assert (scenario.customers, scenario.discount_rate, scenario.currency) == (2000, 0.1, "EUR")
        assert (scenario.name, scenario.focal, scenario.strategy) == ("scenario", "focal", None)
        assert scenario.entry.per_month == scenario.entry.per_satisfied == scenario.entry.walk_in == 0

    def test_weekly_and_yearly_periods_fit(self):
        week = 7 / (365.25 / 12)
        weekly = small(horizon=78 * week, period=week, tick=week)
        assert weekly.n_periods == 78
        assert small(horizon=36, period=12, tick=0.5).n_periods == 3
        assert small(horizon=36, period=0.5, tick=12).n_periods == 72


class TestNeverChanges:
    def test_neither_values_nor_tables(self):
        scenario = load("telecom")
        with pytest.raises(ValueError, match="frozen"):
            scenario.horizon = 3
        for change in (
            lambda: scenario.segments.__setitem__("x", Segment()),
            lambda: scenario.rivals.pop("network"),
            lambda: scenario.strategies.update({}),
            lambda: scenario.segments["bargain"].initial.clear(),
        ):
            with pytest.raises(TypeError, match="use with_"):
                change()

    def test_equal_scenarios_have_equal_hashes(self):
        assert hash(load("retail")) == hash(load("retail"))
        assert load("retail") != load("saas")


class TestWith:
    def test_tables_are_merged(self):
        scenario = load("telecom")
        changed = scenario.with_(
            strategy="acquisition-led",
            budget={"retention_share": 0.6},
            firm={"price": 20.0},
            behaviour={"choice_noise": 3.0},
            segments={"bargain": {"traits": {"voice": 0.9}}},
        )
        assert changed.budget == Budget(monthly=scenario.budget.monthly, retention_share=0.6)
        assert (changed.firm.price, changed.firm.unit_cost) == (20.0, scenario.firm.unit_cost)
        assert changed.behaviour.choice_noise == 3.0
        assert changed.behaviour.planning_horizon == scenario.behaviour.planning_horizon
        assert changed.segments["bargain"].traits.voice.mean() == 0.9
        assert changed.segments["bargain"].traits.attention == scenario.segments["bargain"].traits.attention
        assert changed.segments["convenience"] == scenario.segments["convenience"]
        assert scenario == load("telecom")

    def test_dotted_keys_and_models(self):
        scenario = load("telecom")
        dotted = scenario.with_(**{"budget.retention_share": 0.6, "rivals.network.price": 20.0})
        assert (
            dotted.digest()
            == scenario.with_(budget={"retention_share": 0.6}, rivals={"network": {"price": 20}}).digest()
        )
        modelled = scenario.with_(
            **{"segments.bargain.traits.spend": Gamma(mean=2.0, cv=0.5)}, rivals={"new": FirmSpec(price=9)}
        )
        assert modelled.segments["bargain"].traits.spend == Gamma(mean=2.0, cv=0.5)
        assert list(modelled.rivals) == ["network", "discounter", "new"]

    def test_without_changes_it_is_the_same(self):
        scenario = load("saas")
        assert scenario.with_() == scenario
        assert scenario.with_(firm={"price": scenario.firm.price}) == scenario

    def test_a_changed_copy_is_checked(self):
        with pytest.raises(ScenarioError) as caught:
            load("saas").with_(budget={"retention_share": 5}, horizon=10.5, strategy="none")
        assert [problem.key for problem in caught.value.problems] == [
            "budget.retention_share",
            "horizon",
            "strategy",
        ]

    def test_a_choice_can_be_taken_back(self):
        chosen = load("saas").with_(budget={"retention_share": 0.9})
        assert chosen.with_(budget={"retention_share": None}).plan_of("focal").retention_share == 0.7
        assert load("saas").with_(strategy=None).plan_of("focal").retention_share == 0.0


class TestPlans:
    def test_the_focal_firm_comes_first_with_its_budget(self):
        firms = load("telecom").firms()
        assert list(firms) == ["focal", "network", "discounter"]
        assert (firms["focal"].budget.monthly, firms["focal"].strategy) == (1100, "retention-led")

    def test_own_settings_go_before_the_strategy(self):
        mine = Mix(service=1.0)
        scenario = load("telecom").with_(budget={"retention_share": 0.33, "mix": plain(mine, everything=True)})
        assert scenario.plan_of("focal")[:3] == (1100.0, 0.33, mine)
        assert scenario.plan_of("discounter")[:2] == (600.0, 0.2)

    def test_a_firm_without_strategy_spends_nothing_on_keeping(self):
        scenario = small(budget={"monthly": 100}, rivals={"other": {"budget": {"monthly": 50}}})
        assert scenario.plan_of("focal")[:2] == (100.0, 0.0)
        assert scenario.plan_of("other")[:2] == (50.0, 0.0)

    def test_a_firm_that_does_not_exist(self):
        with pytest.raises(KeyError, match="nobody"):
            small().plan_of("nobody")


def test_segments_behave_like_everyone_but_for_their_changes():
    scenario = small(
        behaviour={"choice_noise": 3.0, "loss_aversion": 1.0},
        segments={"a": {"share": 0.5, "behaviour": {"loss_aversion": 4.0}}, "b": {"share": 0.5}},
    )
    merged = scenario.behaviour_of("a")
    assert isinstance(merged, Behaviour)
    assert (merged.choice_noise, merged.loss_aversion) == (3.0, 4.0)
    assert scenario.behaviour_of(scenario.segments["a"]) == merged
    assert scenario.behaviour_of("b") == scenario.behaviour


class TestDigest:
    def test_words_do_not_count(self):
        scenario = load("telecom")
        renamed = scenario.with_(name="x", title="y", question="z", description="w", evidence={"firm": "v"})
        retitled = scenario.with_(**{"strategies.even.title": "other"})
        assert renamed != scenario
        assert renamed.digest() == retitled.digest() == scenario.digest()

    def test_every_value_counts(self):
        scenario = load("telecom")
        digests = {scenario.digest()}
        for key, value in (
            ("firm.price", 30.000000000000004), ("rivals.network.severity", 0.41), ("behaviour.learning_rate", 0.16),
            ("segments.bargain.behaviour.learning_rate", 0.16), ("segments.bargain.traits.voice", 0.3),
            ("segments.bargain.initial.focal", 0.27), ("segments.bargain.spend_noise", {"dist": "gamma", "mean": 1, "cv": 1}),
            ("budget.monthly", 1100.1), ("entry.walk_in", 0.31), ("strategy", "even"), ("horizon", 61), ("tick", 0.5),
            ("customers", 2001), ("discount_rate", 0.11), ("strategies.retention-led.mix", {"service": 0.3, "price": 0.4}),
        ):  # fmt: skip
            digests.add(scenario.with_(**{key: value}).digest())
        assert len(digests) == 16

    def test_a_default_that_is_written_does_not_count(self):
        assert small(firm={"price": 30.0}, horizon=60, rivals={}).digest() == small().digest()
        assert (
            small(segments={"all": {"traits": {"voice": {"dist": "constant", "value": 0.4}}}}).digest()
            == small().digest()
        )
        assert small(behaviour={"outside_value": -0.0}).digest() == small().digest()

    def test_order_counts_where_it_numbers_segments_and_firms(self):
        def with_order(names, strategies=("s", "t")):
            return small(
                segments={name: {"share": 0.5} for name in names},
                rivals={name: {} for name in names},
                strategies={name: {} for name in strategies},
            ).digest()

        assert with_order("ab") != with_order("ba")
        assert with_order("ab", "st") == with_order("ab", "ts")

    def test_it_is_the_same_under_every_hash_seed(self):
        code = "import retsim.scenario as s; print(s.load('retail').digest())"
        digests = set()
        for seed in ("0", "1"):
            environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)}
            digests.add(
                subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True).stdout
            )
        assert digests == {load("retail").digest().encode() + b"\n"}


class TestEvidence:
    def test_every_number_of_the_scenario_has_a_row(self):
        scenario = load("telecom")
        rows = {row.key: row for row in evidence(scenario)}
        assert len(rows) == len(evidence(scenario))
        for firm in ("firm", "rivals.network", "rivals.discounter"):
            assert {f"{firm}.{name}" for name in table_of(parameters.Firm)} <= rows.keys()
        assert {f"behaviour.{name}" for name in table_of(parameters.Behaviour)} <= rows.keys()
        for segment in scenario.segments:
            assert {f"segments.{segment}.traits.{name}" for name in table_of(parameters.Traits)} <= rows.keys()
        assert rows["segments.bargain.initial.focal"].value == 0.28

    def test_rows_say_who_set_the_value_and_why(self):
        rows = {
            row.key: row
            for row in evidence(small(firm={"price": 9.0, "unit_cost": 2.0}, evidence={"firm.price": "list"}))
        }
        price, cost, serve = (rows[f"firm.{name}"] for name in ("price", "unit_cost", "cost_to_serve"))
        assert price == ("firm.price", 9.0, "money an occasion", 0, 1e9, "list", "file")
        assert (cost.source, cost.set_by) == ("not given", "file")
        assert (serve.source, serve.set_by, serve.value) == (
            table_of(parameters.Firm)["cost_to_serve"].source,
            "default",
            3.0,
        )

    def test_the_nearest_table_speaks_for_its_values(self):
        scenario = small(firm={"price": 9.0}, evidence={"firm": "all assumed"})
        assert {row.key: row.source for row in evidence(scenario)}["firm.price"] == "all assumed"


class TestSchema:
    def test_it_is_a_schema_and_accepts_the_packaged_scenarios(self):
        jsonschema.Draft202012Validator.check_schema(schema())
        validator = jsonschema.Draft202012Validator(json.loads(json.dumps(schema())))
        for name in ("bank", "insurance", "retail", "saas", "telecom"):
            validator.validate(plain(load(name)))
        validator.validate({"extends": "telecom", "horizon": 12})

    @pytest.mark.parametrize(
        "change",
        [
            {"horizn": 12},
            {"firm": {"price": -1}},
            {"firm": {"auto_renew": 0.5}},
            {"setting": "other"},
            {"segments": {"all": {"traits": {"voice": 2}}}},
            {"segments": {"all": {"traits": {"voice": {"dist": "gama"}}}}},
            {"segments": {"all": {"traits": {"voice": {"dist": "beta", "a": 1}}}}},
            {"segments": {}},
        ],
    )
    def test_it_refuses_what_loading_refuses(self, change):
        validator = jsonschema.Draft202012Validator(schema())
        raw = {"setting": "contractual", "segments": {"all": {}}}
        validator.validate(raw)
        assert not validator.is_valid({**raw, **change})
        with pytest.raises(ScenarioError):
            Scenario(**{**raw, **change})

    def test_every_parameter_brings_bounds_unit_meaning_and_source(self):
        definitions = schema()["$defs"]
        for group, name in ((parameters.Firm, "FirmSpec"), (parameters.Behaviour, "Behaviour")):
            for key, parameter in table_of(group).items():
                field = definitions[name]["properties"][key]
                low, high = limits(parameter)
                assert field["description"] == parameter.meaning
                assert (field["unit"], field["source"]) == (parameter.unit, parameter.source)
                assert field.get("minimum", -inf) == low
                assert field.get("maximum", inf) == high
                assert field["default"] == parameter.default


def test_importing_and_loading_need_no_heavy_library():
    code = (
        "import sys, retsim.scenario as s; s.load('telecom'); s.load('retail'); "
        "print([m for m in ('scipy', 'pandas', 'numba', 'simpy', 'matplotlib', 'pyarrow') if m in sys.modules])"
    )
    environment = {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True, text=True)
    assert done.stdout == "[]\n"
