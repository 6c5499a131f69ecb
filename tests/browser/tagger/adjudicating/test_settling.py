"""What a decision about a place is in edits: exactly the marks that are taken, and all settled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.modules import run

pytestmark = pytest.mark.browser
TEXT = "👩‍🚒 Ada met Bob of Acme."
ADA, BOB, WIDE = TEXT.index("Ada"), TEXT.index("Bob"), len("Bob of Acme")
PER = {"start": BOB, "end": BOB + 3, "label": "PER"}
ORG = {"start": BOB, "end": BOB + WIDE, "label": "ORG"}
SPORT, NEWS = ({"start": 0, "end": 0, "label": name} for name in ("PER", "ORG"))

# Takes one side after the other, then tells what stands and whether the place is settled.
PLAY = """
    const {sides, spans = [], moves, overlaps = false, whole = false} = given;
    const model = await import("/document/annotation.js");
    const labels = [{name: "PER"}, {name: "ORG"}, {name: "LOC"}];
    const rules = model.makeRules(given.text, labels, overlaps, {marksWhole: whole});
    const all = sides.flat();
    const [start, end] = [Math.min(...all.map((s) => s.start)), Math.max(...all.map((s) => s.end))];
    const row = {sides, start, end, several: overlaps};
    const made = {source: "import", score: null};
    const marks = spans.map((span, index) => ({id: `s${index}`, ...made, ...span}));
    let state = model.readState({revision: 1, status: "untouched", spans: marks, comment: ""});
    const said = [];
    const agreed = new Set();
    for (const move of moves) {
        try {
            const wanted = move === "both" ? m.together(row, rules)
                : move === "settle" ? m.standingIn(row, state, agreed) : sides[move] ?? [];
            const operations = m.taking(row, wanted, state, rules, agreed);
            const step = {kind: "batch", operations};
            const author = `t:${said.length}`;
            if (operations.length) state = model.applyOperation(state, step, author, rules);
            said.push(operations.length);
        } catch (error) {
            if (!(error instanceof model.Refusal)) throw error;
            said.push(error.message);
        }
    }
    const told = (one) => `${one.start}-${one.end} ${one.label}`;
    return {said, stands: [...state.spans.values()].map(told).sort(),
        settled: m.isSettled(row, state), who: m.followed(row, state, agreed),
        majority: m.hasMajority(row), rejected: [...state.rejected].length};
"""


def play(page: Page, moves: Sequence[object], *sides: list[dict], **given: Any) -> dict[str, Any]:
    fields = {"text": TEXT, "sides": sides, "moves": moves, **given}
    return run(page, "adjudicating/settling", PLAY, fields)


def told(*marks: dict) -> list[str]:
    return sorted(f"{mark['start']}-{mark['end']} {mark['label']}" for mark in marks)


def test_one_side_after_the_other_leaves_only_the_last(site: Page) -> None:
    start = play(site, [], [PER], [ORG], [])
    assert (start["settled"], start["majority"], start["stands"]) == (False, False, [])
    for moves, stands, who in (
        ([0], [PER], [0]),
        ([0, 1], [ORG], [1]),
        ([0, 1, 0], [PER], [0]),
        ([1, 2], [], [2]),
    ):
        found = play(site, moves, [PER], [ORG], [])
        assert (found["stands"], found["who"]) == (told(*stands), who)
        assert found["settled"] and found["rejected"] == 2 - len(stands)
    assert play(site, [0, 0], [PER], [ORG])["said"][1] == 0, "what is taken already is no edit"


def test_both_stand_only_where_they_may(site: Page) -> None:
    refused = play(site, ["both"], [PER], [ORG])
    assert refused["said"][0].startswith("They cannot both stand") and not refused["settled"]
    found = play(site, ["both"], [PER], [ORG], overlaps=True)
    assert (found["stands"], found["settled"]) == (told(PER, ORG), True)
    whole = play(site, ["both"], [SPORT], [NEWS], whole=True)
    assert whole["said"][0].startswith("They cannot both stand")


def test_a_mark_of_the_reviewers_own_gives_way_and_is_kept_by_settling(site: Page) -> None:
    own = {"start": BOB, "end": BOB + 6, "label": "LOC"}
    beside = {"start": ADA, "end": ADA + 3, "label": "PER"}
    found = play(site, ["settle"], [PER], [ORG], spans=[own, beside])
    assert (found["stands"], found["settled"]) == (told(own, beside), True)
    assert found["who"] == []
    assert play(site, [0], [PER], [ORG], spans=[own, beside])["stands"] == told(PER, beside)
    other = {"start": 0, "end": 0, "label": "LOC"}
    answered = play(site, [1], [SPORT], [NEWS], spans=[other], whole=True)
    assert (answered["stands"], answered["who"]) == (told(NEWS), [1])


def test_a_majority_is_more_than_half_of_one_mind(site: Page) -> None:
    assert play(site, [], [PER], [PER], [ORG])["majority"]
    assert play(site, [], [PER], [], [])["majority"]
    assert not play(site, [], [PER], [ORG])["majority"]
