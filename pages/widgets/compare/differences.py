"""What the two runs were given that is not the same: settings, documents, people's marks."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from engine.configuration import bases
from engine.inspection import differences
from engine.inspection.differences import DataDifferences, DocumentChange, MarkChange, What
from engine.runner import folder_of
from engine.runs import snapshot
from pages.widgets.common import errors, spans, tables
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from pages.widgets.compare import labels
from pages.widgets.compare.choice import KEPT, Pair
from pages.widgets.train.knobs import KNOBS, write
from storage.errors import WhetstoneError
from storage.types import Document, Project, Span

PAGE = 20
# Of the table of labels; the documents below it are to be seen.
ROWS, ROW_HEIGHT = 7, 35
NUMBER, TEXT = st.column_config.NumberColumn, st.column_config.TextColumn
TITLES = {"base": "Base model", "recipe": "Recipe", "labels": "Labels that are learned"}
MARKS = {
    What.ADDED: NUMBER("Added", format="localized"),
    What.REMOVED: NUMBER("Removed", format="localized"),
    What.RELABELLED: NUMBER(
        "Relabelled", format="localized", help="They had this label before, or have it since."
    ),
    What.MOVED: NUMBER("Other borders", format="localized"),
}


def settings(pair: Pair) -> None:
    """List what the runs were asked differently, in the words of the form."""
    try:
        found, made = differences.of_settings(*pair), differences.of_versions(*pair)
    except WhetstoneError as error:
        errors.show(error)
        return
    if found:
        st.caption("What was asked differently; everything else was the same.")
        _table(
            pair,
            [(_title(name), _value(name, a), _value(name, b)) for name, (a, b) in found.items()],
        )
    else:
        st.caption("Both runs had the same base model, settings and labels.")
    if made:
        st.caption("They were made with other versions, or on another machine:")
        _table(pair, [(name.replace("_", " "), str(a), str(b)) for name, (a, b) in made.items()])


def _table(pair: Pair, rows: Sequence[tuple[str, str, str]]) -> None:
    titles = {"setting": "Setting", "a": pair.a.title, "b": pair.b.title}
    tables.show(
        pd.DataFrame(rows, columns=list(titles)),
        hide_index=True,
        column_config={name: TEXT(title) for name, title in titles.items()},
    )


def _title(name: str) -> str:
    if name in KNOBS:
        return KNOBS[name].title
    return TITLES.get(name, name)


def _value(name: str, value: object) -> str:
    if name == "labels" and isinstance(value, list):
        return ", ".join(value)
    if name == "base":
        return bases.title(str(value))
    if name == "recipe":
        return str(value).capitalize() or "Own settings"
    empty = KNOBS[name].empty if name in KNOBS else None
    return empty if value is None and empty else write(value)


def data(project: Project, pair: Pair) -> None:
    """Say which documents came, went and moved, and list those whose marks changed."""
    try:
        found = _of_data(pair, pair.key)
    except WhetstoneError as error:
        errors.show(error)
        return
    if not found.documents:
        st.caption("Both runs knew the same documents in the same splits, with the same marks.")
        return
    st.markdown(literal(_sentence(pair, found)))
    if found.labels:
        rows = [
            {"label": name, **{str(what): counts[what] for what in What}}
            for name, counts in found.labels.items()
        ]
        config = {str(what): column for what, column in MARKS.items()}
        tables.show(
            rows,
            hide_index=True,
            column_config={"label": TEXT("Label"), **config},
            height=ROW_HEIGHT * (1 + min(len(rows), ROWS)) + 3,
        )
    if found.relabelled:
        went = ", ".join(f"{a} → {b} {n:,}" for (a, b), n in found.relabelled.most_common(8))
        st.caption(f"Relabelled: {literal(went)}")
    known = {name: sum(name in each.labels for each in found.documents) for name in found.labels}
    label = labels.choose(known, len(found.documents)) if known else labels.EVERY
    shown = [each for each in found.documents if label in (labels.EVERY, *each.labels)]
    _list(project, pair, shown)


@st.cache_resource(max_entries=KEPT, show_spinner="Comparing what the two runs were given …")
def _of_data(_pair: Pair, key: tuple[object, ...]) -> DataDifferences:
    return differences.of_data(*_pair)


def _sentence(pair: Pair, found: DataDifferences) -> str:
    added, removed, moved, relabelled = (
        len(found.those(what)) for what in (What.ADDED, What.REMOVED, What.MOVED, What.RELABELLED)
    )
    parts = [
        f"{pair.b.title} knew {count(added, 'document')} more" if added else "",
        f"{count(removed, 'document')} of {pair.a.title} are gone" if removed > 1 else "",
        f"one document of {pair.a.title} is gone" if removed == 1 else "",
        f"{count(moved, 'document')} changed their split" if moved > 1 else "",
        "one document changed its split" if moved == 1 else "",
        f"the marks of {count(relabelled, 'document')} changed" if relabelled else "",
    ]
    said = "; ".join(filter(None, parts))
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def _list(project: Project, pair: Pair, changes: Sequence[DocumentChange]) -> None:
    """List the documents, a page at a time, those with changed marks first."""
    ranked = sorted(changes, key=lambda each: (not each.marks, each.id))
    pages = -(-len(ranked) // PAGE)
    key = f"changed-{pair.a.id}-{pair.b.id}-{len(ranked)}"
    page = st.pagination(pages, key=key) if pages > 1 else 1
    shown = ranked[(page - 1) * PAGE : page * PAGE]
    known = [
        {each.id: each for each in snapshot.pick(folder_of(run), [one.id for one in shown])}
        for run in pair
    ]
    colors = {label.name: label.color for label in project.labels}
    st.html(spans.STYLE)
    for each in shown:
        with st.container(border=True, key=f"changed-{each.id}", gap="xsmall"):
            _document(pair, each, known[0].get(each.id), known[1].get(each.id), colors)


def _document(
    pair: Pair,
    change: DocumentChange,
    a: Document | None,
    b: Document | None,
    colors: dict[str, str],
) -> None:
    left, right = st.columns([5, 2], vertical_alignment="center", gap="xsmall", wrap=False)
    left.caption(f"{literal(change.name)} · {literal(_fate(change))}")
    place = next(
        (side for mark in change.marks for side in (mark.after, mark.before) if side), None
    )
    with right.container(horizontal=True, horizontal_alignment="right"):
        if st.button(
            "Open",
            icon=":material/ink_highlighter:",
            key=f"open-changed-{change.id}",
            help="Opens this document in the tagger.",
        ):
            _open(change.id, place)
    if change.marks:
        lines = [
            (run.title, document.spans, side)
            for run, document, side in (
                (pair.a, a, next((m.before for m in change.marks if m.before), None)),
                (pair.b, b, next((m.after for m in change.marks if m.after), None)),
            )
            if document
        ]
        st.html(spans.draw_rows((b or a).text, lines, colors, (b or a).second_text))
    elif known := b or a:
        st.html(spans.draw_rows(known.text, [("", known.spans, None)], colors, known.second_text))


def _open(document: int, place: Span | None) -> None:
    named = {"start": str(place.start), "end": str(place.end)} if place else {}
    st.switch_page("tag.py", query_params={"document": str(document), **named})


def _fate(change: DocumentChange) -> str:
    """Say what became of a document and of its marks."""
    parts = {
        What.ADDED: f"new in {change.b}",
        What.REMOVED: f"no longer in {change.a}",
        What.MOVED: f"{change.a} → {change.b}",
    }
    said = [parts[change.what]] if change.what else []
    said += ["another text"] if change.other_text else []
    return " · ".join([*said, *map(_words, change.marks[:6])])


def _words(mark: MarkChange) -> str:
    match mark.what:
        case What.ADDED:
            return f"{mark.after.label} added"
        case What.REMOVED:
            return f"{mark.before.label} removed"
        case What.MOVED:
            return f"{mark.after.label} with other borders"
    return f"{mark.before.label} → {mark.after.label}"
