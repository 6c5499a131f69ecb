"""``import``: the dry run, what is refused and with which words, columns, duplicates."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from engine.commands import main
from storage.corpus import documents, projects
from storage.database.connection import Database
from tests.engine.commands.conftest import Command, assert_fails

NUMBERED = "1\tAda\tB-PER\tO\n2\tsleeps\tO\tO\n\n1\tOslo\tB-ORG\tB-LOC\n2\twins\tO\tO\n"


@pytest.fixture
def numbered(tmp_path: Path) -> Path:
    path = tmp_path / "numbered.tsv"
    path.write_text(NUMBERED)
    return path


def test_a_dry_run_imports_nothing_and_shows_documents_with_their_spans(
    run: Command, sentences: Path
) -> None:
    answer = run("import", sentences, "--project", "p", "--dry-run")
    assert answer.payload["documents"] == 2
    assert answer.payload["preview"] == [
        {"text": "Ada sleeps", "spans": [[0, 3, "PER"]]},
        {"text": "Oslo .", "spans": [[0, 4, "LOC"]]},
    ]
    assert projects.list_projects(Database.open()) == []


def test_what_a_person_reads(
    sentences: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", str(sentences), "--project", "p", "--dry-run"]) == 0
    assert capsys.readouterr().out == (
        "  [Ada PER] sleeps\n"
        "  [Oslo LOC] .\n"
        "train.conll: conll, train; columns: 1 → words, 2 → tags\n"
        "2 documents, 4 tokens and 2 spans would come into 'p' (LOC 1, PER 1; 0 duplicates).\n"
    )


def test_a_bad_row_refuses_the_import_with_its_line_and_skip_bad_drops_just_it(
    run: Command, tmp_path: Path
) -> None:
    path = tmp_path / "train.conll"
    path.write_bytes(b"Ada B-PER\nlonely\nOslo B-LOC\n")
    refused = run("import", path, "--project", "p")
    assert_fails(refused, "train.conll", "line 2", "leave such rows out with --skip-bad")
    assert projects.list_projects(Database.open()) == []
    answer = run("import", path, "--project", "p", "--skip-bad")
    assert (answer.payload["documents"], answer.payload["tokens"]) == (1, 2)
    assert [problem["line"] for problem in answer.payload["problems"]] == [2]


ROWS = [
    {"text": "Ada", "label": [[0, 3, "PER"]]},
    {"text": "Eve", "label": [[0, 3, "L" * 201]]},
    {"text": "Bob", "label": [[0, 3, "(missed)"]]},
    {"text": "Zoe", "label": [[0, 3, "a\u2028b"]]},
]


def test_the_dry_run_refuses_what_the_import_refuses_line_by_line(
    run: Command, tmp_path: Path
) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    dry = run("import", path, "--project", "p", "--dry-run")
    errors = [p for p in dry.payload["problems"] if p["severity"] == "error"]
    assert [problem["line"] for problem in errors] == [2, 3, 4]
    assert_fails(run("import", path, "--project", "p"), "x.jsonl, line 2", errors[0]["message"])
    assert projects.list_projects(Database.open()) == []
    assert run("import", path, "--project", "p", "--skip-bad").payload["documents"] == 1


def test_a_number_too_large_is_a_sentence_with_its_line(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"text": "Ada", "score": 1e999}\n')
    for option in ("--dry-run", "--format=doccano"):
        answer = run("import", path, "--project", "p", option)
        assert "line 1: The number 1e999 is too large" in answer.error


def test_columns_can_be_chosen(run: Command, numbered: Path) -> None:
    dry = ("import", numbered, "--project", "p", "--dry-run")
    found = run(*dry)
    assert found.payload["labels"] == {"ORG": 1, "PER": 1}
    assert "Choose others with --word-column and --tag-column." in found.error
    assert run(*dry, "--tag-column", 4).payload["labels"] == {"LOC": 1}
    assert run(*dry, "--word-column", 1).payload["preview"][0]["text"] == "1 2"


def test_a_file_of_mostly_the_same_texts_asks_first(run: Command, sentences: Path) -> None:
    run("import", sentences, "--project", "p")
    again = ("import", sentences, "--project", "p")
    assert_fails(run(*again), "2 of 2 texts are the same", "--allow-duplicates")
    assert run(*again, "--allow-duplicates").payload["documents"] == 2
    db = Database.open()
    assert documents.count_documents(db, projects.find_project(db, "p").id) == 4


def test_names_in_another_encoding_are_no_trace(run: Command, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.txt")
    path.write_text("Ada sleeps.\n")
    assert run("import", path, "--project", "p").payload["files"][0]["name"] == "caf\ufffd.txt"
    project = os.fsdecode(b"caf\xe9")
    assert_fails(run("import", path, "--project", project), "invisible character")
    assert_fails(run("export", "--project", project, tmp_path / "x.conll"), "There is no project")
    out = tmp_path / os.fsdecode(b"\xe9.conll")
    assert run("export", "--project", "p", out).code == 0


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.conll", b"", "empty"),
        ("latin.conll", "Zoë B-PER\n北京".encode() + b"\xeb B-PER\n", "UTF-8"),
        ("ragged.conll", b"a x O\nb O\nc x O\nd x O\n", "column"),
        ("outside.conll", b"a B-x,B-y\nb O\n", "B-x,B-y"),
    ],
)
def test_bad_files_are_refused_in_one_sentence(
    run: Command, tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert_fails(run("import", path, "--project", "p"), name, words)


def test_an_empty_folder_and_a_missing_file_are_refused(run: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert_fails(run("import", tmp_path / "empty", "--project", "p"), "no file in it")
    assert_fails(run("import", tmp_path / "none.conll", "--project", "p"), "does not exist")


def test_a_tools_labels_come_in_and_go_out_with_colours_and_keys(
    run: Command, sentences: Path, tmp_path: Path
) -> None:
    run("import", sentences, "--project", "p")
    config, out = tmp_path / "c.xml", tmp_path / "labels.json"
    config.write_text(
        '<View><Labels><Label value="DATE" background="red" hotkey="7"/></Labels></View>'
    )
    answer = run("labels", config, "--project", "p", "--out", out)
    assert answer.payload["added"] == ["DATE"]
    written = {each["text"]: each for each in json.loads(out.read_text())}
    assert (written["DATE"]["suffix_key"], written["DATE"]["background_color"]) == ("7", "#ff0000")
    assert written.keys() == {"DATE", "LOC", "PER"}
    assert_fails(run("labels", "--project", "p", "--out", tmp_path / "x.pdf"), ".xml or .json")
