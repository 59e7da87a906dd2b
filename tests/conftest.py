"""What all tests share: how Hypothesis searches.

`commit` (the default) tries the same examples on every machine and every day, so that a failing test means a
changed program. `verify` searches anew and longer, and prints what reproduces a failure; `make verify` asks
for it by ``HYPOTHESIS_PROFILE=verify``.
"""

import os

from hypothesis import HealthCheck, settings

# The first example of a process may compile kernels, so neither examples nor their generation are timed.
settings.register_profile(
    "commit",
    derandomize=True,
    database=None,
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "verify",
    derandomize=False,
    database=None,
    max_examples=1000,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "commit"))
