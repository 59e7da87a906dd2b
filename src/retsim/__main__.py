"""``python -m retsim``: the same as the command ``retsim``."""

import sys

from retsim.cli import main

if __name__ == "__main__":
    sys.exit(main())
