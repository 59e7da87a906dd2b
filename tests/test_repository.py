"""The repository as a product: what is locked, what is shipped, and that its files agree with each other."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "src"
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NOT_SOURCES = shutil.ignore_patterns(".git", ".venv*", "demo", "build", "dist", "*cache*", ".hypothesis")


def locked() -> list[tuple[Requirement, list[str]]]:
    """What the lock pins: each requirement with its hashes."""
    lines = LOCK.replace("\\\n", " ").splitlines()
    parts = [line.split("--hash=") for line in lines]
    return [(Requirement(first.strip()), [text.strip() for text in rest]) for first, *rest in parts]


def declared() -> list[Requirement]:
    """What the project asks for, extras and build tools included."""
    extras = PROJECT["optional-dependencies"]
    found = [Requirement(text) for text in [*PROJECT["dependencies"], *extras["notebooks"], *extras["dev"]]]
    return [requirement for requirement in found if requirement.name != PROJECT["name"]]


def build(source: Path, folder: Path, *kinds: str) -> dict[str, Path]:
    """Build distributions with the locked build tools; by suffix.

    Without kinds the wheel is built from the source distribution, which shows that nothing is missing in it.
    """
    command = [sys.executable, "-m", "build", "--no-isolation", *kinds, "--outdir", str(folder), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return {path.suffix: path for path in folder.iterdir()}


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Source distribution of the checkout, and the wheel made of that."""
    return build(ROOT, tmp_path_factory.mktemp("shipped"))


@pytest.fixture(scope="module")
def shipped_again(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same from a copy: another folder, other file times, the wheel straight from the tree."""
    copy = tmp_path_factory.mktemp("copy") / "elsewhere"
    shutil.copytree(ROOT, copy, ignore=NOT_SOURCES, copy_function=shutil.copy)
    return build(copy, tmp_path_factory.mktemp("again"), "--sdist", "--wheel")


def test_every_locked_distribution_is_pinned_and_has_hashes():
    pins = locked()
    assert len(pins) > 50
    for requirement, hashes in pins:
        assert re.fullmatch(r"==[^*]+", str(requirement.specifier)), requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", text) for text in hashes), requirement


def test_the_lock_names_no_registry():
    assert "://" not in LOCK
    assert not re.search(r"(?m)^\s*(-[a-z]\b|--(?!hash=))", LOCK)


def test_the_lock_has_every_dependency_in_a_version_that_the_project_allows():
    versions: dict[str, list[str]] = {}
    for requirement, _ in locked():
        pin = str(requirement.specifier).removeprefix("==")
        versions.setdefault(canonicalize_name(requirement.name), []).append(pin)
    for wanted in declared():
        found = versions.get(canonicalize_name(wanted.name), [])
        assert found, f"{wanted} is not in requirements.lock: run `make lock`"
        assert all(wanted.specifier.contains(version) for version in found), f"{wanted}, but locked: {found}"


def test_the_wheel_has_every_file_of_the_package(shipped):
    files = {path for path in SOURCES.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    names = {name for name in zipfile.ZipFile(shipped[".whl"]).namelist() if ".dist-info/" not in name}
    assert names == {path.relative_to(SOURCES).as_posix() for path in files}
    assert "retsim/py.typed" in names
    assert any(name.startswith("retsim/scenario/") and name.endswith(".toml") for name in names)


@pytest.mark.parametrize("suffix", [".whl", ".gz"])
def test_distributions_are_the_same_bytes_from_another_copy(shipped, shipped_again, suffix):
    assert shipped[suffix].name == shipped_again[suffix].name
    assert shipped[suffix].read_bytes() == shipped_again[suffix].read_bytes()


def test_the_citation_names_the_version_of_the_project():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"(?m)^version: (.+)$", citation) == [PROJECT["version"]]


def test_ci_calls_the_test_command_of_the_readme():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert script.splitlines()[-1] == "make test"
    assert re.search(r"(?m)^\s*(\$ )?make test\b", readme)


def test_every_compiled_function_stands_where_the_cache_looks():
    """A change in a file that the cache does not look at would run as it was before."""
    from retsim.jit import compiled_sources

    compiled = re.compile(r"^@(kernel|rule|open_rule|step)$", re.MULTILINE)
    standing = {
        path for path in (SOURCES / "retsim").rglob("*.py") if compiled.search(path.read_text(encoding="utf-8"))
    }
    assert len(standing) > 50
    assert standing <= set(compiled_sources())
