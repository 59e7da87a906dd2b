"""The benchmark's own virtual environment, ``.venv-bench``, made from ``requirements.lock``.

Only the standard library is used here: this runs before the environment exists. The lock is made from the
project's root; retsim's own dependencies come from pyproject.toml, at the versions of its lock::

    uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \\
        -c requirements.lock pyproject.toml benchmarks/requirements.in -o benchmarks/requirements.lock
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv-bench"
LOCK = Path(__file__).with_name("requirements.lock")
STAMP = VENV / "made-from.txt"


def interpreter() -> Path:
    """Return the environment's Python; build the environment when it is missing or of another lock."""
    python = VENV / "bin" / "python"
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    wanted = f"{sys.version}\n{digest}\n"
    if not STAMP.exists() or STAMP.read_text(encoding="utf-8") != wanted:
        build(python)
        STAMP.write_text(wanted, encoding="utf-8")
    return python


def build(python: Path) -> None:
    """Make the environment afresh, with uv where there is one, else with pip."""
    uv = find_uv()
    print(f"Making {VENV.name} from {LOCK.relative_to(ROOT)} with {'uv' if uv else 'pip'}", file=sys.stderr)
    venv.create(VENV, clear=True, symlinks=True, with_pip=uv is None)
    (VENV / ".gitignore").write_text("*\n", encoding="utf-8")
    if uv:
        install = [
            uv,
            "pip",
            "sync",
            "--quiet",
            "--require-hashes",
            "--compile-bytecode",
            f"--python={python}",
        ]
    else:
        install = [str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps", "-r"]
    subprocess.run([*install, str(LOCK)], check=True)


def find_uv() -> str | None:
    """Return uv of the project's environment or of the path."""
    own = ROOT / ".venv" / "bin" / "uv"
    return str(own) if own.exists() else shutil.which("uv")


def enter() -> None:
    """Go on in the benchmark's environment: replaces this process unless it is there already."""
    python = interpreter()
    if Path(sys.prefix).resolve() != VENV.resolve():
        sys.stderr.flush()
        os.execv(python, [str(python), *sys.argv])
