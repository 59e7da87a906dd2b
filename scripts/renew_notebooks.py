"""Execute the notebooks anew, in place, and print how their text outputs differ from the committed ones.

    python scripts/renew_notebooks.py                         # all of notebooks/
    python scripts/renew_notebooks.py notebooks/01-*.ipynb    # only these
    python scripts/renew_notebooks.py --check                 # print the differences, write nothing; exit 1 if any

Solutions are renewed with them. Cells tagged `nbval-ignore-output` (sliders) are left without an output: what they show
has other ids each time, and the cell below prints what is compared.

The notebooks' outputs are baselines: `make test` compares them. So whoever renews them reads the differences, and
says in the changelog why numbers moved. A notebook in which a cell fails is left as it was.
"""

from __future__ import annotations

import argparse
import difflib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
SECONDS_A_CELL = 600
UNSTABLE = "nbval-ignore-output"


def main() -> int:
    """Renew each notebook; 1 where one failed, or with --check where one differs."""
    args = _arguments()
    failed = differ = False
    for path in args.notebooks or sorted(FOLDER.rglob("[0-9]*.ipynb")):
        old = nbformat.read(path, as_version=4)
        try:
            new, seconds = executed(path)
        except CellExecutionError as error:
            print(f"{path.name}: {error}\n{path.name}: left as it was", file=sys.stderr)
            failed = True
            continue
        lines = list(differences(old, new))
        print("\n".join(lines or [f"{path.name}: no text output differs"]))
        print(f"{path.name}: {seconds:.0f} s")
        differ = differ or bool(lines)
        if not args.check:
            write(new, path)
    return int(failed or (args.check and differ))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Execute the notebooks anew and print what differs.")
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all of notebooks/ and below")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a text output differs")
    return parser.parse_args()


def executed(path: Path) -> tuple[NotebookNode, float]:
    """The notebook with fresh outputs, run in its own folder, and the seconds that took."""
    notebook = nbformat.read(path, as_version=4)
    place = {"metadata": {"path": str(path.resolve().parent)}}
    started = time.perf_counter()
    NotebookClient(notebook, timeout=SECONDS_A_CELL, resources=place, record_timing=False).execute()
    seconds = time.perf_counter() - started
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if UNSTABLE in cell.metadata.get("tags", ()):
            cell.outputs = []
    # What depends on the machine, and on nothing that the notebook says.
    notebook.metadata.language_info = {"name": "python"}
    return notebook, seconds


def differences(old: NotebookNode, new: NotebookNode) -> Iterator[str]:
    """Unified differences of text outputs, cell by cell."""
    for number, (before, after) in enumerate(zip(old.cells, new.cells, strict=True)):
        yield from difflib.unified_diff(
            text_of(before), text_of(after), f"committed, cell {number}", f"now, cell {number}", lineterm="", n=1
        )


def text_of(cell: NotebookNode) -> list[str]:
    """Lines of a cell's text outputs; pictures have none."""
    lines: list[str] = []
    for output in cell.get("outputs", []):
        lines += (output.get("text") or output.get("data", {}).get("text/plain", "")).splitlines()
    return lines


def write(notebook: NotebookNode, path: Path) -> None:
    """Replace the file, whole or not at all."""
    fresh = path.with_name(f".{path.name}.new")
    nbformat.write(notebook, fresh)
    os.replace(fresh, path)


if __name__ == "__main__":
    sys.exit(main())
