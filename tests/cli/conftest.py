"""The command line called within this process."""

import pytest

from retsim.cli import main


@pytest.fixture
def retsim(capsys):
    """Run a command: (exit code, stdout, stderr)."""

    def run(*arguments):
        try:
            code = main([str(a) for a in arguments])
        except SystemExit as stop:
            code = stop.code
        return code, *capsys.readouterr()

    return run
