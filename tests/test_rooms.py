"""The rooms: imports go one way, and heavy libraries stay in theirs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("pages", "engine", "storage")
WORKERS_ONLY = {"torch", "transformers", "safetensors", "accelerate", "peft"}
NEVER_IN_WEB = WORKERS_ONLY | {
    *("sklearn", "seqeval", "cleanlab", "sentence_transformers", "scipy", "optuna", "ray")
}
MAY_TOUCH_STORAGE = ("engine.runner", "engine.commands")
SHARED_VOCABULARY = ("storage.types", "storage.errors", "storage.hashing")


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


def imported(path: Path, *, lazily: bool) -> Iterator[str]:
    """Yield the modules a file imports; with ``lazily`` also those inside functions."""
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


@pytest.mark.parametrize("name", sorted(modules()))
def test_imports_go_from_pages_to_engine_to_storage(name: str) -> None:
    allowed = {
        "app": {"pages", "engine", "storage"},
        "pages": {"pages", "engine", "storage"},
        "engine": {"engine", "storage"},
        "storage": {"storage"},
    }[room(name)]
    reached = {room(i) for i in imported(modules()[name], lazily=True)} & {*ROOMS, "app", "tests"}
    assert reached <= allowed


@pytest.mark.parametrize("name", sorted(modules()))
def test_each_library_stays_in_its_room(name: str) -> None:
    reached = {room(i) for i in imported(modules()[name], lazily=True)}
    if room(name) not in ("app", "pages"):
        assert "streamlit" not in reached
    if room(name) != "storage":
        assert not reached & {"sqlalchemy", "alembic"}


@pytest.mark.parametrize("name", sorted(n for n in modules() if n.startswith("engine")))
def test_in_the_engine_only_the_runner_and_the_commands_touch_the_database(name: str) -> None:
    if name.startswith(MAY_TOUCH_STORAGE):
        return
    touched = {i for i in imported(modules()[name], lazily=True) if i.startswith("storage.")}
    assert all(i.startswith(SHARED_VOCABULARY) for i in touched), touched


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


@pytest.mark.parametrize("start", ["app", *(n for n in sorted(modules()) if room(n) == "pages")])
def test_the_web_process_never_reaches_torch(start: str) -> None:
    assert not {room(name) for name in reachable(start)} & NEVER_IN_WEB


@pytest.mark.parametrize("name", sorted(n for n in modules() if room(n) == "storage"))
def test_the_shared_vocabulary_needs_the_standard_library_only(name: str) -> None:
    if name in SHARED_VOCABULARY:
        reached = {room(i) for i in imported(modules()[name], lazily=True)}
        assert not reached & {"sqlalchemy", "alembic", "pandas", "numpy", "pyarrow"}


def test_no_page_takes_the_name_of_a_standard_module() -> None:
    import sys

    pages = {path.stem for path in (ROOT / "pages").glob("*.py")} - {"__init__"}
    assert not pages & set(sys.stdlib_module_names)
