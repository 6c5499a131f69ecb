"""The rooms: imports go one way, and heavy libraries stay in theirs."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("pages", "engine", "storage")
WORKERS_ONLY = {"torch", "transformers", "safetensors", "accelerate", "peft", "faiss"}
NEVER_IN_WEB = WORKERS_ONLY | {
    *("sklearn", "seqeval", "cleanlab", "sentence_transformers", "scipy", "optuna", "ray")
}
MAY_TOUCH_STORAGE = (
    *("engine.runner", "engine.inspection", "engine.commands", "engine.transfers"),
    *("engine.coach", "engine.knowledge", "engine.serving.promoting", "engine.serving.running"),
    *("engine.corpus.importing", "engine.corpus.import_plan", "engine.corpus.readers"),
)
SHARED_VOCABULARY = (
    "storage.types",
    "storage.facts",
    "storage.cells",
    "storage.outcomes",
    "storage.errors",
    "storage.hashing",
    "storage.atomic",
    "storage.tasks",
    "storage.words",
    "storage.branches",
    "storage.lengths",
)


@cache
def modules() -> dict[str, Path]:
    """Name every module of the project, app.py included."""
    paths = [p for room in ROOMS for p in (ROOT / room).rglob("*.py")] + [ROOT / "app.py"]
    return {name_of(path): path for path in paths}


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imported(path: Path, *, lazily: bool) -> frozenset[str]:
    """Return the modules a file imports; with ``lazily`` also those inside functions."""
    return frozenset(_imported(path, lazily))


def _imported(path: Path, lazily: bool) -> Iterator[str]:
    for node in ast.walk(tree(path)) if lazily else top_level(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: absolute imports only"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def top_level(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
            yield from top_level(child)


def room(name: str) -> str:
    return name.split(".")[0]


def test_imports_go_from_pages_to_engine_to_storage() -> None:
    allowed = {
        "app": {"pages", "engine", "storage"},
        "pages": {"pages", "engine", "storage"},
        "engine": {"engine", "storage"},
        "storage": {"storage"},
    }
    for name, path in modules().items():
        reached = {room(each) for each in imported(path, lazily=True)}
        assert reached & {*ROOMS, "app", "tests"} <= allowed[room(name)], name


def test_each_library_stays_in_its_room() -> None:
    for name, path in modules().items():
        reached = {room(each) for each in imported(path, lazily=True)}
        if room(name) not in ("app", "pages"):
            assert "streamlit" not in reached, name
        if room(name) != "storage":
            assert not reached & {"sqlalchemy", "alembic"}, name


def test_in_the_engine_only_the_runner_and_the_commands_touch_the_database() -> None:
    for name, path in modules().items():
        if room(name) == "engine" and not name.startswith(MAY_TOUCH_STORAGE):
            touched = {each for each in imported(path, lazily=True) if room(each) == "storage"}
            assert all(each.startswith(SHARED_VOCABULARY) for each in touched - {"storage"}), name


def package(name: str) -> str:
    """Return the package that a module is in; an ``__init__`` is in its own."""
    return name if modules()[name].name == "__init__.py" else name.rpartition(".")[0] or name


@cache
def arrows() -> dict[str, set[str]]:
    """Return which packages each package imports from, also inside of functions."""
    found: dict[str, set[str]] = {}
    for name, path in modules().items():
        reached = {package(each) for each in imported_modules(path)}
        found.setdefault(package(name), set()).update(reached - {package(name)})
    return found


def imported_modules(path: Path) -> Iterator[str]:
    """Yield our own modules that a file imports: ``from a import b`` is ``a.b`` where there is."""
    known = modules()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                deep = f"{node.module}.{alias.name}"
                yield from (
                    each for each in [deep if deep in known else node.module] if each in known
                )


def circle(among: dict[str, set[str]]) -> list[str]:
    """Return some packages that import each other in a circle; empty where there is none."""
    left = dict(among)
    while ends := [name for name, reached in left.items() if not reached & left.keys()]:
        for name in ends:
            del left[name]
    return sorted(left)


def test_no_packages_import_each_other_in_a_circle() -> None:
    assert circle(arrows()) == []


def test_a_circle_would_be_seen() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == ["a", "b", "c", "d"]
    assert circle(arrows() | {"storage.engines": {"storage.finding"}})


def test_a_package_says_what_may_live_there_and_stays_small() -> None:
    # Alembic's folder of scripts is none.
    for name in {package(n) for n in modules() if not n.startswith("storage.migrations")} - {"app"}:
        folder = ROOT / name.replace(".", "/")
        assert ast.get_docstring(tree(folder / "__init__.py")), name
        assert len(list(folder.glob("*.py"))) <= 16, "about fifteen modules and the docstring"


def reachable(start: str) -> set[str]:
    """Return everything that importing ``start`` imports, ours and others'."""
    known, seen, queue = modules(), set(), [start]
    while queue:
        name = queue.pop()
        if name in seen:
            continue
        seen.add(name)
        parents = [name.rsplit(".", n)[0] for n in range(1, name.count(".") + 1)]
        queue += [parent for parent in parents if parent in known]
        if name in known:
            queue += imported(known[name], lazily=False)
    return seen


def test_the_web_process_never_reaches_torch() -> None:
    for start in ["app", *(name for name in modules() if room(name) == "pages")]:
        assert not {room(name) for name in reachable(start)} & NEVER_IN_WEB, start


@pytest.mark.parametrize("name", SHARED_VOCABULARY)
def test_the_shared_vocabulary_needs_the_standard_library_only(name: str) -> None:
    # A Python without site-packages; what functions import when they are called is read.
    script = f"import sys; sys.path[:0] = [{str(ROOT)!r}]; import {name}; print(*sys.modules)"
    command = [sys.executable, "-I", "-S", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    ours = {each for each in done.stdout.split() if room(each) in (*ROOMS, "app", "tests")}
    assert name in ours <= {"storage", *SHARED_VOCABULARY}
    for each in imported(modules()[name], lazily=True):
        assert room(each) in sys.stdlib_module_names or each.startswith(SHARED_VOCABULARY), each


def test_no_page_takes_the_name_of_a_standard_module() -> None:
    pages = {path.stem for path in (ROOT / "pages").glob("*.py")} - {"__init__"}
    assert not pages & set(sys.stdlib_module_names)


def test_the_readme_leads_to_places_that_are_there() -> None:
    table = (ROOT / "README.md").read_text(encoding="utf-8").partition("| I want to")[2]
    places = re.findall(r"`((?:pages|engine|storage|tests)/[^`]*)`", table.partition("\n\n")[0])
    assert len(places) > 12
    assert [place for place in places if not (ROOT / place).exists()] == []
