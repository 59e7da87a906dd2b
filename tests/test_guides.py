"""Every block of Python in the guides runs as it stands."""

import re
from pathlib import Path

import pytest

GUIDES = Path(__file__).resolve().parent.parent / "docs" / "guides"
BLOCKS = [
    pytest.param(block, id=f"{page.stem}-{n}")
    for page in sorted(GUIDES.glob("*.md"))
    for n, block in enumerate(re.findall(r"(?m)^```python\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL), 1)
]


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_of_a_guide_runs(block, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # From a file, so that the source of a function in it can be read.
    script = tmp_path / "block.py"
    script.write_text(block, encoding="utf-8")
    exec(compile(block, str(script), "exec"), {"__name__": "block"})
