"""What a decision about a row is in edits, and what a document tells of it afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.modules import run

pytestmark = pytest.mark.browser
TEXT = "👩‍🚒 Ada met New York City."
START = TEXT.index("Ada")
YORK = TEXT.index("York")
ADA = {"start": START, "end": START + 3, "label": "PER"}
ADA_ORG = {**ADA, "label": "ORG"}
NEW_YORK = {"start": YORK - 4, "end": YORK + 4, "label": "LOC"}
YORK_CITY = {"start": YORK, "end": YORK + 9, "label": "LOC"}
YORK_CITY_ORG = {**YORK_CITY, "label": "ORG"}

# Decides about a row, one decision after the other, and takes the last one back.
PLAY = """
    const {text, row: sent, spans, decisions, comment = "", overlaps = false} = given;
    const {whole = false} = given;
    const model = await import("/document/annotation.js");
    const labels = [{name: "PER"}, {name: "ORG"}, {name: "LOC"}];
    const rules = model.makeRules(text, labels, overlaps, {marksWhole: whole});
    const row = {mended: false, given: null, suggested: null, others: [], ...sent};
    const made = {source: "import", score: null};
    const marks = spans.map((span, index) => ({id: `s${index}`, ...made, ...span}));
    const start = model.readState({revision: 1, status: "done", spans: marks, comment});
    const before = m.marksOf(row, start.spans, rules).map(m.keyOf);
    const content = (state) => JSON.stringify({...model.writeState(state), revision: 0,
        spans: [...state.spans.values()].map((s) => [s.start, s.end, s.label, s.id, s.source])
            .sort((a, b) => a[0] - b[0] || (a[3] < b[3] ? -1 : 1))});
    let [state, last] = [start, start];
    const steps = [];
    for (const name of decisions) {
        try {
            const operations = m.DECISIONS[name](row, state, rules);
            const step = {kind: "batch", operations};
            const next = model.applyOperation(state, step, `t:${steps.length}`, rules);
            [last, state] = [state, next];
            steps.push(operations.map(({kind}) => kind));
        } catch (error) {
            if (!(error instanceof model.Refusal)) throw error;
            steps.push(error.message);
        }
    }
    const back = model.applyOperation(state, {...model.undoing(state), undoes: "x"}, "t:u", rules);
    const {comment: said, flagged} = state;
    return {
        outcome: m.outcomeOf(row, state, rules, before),
        first: m.outcomeOf(row, start, rules, before),
        spans: [...state.spans.values()].sort((a, b) => a.start - b.start)
            .map(({start, end, label}) => ({start, end, label})),
        confirmed: state.confirmed.size, rejected: state.rejected.size,
        comment: said, flagged, steps, exact: content(back) === content(last),
    };
"""


def play(site: Page, *decisions: str, given=None, suggested=None, spans=None, **more: Any) -> dict:
    marks = [given] if spans is None and given else (spans or [])
    row = {"given": given, "suggested": suggested}
    asked = {"text": TEXT, "row": row, "spans": marks, "decisions": decisions, **more}
    found = run(site, "rows/decisions", PLAY, asked)
    assert found["first"] == "", "nobody has decided yet"
    assert found["exact"], "one undo takes it back, exactly"
    return found


@pytest.mark.parametrize(
    ("given", "suggested", "left"),
    [
        (ADA, ADA_ORG, [ADA_ORG]),
        (NEW_YORK, YORK_CITY, [YORK_CITY]),
        (NEW_YORK, YORK_CITY_ORG, [YORK_CITY_ORG]),
        (ADA, None, []),
        (None, ADA, [ADA]),
    ],
    ids=["another label", "other borders", "both", "nothing there", "one more"],
)
def test_accepting_makes_of_the_place_what_was_predicted(
    site: Page, given: dict, suggested: dict, left: list
) -> None:
    found = play(site, "accept", given=given, suggested=suggested)
    assert (found["outcome"], found["spans"]) == ("accepted", left)
    again = play(site, "accept", "accept", given=given, suggested=suggested)
    assert again["steps"][1] in ("It stands as predicted already.", ["confirm"])


def test_what_is_accepted_stands_in_the_place_of_all_that_it_meets(site: Page) -> None:
    city = {"start": YORK + 5, "end": YORK + 9, "label": "PER"}
    found = play(site, "accept", given=NEW_YORK, suggested=YORK_CITY, spans=[ADA, NEW_YORK, city])
    assert found["spans"] == [ADA, YORK_CITY]
    row = {"given": NEW_YORK, "suggested": YORK_CITY}
    beside = play(site, "accept", **row, spans=[NEW_YORK, city], overlaps=True)
    assert beside["spans"] == [YORK_CITY, city], "where spans may overlap, others stay"


def test_keeping_confirms_the_mark_and_turns_the_prediction_down(site: Page) -> None:
    found = play(site, "keep", given=ADA, suggested=ADA_ORG)
    assert (found["outcome"], found["spans"]) == ("kept", [ADA])
    assert found["steps"] == [["confirm", "reject"]]
    assert play(site, "keep", "keep", given=ADA)["steps"] == [["confirm"], "It is kept already."]
    nothing = play(site, "keep", suggested=ADA)
    assert (nothing["outcome"], nothing["steps"]) == ("kept", [["reject"]])


def test_a_mark_that_the_model_gives_too_can_be_confirmed_either_way(site: Page) -> None:
    for decision in ("accept", "keep"):
        found = play(site, decision, given=ADA, suggested=ADA)
        assert (found["outcome"], found["steps"]) == ("kept", [["confirm"]])


def test_of_two_that_are_wrong_neither_stays(site: Page) -> None:
    found = play(site, "keep", "neither", given=ADA, suggested=ADA_ORG)
    assert (found["outcome"], found["spans"]) == ("both wrong", [])
    assert (found["confirmed"], found["rejected"]) == (0, 1)


def test_what_was_kept_can_be_accepted_and_the_other_way_round(site: Page) -> None:
    found = play(site, "keep", "accept", given=ADA, suggested=ADA_ORG)
    assert (found["outcome"], found["confirmed"], found["rejected"]) == ("accepted", 0, 0)
    assert play(site, "accept", "keep", given=ADA, suggested=ADA_ORG)["outcome"] == "accepted"


@pytest.mark.parametrize(
    ("given", "suggested", "question"),
    [
        (ADA, ADA_ORG, "“Ada”: PER or ORG?"),
        (NEW_YORK, YORK_CITY, "“New York” or “York City”: LOC?"),
        (NEW_YORK, YORK_CITY_ORG, "“New York” LOC or “York City” ORG?"),
        (ADA, None, "“Ada”: PER or nothing?"),
        (None, ADA, "“Ada”: PER or nothing?"),
        (ADA, ADA, "“Ada”: PER?"),
    ],
)
def test_what_is_unclear_is_asked_below_what_people_wrote(
    site: Page, given: dict, suggested: dict, question: str
) -> None:
    found = play(site, "ask", given=given, suggested=suggested, comment="Look again.")
    assert (found["outcome"], found["flagged"]) == ("unclear", True)
    assert found["comment"] == f"Look again.\n{question}"
    twice = play(site, "ask", "ask", given=given, suggested=suggested)
    assert (twice["comment"], twice["steps"][1]) == (question, "This question is noted already.")
    kept = play(site, "keep", "ask", given=given, suggested=suggested)
    assert (kept["outcome"], kept["confirmed"], kept["rejected"]) == ("unclear", 0, 0)


def test_a_comment_that_would_be_too_long_is_left_as_it_is(site: Page) -> None:
    found = play(site, "keep", "ask", given=ADA, suggested=ADA_ORG, comment="x" * 1990)
    assert (found["comment"], found["outcome"]) == ("x" * 1990, "kept")
    assert "use at most 2,000" in found["steps"][1]


def test_other_marks_than_the_list_knew_are_mended(site: Page) -> None:
    body = """const model = await import("/document/annotation.js");
        const rules = model.makeRules(given.text, [], false);
        const marks = [{id: "a", source: "person", score: null, ...given.now}];
        const state = model.readState({revision: 1, status: "done", spans: marks});
        const row = {given: given.before, suggested: null, mended: given.mended};
        const known = m.marksOf(row, state.spans, rules).map(m.keyOf);
        return [m.outcomeOf(row, state, rules, known), m.outcomeOf(row, state, rules, [])];"""
    asked = {"text": TEXT, "before": ADA, "now": ADA_ORG}
    # A label may have another name by now; the journal says that nobody edited the mark.
    for mended, told in ((True, ["mended"] * 2), (None, ["mended"] * 2), (False, ["", "mended"])):
        assert run(site, "rows/decisions", body, {**asked, "mended": mended}) == told


def test_the_words_that_differ_are_marked(site: Page) -> None:
    body = "return given.map(([given, suggested]) => m.differencesOf({given, suggested}))"
    pairs = [[ADA, ADA_ORG], [NEW_YORK, YORK_CITY], [NEW_YORK, YORK_CITY_ORG], [ADA, None]]
    whole = {"start": YORK - 4, "end": YORK + 9}
    ada = {"start": ADA["start"], "end": ADA["end"]}
    found = run(site, "rows/decisions", body, pairs)
    assert found[0] == [ada]
    assert found[1] == [{"start": YORK - 4, "end": YORK}, {"start": YORK + 4, "end": YORK + 9}]
    assert found[2] == [whole]
    assert {"start": found[3][0]["start"], "end": found[3][0]["end"]} == ada


def test_labels_of_whole_documents_are_decided_about_alike(site: Page) -> None:
    per, org, loc = ({"start": 0, "end": 0, "label": label} for label in ("PER", "ORG", "LOC"))
    both = {"given": per, "suggested": org, "whole": True}
    found = play(site, "accept", **both)
    assert (found["outcome"], found["spans"], found["steps"]) == ("accepted", [org], [["relabel"]])
    kept = play(site, "keep", **both)
    assert (kept["outcome"], kept["steps"]) == ("kept", [["confirm", "reject"]])
    assert play(site, "neither", **both)["outcome"] == "both wrong"
    assert play(site, "ask", **both)["comment"] == "This text: PER or ORG?"
    given = play(site, "accept", suggested=org, whole=True)
    assert (given["outcome"], given["spans"]) == ("accepted", [org])
    # Where there may be several, the others are their own matter.
    several = play(site, "accept", **both, spans=[per, loc], overlaps=True)
    assert sorted(each["label"] for each in several["spans"]) == ["LOC", "ORG"]
    missed = play(site, "accept", given=per, spans=[per, loc], overlaps=True, whole=True)
    assert missed["spans"] == [loc]
