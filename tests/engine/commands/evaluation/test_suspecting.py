"""``suspects``: checks the labels, prints what is doubtful, and does not check them twice."""

from __future__ import annotations

from pathlib import Path

from engine.commands import main
from engine.commands.evaluation import suspecting
from storage.database.connection import Database
from storage.journal import annotations as journal
from storage.runs import runs
from storage.types import Document, RunKind
from tests.engine.commands.conftest import Command, assert_fails

ROW = {
    *("document", "start", "end", "given", "suggested", "suggested_start", "suggested_end"),
    *("score", "reason"),
}


def test_labels_are_checked_once_and_shown_again(
    run: Command, project: str, base: Path, capsys, tmp_path: Path
) -> None:
    quick = ("--base", base, "--device", "cpu", "--threads", 1, "--rounds", 1)
    asked = ("suspects", "--project", project, *quick)
    found = run(*asked)
    assert found.code == 0, found.payload
    payload = found.payload
    assert (payload["folds"], payload["rounds"], payload["state"]) == (2, 1, "done")
    rows = payload["suspects"]
    assert rows and all(set(row) == ROW for row in rows)
    scores = [row["score"] for row in rows]
    assert scores == sorted(scores, reverse=True)
    given = sum(row["given"] is not None for row in rows)
    db = Database.open()
    (known,) = runs.list_runs(db)
    train = list(journal.current(db, known.project_id))
    assert (known.kind, known.number) == (RunKind.CROSS_VALIDATION, 1)
    assert given == sum(len(d.spans) for d in train if d.split == "train")

    # A confirmed mark is not listed any more, and changes nothing that a model learns from.
    row = next(row for row in rows if row["given"])
    opened = journal.open_annotation(db, row["document"], "ada")
    place = {"start": row["start"], "end": row["end"], "label": row["given"]}
    place["quote"] = opened.document.text[row["start"] : row["end"]]
    edit = {"seq": 1, "base_revision": opened.revision, "kind": "confirm", **place}
    journal.apply_operations(db, known.project_id, row["document"], "ada", "tab", [edit])
    again = run(*asked, "--limit", 5)
    assert "Run 1 checked these very labels" in again.error
    assert again.payload["suspects"] == [each for each in rows if each != row][:5]
    assert main([*map(str, asked)]) == 0
    out = capsys.readouterr().out
    assert out.startswith(payload["message"]) and rows[-1]["reason"] is not None
    db.close()


def test_too_many_folds_are_refused_before_anything_is_queued(
    run: Command, project: str, base: Path
) -> None:
    assert_fails(
        run("suspects", "--project", project, "--base", base, "--folds", 99), "too few for 99 folds"
    )
    assert run("runs").payload == {"runs": []}


def test_a_line_shows_both_texts_of_a_pair() -> None:
    row = {"document": 7, "start": 0, "end": 0, "given": "no", "suggested": None, "score": 0.9}
    first, _ = suspecting._line(
        {**row, "reason": "why"}, Document("Why?", second_text="Because.")
    ).split("\n")
    assert first.endswith("no → –" + " " * 16 + "Why? ⟷ Because.")
