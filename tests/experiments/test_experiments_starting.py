"""How processes are started: everything is loaded before they are there, and nothing is compiled twice."""

import importlib
import signal
import subprocess
import sys

import pytest

RUN_ALL = """
import sys
from numba.core import event
import retsim as rs
from retsim.scenario.files import packaged

class Listener(event.Listener):
    def on_start(self, event): ...
    def on_end(self, event):
        print(event.data["dispatcher"].py_func.__qualname__)

event.register("numba:compile", Listener())
for name in packaged():
    rs.simulate(rs.load(name).with_(customers=60, horizon=6.0))
"""


def _compiled() -> list[str]:
    done = subprocess.run([sys.executable, "-c", RUN_ALL], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_a_process_compiles_nothing_that_another_has_compiled():
    _compiled()
    assert _compiled() == []


LOOK_AROUND = """
import retsim as rs
from retsim.experiments import starting

rs.simulate(rs.load("telecom").with_(customers=20, horizon=2.0))
starting.get_ready()
code = (
    "import signal; from retsim.engines.queueing import run_until; "
    "print(len(run_until.signatures), signal.getsignal(signal.SIGINT).__name__, flush=True)"
)
process = starting.beside(exec, code)
process.join()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no servers to fork from")
def test_a_new_process_has_the_compiled_code_already():
    """In a program of its own: the server of this one may have been started before anything was compiled."""
    done = subprocess.run([sys.executable, "-c", LOOK_AROUND], capture_output=True, text=True, check=True)
    # Ctrl-C ends it like any program, though the server that it comes from does not listen.
    assert done.stdout.split() == ["1", "default_int_handler"]


def test_only_the_server_gets_ready_by_importing():
    before = signal.getsignal(signal.SIGINT)
    importlib.import_module("retsim.experiments.forerunner")
    assert signal.getsignal(signal.SIGINT) is before
