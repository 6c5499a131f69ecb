"""What two runs were given that is not the same: settings, documents, and people's marks."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace

import pytest

from engine.inspection import comparing, differences
from engine.inspection.differences import What
from engine.runs import files, snapshot
from storage import home
from storage.database.connection import Database
from storage.errors import RunFolderError
from storage.outcomes import Outcome
from storage.types import Span, Split
from tests.engine.inspection.finished import ADA, OSLO, document, finished
from tests.engine.tasks.parity import LABELS, PARITY


def test_only_the_settings_that_differ_are_told(db: Database, project: int) -> None:
    a = finished(db, project, [document(1)], {}, epochs=4)
    b = finished(db, project, [document(1)], {}, labels=("person",), epochs=8, limit=300)
    assert differences.of_settings(a, b) == {
        "epochs": (4, 8),
        "limit": (None, 300),
        "labels": (["person", "place"], ["person"]),
    }
    assert differences.of_settings(a, a) == {}


def test_only_versions_that_both_runs_noted_and_that_differ_are_told(
    db: Database, project: int
) -> None:
    a, b = (finished(db, project, [document(1)], {}) for _ in range(2))
    for run, torch, more in ((a, "2.12.0", {}), (b, "2.13.0", {"threads": 2, "variables": {}})):
        versions = {"torch": torch, "python": "3.11", **more}
        report = {"device": "cpu", "versions": versions}
        files.put(home.run_folder(run.folder) / files.REPORT, json.dumps(report))
    assert differences.of_versions(a, b) == {"torch": ("2.12.0", "2.13.0")}


def test_a_mark_is_added_removed_relabelled_or_moved(db: Database, project: int) -> None:
    organisation, longer = replace(ADA, label="group"), replace(OSLO, start=9)
    known = [(1, [ADA]), (2, []), (3, [ADA, OSLO]), (4, [OSLO]), (5, [OSLO])]
    since = [(1, []), (2, [ADA]), (3, [organisation, OSLO]), (4, [longer]), (5, [OSLO])]
    a, b = (
        finished(db, project, [document(number, *spans) for number, spans in docs], {})
        for docs in (known, since)
    )
    found = differences.of_data(a, b)
    told = {each.id: [(m.what, m.before, m.after) for m in each.marks] for each in found.documents}
    assert told == {
        1: [(What.REMOVED, ADA, None)],
        2: [(What.ADDED, None, ADA)],
        3: [(What.RELABELLED, ADA, organisation)],
        4: [(What.MOVED, OSLO, longer)],
    }
    assert found.labels == {
        "group": {What.RELABELLED: 1},
        "person": {What.REMOVED: 1, What.ADDED: 1, What.RELABELLED: 1},
        "place": {What.MOVED: 1},
    }
    assert found.relabelled == Counter({("person", "group"): 1})


def test_other_tasks_match_marks_in_their_own_way(db: Database, project: int) -> None:
    even, odd = Span(0, 0, "even"), Span(0, 0, "odd")
    sides = ([(even,), (even,), ()], [(odd,), (), (odd,)])
    a, b = (
        finished(
            db, project,
            [document(at, *spans) for at, spans in enumerate(side)],
            {at: [even] for at in range(3)}, LABELS, PARITY.name,
        )
        for side in sides
    )  # fmt: skip
    found = differences.of_data(a, b)
    assert [[mark.what for mark in each.marks] for each in found.documents] == [
        [What.RELABELLED],
        [What.REMOVED],
        [What.ADDED],
    ]
    assert comparing.compare(a, b).comparison.count(Outcome.WRONG) == 2


def test_a_document_is_added_removed_or_moved(db: Database, project: int) -> None:
    gone, stays, moves = document(1), document(2), document(3, ADA, split=Split.TRAIN)
    a = finished(db, project, [gone, stays, moves], {})
    b = finished(db, project, [replace(moves, split=Split.TEST), stays, document(4)], {})
    found = differences.of_data(a, b)
    assert [(each.id, each.what) for each in found.documents] == [
        (1, What.REMOVED),
        (3, What.MOVED),
        (4, What.ADDED),
    ]
    told = differences.payload({}, found)["data"]
    assert (told["added"], told["removed"], told["moved"], told["relabelled"]) == (1, 1, 1, 0)


def test_marks_of_another_text_are_not_held_against_each_other(db: Database, project: int) -> None:
    a = finished(db, project, [document(1, ADA)], {})
    b = finished(db, project, [document(1, OSLO, text="Ada went from Rome.")], {})
    (found,) = differences.of_data(a, b).documents
    assert found.other_text and not found.marks


def test_every_change_is_found_whatever_the_order(db: Database, project: int) -> None:
    draw = random.Random(3)
    spans: list[tuple[Span, ...]] = [(), (ADA,), (OSLO,), (ADA, OSLO)]
    known, since = ([draw.choice(spans) for _ in range(40)] for _ in range(2))
    documents = [[document(at, *each) for at, each in enumerate(side)] for side in (known, since)]
    for side in documents:
        draw.shuffle(side)
    a, b = (finished(db, project, side, {}) for side in documents)
    found = differences.of_data(a, b)
    changed = [at for at, pair in enumerate(zip(known, since, strict=True)) if pair[0] != pair[1]]
    assert [each.id for each in found.documents] == changed
    counts = Counter(mark.what for each in found.documents for mark in each.marks)
    assert counts[What.ADDED] - counts[What.REMOVED] == sum(map(len, since)) - sum(map(len, known))


def test_a_damaged_snapshot_is_a_sentence(db: Database, project: int) -> None:
    a, b = (finished(db, project, [document(1)], {}) for _ in range(2))
    (home.run_folder(b.folder) / snapshot.DATA).write_bytes(b"PAR1 no more")
    with pytest.raises(RunFolderError, match=r"data\.parquet cannot be read"):
        differences.of_data(a, b)
