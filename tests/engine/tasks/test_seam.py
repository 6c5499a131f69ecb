"""Who names a task of whole texts: its own packages, the registries, and those with a reason."""

from __future__ import annotations

import ast
from pathlib import Path

from storage.types import Task
from tests.engine.folders import ROOT

NEW = {task.value for task in Task} - {Task.SPANS.value}
OWN = ("engine/tasks/", "storage/migrations/")
# Each with the reason why it may.
KNOWN = {
    "storage/types.py": "the vocabulary",
    "storage/tasks.py": "what the database must know of a task, before anybody else is there",
    "engine/corpus/samples.py": "each sample project is of one task",
    "engine/commands/evaluation/agreeing.py": "its answer lists pairs of people",
    "engine/serving/client.py": "a field of the service's requests; the file is copied alone",
}


def named(path: Path) -> set[str]:
    """Return the tasks that a module names: as a word of the vocabulary, or as its text."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == "Task" and node.attr in Task.__members__:
                found.add(Task[node.attr].value)
        elif isinstance(node, ast.Constant) and node.value in NEW:
            found.add(node.value)
    return found & NEW


def test_no_other_module_names_a_task_of_whole_texts() -> None:
    modules = (
        path for room in ("engine", "pages", "storage") for path in (ROOT / room).rglob("*.py")
    )
    names = {str(path.relative_to(ROOT)): named(path) for path in modules}
    telling = {name for name, found in names.items() if found and not name.startswith(OWN)}
    assert telling <= KNOWN.keys(), sorted(telling - KNOWN.keys())
