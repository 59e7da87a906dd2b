"""What the command line refuses."""

from __future__ import annotations

import tempfile
from pathlib import Path

__all__ = ["UserError", "check_folder"]


class UserError(Exception):
    """The user's input is wrong; the message says what, by which rule, and what to do."""


def check_folder(out: str | None) -> Path | None:
    """The folder of ``--out``, refused before any work is done where it can take nothing."""
    if out is None:
        return None
    folder = nearest = Path(out)
    try:
        while not nearest.exists() and nearest != nearest.parent:
            nearest = nearest.parent
        if not nearest.is_dir():
            raise UserError(f"--out {out}: {nearest} is a file, must be a folder")
        # Asking for permissions is not enough: only writing shows that one can.
        with tempfile.TemporaryDirectory(prefix=".retsim-", dir=nearest):
            return folder
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(f"--out {out!r}: cannot be written: {reason}; choose another folder") from None
