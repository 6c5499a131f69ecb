"""One file from several modules: everything that is needed, once, and nothing else."""

from __future__ import annotations

import ast

import pytest

from engine import tasks
from engine.packaging import sources
from engine.packaging.bundling.bundle import bundle

WAYS = {
    "pipeline": sources.pipeline,
    "predict": sources.predict,
    "component": lambda task: sources.component(task, "xx_letters"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("task", tasks.known())
def test_a_file_defines_all_names_once_and_imports_nothing_of_ours(way: str, task: str) -> None:
    if not tasks.get(task).portable:
        return
    tree = ast.parse(WAYS[way](tasks.get(task)))
    defined = [n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    assert len(defined) == len(set(defined))
    imported = [n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    assert not {name.split(".")[0] for name in imported} & {"engine", "storage"}
    assert {"Reader", "tokenize", "prepare"} <= set(defined)


def test_what_nothing_needs_stays_out() -> None:
    found = bundle([("engine.encoding.tokens", "join_tokens")], "Told.")
    assert "def _starts_cjk" in found and "def tokenize" not in found
    assert "# Ranges between which" in found, "a comment goes with its constant"
    names: dict = {}
    exec(found, names)
    assert names["join_tokens"](["漢", "字", "a"])[0] == "漢字 a"


def test_two_things_of_one_name_are_an_error() -> None:
    both = "engine.tasks.classification.thresholds", "engine.tasks.classification.balancing"
    with pytest.raises(ValueError, match="in_order is in"):
        bundle([(module, "in_order") for module in both], "Told.")
