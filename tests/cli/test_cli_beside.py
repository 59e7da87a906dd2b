"""Pictures drawn in a process beside: the same files, whatever happens to that process."""

import multiprocessing
import os
import signal
from argparse import Namespace
from contextlib import contextmanager

import pytest
from helpers import bare_scenario

import retsim as rs
from retsim import plots
from retsim.cli import studies
from retsim.cli.beside import drawn_beside

ARGS = Namespace(typed=["retsim"], workers=None)


def processes():
    return [p for p in multiprocessing.active_children() if p.name == "retsim beside"]


@pytest.fixture(scope="module")
def quiet():
    """A study with few pictures: nobody joins, decides or leaves."""
    return rs.compare({"one": bare_scenario(customers=20)}, replications=2, workers=1)


def test_the_files_are_those_that_are_drawn_here(quiet, tmp_path):
    here = {path.name: path.read_bytes() for path in plots.save_all(quiet, tmp_path)}
    with drawn_beside([quiet, quiet]) as ready:
        assert len(processes()) == 1
        for place in (0, 1):
            assert {path.name: path.read_bytes() for path in ready(place).iterdir()} == here
        folder = ready(0).parent
    assert len(here) > 2
    assert not folder.exists()
    assert not processes()


def test_without_studies_there_is_no_process():
    with drawn_beside([]) as ready:
        assert not processes()
        assert ready(0) is None


def test_what_cannot_be_drawn_beside_is_told_by_nothing(capfd):
    with drawn_beside(["no study"]) as ready:
        assert ready(0) is None
    assert capfd.readouterr().err == ""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs signals of POSIX")
def test_a_killed_process_gives_nothing_and_an_interrupt_ends_it(quiet):
    with drawn_beside([quiet]) as ready:
        os.kill(processes()[0].pid, signal.SIGKILL)
        assert ready(0) is None

    def interrupted():
        with drawn_beside([quiet] * 50):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not processes()


@pytest.mark.parametrize("beside", ["all", "nothing"])
def test_every_study_has_its_own_pictures(quiet, tmp_path, monkeypatch, beside):
    """Drawn beside or, where that failed, here; written in the order that was asked for."""
    (tmp_path / "drawn").mkdir()
    (tmp_path / "drawn" / "picture.png").write_text("from beside")
    here = []

    def draw(study, folder):
        here.append(study)
        (folder / "picture.png").write_text("from here")

    @contextmanager
    def other(wanted):
        assert len(wanted) == 1
        yield lambda place: tmp_path / "drawn" if beside == "all" else None

    monkeypatch.setattr(studies, "_pictures", lambda: draw)
    monkeypatch.setattr(studies, "_worth_a_process", lambda args: True)
    monkeypatch.setattr(studies, "drawn_beside", other)
    pairs = [(tmp_path / name, quiet) for name in "abc"]
    written = studies.save_studies(pairs, ARGS)
    assert [one.manifest for one in written] == [str(tmp_path / name / "manifest.json") for name in "abc"]
    assert all(one.problem == "" for one in written)
    assert len(here) == (2 if beside == "all" else 3)
    texts = [(tmp_path / name / "picture.png").read_text() for name in "abc"]
    assert texts == ["from here", "from beside" if beside == "all" else "from here", "from here"]


def test_one_worker_means_one_process(monkeypatch):
    monkeypatch.setattr("retsim.experiments.making.processors", lambda: 2)
    assert studies._worth_a_process(ARGS)
    assert not studies._worth_a_process(Namespace(workers=1))
    monkeypatch.setattr("retsim.experiments.making.processors", lambda: 1)
    assert not studies._worth_a_process(ARGS)
