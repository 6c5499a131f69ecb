"""The browser's rules for edits are the journal's rules."""

from __future__ import annotations

import json
import random

import pytest
from playwright.sync_api import Page

from storage import journal
from storage.errors import RefusedError
from storage.journal import JournalEntry, Rules, State
from tests.browser.modules import random_text, run

pytestmark = pytest.mark.browser
LABELS = ["PER", "ORG", "LOC"]


def random_operation(chance: random.Random, state: State, text: str, stacks) -> dict:
    undo, redo = stacks
    kind = chance.choice(
        ["add", "add", "add", "remove", "relabel", "move", "status", "undo", "undo", "redo", "redo"]
    )
    if kind == "undo" and undo:
        return {**undo[-1].inverse, "undoes": undo[-1].op}
    if kind == "redo" and redo:
        return {**redo[-1].inverse, "redoes": redo[-1].op}
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
    if kind == "status":
        return {"kind": "status", "status": chance.choice(["done", "skipped", "in progress"])}
    return {"kind": "add", "span": {"id": id, "label": label, **place}}


def play(seed: int) -> dict:
    """Play random edits through the journal's rules and write down where they lead."""
    chance = random.Random(seed)
    text, overlaps = random_text(seed, 40), chance.random() < 0.5
    rules = Rules(text, LABELS, overlaps)
    state, entries, steps = State(), [], []
    for seq in range(1, 30):
        operation = random_operation(chance, state, text, journal.stacks(entries))
        names = {key: operation.get(key) for key in ("undoes", "redoes")}
        try:
            state, inverse = journal.apply(state, operation, rules)
            entries.append(JournalEntry(f"tab:{seq}", **names, inverse=inverse))
            expected = picture(state, entries)
        except RefusedError:
            expected = None
        steps.append([seq, operation, expected])
    return {"text": text, "overlaps": overlaps, "labels": LABELS, "steps": steps}


def picture(state: State, entries: list[JournalEntry]) -> dict:
    undo, redo = journal.stacks(entries)
    spans = [[s.id, s.start, s.end, s.label, str(s.source), s.score] for s in state.spans.values()]
    stacks = [[[each.op, dict(each.inverse)] for each in stack] for stack in (undo, redo)]
    return {
        "revision": state.revision,
        "status": str(state.status),
        "spans": sorted(spans),
        "undo": stacks[0],
        "redo": stacks[1],
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
        const {revision, status, undo, redo} = state;
        const spans = [...state.spans.values()].map(
            (s) => [s.id, s.start, s.end, s.label, s.source, s.score]);
        spans.sort((a, b) => a[0] < b[0] ? -1 : 1);
        const pairs = (stack) => stack.map(({op, inverse}) => [op, inverse]);
        return {revision, status, spans, undo: pairs(undo), redo: pairs(redo)};
    });
})"""


def test_the_browser_and_the_journal_agree_on_every_edit(site: Page) -> None:
    games = [play(seed) for seed in range(80)]
    found = run(site, "model", PLAY, games)
    for game, states in zip(games, found, strict=True):
        for (seq, operation, expected), state in zip(game["steps"], states, strict=True):
            assert state == expected, json.dumps([seq, operation, game["text"]])
    refused = sum(step[2] is None for game in games for step in game["steps"])
    assert 300 < refused < 1600, "the edits must be neither all good nor all bad"
