"""``import --onto`` from a shell."""

from __future__ import annotations

import json
from pathlib import Path

from tests.engine.commands.conftest import Command, assert_fails


def test_labels_go_onto_the_texts_that_are_there(run: Command, tmp_path: Path) -> None:
    texts, marks = tmp_path / "texts.txt", tmp_path / "marks.jsonl"
    texts.write_text("in Rome\nat home\n")
    lines = [{"text": "in Rome", "label": [[3, 7, "LOC"]]}, {"text": "elsewhere", "label": []}]
    marks.write_text("\n".join(map(json.dumps, lines)))
    run("import", texts, "--project", "p")
    done = run("import", marks, "--project", "p", "--onto", "text")
    assert done.code == 0
    assert (done.payload["matched"], done.payload["changed"], done.payload["unmatched"]) == (
        1,
        1,
        1,
    )
    (reason,) = done.payload["reasons"]
    assert reason == "marks.jsonl, line 2: No document of the project has this text."
    assert_fails(run("import", marks, "--project", "q", "--onto", "text"), "no such project")
