"""A project that is deleted: all that is in it goes, and nothing else."""

from datetime import date

import pytest
from sqlalchemy import inspect, select
from sqlalchemy import text as sql

from storage.actions import actions
from storage.coaching import word_lists
from storage.corpus import dev_split, projects
from storage.engines.clock import now
from storage.engines.schema import (
    AssignmentRow,
    CommentRow,
    DocumentScoreRow,
    ExampleRow,
    GuidelineVersionRow,
    MatchRow,
    MatchSliceRow,
    MentionRow,
    NeighbourRow,
    NotebookEntryRow,
    OwnSliceRow,
    PromotionRow,
    QueueDocumentRow,
    QueueRow,
    StressFailureRow,
    SuggestionOutcomeRow,
    SuggestionRow,
    SuspectRow,
    ThreadRow,
    VisitRow,
)
from storage.errors import RefusedError
from storage.journal import annotations
from storage.monitors import alarms, monitors, texts
from storage.runs import reports, run_events, runs
from storage.serving import kept, keys
from storage.types import ErrorKind, Match, RunKind, RunState, Span, Split
from tests.storage.conftest import sentence, stored


def fill(db, project) -> int:
    """Put a row into every table for a project and return the run's id."""
    others = [sentence(f"Text {n}") for n in range(9)]
    id = stored(db, project, sentence("Ada met Bob.", Span(0, 3, "PER")), *others)[0]
    operation = {"seq": 1, "base_revision": 0, "kind": "status", "status": "done"}
    annotations.apply_operations(db, project.id, id, "ada", f"c{project.id}", [operation])
    dev_split.assign(db, project.id)
    run = runs.create_run(db, project.id, {})
    runs.claim_next(db)
    run_events.ingest(db, run.id, 0, 9, [{"kind": "metric", "epoch": 1, "attempt": 1}])
    match = Match(id, Span(0, 3, "PER"), None, ErrorKind.MISSED)
    reports.store_report(db, run.id, {}, {Split.DEV: [match]})
    _fill_history(db, project, id, run.id)
    _fill_serving(db, project, id, run.id)
    return run.id


def _fill_serving(db, project, document: int, run: int) -> None:
    keys.issue(db, project.id, "shop")
    kept.add(db, project.id, run, [kept.Kept("Ada?", None, (), 0.9, False, now())])
    by = {"created_by": "ada", "created_at": now()}
    with db.write() as session:
        told = {"run_id": run, "stage": "live", "kind": "promote", "digest": "0" * 64}
        session.add(PromotionRow(project_id=project.id, **told, **by))


def _fill_history(db, project, document: int, run: int) -> None:
    reject = {"kind": "reject", "start": 4, "end": 7, "label": "PER", "quote": "met"}
    confirm = {"kind": "confirm", "start": 0, "end": 3, "label": "PER", "quote": "Ada"}
    actions.apply(db, project.id, "ada", "test", "judged", {document: [reject, confirm]})
    with db.write() as session:
        place = {"run_id": run, "document_id": document}
        session.add(VisitRow(**place, split="dev", gold="PER", predicted="", only=""))
        session.add(SuggestionRow(**place, start=0, end=3, label="PER", score=0.5))
        session.add(DocumentScoreRow(**place, entropy=0.1))
        counts = {"entry": 1, "kept": 1, "dropped": 0, "added": 0}
        session.add(SuggestionOutcomeRow(**place, **counts, scores=[[0.5, 1]]))
    word_lists.keep(db, project.id, "names", [("Ada", "PER")])
    _fill_inspection(db, project, document, run)
    _fill_monitor(db, project, run)
    _fill_collaboration(db, project, document)


def _fill_collaboration(db, project, document: int) -> None:
    own, made = {"project_id": project.id}, {"created_at": now(), "created_by": "ada"}
    label = projects.list_labels(db, project.id)[0].id
    with db.write() as session:
        queue = QueueRow(**own, **made, name="again")
        thread = ThreadRow(**own, **made, kind="document", document_id=document)
        session.add_all([queue, thread])
        session.flush()
        place = {"queue_id": queue.id, "document_id": document}
        comment = CommentRow(thread_id=thread.id, author="ada", text="@bob?", created_at=now())
        session.add_all([QueueDocumentRow(**place), comment])
        session.add(AssignmentRow(**own, **place, annotator="bob", given_at=now()))
        session.flush()
        session.add(MentionRow(comment_id=comment.id, folded="bob", name="bob"))
        said = {"text": "Ada", "author": "ada", "created_at": now()}
        session.add(ExampleRow(**own, **said, label_id=label, kind="positive"))
        session.add(
            GuidelineVersionRow(**own, number=1, text="", labels=[], author="", created_at=now())
        )
        opened = {"opened_by": "ada", "opened_at": now()}
        session.add(NotebookEntryRow(**own, **opened, state="open", about={}, done=[]))


def _fill_monitor(db, project, run: int) -> None:
    day = date(2026, 11, 26)
    monitor = monitors.create(db, project.id, "reviews", monitors.Watching("/tmp/a.csv", run)).id
    text = texts.DatedText("k", day, "Ada came.", None, (), ())
    texts.add(*(db, monitor, [text], lambda _: [("", "")]), signature="", next_at=now(), told={})
    found = alarms.StoredAlarm("surge", "PER", "", day, 9, 1.0, 0.001, "Many.")
    alarms.add(db, monitor, [found], [("email", "ada@example.org")])


def _fill_inspection(db, project, document: int, run: int) -> None:
    with db.write() as session:
        match = session.scalar(select(MatchRow.id).where(MatchRow.run_id == run))
        place = {"run_id": run, "document_id": document}
        named = {"name": "long", "search": "", "created_at": "2026-11-26"}
        session.add(MatchSliceRow(match_id=match, name="long"))
        session.add(OwnSliceRow(project_id=project.id, **named))
        session.add(SuspectRow(**place, given_label="PER", score=0.5, reason="odd"))
        session.add(NeighbourRow(**place, rank=1, neighbour_id=document, similarity=0.5))
        texts: dict = {"test": "upper case", "text": "ADA", "expected": [], "found": []}
        session.add(StressFailureRow(**place, **texts))


def rows(db) -> dict[str, int]:
    with db.read() as session:
        tables = inspect(session.connection()).get_table_names()
        return {name: session.scalar(sql(f"SELECT count(*) FROM {name}")) for name in tables}


# What belongs to no project.
OF_ALL = ("alembic_version", "accounts", "machines", "sign_ins")


def test_deleting_a_project_deletes_all_that_is_in_it_and_nothing_else(db, project):
    before = rows(db)
    other = projects.create_project(db, "Other")
    with_other = rows(db)
    run = fill(db, other)
    assert all(count > before[name] for name, count in rows(db).items() if name not in OF_ALL)
    runs.set_state(db, run, RunState.FAILED)
    gone = projects.delete_project(db, other.id)
    assert [(each.id, each.kind) for each in gone] == [
        (run, RunKind.TRAINING),
        (run + 1, RunKind.WORD_LIST),
    ]
    # One setting stays, for all projects: it tells that runs have gone.
    assert rows(db) == before | {"settings": before["settings"] + 1}
    assert with_other["projects"] == before["projects"] + 1


def test_a_project_with_a_training_run_is_not_deleted(db, project):
    run = fill(db, project)
    with pytest.raises(RefusedError, match=f"Run {run} of .* is training: cancel it first"):
        projects.delete_project(db, project.id)
    assert projects.get_project(db, project.id)


def test_numbers_of_deleted_things_are_not_given_again(db, project):
    first = stored(db, project, sentence())[0]
    run = runs.create_run(db, project.id, {}).id
    projects.delete_project(db, project.id)
    again = projects.create_project(db, "News")
    assert again.id > project.id
    assert stored(db, again, sentence())[0] > first
    assert runs.create_run(db, again.id, {}).id > run
