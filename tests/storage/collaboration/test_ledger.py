"""The ledger: what is counted for whom and on which day, the time, and who is told of whom."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete

from storage.actions import undo
from storage.coaching import outcomes
from storage.coaching.outcomes import Outcome
from storage.collaboration import about, adjudication, threads
from storage.collaboration.work import edited, kept, ledger
from storage.collaboration.work.kept import Work
from storage.collaboration.work.reviewed import Changed
from storage.engines.schema import DocumentRow, JournalRow
from storage.permissions import Role
from storage.runs import runs
from storage.types import Answer, Span
from tests.storage.actions.test_actions import TEXT, addition, edit, repeat
from tests.storage.collaboration.conftest import acting
from tests.storage.conftest import sentence, stored

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
DAY = date(2026, 11, 25)
_numbers = count(1)


def did(db, project, document: int, name: str, *minutes: float, **columns) -> None:
    """Write edits into the journal, so many minutes after noon."""
    with db.write() as session:
        for minute in minutes:
            moment = NOON + timedelta(minutes=minute)
            operation = {"kind": "add"} | columns.get("operation", {})
            values = {"annotator": name, "kind": "add", "inverse": {}, **columns}
            session.add(
                JournalRow(
                    **values | {"operation": operation},
                    **{"project_id": project.id, "document_id": document, "client": "t"},
                    **{"seq": next(_numbers), "base_revision": 0, "revision": 1},
                    created_at=moment.isoformat(timespec="milliseconds"),
                )
            )


def test_what_lies_between_two_acts_counts_up_to_five_minutes(db, project):
    document = stored(db, project, sentence())[0]
    did(db, project, document, "ada", 0, 1, 1.5, 6, 11, 16.99, 17, 40, 41)
    did(db, project, document, "bob", 3)
    found = ledger.read(db, project.id, UTC)
    # 0–11 without a longer gap; 11–16 is five whole minutes; 40–41.
    assert found.days[("ada", DAY)] == Work(edits=9, minutes=11 + 5 + 1 + 1)
    assert found.days[("bob", DAY)] == Work(edits=1)
    assert found.people == ["ada", "bob"]


def test_days_are_those_of_the_clock_here(db, project):
    document = stored(db, project, sentence())[0]
    did(db, project, document, "ada", 0, 4, 60 * 5.5)
    found = ledger.read(db, project.id, ZoneInfo("Asia/Kolkata"))
    # 17:30 there, and 23:00; a day later it is another one.
    assert list(found.days) == [("ada", DAY)]
    did(db, project, document, "ada", 60 * 6.5)
    later = ledger.read(db, project.id, ZoneInfo("Asia/Kolkata"))
    assert [day for _, day in later.days] == [DAY, DAY + timedelta(days=1)]
    assert list(ledger.read(db, project.id, UTC).days) == [("ada", DAY)]


def test_a_document_is_finished_once_by_each(db, project):
    one, two = stored(db, project, sentence(), sentence("Bob left."))
    done = {"operation": {"status": "done"}}
    did(db, project, one, "ada", 0, 1, 60 * 24, **done)
    did(db, project, two, "ada", 60 * 24, **done)
    did(db, project, one, "bob", 2, **done)
    found = ledger.read(db, project.id, UTC)
    finished = {key: work.finished for key, work in found.days.items()}
    assert finished == {
        ("ada", DAY): 1,
        ("ada", DAY + timedelta(days=1)): 1,
        ("bob", DAY): 1,
    }
    assert found.total("ada").finished == 2


def test_edits_steps_back_and_steps_of_many_documents_are_told_apart(db, project):
    ids = stored(db, project, *(sentence(TEXT) for _ in range(4)))
    edit(db, project, ids[0], addition(4, "ORG"))
    edit(db, project, ids[0], addition(0), seq=2)
    undo.undo(db, project.id, "ada", f"ada{ids[0]}:2")
    made = repeat(db, project, ids)
    undo.undo(db, project.id, "ada", f"action:{made.id}")
    total = ledger.read(db, project.id, UTC).total("ada")
    assert (total.edits, total.actions, total.undone) == (2, 1, 2)


def test_decisions_are_theirs_who_made_them_and_change_the_work_of_others(db, project):
    others = (Answer("bob", (Span(0, 3, "ORG"),)),)
    own = {"annotator": "ada", "others": others}
    document = stored(db, project, sentence("Ada met.", Span(0, 3, "PER"), **own))[0]
    opened = adjudication.open_document(db, project.id, document)
    take = {"id": "d", "start": 0, "end": 3, "label": "PER", "quote": "Ada"}
    decided = {"kind": "add", "span": take, "status": "done", "seq": 1}
    sent = decided | {"base_revision": opened.decision.revision}
    outcome = adjudication.decide(db, project.id, document, "cleo", "c", [sent])
    assert outcome.results[0]["status"] == "saved"
    found = ledger.read(db, project.id, UTC)
    # An import is nobody's work; what was decided about theirs is told all the same.
    assert [name for name, _ in found.days] == ["cleo"]
    assert found.people == ["ada", "bob", "cleo"]
    assert found.changed == {"ada": Changed(1, 0, 0), "bob": Changed(1, 1, 2)}
    assert (found.total("cleo").decided, found.total("cleo").finished) == (1, 0)


def test_talk_counts_and_suggestions_are_theirs_who_finished_the_document(db, project):
    document = stored(db, project, sentence())[0]
    run = runs.create_run(db, project.id, {})
    did(db, project, document, "ada", 0, operation={"status": "done"})
    outcomes.put(db, [Outcome(document, run.id, None, ((0.9, True), (0.4, False), (0.3, False)))])
    did(db, project, document, "bob", 1)
    with acting("bob"):
        threads.ask(db, project.id, about.on_document(document), "Well?")
    found = ledger.read(db, project.id, UTC)
    ada, bob = found.total("ada"), found.total("bob")
    assert (ada.kept, ada.dropped, bob.kept, bob.comments) == (1, 2, 0, 1)


def test_one_is_told_of_oneself_and_an_admin_of_everybody(db, project):
    document = stored(db, project, sentence())[0]
    for name in ("ada", "bob"):
        did(db, project, document, name, 0, 2, operation={"status": "done"})
        with acting(name):
            threads.ask(db, project.id, about.on_document(document), "Well?")
    for name in ("ada", "bob"):
        for role in (Role.ANNOTATOR, Role.REVIEWER):
            with acting(name, role):
                found = ledger.read(db, project.id, UTC)
                assert found.people == [name] and set(found.changed) <= {name}
                assert found.total(name).minutes == 2 and found.total(name).comments == 1
    with acting("eve"):
        assert ledger.read(db, project.id, UTC).people == []
    with acting("root", Role.ADMIN):
        assert ledger.read(db, project.id, UTC).people == ["ada", "bob"]


def test_what_came_since_is_counted(db, project):
    document = stored(db, project, sentence())[0]
    did(db, project, document, "ada", 0)
    assert ledger.read(db, project.id, UTC).total("ada").edits == 1
    did(db, project, document, "ada", 1)
    assert ledger.read(db, project.id, UTC).total("ada") == Work(edits=2, minutes=1)


def test_what_was_counted_is_kept_over_a_restart(db, project, monkeypatch):
    one, two = stored(db, project, sentence(), sentence("Bob left."))
    done = {"operation": {"status": "done"}}
    monkeypatch.setattr(kept, "_WORTH", 2)
    monkeypatch.setattr(edited, "_AT_ONCE", 2)
    did(db, project, one, "ada", 0, 1, 2, **done)
    shares = []
    assert ledger.read(db, project.id, UTC, shares.append).total("ada").finished == 1
    assert shares == [2 / 3], "who waits for portions is told so"

    edited._read.clear()
    did(db, project, one, "ada", 3, **done)
    did(db, project, two, "ada", 4, **done)
    assert ledger.read(db, project.id, UTC).total("ada") == Work(finished=2, edits=5, minutes=4)
    # Days of another zone are counted anew, and so is what somebody deleted documents of.
    edited._read.clear()
    assert ledger.read(db, project.id, ZoneInfo("Asia/Kolkata")).total("ada").edits == 5
    edited._read.clear()
    with db.write() as session:
        session.execute(delete(DocumentRow).where(DocumentRow.id == one))
    assert ledger.read(db, project.id, UTC).total("ada") == Work(finished=1, edits=1)


def test_who_is_interrupted_goes_on_there(db, project, monkeypatch):
    document = stored(db, project, sentence())[0]
    monkeypatch.setattr(edited, "_AT_ONCE", 1)
    did(db, project, document, "ada", 0, 1, 2)

    def leave(share: float) -> None:
        raise KeyboardInterrupt

    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            ledger.read(db, project.id, UTC, leave)
    assert ledger.read(db, project.id, UTC, leave).total("ada") == Work(edits=3, minutes=2)
