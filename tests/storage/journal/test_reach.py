"""An answer that leaves out the state reads little of the document: edits mean the same then."""

import random

import pytest

from storage.corpus import projects
from storage.journal import reach
from storage.journal.annotations import apply_operations, open_annotation
from storage.types import Span
from tests.storage.conftest import sentence, stored

TEXT = "abcdefghijkl" * 3
LABELS = ("PER", "ORG")


def place(chance: random.Random) -> dict:
    start = chance.randrange(len(TEXT) - 4)
    end = start + chance.randint(1, 4)
    return {"start": start, "end": end, "quote": TEXT[start:end]}


def part(chance: random.Random) -> dict:
    """Return an edit that may or may not be good: few names, many overlaps."""
    name = f"s{chance.randrange(12)}"
    kind = chance.choice(("add", "add", "remove", "relabel", "move", "reject"))
    label = {"label": chance.choice(LABELS)}
    fields: dict[str, dict] = {
        "add": {"span": {"id": name} | place(chance) | label},
        "remove": {"id": name},
        "relabel": {"id": name} | label,
        "move": {"id": name} | place(chance),
        "reject": place(chance) | label,
    }
    return {"kind": kind} | fields[kind]


def edit(chance: random.Random, seq: int, revision: int) -> dict:
    parts = [part(chance) for _ in range(chance.choice((1, 1, 1, 2, 3)))]
    meant = parts[0] if len(parts) == 1 else {"kind": "batch", "operations": parts}
    late = chance.random() < 0.05
    return {"seq": seq, "base_revision": revision - late} | meant


@pytest.mark.parametrize("overlaps", [False, True])
def test_edits_mean_the_same_whether_all_spans_are_read_or_those_they_can_meet(db, overlaps):
    project = projects.create_project(db, "News", allow_overlaps=overlaps)
    projects.add_labels(db, project.id, list(LABELS))
    near, whole = stored(db, project, sentence(TEXT), sentence(TEXT))
    chance, revision, seen = random.Random(7), 0, set()
    for seq in range(1, 70):
        operation = edit(chance, seq, revision)
        lean, full = (
            apply_operations(db, project.id, document, "ada", client, [operation], lean)
            for document, client, lean in ((near, "near", True), (whole, "whole", False))
        )
        (one,), (other,) = lean.results, full.results
        assert (one["status"], one["reason"]) == (other["status"], other["reason"])
        assert (lean.state is None) == (one["status"] == "saved")
        if lean.state:
            assert spans(lean.state) == spans(full.state)
        seen.add(one["status"])
        revision = lean.revision
    states = [open_annotation(db, document, "ada").state for document in (near, whole)]
    assert spans(states[0]) == spans(states[1])
    assert states[0]["rejected"] == states[1]["rejected"]
    assert seen == {"saved", "refused", "conflict"}


def spans(state: dict) -> list:
    return sorted(state["spans"], key=lambda span: (span["start"], span["id"]))


def test_the_work_of_another_is_copied_whole_at_the_first_edit(db, project):
    both = Span(0, 3, "PER"), Span(8, 11, "PER")
    (document,) = stored(db, project, sentence("Ada met Bob.", *both), annotator="ada")
    opened = open_annotation(db, document, "bob")
    operation = {"seq": 1, "base_revision": opened.revision, "kind": "relabel", "label": "ORG"}
    operation["id"] = opened.spans[0].id
    apply_operations(db, project.id, document, "bob", "tab", [operation], True)
    labels = [span.label for span in open_annotation(db, document, "bob").spans]
    assert labels == ["ORG", "PER"]


def test_what_is_badly_said_or_very_much_reaches_anywhere_or_nowhere():
    strange = [{"kind": "add", "span": 3}, {"id": 5, "start": "0", "end": None}, {"start": 2**70}]
    assert reach.of([{"operations": [None, *strange]}]) == reach.Reach(
        frozenset(), frozenset(), frozenset()
    )
    assert reach.of({"id": f"s{n}"} for n in range(reach.MOST + 1)) is None
