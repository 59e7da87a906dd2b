"""Every block of code in the documentation runs: Python as it stands, commands with little to do, scenarios load.

Blocks of one page run one after another in one folder, so that a page may use what it has made before.
"""

import re
import shlex
import shutil
from pathlib import Path
from typing import NamedTuple

import matplotlib
import pytest

import retsim as rs
from retsim.cli import main

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted((ROOT / "docs").rglob("*.md"))
FENCE = re.compile(r"(?ms)^```(\S*)[^\n]*\n(.*?)^```$")
KNOWN = {"python", "sh", "toml", "", "text", "{toctree}", "{eval-rst}"}
SMALL = ["--set", "customers=60", "--set", "horizon=3"]
STEADY = ["--set", "customers=60", "--set", "horizon=60"]  # Fewer months than 50 have no batches to compare.
FLIPPING = ["--set", "customers=300", "--set", "horizon=24"]  # Fewer people or months know one answer only.
LITTLE = {"--replications": "2", "--points": "2", "--fresh": "4", "--precision": "0.9", "--at-most": "3"}
FEWEST = {("optimise", "--points"): "5", ("discover", "--points"): "64"}
MAKES_RUNS = ("run", "compare", "sweep", "breakeven", "optimise", "ablate", "validate", "sensitivity", "discover")
MADE = ("compare", "sweep", "breakeven", "optimise", "ablate", "discover")


class Block(NamedTuple):
    language: str
    text: str


def blocks(page: Path) -> list[Block]:
    return [Block(*found) for found in FENCE.findall(page.read_text(encoding="utf-8"))]


WITH_CODE = [page for page in PAGES if any(block.language in ("python", "sh", "toml") for block in blocks(page))]


def smaller(command: str) -> list[str]:
    """Arguments of a command, with little to do: few people, months, replications and points."""
    name, kind, *arguments = shlex.split(command)
    assert name == "retsim", command
    for option, least in LITTLE.items():
        if option in arguments:
            arguments[arguments.index(option) + 1] = FEWEST.get((kind, option), least)
    if kind in MADE:
        if not {"--replications", "--precision"} & set(arguments):
            arguments += ["--replications", "2"]
        if kind in ("sweep", "breakeven", "optimise") and "--points" not in arguments:
            arguments += ["--points", FEWEST.get((kind, "--points"), "2")]
        if kind == "optimise" and "--fresh" not in arguments:
            arguments += ["--fresh", "4"]
        arguments += ["--workers", "1"]
    if kind == "report" and "--over" in arguments:
        arguments += ["--points", "2", "--replications", "2", "--workers", "1"]
    size = FLIPPING if kind == "discover" else STEADY if "--steady" in arguments else SMALL
    return [kind, *arguments, *(size if kind in MAKES_RUNS else [])]


def run(block: Block, name: str, folder: Path) -> None:
    if block.language == "python":
        # From a file, so that the source of a function in it can be read.
        script = folder / f"{name}.py"
        script.write_text(block.text, encoding="utf-8")
        exec(compile(block.text, str(script), "exec"), {"__name__": name})
    elif block.language == "toml":
        path = folder / f"{name}.toml"
        path.write_text(block.text, encoding="utf-8")
        rs.load(path)
    elif block.language == "sh":
        for command in block.text.splitlines():
            if command.strip() and not command.startswith("#"):
                assert main(smaller(command.partition("  #")[0])) == 0, command


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.relative_to(ROOT / "docs").as_posix())
def test_every_block_of_a_page_runs(page, tmp_path, monkeypatch):
    shutil.copytree(ROOT / "data", tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    matplotlib.use("agg")
    # Pictures have tests of their own, and take longer than all the rest.
    monkeypatch.setattr("retsim.plots.saving.PICTURES", _few(), raising=True)
    monkeypatch.setattr("retsim.reports.pictures.PICTURES", _few(), raising=True)
    for n, block in enumerate(blocks(page), start=1):
        run(block, f"block_{n}", tmp_path)


def _few() -> dict[str, object]:
    from retsim.plots.saving import PICTURES

    return {"customers": PICTURES["customers"]}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT / "docs").as_posix())
def test_every_block_says_its_language(page):
    assert {block.language for block in blocks(page)} <= KNOWN
