"""What a scenario file must not hold: each refusal with file, line, key, value, rule and hint."""

import os
import pickle
from types import SimpleNamespace

import pytest
from helpers import calls_of

from retsim.scenario import Scenario, ScenarioError, load

GOOD = """\
title = "A small market"
setting = "contractual"
horizon = 24
strategy = "keep"

[budget]
monthly = 500

[firm]
price = 30.0

[rivals.other]
price = 25.0

[segments.loyal]
share = 0.4
initial = { focal = 0.5, other = 0.3 }
traits = { attention = 0.1, spend = { dist = "gamma", mean = 1.0, cv = 0.5 } }

[segments.fickle]
share = 0.6

[strategies.keep]
retention_share = 0.7
mix = { service = 0.5, price = 0.2, contact = 0.3 }
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A folder to work in, with a writer of scenario files there."""
    monkeypatch.chdir(tmp_path)

    def write(content, name="market.toml"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return name

    return SimpleNamespace(write=write, folder=tmp_path)


def refused(path):
    """The refusal of a file; `make bench` says how long refusals take."""
    with pytest.raises(ScenarioError) as caught:
        load(path)
    assert all(str(problem).count("\n") < 4 for problem in caught.value.problems)
    return caught.value


def test_the_good_file_is_good(file):
    assert load(file.write(GOOD)).firms().keys() == {"focal", "other"}


BESIDE = ", or a strategy that every scenario has (`retsim list`)"
ONE = [
    # written, instead of, line, key, value, rule, hint
    ("price = 30.0", "prise = 30.0", 10, "firm.prise", "", "is unknown", "did you mean price?"),
    ("price = 30.0", "price = true", 10, "firm.price", "true", "must be a number in 0..1000000000 (money an occasion)", "write 1"),
    ("price = 30.0", 'price = "30"', 10, "firm.price", '"30"', "must be a number in 0..1000000000 (money an occasion)", "did you mean 30, without quotes?"),
    ("price = 30.0", "price = nan", 10, "firm.price", "nan", "must be a number in 0..1000000000 (money an occasion)", ""),
    ("price = 30.0", "price = inf", 10, "firm.price", "inf", "must lie in 0..1000000000 (money an occasion)", ""),
    ("price = 30.0", "price = -30.0", 10, "firm.price", "-30.0", "must lie in 0..1000000000 (money an occasion)", "did you mean 30?"),
    ("price = 30.0", "price = 1e300", 10, "firm.price", "1e+300", "must lie in 0..1000000000 (money an occasion)", ""),
    ("price = 30.0", "price = " + "9" * 400, 10, "firm.price", "a whole number of about 401 digits", "must lie in 0..1000000000 (money an occasion)", ""),
    ("price = 30.0", "price = [30]", 10, "firm.price", "[30]", "must be a number in 0..1000000000 (money an occasion)", ""),
    ("price = 30.0", "price = { value = 30 }", 10, "firm.price", "{value = 30}", "must be a number in 0..1000000000 (money an occasion)", ""),
    ("price = 30.0", "price = 2024-01-31", 10, "firm.price", "2024-01-31", "must be a number in 0..1000000000 (money an occasion)", ""),
    ("price = 30.0", "failure_rate = 5", 10, "firm.failure_rate", "5", "must lie in 0..1 (probability)", "did you mean 0.05?"),
    ("price = 30.0", 'failure_rate = "5%"', 10, "firm.failure_rate", '"5%"', "must be a number in 0..1 (probability)", "did you mean 0.05, without quotes?"),
    ("price = 30.0", "contact_rate = 365", 10, "firm.contact_rate", "365", "must lie in 0..100 (contacts a month)", "did you mean 30.4167 (a twelfth, if it is yearly)?"),
    ("price = 30.0", "contract_term = 7305", 10, "firm.contract_term", "7305", "must lie in 0..1200 (months)", "did you mean 240 (if it is in days)?"),
    ("price = 30.0", "auto_renew = true", 10, "firm.auto_renew", "true", "must be 0 or 1", "write 1"),
    ("price = 30.0", "auto_renew = 0.5", 10, "firm.auto_renew", "0.5", "must be 0 or 1", ""),
    ("retention_share = 0.7", "retention_share = 70", 24, "strategies.keep.retention_share", "70", "must lie in 0..1 (share of the budget)", "did you mean 0.7?"),
    ("horizon = 24", "discount_rate = 10", 3, "discount_rate", "10", "must lie in 0..1 (share a year)", "did you mean 0.1?"),
    ("horizon = 24", "customers = 20.0", 3, "customers", "20.0", "must be a whole number in 0..20000000 (customers)", ""),
    ("horizon = 24", "customers = -1", 3, "customers", "-1", "must lie in 0..20000000 (customers)", "did you mean 1?"),
    ("horizon = 24", "customers = true", 3, "customers", "true", "must be a whole number in 0..20000000 (customers)", "write 1"),
    ("horizon = 24", "horizon = 0", 3, "horizon", "0", "must lie in 0.01..1200 (months)", ""),
    ("horizon = 24", "horizon = 24.5", 3, "horizon", "24.5", "must be a whole number of periods of 1 months", "did you mean 24?"),
    ("horizon = 24", "horizon = 24\ntick = 0.7", 4, "tick", "0.7", "must fit the period of 1 months: one a whole multiple of the other", ""),
    ("horizon = 24", "attention = 0.2", 3, "attention", "", "is unknown", "it belongs under segments.NAME.traits"),
    ('setting = "contractual"', 'setting = "contractul"', 2, "setting", '"contractul"', "must be one of contractual, non-contractual", "did you mean contractual?"),
    ('setting = "contractual"', "setting = 1", 2, "setting", "1", "must be one of contractual, non-contractual", ""),
    ('title = "A small market"', "title = 3", 1, "title", "3", "must be text", ""),
    ('title = "A small market"', f'title = "{"a" * 201}"', 1, "title", f'"{"a" * 56}...', "must have at most 200 characters", ""),
    ('strategy = "keep"', 'strategy = "kepe"', 4, "strategy", '"kepe"', "must be one of keep" + BESIDE, "did you mean keep?"),
    ("price = 25.0", 'strategy = "win"', 13, "rivals.other.strategy", '"win"', "must be one of keep" + BESIDE, ""),
    ("price = 25.0", 'price = 25.0\n[rivals."a.b"]', 14, "rivals.a.b", '"a.b"', "must be a name of 1 to 64 printable characters without dots or outer blanks", ""),
    ("[rivals.other]", "[rivals.focal]", 0, "focal", '"focal"', "must not be the name of a rival", ""),
    ("monthly = 500", "monthy = 500", 7, "budget.monthy", "", "is unknown", "did you mean monthly?"),
    ("[budget]", "[buget]", 6, "buget", "", "is unknown", "did you mean budget?"),
    ("[budget]\nmonthly = 500", "budget = 500\n", 6, "budget", "500", "must be a table", ""),
    ("price = 30.0", 'strategy = "keep"', 10, "firm.strategy", "", "stands at the top for the focal firm", "write strategy instead"),
    ("share = 0.6", "share = 0.7", 15, "segments", "", "must have shares that sum to 1, not 1.1", ""),
    ("share = 0.6", "share = 60", 21, "segments.fickle.share", "60", "must lie in 0..1 (share of the customers)", "did you mean 0.6?"),
    ("focal = 0.5", "focla = 0.5", 17, "segments.loyal.initial.focla", "0.5", "must name one of the firms focal, other", "did you mean focal?"),
    ("focal = 0.5", "focal = 0.8", 17, "segments.loyal.initial", "", "must have shares that sum to at most 1, not 1.1", ""),
    ("focal = 0.5", "focal = 50", 17, "segments.loyal.initial.focal", "50", "must lie in 0..1 (share of the segment)", "did you mean 0.5?"),
    ("attention = 0.1", "attention = 10", 18, "segments.loyal.traits.attention", "10", "must lie in 0..1 (probability)", "did you mean 0.1?"),
    ("attention = 0.1", "attention = true", 18, "segments.loyal.traits.attention", "true", "must be a number in 0..1 (probability)", "write 1"),
    ("attention = 0.1", "attention = nan", 18, "segments.loyal.traits.attention", "nan", "must be a number in 0..1 (probability)", ""),
    ("attention = 0.1", "atention = 0.1", 18, "segments.loyal.traits.atention", "", "is unknown", "did you mean attention?"),
    ("attention = 0.1", "tenure = 3, start = 2", 18, "segments.loyal.traits.tenure", "", "must be 0 where start is not: nobody has been a customer before entering", ""),
    ('dist = "gamma"', 'dist = "gama"', 18, "segments.loyal.traits.spend.dist", '"gama"', "must be one of constant, uniform, normal, lognormal, gamma, inverse_gamma, beta, values", "did you mean gamma?"),
    ('dist = "gamma"', "dist = 0x" + "f" * 5000, 18, "segments.loyal.traits.spend", "{dist = a whole number of about 6021 digits, mean = 1.0, cv = 0.5}", "must name its family in dist, as text", ""),
    ('dist = "gamma", ', "", 18, "segments.loyal.traits.spend", "{mean = 1.0, cv = 0.5}", "must name its family in dist", "one of constant, uniform, normal, lognormal, gamma, inverse_gamma, beta, values"),
    ("cv = 0.5", "vc = 0.5", 18, "segments.loyal.traits.spend.vc", "", "is unknown", "did you mean cv?"),
    ("service = 0.5", "service = 0.6", 25, "strategies.keep.mix", "{service = 0.6, price = 0.2, contact = 0.3}", "must have shares that sum to 1, not 1.1", ""),
    ("[strategies.keep]", "[behaviour]\nservice_weight = 0.6\n[strategies.keep]", 23, "behaviour", "", "must have service_weight, product_weight, delivery_weight that sum to 1, not 1.1", ""),
    ("[strategies.keep]", "[segments.loyal.behaviour]\nproduct_weight = 0.4\n[strategies.keep]", 23, "segments.loyal.behaviour", "", "must have service_weight, product_weight, delivery_weight that sum to 1, not 1.1", ""),
    ("[strategies.keep]", '[evidence]\n"firm.prices" = "x"\n[strategies.keep]', 24, "evidence.firm.prices", "", "must name a value that the scenario sets", "did you mean firm.price?"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("good", "bad", "line", "key", "value", "rule", "hint"), ONE, ids=[case[1][:40] for case in ONE]
)
def test_refusal(file, good, bad, line, key, value, rule, hint):
    assert good in GOOD
    problems = refused(file.write(GOOD.replace(good, bad, 1))).problems
    found = {problem.key: problem for problem in problems}
    assert found[key] == (key, rule, value, hint, "market.toml", line)
    # A rival that takes the focal firm's name is also missing where it is named.
    assert set(found) - {key} == ({"segments.loyal.initial.other"} if key == "focal" else set())


def test_all_problems_are_told_at_once(file):
    text = GOOD.replace("30.0", "-1").replace("0.7", "7").replace("horizon", "horizn").replace("0.6", "0.5")
    text = text.replace('"keep"', '"win"').replace("attention = 0.1", "attention = 4, voice = true")
    error = refused(file.write(text))
    assert {problem.key for problem in error.problems} == {
        "firm.price", "strategies.keep.retention_share", "horizn", "segments", "strategy",
        "segments.loyal.traits.attention", "segments.loyal.traits.voice",
    }  # fmt: skip
    assert str(error).splitlines()[0] == str(error.problems[0])


def test_a_message_is_one_line_with_place_value_rule_and_hint(file):
    error = refused(file.write(GOOD.replace("0.7", "70")))
    assert str(error) == (
        "market.toml, line 24: strategies.keep.retention_share = 70, must lie in 0..1 (share of the budget); "
        "did you mean 0.7?"
    )


def test_missing_parts_are_named(file):
    found = {problem.key: problem for problem in refused(file.write('title = "x"\n')).problems}
    assert found.keys() == {"setting", "segments"}
    assert found["setting"].rule == "is missing"
    assert found["setting"].hint == "write one of contractual, non-contractual"


WHOLE = {
    "empty": (b"", "is empty"),
    "only a comment": (b"# nothing\n\n", "holds no values"),
    "Latin-1": (("# Köln\n" + GOOD).encode("latin-1"), "is not UTF-8: byte 0xf6"),
    "UTF-16": (GOOD.encode("utf-16"), "is not UTF-8: byte 0xff"),
    "10 MB of zeros": (bytes(10_000_000), "is larger than 1,000,000 bytes"),
    "10 MB of letters": (b"a" * 10_000_000, "is larger than 1,000,000 bytes"),
    "1 MB of letters": (b"a" * 1_000_000, "is not valid TOML"),
    "key without value": (b"a = 1\nb\n", "is not valid TOML (column 2): Expected '=' after a key"),
    "control character": (b'title = "\x01"', "is not valid TOML (column 10): Illegal character"),
    "a key twice": (b"horizon = 1\nhorizon = 2\n", "is not valid TOML"),
    "a table twice": (b"[firm]\nprice = 1\n[firm]\n", "is not valid TOML (column 6): Cannot declare"),
    "number of 900,000 digits": (b"horizon = " + b"9" * 900_000, "holds a number of more than 4,300 digits"),
    "deep lists": (b"a = " + b"[" * 3000 + b"]" * 3000, "is nested deeper than 8 tables"),
    "many brackets": (b"[" * 900_000, "has more than 25,000 keys"),
    "deep key": (b"a" + b".a" * 400_000 + b" = 1", "is nested deeper than 8 tables"),
    "deep header": (b"[a" + b".a" * 400_000 + b"]\nb = 1", "is nested deeper than 8 tables"),
    "deep inline": (b"x = { a" + b".a" * 100_000 + b" = 1 }", "is nested deeper than 8 tables"),
    "deep quoted key": (b"'a'" + b' . "a"' * 50_000 + b" = 1", "is nested deeper than 8 tables"),
    "very many keys": (b"\n".join(b"k%d = 1" % n for n in range(60_000)), "has more than 25,000 keys"),
    "very many items": (b"a = [" + b"1," * 400_000 + b"]", "has more than 25,000 keys or 50,000 items"),
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
def test_files_that_are_no_scenario(file, name):
    content, rule = WHOLE[name]
    (problem,) = refused(file.write(content)).problems
    assert problem.file == "market.toml"
    assert problem.rule.startswith(rule)


def test_a_doubled_key_is_shown_with_its_line(file):
    (problem,) = refused(file.write(b"horizon = 1\n# more\nhorizon = 2\ntick = 1\n")).problems
    assert (problem.line, problem.hint) == (3, "a key may stand only once")
    assert "Cannot overwrite a value" in problem.rule


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("a = .5", "a number begins with a digit: 0.2, not .2"),
        ("a = 0,5", "the decimal sign is a point: 0.5, not 0,5"),
        ("a = keep", "text stands in quotes"),
    ],
)
def test_frequent_slips_of_writing_get_a_hint(file, written, hint):
    (problem,) = refused(file.write(f"b = 1\n{written}\n")).problems
    assert (problem.line, problem.hint) == (2, hint)


@pytest.mark.parametrize(
    "content",
    [
        b"\n".join(b"k%d = 1" % n for n in range(14_000)),
        b"\n".join(b"[k%d]" % n for n in range(14_000)),
        b'setting = "contractual"\n' + b"\n".join(b"[segments.k%d]" % n for n in range(14_000)),
        b'setting = "contractual"\n[segments.a]\n[evidence]\n' + b"\n".join(b'k%d = "x"' % n for n in range(14_000)),
        b'setting = "contractual"\n[segments.a]\ninitial = { ' + b", ".join(b"k%d = 0" % n for n in range(14_000)) + b" }",
        b'setting = "contractual"\n[segments.a]\ntraits.spend = { dist = "values", values = [' + b"1," * 30_000 + b"] }",
        b'setting = "contractual"\ncustomers = 0x' + b"f" * 900_000 + b"\n[segments.a]\n",
        b'title = "' + b"a" * 990_000 + b'"',
    ],
    ids=["keys", "tables", "segments", "evidence", "initial", "values", "hexadecimal", "text"],
)  # fmt: skip
def test_much_nonsense_is_refused_with_little_work_and_few_words(file, content):
    path = file.write(content)
    assert calls_of(lambda: refused(path)) < 2_000_000  # a call takes well under a microsecond
    assert len(str(refused(path))) < 20_000


def test_what_is_not_shown_is_counted(file):
    text = str(refused(file.write("\n".join(f"k{n} = 1" for n in range(500)))))
    assert text.splitlines()[-1] == "... and 452 more"
    assert len(text.splitlines()) == 51


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("missing.toml", "does not exist"),
        (".", "is a folder"),
        ("/dev/zero", "is no regular file"),
        ("a\0b.toml", "does not exist"),
        ("x" * 5000 + ".toml", "cannot be read"),
        ("", "is no packaged scenario and no file"),
    ],
)
def test_paths_that_are_no_file(file, path, rule):
    (problem,) = refused(path).problems
    assert problem.rule.startswith(rule)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_refused_and_not_waited_for(file):
    os.mkfifo("pipe.toml")
    assert refused("pipe.toml").problems[0].rule == "is no regular file"


def test_an_unknown_name_gets_the_nearest():
    (problem,) = refused("telecm").problems
    assert problem.rule == "is no packaged scenario and no file"
    assert problem.hint == "did you mean telecom?"


def test_a_refusal_travels_between_processes(file):
    error = refused(file.write(GOOD.replace("30.0", "-1")))
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert again.problems == error.problems


def test_tables_without_end_are_refused():
    endless = {}
    endless["x"] = endless
    for call in (
        lambda: Scenario(setting="contractual", segments=endless),
        lambda: load("saas").with_(firm=endless),
    ):
        with pytest.raises(ScenarioError, match="is nested deeper than 8 tables"):
            call()


def test_programs_get_the_same_refusal_without_a_file():
    with pytest.raises(ScenarioError) as caught:
        Scenario(setting="contractual", segments={"a": {"share": 0.5}}, firm={"price": float("nan")}, horizn=3)
    assert [problem.key for problem in caught.value.problems] == ["firm.price", "horizn", "segments"]
    assert isinstance(caught.value, ValueError)
