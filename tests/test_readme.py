"""The README and the pages it leads to: what they show runs, and what they name exists.

Commands and blocks of Python run as they stand, but smaller: fewer people, months and replications.
"""

import re
import shlex
import shutil
from importlib import import_module
from pathlib import Path

import matplotlib
import nbformat
import pytest

import retsim as rs
from retsim.cli import main
from retsim.parameters import Behaviour, Firm, Traits, table_of
from retsim.results.frames import ACCOUNT_COLUMNS

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MODEL = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("[0-9]*.ipynb"))
SMALL = ["--set", "customers=120", "--set", "horizon=6"]


def blocks(language: str) -> list[str]:
    """Fenced blocks of the README in a language ("" for none)."""
    return re.findall(rf"(?m)^```{language}\n(.*?)^```$", README, re.DOTALL)


def commands() -> list[str]:
    """Lines of the README's shell blocks."""
    return [line for block in blocks("sh") for line in block.splitlines()]


def smaller(command: str) -> list[str]:
    """Arguments of a command, with little to do."""
    name, *arguments = shlex.split(command)
    assert name == "retsim"
    kind = arguments[0]
    if "--replications" in arguments:
        arguments[arguments.index("--replications") + 1] = "2"
    elif kind == "compare":
        arguments += ["--replications", "2"]
    return arguments + (SMALL if kind in ("run", "compare") else [])


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """An empty folder to be in, with the data where the README has them."""
    shutil.copytree(ROOT / "data", tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_command_of_the_readme_runs_in_the_order_given(workplace, capsys):
    assert len(commands()) >= 4
    for command in commands():
        assert main(smaller(command)) == 0, command
        assert capsys.readouterr().out.strip(), command
    assert (workplace / "results" / "manifest.json").is_file()
    assert (workplace / "shop.toml").is_file()


def test_every_block_of_python_in_the_readme_runs(workplace, monkeypatch, capsys):
    monkeypatch.setattr(rs, "load", lambda name, load=rs.load: load(name).with_(customers=120, horizon=12))
    matplotlib.use("agg")
    space: dict[str, object] = {}
    for block in blocks("python"):
        exec(re.sub(r"replications=\d+", "replications=3", block), space)
    study, run = space["study"], space["run"]
    assert study.names == ("win", "keep")
    assert run.digest() == rs.simulate(space["keep"], seed=7, replication=3, engine="reference").digest()
    assert run.digest() in capsys.readouterr().out
    assert (workplace / "profit.png").stat().st_size > 10_000


def test_the_table_of_commands_is_the_command_line(capsys):
    shown = re.findall(r"(?m)^\| `retsim (\w+)[^`]*` \|", README)
    with pytest.raises(SystemExit):
        main(["--help"])
    offered = re.findall(r"(?m)^    (\w+)\s", capsys.readouterr().out)
    assert sorted(shown) == sorted(offered)


def test_make_targets_of_the_readme_exist():
    targets = re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"))
    named = [line.split()[1] for block in blocks("") for line in block.splitlines() if line.startswith("make ")]
    assert sorted(named) == ["demo", "test"]
    assert set(named) <= set(targets)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        assert "://" in target or (page.parent / target).exists(), f"{page.name}: {target}"


def test_docs_model_names_places_that_exist():
    """`room.module`, `room.module.function` and ranges of them in the page are importable."""
    rooms = "rules|lifecycle|market|engines|results|streams|variates|state|parameters|theory"
    places = set(re.findall(rf"`(?:retsim\.)?((?:{rooms})(?:\.\w+)*)`", MODEL))
    assert len(places) > 15
    for place in places:
        assert resolves(f"retsim.{place}"), place


def resolves(place: str) -> bool:
    """Whether a dotted name is a module, or an attribute of one."""
    parts = place.split(".")
    for n in range(len(parts), 0, -1):
        try:
            found = import_module(".".join(parts[:n]))
        except ModuleNotFoundError:
            continue
        for name in parts[n:]:
            if not hasattr(found, name):
                return False
            found = getattr(found, name)
        return True
    return False


def test_docs_model_names_parameters_that_exist():
    known = {name for group in (Traits, Behaviour, Firm) for name in table_of(group)}
    known |= set(rs.schema()["properties"]) | set(ACCOUNT_COLUMNS) | set(rs.MEASURES)
    for part in ("Entry", "Strategy", "Budget", "Shock", "Mix", "Word", "Product", "LifeEvent", "Winning"):
        known |= set(rs.schema()["$defs"][part]["properties"])
    words = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", MODEL))
    assert len(words) > 15
    assert words <= known, words - known


def test_docs_model_speaks_of_every_rule_once():
    rows = re.findall(r"(?m)^\| R(\d+) \|", MODEL)
    assert [int(n) for n in rows] == list(range(1, 24))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.relative_to(ROOT / "notebooks").as_posix())
def test_notebooks_begin_with_parameters_and_show_all_outputs(path):
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert cells[0].metadata.tags == ["parameters"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        assert not re.search(r";\s*$", cell.source), cell.source
        for output in cell.outputs:
            assert output.output_type in ("execute_result", "display_data", "stream"), output
            assert "np.float64" not in str(output.get("text", "")) + str(output.get("data", {}).get("text/plain", ""))
