"""Two versions of one document: whatever is chosen, the result is exactly that, and sound."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

from tests.browser.modules import run

pytestmark = pytest.mark.browser
TEXT = "Ada 👩‍🚒 met Bob in 東京 one\r\nday שלום."

# Random edits made in the page itself; what the rules refuse is not made.
WORLD = """
    const model = await import("/document/annotation.js");
    const {text, overlaps, whole = false, start, left, right, picks} = given;
    const labels = ["PER", "LOC"].map((name) => ({name}));
    const rules = model.makeRules(text, labels, overlaps, {marksWhole: whole});
    const {length} = rules.offsets;
    const place = ([from, size]) => {
        if (whole) return {start: 0, end: 0, quote: ""};
        const start = from % length; const end = Math.min(start + size, length);
        return {start, end, quote: rules.offsets.slice(start, end)};
    };
    const operation = (state, [kind, pick, from, size, label], name) => {
        const ids = [...state.spans.keys()].sort();
        const id = ids[pick % ids.length] ?? "none";
        const at = place([from, size]);
        return {
            add: {kind, span: {id: name, label, ...at}},
            remove: {kind, id},
            relabel: {kind, id, label},
            move: {kind, id, ...at},
            reject: {kind, label, ...at},
            unreject: {kind, label, ...at},
            confirm: {kind, label, ...at},
            unconfirm: {kind, label, ...at},
            status: {kind, status: ["done", "skipped", "in progress"][pick % 3]},
            flag: {kind, flagged: pick % 2 === 0},
            comment: {kind, comment: ["", "one", "two"][pick % 3]},
        }[kind];
    };
    const edit = (state, choices, who) => choices.reduce((before, choice, at) => {
        try {
            const op = operation(before, choice, `${who}${at}`);
            return model.applyOperation(before, op, `${who}:${at}`, rules);
        } catch (error) {
            if (error instanceof model.Refusal) return before;
            throw error;
        }
    }, state);
    const empty = model.readState({revision: 0, status: "untouched", spans: []});
    const base = edit(empty, start, "base");
    const theirs = edit(base, left, "left"); const mine = edit(base, right, "right");
    const differences = m.compareVersions(base, theirs, mine, rules);
    const play = (choices) => m.planMerge(theirs, differences, choices, rules).reduce(
        (state, op, at) => model.applyOperation(state, op, `merge:${at}`, rules), theirs);
    const content = ({status, spans, rejected, confirmed, flagged, comment}) => ({
        status, flagged, comment, rejected: [...rejected].sort(), confirmed: [...confirmed].sort(),
        spans: [...spans.values()].map((s) => `${s.start}:${s.end}:${s.label}`).sort()});
    const all = (choice) => differences.map(() => choice);
"""
CHOICE = st.tuples(
    st.sampled_from(
        ["add", "add", "add", "remove", "relabel", "move", "reject", "unreject"]
        + ["confirm", "unconfirm", "status", "flag", "comment"]
    ),
    st.integers(0, 9),
    st.integers(0, 30),
    st.integers(1, 6),
    st.sampled_from(["PER", "LOC"]),
)
EDITS = st.lists(CHOICE, max_size=8)
WORLDS = st.fixed_dictionaries(
    {
        "text": st.just(TEXT),
        "overlaps": st.booleans(),
        "whole": st.booleans(),
        "start": EDITS,
        "left": EDITS,
        "right": EDITS,
        "picks": st.lists(st.integers(0, 2), min_size=30, max_size=30),
    }
)
thorough = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@given(world=WORLDS)
@thorough
def test_all_of_one_side_is_that_side_exactly(site: Page, world) -> None:
    body = """return [theirs, mine, play(all("theirs")), play(all("mine"))].map(content)"""
    theirs, mine, kept, taken = run(site, "document/merge", WORLD + body, world)
    assert kept == theirs
    # Starting is no decision: an edited document stays started.
    if mine["status"] == "untouched":
        mine["status"] = taken["status"]
    assert taken == mine


@given(world=WORLDS)
@thorough
def test_every_choice_leads_to_a_sound_document(site: Page, world) -> None:
    body = """
        const choices = differences.map(({results}, at) => {
            const names = Object.keys(results);
            return names[picks[at] % names.length];
        });
        const result = play(choices);
        const spans = [...result.spans.values()];
        const sound = spans.every((span) => spans.every((other) => span.id === other.id
            || (overlaps ? `${span.start}:${span.end}:${span.label}`
                    !== `${other.start}:${other.end}:${other.label}`
                : !whole && (span.end <= other.start || other.end <= span.start))));
        const wanted = differences.flatMap(({ids, results}, at) =>
            ids ? results[choices[at]].map((s) => `${s.id}:${s.start}:${s.end}:${s.label}`) : []);
        const there = new Set(spans.map((s) => `${s.id}:${s.start}:${s.end}:${s.label}`));
        return [sound, wanted.filter((each) => !there.has(each))]"""
    sound, missing = run(site, "document/merge", WORLD + body, world)
    assert sound and missing == []


@given(world=WORLDS)
@thorough
def test_taking_both_loses_nothing_that_only_one_side_did(site: Page, world) -> None:
    body = """
        const result = play(differences.map(({united}) => united));
        const same = (a, b) => a?.start === b?.start && a?.end === b?.end && a?.label === b?.label;
        const ids = new Set([base, theirs, mine].flatMap(({spans}) => [...spans.keys()]));
        const clashing = new Set(differences.flatMap((each) => each.clash ? each.ids ?? [] : []));
        const has = ({spans}, span) => [...spans.values()].some((other) => same(other, span));
        return [...ids].filter((id) => {
            const [b, t, r] = [base, theirs, mine].map(({spans}) => spans.get(id));
            if (clashing.has(id) || same(b, t) === same(b, r)) return false;
            const [side, wanted] = same(b, t) ? [mine, r] : [theirs, t];
            // Removed and made anew under another name is as it was.
            return wanted ? !has(result, wanted) : has(result, b) && !has(side, b);
        })"""
    assert run(site, "document/merge", WORLD + body, world) == []


def compare(site: Page, start, left, right, overlaps: bool = False, whole: bool = False):
    body = """return differences.map(({kind, changes, united, clash, results}) =>
        [kind, changes.theirs.map(({what}) => what), changes.mine.map(({what}) => what),
            united, clash, Object.keys(results)])"""
    world = {"text": TEXT, "overlaps": overlaps, "start": start, "left": left, "right": right}
    return run(site, "document/merge", WORLD + body, {**world, "whole": whole, "picks": []})


ADA = ("add", 0, 0, 3, "PER")


def test_what_both_did_alike_is_no_difference(site: Page) -> None:
    assert compare(site, [], [ADA], [ADA]) == []
    assert compare(site, [ADA], [("remove", 0, 0, 1, "PER")], [("remove", 0, 0, 1, "PER")]) == []


def test_the_same_words_under_two_labels_clash_where_spans_may_not_overlap(site: Page) -> None:
    other = ("add", 0, 0, 3, "LOC")
    found = compare(site, [], [ADA], [other])
    assert found == [["span", ["added"], ["added"], "theirs", True, ["theirs", "mine"]]]
    both = compare(site, [], [ADA], [other], overlaps=True)
    assert [each[3] for each in both] == ["theirs", "mine"]


def test_one_may_move_what_the_other_relabels(site: Page) -> None:
    moved, named = ("move", 0, 0, 5, "PER"), ("relabel", 0, 0, 1, "LOC")
    (found,) = compare(site, [ADA], [moved], [named])
    assert found[1:] == [["moved"], ["relabelled"], "both", False, ["theirs", "mine", "both"]]


def test_starting_a_document_is_no_decision_but_finishing_it_is(site: Page) -> None:
    done = ("status", 0, 0, 1, "PER")
    found = compare(site, [], [ADA], [ADA, done])
    assert found == [["status", [], ["status"], "mine", False, ["theirs", "mine"]]]


def test_two_comments_can_both_be_kept(site: Page) -> None:
    one, two = ("comment", 1, 0, 1, "PER"), ("comment", 2, 0, 1, "PER")
    (found,) = compare(site, [], [one], [two])
    assert found == ["comment", ["comment"], ["comment"], "both", False, ["theirs", "mine", "both"]]


def test_two_answers_about_a_whole_document_clash_unless_it_may_have_both(site: Page) -> None:
    one, other = ("add", 0, 0, 1, "PER"), ("add", 0, 0, 1, "LOC")
    found = compare(site, [], [one], [other], whole=True)
    assert found == [["span", ["added"], ["added"], "theirs", True, ["theirs", "mine"]]]
    both = compare(site, [], [one], [other], overlaps=True, whole=True)
    assert [each[3] for each in both] == ["theirs", "mine"]
    body = """const change = {what: "added", before: null, after: {start: 0, end: 0, label: "PER"}};
        return [m.nameDifference({kind: "span", start: 0, end: 0}), m.describeChanges([change])]"""
    assert run(site, "merging/passages", body) == ["The whole text", "+ labelled PER"]
