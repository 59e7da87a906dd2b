"""W1 in C: builds ``w1_c.c`` with the system's compiler and calls it.

``-ffp-contract=off`` because the compiled engine may not contract multiply and add either: its results must
not depend on whether the processor has such an instruction.
"""

import ctypes
import hashlib
import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import workload as w

SOURCE = Path(__file__).with_name("w1_c.c")
BUILD = Path(__file__).with_name("build")
FLAGS = ("-std=c11", "-O3", "-ffp-contract=off", "-Wall", "-Wextra", "-shared", "-fPIC")
GENERATORS = {"philox": (), "xoshiro": ("-DXOSHIRO",)}


def command(generator: str) -> list[str]:
    """Return the compiler's command, without output and source."""
    numbers = [f"-D{name}={value!r}" for name, value in vars(w).items() if isinstance(value, float)]
    return [os.environ.get("CC", "gcc"), *FLAGS, *GENERATORS[generator], *numbers]


def library(generator: str) -> Path:
    """Return the shared library for ``generator``, built when there is none of this source and command."""
    build = command(generator)
    digest = hashlib.sha256(SOURCE.read_bytes() + repr(build).encode()).hexdigest()[:16]
    path = BUILD / f"w1_{generator}_{digest}.so"
    if not path.exists():
        BUILD.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=BUILD) as folder:
            fresh = Path(folder) / path.name
            subprocess.run([*build, "-o", str(fresh), str(SOURCE), "-lm"], check=True)
            fresh.replace(path)
    return path


def run(n: int, seed: int, periods: int = w.PERIODS, *, generator: str = "philox") -> dict[str, np.ndarray]:
    """Simulate ``n`` initial customers; the arrays are explained in ``workload``.

    Parameters
    ----------
    generator : {"philox", "xoshiro"}
        Where the uniforms come from: Philox4x32-10, counter-based, or the faster xoshiro256++.
    """
    function = ctypes.CDLL(str(library(generator))).run
    function.argtypes = (ctypes.c_int64, ctypes.c_uint64, ctypes.c_int, ctypes.c_void_p)
    months = np.zeros((periods, len(w.SERIES)))
    if function(n, seed, periods, months.ctypes.data):
        raise MemoryError(f"w1_c.run: no memory for n = {n} customers; choose fewer")
    return dict(zip(w.SERIES, months.T.copy(), strict=True))
