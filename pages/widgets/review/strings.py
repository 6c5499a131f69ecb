"""The view Strings: words that are labelled differently in places, or left unlabelled elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

import pandas as pd
import streamlit as st

from engine.evaluation.inconsistencies import Inconsistency, Place
from engine.inspection import inconsistencies
from pages.widgets import walk
from pages.widgets.common import address, label_changes, tables, words
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from storage.actions import actions
from storage.database import settings
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.finding import occurrences
from storage.types import Project, Span

SHOWN, HEIGHT = 2_000, 560
NOTHING = "unlabelled"
TEXT, NUMBER = st.column_config.TextColumn, st.column_config.NumberColumn
COLUMNS = {
    "words": TEXT("Words", pinned=True, width=110),
    "said": TEXT("Labelled", width=170, help="In how many places, the most frequent first."),
    "odd": NUMBER("Odd", width=44, help="Places that say something else than the most do."),
    "places": NUMBER("Places", width=54, help="Everywhere that the words stand by themselves."),
}


def show(project: Project) -> None:
    """List the words on the left, and the places of the chosen ones on the right."""
    with st.spinner("Looking through all that is done"):
        found = inconsistencies.find(database(), project)
    label_changes.say(project)
    read, done = inconsistencies.read(database(), project)
    if read < done:
        st.caption(f"The newest {read:,} of {done:,} that are done were looked through.")
    if not found:
        st.info(
            words.of(project).fill("Equal {sames} are labelled in the same way everywhere."),
            icon=":material/check_circle:",
        )
        return
    left, right = st.columns([5, 6], gap="medium")
    with left:
        chosen = _choose(project, found)
    with right:
        _places(project, chosen)


def _choose(project: Project, found: Sequence[Inconsistency]) -> Inconsistency:
    """Show the words, what most needs mending first; return those whose row is chosen."""
    odd = sum(one.odd for one in found)
    more = f", the first {SHOWN:,} here" if len(found) > SHOWN else ""
    st.caption(
        f"{count(len(found), words.of(project).same)} labelled differently in places{more}; "
        f"{count(odd, 'place')} to look at. Click in a row to read its places."
    )
    shown = list(found[:SHOWN])
    asked = st.query_params.get("words", "")
    place = next((n for n, one in enumerate(shown) if one.words == asked), 0)
    event = tables.show(
        pd.DataFrame([_row(one) for one in shown], columns=list(COLUMNS)),
        hide_index=True,
        column_config=COLUMNS,
        height=min(HEIGHT, 38 + 35 * len(shown)),
        on_select="rerun",
        selection_mode=["single-row-required", "single-cell"],
        selection_default={"selection": {"rows": [place]}},
        # What is mended goes from the list: with other words in it, it is a new table.
        key=f"strings-{project.id}-{hash(tuple(one.words for one in shown))}-{asked}",
        alt="What is labelled differently in places, with how often each label stands",
    )
    rows = [row for row, _ in event.selection.get("cells", ())] or event.selection.rows
    chosen = shown[rows[0]] if rows and rows[0] < len(shown) else shown[place]
    if chosen.words != asked:
        address.write(words=chosen.words)
        if event.selection.get("cells"):
            # Who clicks into a row means the row: a new table, in which it is the chosen one.
            st.rerun()
    return chosen


def _row(one: Inconsistency) -> dict[str, object]:
    return {"words": one.words, "said": _said(one), "odd": one.odd, "places": len(one.places)}


def _said(one: Inconsistency) -> str:
    return " · ".join(f"{label or NOTHING} {number:,}" for label, number in one.counts)


def _places(project: Project, one: Inconsistency) -> None:
    """Show what would be changed if all places had one label, and do it at once where asked."""
    st.markdown(f"##### “{literal(one.words)}”", anchors=False)
    options = [*one.labels, NOTHING]
    wanted = st.segmented_control(
        "Should be",
        options,
        default=one.usual or NOTHING,
        required=True,
        key=f"string-wanted-{project.id}-{one.words}",
        help="What the words are here. The places below are those that say something else.",
    )
    label = None if wanted == NOTHING else wanted
    others = [place for place in one.places if place.label != label]
    if others:
        _change_all(project, one, label, others)
    rows = [_walked(place, label, one) for place in others]
    walk.show(project, rows, key=f"string-{one.words}-{wanted}")


def _walked(place: Place, label: str | None, one: Inconsistency) -> walk.Row:
    said = next(number for each, number in one.counts if each == place.label)
    suggested = None if label is None else Span(place.start, place.end, label)
    own = f"{place.label or NOTHING} in {said:,} of {len(one.places):,} places"
    return walk.Row(
        f"{place.document}-{place.start}-{place.end}", place.document, place.given, suggested,
        reason=own,
    )  # fmt: skip


def _change_all(
    project: Project, one: Inconsistency, label: str | None, others: Sequence[Place]
) -> None:
    title = f"Label all {len(others):,} as {label}" if label else f"Unlabel all {len(others):,}"
    if len(others) == 1:
        title = f"Label it as {label}" if label else "Unlabel it"
    if not st.button(
        literal(title),
        icon=":material/done_all:",
        key=f"string-all-{project.id}",
        help="Changes every place below in one step, which can be taken back.",
    ):
        return
    try:
        action = _apply(project, one, label, others)
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    label_changes.remember(action)
    st.rerun()


def _apply(
    project: Project, one: Inconsistency, label: str | None, others: Sequence[Place]
) -> actions.Action:
    texts = occurrences.texts(database(), project.id, {place.document for place in others})
    changes: dict[int, list[dict]] = {}
    for place in others:
        if place.document in texts:
            changes.setdefault(place.document, []).append(
                _operation(place, label, texts[place.document])
            )
    return actions.apply(
        database(),
        project.id,
        settings.annotator(database()),
        "repeat",
        f"{label or NOTHING} on {len(others):,} × “{one.words}”",
        changes,
    )


def _operation(place: Place, label: str | None, text: str) -> dict:
    """Return the edit that gives a place a label, or takes its own away."""
    if place.given and label:
        return {"kind": "relabel", "id": place.given.id, "label": label}
    if place.given:
        return {"kind": "remove", "id": place.given.id}
    span = {"start": place.start, "end": place.end, "label": label}
    quote = text[place.start : place.end]
    return {"kind": "add", "span": {"id": uuid4().hex, "quote": quote, **span}}
