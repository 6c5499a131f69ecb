"""Two tabs on one document over a bad network."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.actions import relabelling
from storage.journal.annotations import apply_operations, open_annotation
from storage.types import Source
from tests.storage.conftest import sentence, stored


class Tab:
    """A browser tab: edits locally, sends what is pending, believes only answers."""

    def __init__(self, name: str, deliver):
        self.name, self.deliver, self.seq = name, deliver, 0
        self.state: dict = {"revision": 0}
        self.pending: list[dict] = []
        self.saved: list[str] = []

    def edit(self, pick: int) -> None:
        """Add a span on a character of its own choice, whatever is there."""
        self.seq += 1
        span = {"id": f"{self.name}{self.seq}", "start": pick, "end": pick + 1, "label": "PER"}
        span["quote"] = "Ada met Bob."[pick]
        base = self.state["revision"] + len(self.pending)
        self.pending.append({"seq": self.seq, "base_revision": base, "kind": "add", "span": span})

    def send(self, lost: bool) -> None:
        """Send all that is pending; with ``lost`` the answer never comes."""
        if not self.pending:
            return
        outcome = self.deliver(self.name, self.pending)
        if lost:
            return
        self.state = outcome.state
        for result in outcome.results:
            if result["status"] != "conflict":
                operation = self.pending.pop(0)
            if result["status"] in ("saved", "duplicate"):
                self.saved.append(operation["span"]["id"])
        # After a conflict or a refusal the rest is made anew, on top of what is there.
        waiting, self.pending = self.pending, []
        for operation in waiting:
            self.edit(operation["span"]["start"])


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["left", "right"]),
        st.sampled_from(["edit", "send", "lose"]),
        st.integers(0, 11),
    ),
    max_size=25,
)


@given(steps=STEPS, repeats=st.booleans())
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_two_tabs_with_lost_answers_end_in_one_state_and_lose_nothing(db, project, steps, repeats):
    relabelling.set_overlaps(db, project.id, True, "ada")
    document = stored(db, project, sentence("Ada met Bob."))[-1]

    def deliver(client: str, operations: list[dict]):
        name = f"{client}{document}"
        if repeats:
            apply_operations(db, project.id, document, "ada", name, operations)
        return apply_operations(db, project.id, document, "ada", name, operations)

    tabs = {"left": Tab("l", deliver), "right": Tab("r", deliver)}
    for side, action, pick in steps:
        tab = tabs[side]
        tab.edit(pick) if action == "edit" else tab.send(lost=action == "lose")
    for _ in range(40):
        for tab in tabs.values():
            tab.send(lost=False)
    final = open_annotation(db, document, "ada")
    assert not any(tab.pending for tab in tabs.values())
    there = {span.id for span in final.spans}
    assert there == {id for tab in tabs.values() for id in tab.saved}, "saved means saved"
    assert len(final.spans) == final.revision, "every edit raised the revision once"
    assert all(span.source == Source.PERSON for span in final.spans)
