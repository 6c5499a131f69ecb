"""The browser's rules for edits are the journal's rules."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from playwright.sync_api import Page

from storage.errors import RefusedError
from storage.journal import editing
from storage.journal.stacks import JournalEntry, stacks
from storage.journal.state import Rules, State
from tests.browser.modules import random_text, run

pytestmark = pytest.mark.browser
LABELS = ["PER", "ORG", "LOC"]
SPANS = ["add"] * 6 + ["remove", "remove", "relabel", "move"]
PARTS = [*SPANS, "reject", "unreject", "confirm", "unconfirm", "flag", "comment"]
KINDS = [*PARTS, "batch", "batch", "status"] + ["undo", "redo"] * 4


def random_operation(chance: random.Random, state: State, text: str, stacks) -> dict:
    undo, redo = stacks
    kind = chance.choice(KINDS)
    if kind == "undo" and undo:
        return {**undo[-1].inverse, "undoes": undo[-1].op}
    if kind == "redo" and redo:
        return {**redo[-1].inverse, "redoes": redo[-1].op}
    if kind == "batch":
        kinds = [chance.choice(PARTS) for _ in range(chance.randrange(4))]
        return {
            "kind": "batch",
            "operations": [random_part(chance, text, kind) for kind in kinds],
        }
    return random_part(chance, text, kind)


def random_part(chance: random.Random, text: str, kind: str) -> dict:
    start = chance.randrange(len(text))
    end = min(len(text) + chance.choice([0, 0, 0, 1]), start + chance.randrange(0, 6))
    place = {"start": start, "end": end, "quote": text[start:end]}
    id = chance.choice(["a", "b", "c", "d", "e", "f"])
    label = chance.choice([*LABELS, "NEW"])
    if kind == "remove":
        return {"kind": "remove", "id": id}
    if kind == "relabel":
        return {"kind": "relabel", "id": id, "label": label}
    if kind == "move":
        return {"kind": "move", "id": id, **place}
    if kind in ("reject", "unreject", "confirm", "unconfirm"):
        return {"kind": kind, "label": label, **place}
    if kind == "flag":
        return {"kind": "flag", "flagged": chance.choice([True, False])}
    if kind == "comment":
        comment = chance.choice(["", "Why?", "So.", "Yes", "👩" * 2001, "a\0b"])
        return {"kind": "comment", "comment": comment}
    if kind == "status":
        return {"kind": "status", "status": chance.choice(["done", "skipped", "in progress"])}
    return {"kind": "add", "span": {"id": id, "label": label, **place}}


def play(seed: int) -> dict:
    """Play random edits through the journal's rules and write down where they lead."""
    chance = random.Random(seed)
    text, overlaps = random_text(seed, 40), chance.random() < 0.5
    rules = Rules(text, LABELS, overlaps)
    state, steps = State(), []
    entries: list[Any] = []
    for seq in range(1, 30):
        operation = random_operation(chance, state, text, stacks(entries))
        names = {key: operation.get(key) for key in ("undoes", "redoes")}
        try:
            state, inverse = editing.apply(state, operation, rules)
            entries.append(JournalEntry(f"tab:{seq}", **names, inverse=inverse))
            expected = picture(state, entries)
        except RefusedError:
            expected = None
        steps.append([seq, operation, expected])
    return {"text": text, "overlaps": overlaps, "labels": LABELS, "steps": steps}


def picture(state: State, entries: list[JournalEntry]) -> dict:
    undo, redo = stacks(entries)
    spans = [[s.id, s.start, s.end, s.label, str(s.source), s.score] for s in state.spans.values()]
    pairs = [[[each.op, dict(each.inverse)] for each in stack] for stack in (undo, redo)]
    return {
        "revision": state.revision,
        "status": str(state.status),
        "spans": sorted(spans),
        "rejected": sorted(map(list, state.rejected)),
        "confirmed": sorted(map(list, state.confirmed)),
        "flagged": state.flagged,
        "comment": state.comment,
        "undo": pairs[0],
        "redo": pairs[1],
    }


PLAY = """return given.map(({text, overlaps, labels, steps}) => {
    const rules = m.makeRules(text, labels.map((name) => ({name})), overlaps);
    let state = m.readState({revision: 0, status: "untouched", spans: []});
    return steps.map(([seq, operation]) => {
        try {
            state = m.applyOperation(state, operation, `tab:${seq}`, rules);
        } catch (error) {
            if (error instanceof m.Refusal) return null;
            throw error;
        }
        const {revision, status, flagged, comment, undo, redo} = state;
        const [rejected, confirmed] = ["rejected", "confirmed"].map((held) =>
            m.writeState(state)[held].sort(
                (a, b) => a[0] - b[0] || a[1] - b[1] || (a[2] < b[2] ? -1 : 1)));
        const spans = [...state.spans.values()].map(
            (s) => [s.id, s.start, s.end, s.label, s.source, s.score]);
        spans.sort((a, b) => a[0] < b[0] ? -1 : 1);
        const pairs = (stack) => stack.map(({op, inverse}) => [op, inverse]);
        return {revision, status, spans, rejected, confirmed, flagged, comment,
            undo: pairs(undo), redo: pairs(redo)};
    });
})"""


@pytest.mark.parametrize("seeds", [30, pytest.param(80, marks=pytest.mark.long)])
def test_the_browser_and_the_journal_agree_on_every_edit(site: Page, seeds: int) -> None:
    games = [play(seed) for seed in range(seeds)]
    found = run(site, "document/annotation", PLAY, games)
    for game, states in zip(games, found, strict=True):
        for (seq, operation, expected), state in zip(game["steps"], states, strict=True):
            assert state == expected, json.dumps([seq, operation, game["text"]])
    refused = sum(step[2] is None for game in games for step in game["steps"])
    assert 4 < refused / seeds < 20, "the edits must be neither all good nor all bad"
