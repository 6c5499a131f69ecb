"""The sentences of the part that is open: what two people said of the same place, row by row."""

from __future__ import annotations

import hashlib

import streamlit as st

from engine.evaluation.confusion import kind_of
from pages.widgets import walk
from pages.widgets.agreement.chosen import Shown
from pages.widgets.common import words
from pages.widgets.common.colors import Shade
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from storage.branches import spoken, within
from storage.cells import ANY, MISSED, SPURIOUS, Cell, Only
from storage.types import ErrorKind, Match, Span

SHADES: dict[ErrorKind, Shade] = {
    ErrorKind.EXACT: "green",
    ErrorKind.BOUNDARY: "orange",
    ErrorKind.TYPE: "red",
    ErrorKind.TYPE_AND_BOUNDARY: "red",
    ErrorKind.MISSED: "orange",
    ErrorKind.SPURIOUS: "violet",
}


def show(shown: Shown) -> None:
    """List the rows of the part: as many as its number says."""
    part = shown.part
    number = shown.confusion.count(*part.place)
    found = [match for match in shown.matches if is_in(match, part)]
    first, second = map(literal, shown.names)
    st.subheader(f"{literal(title(part))}: {count(number, words.of(shown.project).unit)}")
    none = "" if number else " Nothing here: this did not happen."
    st.caption(f"{first} and {second}. {literal(_explain(shown, part))}{none}")
    rows = [_row(shown, place, match) for place, match in enumerate(found)]
    walk.show(shown.project, rows, key=f"agreement-{_list(shown)}", elsewhere=_where(shown))


def _where(shown: Shown) -> walk.Elsewhere:
    """Return where a document is decided: what people differ in, on Adjudicate."""
    if max(shown.pair.a, shown.pair.b) >= shown.found.people:
        return walk.Elsewhere("tag.py", "Tag", shown.names)
    return walk.Elsewhere("together/adjudicate.py", "Adjudicate", shown.names)


def _list(shown: Shown) -> str:
    """Return what tells this list from all others of the page."""
    told = repr((shown.names, shown.part.place, shown.found.stamp))
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:12]


def is_in(match: Match, part: Cell) -> bool:
    """Tell whether a match is one of those that a part of the table counts."""
    gold, predicted, exact = kind_of(match)
    sides = gold or SPURIOUS, predicted or MISSED
    if part.only is Only.ERRORS:
        return not exact and (part.gold == ANY or any(within(part.gold, each) for each in sides))
    if part.only is Only.BORDERS:
        return not exact and sides == (part.gold, part.gold)
    asked = part.gold, part.predicted
    return all(one == ANY or within(one, each) for one, each in zip(asked, sides, strict=True))


def title(part: Cell) -> str:
    """Return a few words for a part of two people's table."""
    if part.only is Only.ERRORS:
        return f"Differences about {spoken(part.gold)}" if part.gold else "All differences"
    if part.only is Only.BORDERS:
        return f"{part.gold}, other borders"
    return f"{_said(part.gold, SPURIOUS)} → {_said(part.predicted, MISSED)}"


def _explain(shown: Shown, part: Cell) -> str:
    first, second = shown.names
    if part.only is Only.ERRORS:
        return f"What the two do not say alike{f' of {spoken(part.gold)}' if part.gold else ''}."
    if part.only is Only.BORDERS:
        return f"Both said {part.gold}, and it begins or ends elsewhere."
    if part.gold == part.predicted and part.gold not in (ANY, SPURIOUS):
        return f"Both said {spoken(part.gold)}."
    return (
        f"{first} said {_said(part.gold, SPURIOUS)}; {second} said {_said(part.predicted, MISSED)}."
    )


def _said(side: str, nothing: str) -> str:
    if side == ANY:
        return "anything or nothing"
    return "nothing" if side == nothing else spoken(side)


def _row(shown: Shown, place: int, match: Match) -> walk.Row:
    first, second = shown.names
    return walk.Row(
        f"agreement-{match.document}-{place}",
        match.document,
        match.gold,
        match.predicted,
        kind=_kind(match, first, second),
        shade=SHADES[match.kind],
        reason=f"{first}: {_what(match.gold)}; {second}: {_what(match.predicted)}.",
    )


def _kind(match: Match, first: str, second: str) -> str:
    match match.kind:
        case ErrorKind.EXACT:
            return "the same"
        case ErrorKind.BOUNDARY:
            return "other borders"
        case ErrorKind.MISSED:
            return f"only {first}"
        case ErrorKind.SPURIOUS:
            return f"only {second}"
    return "another label"


def _what(span: Span | None) -> str:
    return span.label if span else "nothing"
