"""What the command line refuses."""

from __future__ import annotations

from pathlib import Path

__all__ = ["UserError", "check_folder"]


class UserError(Exception):
    """The user's input is wrong; the message says what, by which rule, and what to do."""


def check_folder(out: str | None) -> Path | None:
    """The folder of ``--out``, refused before any work is done where it can take nothing."""
    if out is None:
        return None
    folder = Path(out)
    nearest = folder
    try:
        while not nearest.exists() and nearest != nearest.parent:
            nearest = nearest.parent
        if not nearest.is_dir():
            raise UserError(f"--out {out}: {nearest} is a file, must be a folder")
    except (OSError, ValueError) as error:
        raise UserError(f"--out {out!r}: {getattr(error, 'strerror', None) or error}") from None
    import os

    if not os.access(nearest, os.W_OK | os.X_OK):
        raise UserError(f"--out {out}: {nearest} cannot be written to; choose another folder")
    return folder
