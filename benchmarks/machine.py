"""What the benchmark ran on: processor, system and versions, no names of hosts."""

import os
import platform
import subprocess
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import w1_c
from measure import SOURCE

PACKAGES = ("numpy", "numba", "simpy", "mesa", "agentpy")


def processor() -> str:
    """Return the processor's own name."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def compiler() -> str:
    """Return the first line of the C compiler's version, or say that there is none."""
    command = [w1_c.command("philox")[0], "--version"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]
    except FileNotFoundError:
        return "no C compiler"


def packages() -> str:
    """Return the versions of what is compared."""
    project = tomllib.loads((SOURCE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = [f"{project['name']} {project['version']}"]
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"no {name}")
    return ", ".join(found)


def description() -> list[str]:
    """Return lines that say what a figure depends on."""
    flags = [flag for flag in w1_c.FLAGS if flag.startswith(("-O", "-ffp"))]
    python = f"{platform.python_implementation()} {platform.python_version()}"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return [
        f"{processor()}, {len(os.sched_getaffinity(0))} cores used, {memory:.0f} GiB",
        f"{platform.system()} {platform.machine()}, {python}",
        packages(),
        f"{compiler()}, {' '.join(flags)}",
    ]
