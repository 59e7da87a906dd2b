"""Rules of a researcher's own: in both engines, refused where they do not fit, gone when the block ends."""

import os
import subprocess
import sys

import numpy as np
import pytest

import retsim as rs
from retsim import jit, variates

SCENARIO = rs.load("telecom").with_(customers=120, horizon=8.0)


def never(attention, alert_attention, alert):
    """Nobody ever thinks at an ordinary occasion."""
    return 0.0


IN_PLAIN_PYTHON = """
import retsim as rs

def never(attention, alert_attention, alert):
    return 0.0

scenario = rs.load("telecom").with_(customers=25, horizon=4.0, **{"behaviour.alert_attention": 1.0})
ordinary = rs.simulate(scenario, log=True)
assert ordinary.events["trigger"].isin(["attention", "alert"]).any()
with rs.own_rules({"choice.p_reconsider": never}):
    compiled = rs.simulate(scenario, log=True)
    assert compiled.digest() == rs.simulate(scenario, engine="reference").digest() != ordinary.digest()
    assert not compiled.events["trigger"].isin(["attention", "alert"]).any()
    try:
        with rs.own_rules({}):
            raise SystemExit("stood within another")
    except RuntimeError as error:
        assert "stands within another" in str(error)
assert rs.simulate(scenario).digest() == ordinary.digest()
"""


def test_both_engines_live_by_the_rule_and_go_back_after_it():
    """Uncompiled, which is quick; the guide's example is compiled."""
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(
        [sys.executable, "-c", IN_PLAIN_PYTHON], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_kernel_that_was_bound_is_not_served_under_other_rules():
    kernel, arrays = variates._fill_exponentials, (np.array([0.5]), np.empty(1))
    first = jit.bound(kernel, *arrays)
    assert jit.bound(kernel, *arrays) is first
    jit.forget([variates])
    again = jit.bound(kernel, *arrays)
    assert again is not first
    again(*arrays)
    assert arrays[1][0] == pytest.approx(np.log(2.0))


def test_workers_do_not_know_the_rule_and_say_so():
    with (
        rs.own_rules({"choice.p_reconsider": never}),
        pytest.raises(RuntimeError, match="rules of your own live in this process only; give workers=1"),
    ):
        rs.compare({"one": SCENARIO}, replications=4, workers=2)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"choice.p_reconsidr": never}, r"no such rule; there are choice.appeal, choice.p_reconsider"),
        ({"nowhere.never": never}, r"no such rule; there are .*bonds.closer"),
        (
            {"choice.appeal": never},
            r"choice.appeal: takes value, noise, taste; yours takes attention, alert_attention, alert",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_what_there_is(rules, message):
    with pytest.raises(ValueError, match=message), rs.own_rules(rules):
        pass
    assert rs.simulate(SCENARIO).digest() == rs.simulate(SCENARIO).digest()


def test_what_a_rule_looks_up_is_known_by_name_so_that_the_compiled_rule_is_found_again():
    from retsim.extension import _source
    from retsim.numerics import exp

    scale = 2.0

    def half_gain(gain):
        return gain / scale

    def mine(x):
        return exp(half_gain(x))

    text = _source(mine)
    assert "0x" not in text
    assert "retsim.numerics.exp" in text
    # What a helper of one's own says, and the constants in it, count as well.
    assert "gain / scale" in text
    assert "('scale', '2.0')" in text


TWO_RULES = r"""
import sys
from pathlib import Path
from retsim import jit

folder = Path(sys.argv[1])

def under(factor):
    "A kernel and the step that it calls, which is another under other rules."
    text = f"@step\ndef inner(x):\n    return x * {factor}\n\n@kernel\ndef outer(x):\n    return inner(x)\n"
    file = folder / f"factor{factor}.py"
    file.write_text(text)
    room = {"step": jit.step, "kernel": jit.kernel, "__name__": "room"}
    jit.set_own_sources(f"factor {factor}")
    exec(compile(text, str(file), "exec"), room)
    return room["outer"](1.0)

print(*(under(int(factor)) for factor in sys.argv[2:]))
"""


@pytest.mark.parametrize("order", [("3", "7"), ("7", "3")])
def test_kept_code_of_two_rules_lives_in_one_process(order, tmp_path):
    """Each is compiled first in a process of its own, where the step has the same number; then one loads both."""
    environment = os.environ | {"RETSIM_CACHE": str(tmp_path / "cache")}

    def printed(*factors):
        program = [sys.executable, "-c", TWO_RULES, str(tmp_path), *factors]
        done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return [float(x) for x in done.stdout.split()]

    assert [printed("3"), printed("7")] == [[3.0], [7.0]]
    assert printed(*order) == [float(factor) for factor in order]
