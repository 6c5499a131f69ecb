"""The whole history of a project: whatever was done, undoing it all restores the start."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.actions import actions, relabelling, undo
from storage.corpus import projects
from storage.errors import InputError, NotFoundError, RefusedError
from storage.journal import annotations
from storage.types import Span
from tests.storage.conftest import sentence, stored

TEXT = "Ada met Bob."
WORDS = [(0, 3), (4, 7), (8, 11), (0, 7)]


class History:
    """One annotator at work on a project, by random numbers."""

    def __init__(self, db, project):
        self.db, self.project = db, project.id
        given = [
            sentence(TEXT, Span(0, 3, "PER")),
            sentence(TEXT, Span(8, 11, "ORG")),
            sentence(TEXT),
        ]
        self.ids = stored(db, project, *given)[-3:]
        self.seq = 0

    def content(self) -> list:
        """Return what people see: labels, the rule about overlaps, each document's work."""
        project = projects.get_project(self.db, self.project)
        labels = sorted((label.name, label.id) for label in project.labels)
        works = [annotations.open_annotation(self.db, id, "ada").work for id in self.ids]
        seen = [
            (
                work.status,
                sorted((id, span, span.source, span.score) for id, span in work.spans.items()),
                work.rejected,
                work.confirmed,
                work.flagged,
                work.comment,
            )
            for work in works
        ]
        return [labels, project.allow_overlaps, *seen]

    def do(self, kind: str, pick: int, other: int) -> None:
        """Do something, if it can be done."""
        labels = projects.list_labels(self.db, self.project)
        try:
            if kind in ("undo", "redo"):
                self.turn(kind)
            elif not labels:
                return
            elif kind == "edit":
                self.edit(self.ids[pick % 3], pick, labels[other % len(labels)].name, other)
            elif kind == "repeat":
                self.repeat(pick, labels[other % len(labels)].name)
            else:
                self.alter(kind, labels, pick, other)
        except (InputError, NotFoundError, RefusedError):
            pass

    def edit(self, document: int, pick: int, label: str, other: int) -> None:
        work = annotations.open_annotation(self.db, document, "ada").work
        start, end = WORDS[pick % 4]
        place = {"start": start, "end": end, "label": label, "quote": TEXT[start:end]}
        self.seq += 1
        ids = sorted(work.spans) or ["none"]
        operations: list[dict[str, Any]] = [
            {"kind": "add", "span": {**place, "id": f"n{self.seq}"}},
            {"kind": "remove", "id": ids[pick % len(ids)]},
            {"kind": "relabel", "id": ids[pick % len(ids)], "label": label},
            {"kind": "reject", **place},
            {"kind": "confirm", **place},
            {"kind": "flag", "flagged": bool(pick % 2)},
            {"kind": "comment", "comment": f"note {pick}"},
            {"kind": "status", "status": ["done", "skipped"][pick % 2]},
            {
                "kind": "batch",
                "operations": [
                    {"kind": "remove", "id": ids[0]},
                    {"kind": "add", "span": {**place, "id": f"n{self.seq}"}},
                ],
            },
        ]
        sent = operations[other % len(operations)] | {
            "seq": self.seq,
            "base_revision": work.revision,
        }
        client = f"c{self.project}"
        annotations.apply_operations(self.db, self.project, document, "ada", client, [sent])

    def repeat(self, pick: int, label: str) -> None:
        start, end = WORDS[pick % 4]
        self.seq += 1
        span = {"id": f"r{self.seq}", "start": start, "end": end, "label": label}
        addition = {"kind": "add", "span": {**span, "quote": TEXT[start:end]}}
        changes = {id: [addition] for id in self.ids}
        actions.apply(self.db, self.project, "ada", "repeat", "again", changes)

    def alter(self, kind: str, labels: list, pick: int, other: int) -> None:
        one, two = labels[pick % len(labels)].id, labels[other % len(labels)].id
        if kind == "delete":
            relabelling.delete_label(self.db, one, "ada")
        elif kind == "merge":
            relabelling.merge_labels(self.db, one, two, "ada")
        elif kind == "rename":
            relabelling.rename_label(self.db, one, f"L{pick % 3}", "ada")
        elif kind == "split":
            relabelling.split_label(self.db, one, f"L{other % 4}", ["Ada"], "ada")
        elif kind == "overlaps":
            relabelling.set_overlaps(self.db, self.project, bool(pick % 2), "ada")
        elif kind == "take back":
            found = actions.list_actions(self.db, self.project)
            actions.reverse(self.db, found[pick % len(found)].id if found else 0, "ada")

    def turn(self, direction: str) -> bool:
        """Undo or redo the newest step; return False where there is none."""
        state = annotations.open_annotation(self.db, self.ids[0], "ada").state
        here, there = state[direction][-1:], state["elsewhere"][direction]
        steps = [*here, *([there] if there else [])]
        if not steps:
            return False
        newest = max(steps, key=lambda step: step["n"])
        act = undo.undo if direction == "undo" else undo.redo
        act(self.db, self.project, "ada", newest["op"])
        return True


KINDS = ["edit"] * 6 + ["repeat"] * 2 + ["undo"] * 2 + ["redo"]
CHANGES = ["delete", "merge", "rename", "split", "overlaps", "take back"]
STEPS = st.lists(
    st.tuples(st.sampled_from(KINDS + CHANGES), st.integers(0, 99), st.integers(0, 99)),
    max_size=12,
)


@given(steps=STEPS)
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_undoing_everything_restores_the_start_and_redoing_it_the_end(db, steps):
    History.projects = getattr(History, "projects", 0) + 1
    project = projects.create_project(db, f"History {History.projects}")
    projects.add_labels(db, project.id, ["PER", "ORG"])
    history = History(db, project)
    start = history.content()
    for step in steps:
        history.do(*step)
    while history.turn("redo"):
        pass
    end = history.content()
    while history.turn("undo"):
        pass
    assert history.content() == start
    while history.turn("redo"):
        pass
    assert history.content() == end


@given(order=st.permutations(range(4)))
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_steps_are_taken_back_in_the_order_they_were_made_however_they_came(db, project, order):
    # What waits in a browser for the network comes document by document, in any order.
    ids = stored(db, project, *[sentence(f"Text {number}.") for number in range(4)])[-4:]
    client = f"tab{ids[0]}"
    for made in order:
        done = {"seq": made + 1, "base_revision": 0, "kind": "status", "status": "done"}
        annotations.apply_operations(db, project.id, ids[made], "ada", client, [done])
    for made in reversed(range(4)):
        step = undo.undo(db, project.id, "ada", f"{client}:{made + 1}")
        assert step.document == ids[made]
