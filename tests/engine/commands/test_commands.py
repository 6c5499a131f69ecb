"""The command line: one JSON object on stdout, one sentence on stderr, 0 only on success."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.exports.formats import FORMATS
from engine.inference.flat.encoder import has_int8
from storage import home
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.finding import progress
from storage.runs import runs
from storage.types import Split
from tests.conftest import SHARED_DATA
from tests.engine.commands.conftest import Command, assert_fails


def test_import_reports_what_came_in(run: Command, sentences: Path) -> None:
    answer = run("import", sentences, "--project", "p")
    assert answer.code == 0
    assert answer.payload == {
        "project": "p",
        "documents": 2,
        "tokens": 4,
        "spans": 2,
        "labels": {"LOC": 1, "PER": 1},
        "scheme": "IOB2",
        "duplicates": 0,
        "files": [
            {
                "name": "train.conll",
                "format": "conll",
                "split": "train",
                "documents": 2,
                "columns": {"1": "words", "2": "tags"},
            }
        ],
        "problems": [],
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "--project", "none"),
        ("export", "--project", "none", "out.conll"),
        ("report", "99"),
        ("report", "99", "--format", "word"),
        ("report", "99", "--format", "csv", "--level", "token"),
        ("report", "99", "--out", "report.html"),
        ("compare", "98", "99"),
        ("predict", "99", "in.txt", "out.conll"),
        ("train",),
        ("nonsense",),
        ("report", "one"),
    ],
)
def test_what_is_not_there_fails_in_one_sentence(run: Command, arguments: tuple[str, ...]) -> None:
    assert_fails(run(*arguments))


def test_train_says_what_the_project_lacks(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Ada sleeps.\n")
    run("import", path, "--project", "p")
    assert_fails(run("train", "--project", "p"), "no labels")


def test_a_base_model_without_safetensors_is_refused(
    run: Command, sentences: Path, tmp_path: Path
) -> None:
    run("import", sentences, "--project", "p")
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "bert"}')
    assert_fails(run("train", "--project", "p", "--base", folder), "safetensors")


def test_a_project_without_dev_gets_a_tenth_of_train_and_it_is_recorded(
    run: Command, tmp_path: Path
) -> None:
    path = tmp_path / "all.conll"
    path.write_text("".join(f"w{i} O\n\n" for i in range(50)))
    run("import", path, "--project", "p")
    db = Database.open()
    found = projects.find_project(db, "p")
    counts = progress.of(db, found.id).by_split
    assert (counts[Split.TRAIN], counts[Split.DEV]) == (45, 5)


def test_the_loop_on_the_command_line(
    run: Command, project: str, base: Path, files: dict[str, Path], tmp_path: Path
) -> None:
    options = ("--base", base, "--epochs", 2, "--lr", 0.003, "--batch", 8, "--device", "cpu")
    trained = run("train", "--project", project, *options, "--limit", 20)
    assert trained.code == 0, trained.error
    found = trained.payload
    assert (found["run"], found["state"], found["epochs"]) == (1, "done", 2)
    assert found["folder"] == str(home.run_folder(runs.get_run(Database.open(), 1).folder))
    assert found["train_documents"] == 20
    assert {"precision", "recall", "f1", "support"} <= set(found["test"]["entity"]["micro"])
    size = len(found["test"]["confusion"]["labels"]) + 1
    assert [len(row) for row in found["test"]["confusion"]["counts"]] == [size] * size

    look, *listed = run("runs").payload["runs"]
    assert (look["model_of"], look["state"]) == (1, "queued")
    assert [(r["run"], r["state"], r["folder"]) for r in listed] == [(1, "done", found["folder"])]
    assert (listed[0]["project"], listed[0]["attempt"], listed[0]["recipe"]) == (1, 1, "")
    assert listed[0]["created_at"] <= listed[0]["started_at"] <= listed[0]["finished_at"]
    reported = run("report", 1, "--split", "test", "--level", "token").payload
    assert reported["token"] == found["test"]["token"]
    check_formats(run, tmp_path, found)

    assert_fails(run("compare", 1, 1), "choose two runs")

    # Through Parquet: as it is written, it can be read and labelled again.
    rows, predicted = tmp_path / "predicted.parquet", tmp_path / "predicted.conll"
    assert run("predict", 1, files["test"], rows).payload["documents"] == 24
    assert run("predict", 1, rows, predicted).payload["documents"] == 24
    scored = run("score", files["test"], predicted).payload
    assert scored["entity"] == found["test"]["entity"]
    assert scored["confusion"]["counts"] == found["test"]["confusion"]["counts"]
    assert "seqeval" not in scored
    again = run("predict", 1, files["test"], predicted, "--precision", "int8")
    assert ("F1 on the run's 24 dev documents" if has_int8() else "with VNNI") in again.error
    checked = run("score", files["test"], predicted, "--check").payload
    assert checked["seqeval"] == found["test"]["seqeval"]
    assert {name: checked[name] for name in scored} == scored


@pytest.mark.skipif(not SHARED_DATA.exists(), reason="the shared corpora are not here")
@pytest.mark.parametrize(
    ("name", "documents_", "spans"),
    [
        pytest.param("wnut17/wnut17train.conll", 3394, 1975, marks=pytest.mark.long),
        ("wikigold/wikigold.conll.txt", 1696, 3558),
    ],
)
def test_real_corpora_come_back_byte_for_byte_through_the_database(
    run: Command, tmp_path: Path, name: str, documents_: int, spans: int
) -> None:
    answer = run("import", SHARED_DATA / name, "--project", "p").payload
    assert (answer["documents"], answer["spans"]) == (documents_, spans)
    db = Database.open()
    assert documents.count_documents(db, projects.find_project(db, "p").id) == documents_
    run("export", "--project", "p", tmp_path / "out.conll", "--format", "conll")
    assert (tmp_path / "out.conll").read_bytes() == (SHARED_DATA / name).read_bytes()


def check_formats(run: Command, folder: Path, trained: dict) -> None:
    """A report leaves in every format, printed or in a file, both splits or one."""
    for form, known in FORMATS.items():
        path = folder / f"report.{form}"
        written = run("report", 1, "--format", form, "--out", path).payload
        assert (written["format"], written["splits"]) == (form, ["test", "dev"])
        file = path if form != "tensorboard" else next(path.iterdir())
        assert written["file"] == str(file)
        if known.is_text:
            printed = run("report", 1, "--format", form).payload["text"]
            assert file.read_bytes() == printed.encode()
        else:
            assert file.read_bytes()
            assert_fails(run("report", 1, "--format", form), "is no text", "--out")
    rows = run("report", 1, "--format", "csv", "--split", "dev").payload["text"].splitlines()
    assert {row.split(",")[0] for row in rows[1:]} == {"dev"}
    whole = json.loads((folder / "report.json").read_text())
    assert whole["test"]["confusion"] == trained["test"]["confusion"]
    assert {name: part["documents"] for name, part in whole["counts"].items()} == {
        **{"train": 20, "dev": 24, "test": 24}
    }
