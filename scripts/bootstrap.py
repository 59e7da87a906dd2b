"""Make the virtual environment `.venv` from requirements.lock, or leave it alone when it is up to date.

Called by the Makefile before everything else; needs Python 3.11 or newer and pip, nothing more. It promises:

- every distribution is installed from the lock and checked against its hash; the project itself is added in
  editable form and without dependencies;
- `.venv` holds a stamp, written last, that names the lock, the Python and the folder it was made for. What
  does not match (no stamp: interrupted; another folder: copied or moved) is made anew;
- uv does the work, because it is many times faster; it is itself installed from the lock. Where it cannot
  run, pip does the same from the same lock.

Python 3.6 to 3.10 can read this file far enough to say that they are too old.
"""

import argparse
import contextlib
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
PROJECT = ROOT / "pyproject.toml"
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
STAMP = VENV / "retsim-stamp.txt"
UNWANTED = ("PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "PIP_USER", "PIP_TARGET", "PIP_PREFIX")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in UNWANTED}


class SetupError(Exception):
    """A message for the reader; the set-up stops."""


def main():
    parser = argparse.ArgumentParser(description="Make .venv from requirements.lock, if it is not up to date.")
    parser.add_argument("--installer", choices=["auto", "uv", "pip"], default="auto", help="auto: uv, else pip")
    installer = parser.parse_args().installer
    try:
        check_python()
        with one_at_a_time():
            bring_up_to_date(("uv", "pip") if installer == "auto" else (installer,))
    except SetupError as error:
        return f"retsim: {error}"
    except KeyboardInterrupt:
        return "retsim: interrupted; the next call starts over"
    return 0


def check_python():
    """Stop with advice when this Python is too old."""
    if sys.version_info < OLDEST:
        wanted, own = ".".join(map(str, OLDEST)), ".".join(map(str, sys.version_info[:3]))
        raise SetupError(
            f"needs Python {wanted} or newer, but {sys.executable} is {own}; "
            f"name a newer one, for example: make test PYTHON=python{wanted}"
        )


@contextlib.contextmanager
def one_at_a_time():
    """Hold the lock file, so that a second call waits for the first instead of clearing its work."""
    import fcntl

    with LOCK.open("r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def bring_up_to_date(installers):
    """Make `.venv`, or only renew the project's own entry in it, or do nothing."""
    environment, project = wanted_stamp()
    found = STAMP.read_text(encoding="utf-8") if STAMP.is_file() else ""
    if not found.startswith(environment) or not runs():
        make_anew(installers, environment)
    elif found == environment + project:
        return
    install_project()
    STAMP.write_text(environment + project, encoding="utf-8")


def wanted_stamp():
    """What an up-to-date stamp says: of the environment, and of the project installed into it."""
    environment = f"python {version()}\nfolder {ROOT}\nlock {digest(LOCK)}\n"
    return environment, f"project {digest(PROJECT)}\n"


def version():
    """Version of this Python, as in 3.11."""
    return "{}.{}".format(*sys.version_info)


def digest(path):
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def runs():
    """Whether the environment's Python starts (its base may have been removed since)."""
    try:
        return subprocess.run([VENV_PYTHON, "-c", ""], env=ENVIRONMENT).returncode == 0
    except OSError:
        return False


def make_anew(installers, environment):
    """Clear `.venv` and fill it from the lock with the first installer that succeeds."""
    state = "is missing" if not VENV.exists() else "is unfinished or out of date"
    say(f".venv {state}: making it with Python {version()} from requirements.lock (one to three minutes)")
    started = time.monotonic()
    for installer in installers:
        create_venv()
        if FILL[installer]():
            break
        say(f"{installer} could not install the lock")
    else:
        raise SetupError(
            "no environment: see the messages above. The packages come from the registry pip is set up for; "
            "when it is reachable, call again, and .venv is made anew"
        )
    STAMP.write_text(environment, encoding="utf-8")
    say(f".venv is ready ({installer}, {time.monotonic() - started:.0f} s)")


def create_venv():
    """Create an empty environment; without pip of its own where this Python has none to give."""
    try:
        import venv
    except ImportError:
        raise SetupError(f"{sys.executable} has no venv module; install it (Debian: python3-venv)") from None
    # In this process and not as `python -m venv`: it may be .venv's own Python that is clearing .venv.
    try:
        venv.EnvBuilder(clear=True, symlinks=True, with_pip=has_ensurepip()).create(VENV)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetupError(f"cannot make {VENV}: {error}") from None


def has_ensurepip():
    """Whether this Python can put pip into an environment (Debian ships that part apart)."""
    import importlib.util

    return importlib.util.find_spec("ensurepip") is not None


def fill_with_uv():
    """Install uv from the lock, and with it the rest of the lock."""
    pinned = VENV / "uv-pinned.txt"
    pinned.write_text(requirement("uv"), encoding="utf-8")
    if not succeeds(*pip_install(), "--require-hashes", "--no-deps", "-r", pinned):
        return False
    # The certificates that git cloned with; uv's own list lacks those of a company's proxy.
    uv = [VENV_PYTHON, "-m", "uv", "pip", "sync", "--quiet", "--system-certs", "--python", VENV_PYTHON]
    return succeeds(*uv, "--require-hashes", "--compile-bytecode", LOCK)


def fill_with_pip():
    """Install the lock with pip alone."""
    return succeeds(*pip_install(), "--require-hashes", "--no-deps", "-r", LOCK)


def install_project():
    """Install the project itself: editable, its build tools from the lock, no dependencies, no network."""
    if not succeeds(*pip_install(), "--no-deps", "--no-build-isolation", "--no-index", "--editable", ROOT):
        raise SetupError("could not install the project into .venv; see pip's message above")


def requirement(name):
    """One requirement of the lock with its hashes, as text."""
    lines = iter(LOCK.read_text(encoding="utf-8").splitlines())
    for line in lines:
        if line.startswith(f"{name}=="):
            block = [line]
            while block[-1].endswith("\\"):
                block.append(next(lines))
            return "\n".join(block) + "\n"
    raise SetupError(f"requirements.lock has no {name}; renew it with `make lock`")


def pip_install():
    """Begin a pip command that installs into the environment, with its pip or else with this Python's."""
    if has_ensurepip():
        pip = [VENV_PYTHON, "-m", "pip"]
    else:
        pip = [sys.executable, "-m", "pip", "--python", VENV_PYTHON]
    return [*pip, "-qq", "--disable-pip-version-check", "--no-input", "install"]


def succeeds(*command):
    """Run a command, its output shown, and tell whether it exited with 0."""
    return subprocess.run([str(part) for part in command], env=ENVIRONMENT, cwd=str(ROOT)).returncode == 0


def say(message):
    """Tell the reader, at once."""
    print(f"retsim: {message}", flush=True)


FILL = {"uv": fill_with_uv, "pip": fill_with_pip}

if __name__ == "__main__":
    sys.exit(main())
