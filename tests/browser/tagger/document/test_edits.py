"""The tagger's half of the rules of edits, held to the cases that the journal is held to."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.modules import run
from tests.fixtures import EDITS

pytestmark = pytest.mark.browser

# Plays one case: what it leads to, or why it is refused.
PLAY = """const {text, labels, case: {before, edit, overlaps = false, ...more}} = given;
    const {whole = false, edits = null} = more;
    const rules = m.makeRules(text, labels.map((name) => ({name})), overlaps,
        {marksWhole: whole, edits});
    const start = m.readState({revision: 7, status: "untouched", ...before});
    const told = (state) => {
        const {revision, status, spans, flagged, comment, ...judged} = m.writeState(state);
        const {rejected, confirmed} = judged;
        return {revision, status, spans, rejected, confirmed, flagged, comment};
    };
    let after;
    try {
        after = m.applyOperation(start, edit, "t:1", rules);
    } catch (error) {
        if (!(error instanceof m.Refusal)) throw error;
        return {refused: error.message, before: told(start)};
    }
    const {op, inverse} = after.undo.at(-1);
    const span = start.spans.get(edit.id) ?? after.spans.get(edit.id);
    const about = span && {label: span.label, quote: rules.offsets.slice(span.start, span.end)};
    const words = m.describeOperation(edit, inverse, about);
    const back = m.applyOperation(after, {...inverse, undoes: op}, "t:2", rules);
    return {after: told(after), inverse, words, before: told(start), back: told(back)};"""

REMEMBER = """const {edits} = given;
    const rules = m.makeRules("", [], false);
    let state = m.readState({revision: 0, status: "untouched", spans: []});
    for (const {op, ...names} of edits) {
        state = m.applyOperation(state, {kind: "flag", flagged: true, ...names}, op, rules);
    }
    const names = (stack) => stack.map(({op}) => op);
    return [names(state.undo), names(state.redo)];"""


def filled(state: dict) -> dict:
    """Return a state with what the cases leave out."""
    judged: dict = {"rejected": [], "confirmed": []}
    empty = {"status": "untouched", **judged, "flagged": False, "comment": ""}
    full = {**empty, **state}
    spans = sorted(full["spans"], key=lambda span: span["id"])
    return {**full, "spans": spans, **{held: sorted(full[held]) for held in judged}}


def compared(state: dict) -> dict:
    """Return a state of the browser's, but for its revision and the order of its spans."""
    return filled({key: value for key, value in state.items() if key != "revision"})


@pytest.mark.parametrize("case", EDITS["cases"], ids=lambda case: case["name"])
def test_an_edit_does_in_the_browser_what_it_does_in_the_journal(site: Page, case: dict) -> None:
    given = {"text": case.get("text", EDITS["text"]), "labels": EDITS["labels"], "case": case}
    found = run(site, "document/annotation", PLAY, given)
    assert compared(found["before"]) == filled(case["before"]), "a state is never changed in place"
    if "refused" in case:
        assert found["refused"] == case["refused"]
        return
    assert compared(found["after"]) == filled(case["after"])
    assert found["after"]["revision"] == 8
    assert (found["inverse"], found["words"]) == (case["inverse"], case["words"])
    assert compared(found["back"]) == filled(case["before"]), "what takes it back is exact"


@pytest.mark.parametrize("history", EDITS["histories"], ids=lambda history: history["name"])
def test_the_browser_keeps_the_same_steps_as_the_journal(site: Page, history: dict) -> None:
    assert run(site, "document/annotation", REMEMBER, history) == [history["undo"], history["redo"]]


def test_the_browser_has_the_journal_s_limits(site: Page) -> None:
    body = "return {batch: m.LARGEST_BATCH, comment: m.LONGEST_COMMENT}"
    assert run(site, "document/annotation", body) == EDITS["limits"]
