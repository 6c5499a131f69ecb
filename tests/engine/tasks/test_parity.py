"""A task is one package: one that a test brings, in one file, goes all the way."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import storage.tasks
from engine import tasks
from engine.commands import main
from engine.configuration.settings import Settings
from engine.corpus import exporting, importing
from engine.runner import JobRunner, enqueue, folder_of
from engine.runner.queue import suggest
from engine.runs import snapshot, spec
from storage.actions import undo
from storage.cells import ANY, Cell
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.errors import InputError
from storage.facts import Filter
from storage.journal import annotations as journal
from storage.journal import operations
from storage.runs import reports, runs, suggestions
from storage.types import Document, Project, Run, RunState, Source, Span, Split, Status
from tests.engine.folders import ROOT, wait_for
from tests.engine.tasks.parity import LABELS, PARITY
from tests.test_rooms import arrows

SETTINGS = Settings(epochs=2, threads=1, device="cpu", max_length=32, stride=8, frozen_layers=1)
WORDS = ("went", "to", "yesterday", "In", "met", "nobody", "Nothing", "happened", "fine")
LONGEST = 170
FILES = {"train.jsonl": (24, 1), "dev.jsonl": (8, 2), "test.jsonl": (8, 3)}


def lines(count: int, seed: int) -> bytes:
    """Make a file of texts that say of themselves whether they have an even number of words."""
    choose, rows = random.Random(seed), []
    for _ in range(count):
        words = choose.choices(WORDS, k=choose.randint(2, 5))
        text, label = " ".join(words), LABELS[len(words) % 2]
        rows.append(json.dumps({"text": text, "label": label}))
    return "\n".join(rows).encode()


@pytest.fixture
def db(new_home: Path) -> Iterator[Database]:
    with closing(Database.open()) as database:
        yield database


@pytest.fixture
def project(db: Database) -> Project:
    """A project of texts from files, with one in each split's file, and one that has no mark."""
    made = projects.create_project(db, "parity", PARITY.name)
    files = [(name, lines(*made_of)) for name, made_of in FILES.items()]
    plan = importing.plan([*files, ("more.txt", b"Nobody went")], task=made.task)
    assert not [each for each in plan.problems if "same as" not in each.message]
    assert documents.add_documents(db, made.id, plan.documents_to_add, "ada") == 41
    return projects.get_project(db, made.id)


def edit(db: Database, project: Project, document: int, seq: int, **fields: object) -> dict:
    """Edit a document as the browser does, and return what became of the edit."""
    found = journal.open_annotation(db, document, "ada")
    operation = {"seq": seq, "base_revision": found.revision, **fields}
    outcome = journal.apply_operations(db, project.id, document, "ada", "tab", [operation])
    return dict(outcome.results[0])


def choice(label: str, start: int = 0, end: int = 0) -> dict:
    return {"id": f"m-{label}", "start": start, "end": end, "label": label, "quote": ""}


def test_the_whole_task_stands_in_one_short_file() -> None:
    path = ROOT / "tests" / "engine" / "tasks" / "parity.py"
    listed = path.read_text(encoding="utf-8").splitlines()
    assert len(listed) <= LONGEST
    assert listed[-1].startswith("tasks.register(")
    files = [
        path for room in ("pages", "engine", "storage") for path in (ROOT / room).rglob("*.py")
    ]
    assert not [path for path in files if "parity" in path.read_text(encoding="utf-8").lower()]


def test_a_mark_of_the_whole_document_is_chosen_changed_and_taken_back(
    db: Database, project: Project
) -> None:
    document = documents.newest_id(db, project.id)
    assert edit(db, project, document, 1, kind="add", span=choice("odd"))["status"] == "saved"
    refused = edit(db, project, document, 2, kind="add", span=choice("even"))
    assert refused["reason"].startswith("The document is labelled odd already")
    refused = edit(db, project, document, 3, kind="add", span=choice("even", 0, 6))
    assert refused["reason"].startswith("A label stands for the whole document here")
    edit(db, project, document, 4, kind="relabel", id="m-odd", label="even", status="done")

    (found,) = journal.open_annotation(db, document, "ada").spans
    assert (found, found.whole) == (Span(0, 0, "even"), True)
    assert undo.undo(db, project.id, "ada", "tab:4").title
    state = journal.open_annotation(db, document, "ada")
    assert (state.spans, state.status) == ((Span(0, 0, "odd"),), Status.IN_PROGRESS)
    undo.undo(db, project.id, "ada", "tab:1")
    assert journal.open_annotation(db, document, "ada").spans == ()
    undo.redo(db, project.id, "ada", "tab:1")
    assert journal.open_annotation(db, document, "ada").spans == (Span(0, 0, "odd"),)


def test_a_document_takes_one_whole_mark_and_no_other(db: Database, project: Project) -> None:
    for spans in ((Span(0, 2, "odd"),), (Span(0, 0, "odd"), Span(0, 0, "even"))):
        with pytest.raises(InputError, match="label on a part|has one"):
            documents.add_documents(db, project.id, [Document("a b", spans=spans)], "ada")
    spans_project = projects.create_project(db, "spans")
    with pytest.raises(InputError, match="has a span from 0 to 0"):
        one = Document("a b", spans=(Span(0, 0, "odd"),))
        documents.add_documents(db, spans_project.id, [one], "ada")


def finish(db: Database, run: Run) -> Run:
    """Let a runner start the real worker for a run, and store what it leaves."""
    runner = JobRunner(db, gpus=(), suggests=False)
    wait_for(lambda: runner.step() and runs.get_run(db, run.id).state.final)
    runner.release()
    return runs.get_run(db, run.id)


@pytest.mark.long
def test_it_is_trained_reported_suggested_and_exported(
    db: Database,
    project: Project,
    bert: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "sitecustomize.py").write_text("import tests.engine.tasks.parity\n")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{ROOT}")
    run = finish(db, enqueue(db, project.id, str(bert), SETTINGS))
    assert run.state is RunState.DONE, run.message
    folder, report = folder_of(run), reports.get_report(db, run.id)
    assert (spec.read(folder).task, report["labels"]) == ("parity", ["even", "odd"])
    assert json.loads((folder / "model" / "config.json").read_text())["architectures"] == [
        "BertForSequenceClassification"
    ]
    value = report["test"]["headline"]["value"]
    assert run.message == f"F1 {value:.3f} on test."

    assert main(["report", str(run.id), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["class"]["micro"]["f1"] == value
    assert main(["report", str(run.id)]) == 0
    assert "macro avg" in capsys.readouterr().out

    confusion = report["test"]["confusion"]
    assert sum(map(sum, confusion["counts"])) == 8 == len(snapshot.read_matches(folder)[Split.TEST])
    for row, gold in enumerate(confusion["labels"]):
        for column, predicted in enumerate(confusion["labels"]):
            found = reports.cell(db, Cell(run.id, "test", gold, predicted)).rows
            assert len(found) == confusion["counts"][row][column]
            assert all(each.match.gold == Span(0, 0, gold) for each in found)
    wrong = Cell(run.id, "test", ANY, filter=Filter(error="type"))
    beside = [n for i, row in enumerate(confusion["counts"]) for j, n in enumerate(row) if i != j]
    assert reports.count_cell(db, wrong) == sum(beside)

    assert finish(db, suggest(db, run.id, str(bert))).state is RunState.DONE
    (shown,) = suggestions.of_document(db, documents.newest_id(db, project.id)).spans
    assert shown.whole and shown.source is Source.MODEL and 0.5 <= shown.score <= 1

    done = list(journal.current(db, project.id, statuses=(Status.DONE,)))
    written = exporting.export(done, "doccano", task=project.task).data().decode().splitlines()
    given = b"\n".join(lines(*file) for file in FILES.values()).decode().splitlines()
    assert sorted(map(label_of, written)) == sorted(map(label_of, given))


def label_of(line: str) -> tuple[str, list]:
    row = json.loads(line)
    return row["text"], row["label"] if isinstance(row["label"], list) else [row["label"]]


def test_tasks_are_listed_once_and_an_unknown_one_is_refused() -> None:
    assert tasks.get("parity") is PARITY
    for name in ("spans", "classes", "multilabel", "pairs", "parity"):
        assert set(tasks.get(name).edits) <= operations.KINDS.keys()
        assert storage.tasks.marks_whole(name) is tasks.get(name).marks_whole
        assert set(storage.tasks.edits(name)) == set(tasks.get(name).edits)
    with pytest.raises(ValueError, match="two tasks named 'spans'"):
        tasks.register("spans", "a:b")
    with pytest.raises(InputError, match="Training for haiku is not available; choose spans"):
        tasks.get("haiku")


def test_only_formats_and_what_shows_spans_know_the_package_of_spans() -> None:
    spans = "engine.tasks.spans"
    known = {
        name
        for name, reached in arrows().items()
        if not name.startswith(spans) and any(each.startswith(spans) for each in reached)
    }
    commands = {"engine.commands", "engine.commands.common", "engine.commands.evaluation"}
    shows = {*commands, "engine.runner", "pages.widgets.report", "pages.widgets.train"}
    assert {name for name in known if not name.startswith("engine.formats.")} <= shows
