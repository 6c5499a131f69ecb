"""What was fixed, what was broken, what is still wrong: each mark in its sentence."""

from __future__ import annotations

import streamlit as st

from engine.evaluation.comparison import Change, tally
from engine.inspection.comparing import Common
from pages.widgets import walk
from pages.widgets.common.colors import Shade
from pages.widgets.common.errors import literal
from pages.widgets.compare import labels
from pages.widgets.compare.choice import Pair
from storage.finding.selection import Order, Selection
from storage.outcomes import Compared, Outcome
from storage.types import Project, Span

SHADES: dict[Outcome, Shade] = {
    Outcome.FIXED: "green",
    Outcome.BROKEN: "red",
    Outcome.WRONG: "orange",
}
ABOUT = {
    Outcome.FIXED: "{a} got these wrong, {b} gets them right.",
    Outcome.BROKEN: "{a} got these right, {b} gets them wrong.",
    Outcome.WRONG: "Both get these wrong: look whether the label is right.",
}
NOTHING = {
    Outcome.FIXED: "{b} got nothing right that {a} had wrong.",
    Outcome.BROKEN: "{b} got nothing wrong that {a} had right.",
    Outcome.WRONG: "No mark is wrong in both runs.",
}


def show(project: Project, pair: Pair, found: Common, outcome: Outcome) -> None:
    """List the marks with one outcome, of the label that is chosen."""
    changes = found.comparison.those(outcome)
    names = {"a": literal(pair.a.title), "b": literal(pair.b.title)}
    if not changes:
        st.caption(NOTHING[outcome].format(**names))
        return
    st.caption(ABOUT[outcome].format(**names))
    label = labels.choose(dict(sorted(tally(changes).items())))
    rows = [_row(pair, each) for each in changes if label in (labels.EVERY, each.gold.label)]
    asked = Compared(pair.a.id, pair.b.id, str(found.split), outcome, label)
    queue = Selection(Order.COMPARED, compared=asked).name
    walk.show(project, rows, key="compared", queue=queue, run=pair.b)


def _row(pair: Pair, change: Change) -> walk.Row:
    place = f"{change.document}-{change.gold.start}-{change.gold.end}-{change.gold.label}"
    return walk.Row(
        place,
        change.document,
        change.gold,
        change.b,
        kind=str(change.outcome),
        reason=_reason(pair, change),
        shade=SHADES[change.outcome],
        # What is drawn already says nothing more.
        others=() if change.a in (None, change.gold, change.b) else (_other(pair, change),),
    )


def _other(pair: Pair, change: Change) -> walk.Said:
    return walk.Said(pair.a.title, change.a)


def _reason(pair: Pair, change: Change) -> str:
    """Say what both runs made of a mark: "Run 1 was right; Run 2 said ORG."."""
    a, b = (_said(change.gold, found) for found in (change.a, change.b))
    return f"Both {a}." if a == b else f"{pair.a.title} {a}; {pair.b.title} {b}."


def _said(gold: Span, found: Span | None) -> str:
    if found is None:
        return "saw nothing"
    if found == gold:
        return "was right"
    borders = (found.start, found.end) != (gold.start, gold.end)
    if found.label == gold.label:
        return "had other borders"
    return f"said {found.label}{' with other borders' if borders else ''}"
