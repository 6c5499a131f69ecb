"""What only these files need to be asked: which column holds what, a text's unit, negatives."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engine import formats
from engine.corpus import negatives
from engine.corpus.import_plan import ImportPlan
from engine.formats import Shape
from engine.formats.common import encodings, offsets
from engine.formats.common.columns import Column
from engine.formats.whole import choosing
from storage.actions import onto

UNITS = ("line", "paragraph")
ONTO = {
    "": "New documents",
    onto.TEXT: "Labels, by text",
    onto.ID: "Labels, by name",
}
MEANT = {
    onto.TEXT: "have the same text",
    onto.ID: "have the same name or id, and the same text",
}
NARROW = 165
# What stands beside each other above the files.
IN_ROW = 142
HIDDEN: Any = {"label_visibility": "collapsed"}
# The columns that can be chosen of texts with spans, by the formats that have them.
OF_SPANS = {
    "conll": {"word_column": "Words", "tag_column": "Tags"},
    "csv": {"text_column": "Text", "label_column": "Spans", "split_column": "Split"},
}
OF_WHOLE = {"text_column": "Text", "second_column": "Second text", "label_column": "Label"}
SELDOM = {"split_column": "Split", "group_column": "Group", "date_column": "Date"} | {
    "id_column": "Name"
}
ROLES = {
    **{"word_column": "words", "tag_column": "tags", "text_column": "texts"},
    **{"label_column": "spans", "split_column": "splits"},
}
SEVERAL = "label_columns"
SEPARATOR = "label_separator"
BETWEEN = {",": "comma", ";": "semicolon", "|": "vertical bar", "/": "slash", " ": "blank"}


def known_formats(shape: Shape) -> dict[str, str]:
    """Return the formats to choose among, by name."""
    return {"auto": "Any format", **{each.name: each.title for each in formats.codecs(shape)}}


def given(shape: Shape) -> dict[str, Any]:
    """Return what was chosen so far."""
    names = [name for fields in OF_SPANS.values() for name in fields]
    if shape.whole:
        names = [*OF_WHOLE, *SELDOM]
    found: dict[str, Any] = {name: st.session_state.get(name) for name in names}
    if shape.several:
        found["label_column"] = st.session_state.get(SEVERAL)
        found[SEPARATOR] = st.session_state.get(SEPARATOR)
    found |= {name: st.session_state.get(name) or "" for name in ("encoding", "offsets")}
    return {"by": st.session_state.get("by", "line"), **found}


def ask_where(turn: int) -> str:
    """Ask whether it is new, or labels for documents that are there; return how to find these."""
    return st.selectbox(
        "Bring in",
        list(ONTO),
        format_func=ONTO.__getitem__,
        key=f"onto-{turn}",
        width=IN_ROW + 14,
        label_visibility="collapsed",
    )


def ask_for_encoding() -> None:
    """Let a person choose what the text is read as; what was found is the first choice."""
    st.selectbox(
        "Encoding",
        ["", *encodings.KNOWN],
        format_func=lambda name: encodings.KNOWN.get(name, "Any encoding"),
        key="encoding",
        width=IN_ROW,
        label_visibility="collapsed",
    )


def wanted_negatives(shape: Shape) -> int:
    """Return how many negatives are wanted for each pair."""
    return int(st.session_state.get("negatives", 0)) if shape.second else 0


def ask(plan: ImportPlan) -> None:
    """Ask for what these files leave open."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        if plan.shape.whole:
            _ask_of_whole(plan)
        else:
            _ask_of_spans(plan)
        if any(file.format == "text" for file in plan.files):
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                st.markdown("A document is a", width="content")
                st.radio("A document is a", UNITS, key="by", horizontal=True, **HIDDEN)
        asked = any(problem.option == "offsets" for problem in plan.problems)
        if asked or st.session_state.get("offsets"):
            _ask_for_offsets()


def _ask_for_offsets() -> None:
    """Ask what the offsets of the spans count, where the file leaves it open or a person said."""
    st.selectbox(
        "Offsets count",
        ["", *offsets.Unit],
        format_func=lambda unit: offsets.Unit(unit).noun if unit else "as found",
        key="offsets",
        width=2 * NARROW,
    )


def _ask_of_spans(plan: ImportPlan) -> None:
    for format_name, fields in OF_SPANS.items():
        files = [file for file in plan.files if file.format == format_name]
        columns = {c.name: c for file in files for c in file.columns}
        # Of two columns one is the words and the other the tags.
        if len(columns) > 1 + (format_name == "conll"):
            for name, title in fields.items():
                _ask_for_column(name, title, columns, ROLES[name])


def _ask_of_whole(plan: ImportPlan) -> None:
    columns = {c.name: c for file in plan.files for c in file.columns if c.examples}
    if len(columns) > 1:
        for name, title in OF_WHOLE.items():
            if name == "second_column" and not plan.shape.second:
                continue
            if name == "label_column" and plan.shape.several:
                _ask_for_columns(columns)
            else:
                _ask_for_column(name, title, columns, choosing.OPTIONS[name])
        with st.popover("More columns", icon=":material/view_column:"):
            for name, title in SELDOM.items():
                _ask_for_column(name, title, columns, choosing.OPTIONS[name])
            if plan.shape.several:
                _ask_for_separator()
    asked = any(problem.option == "negatives" for problem in plan.problems)
    if asked or wanted_negatives(plan.shape):
        st.number_input(
            "Negatives for each pair",
            0,
            negatives.MOST,
            key="negatives",
            width=NARROW,
            help="Pairs that nobody chose, half at random and half among the most alike. They are "
            "marked as such and count for training as pairs that do not fit.",
        )


def _ask_for_column(name: str, title: str, columns: dict[str, Column], role: str) -> None:
    taken = next((c for c in columns.values() if c.role == role), None)
    st.selectbox(
        f"{title}: column",
        list(columns),
        index=None,
        format_func=lambda column: _described(columns.get(column)),
        key=name,
        placeholder=_described(taken) or "none",
        width=NARROW,
    )


def _ask_for_separator() -> None:
    """Ask what stands between the labels of one cell."""
    st.selectbox(
        "Between labels",
        list(BETWEEN),
        index=None,
        format_func=BETWEEN.__getitem__,
        key=SEPARATOR,
        placeholder="as found",
        width=NARROW,
    )


def _ask_for_columns(columns: dict[str, Column]) -> None:
    """Ask for the labels' columns: one that lists them, or one of ones and zeros for each."""
    taken = [c.name for c in columns.values() if c.role == choosing.OPTIONS["label_column"]]
    st.multiselect(
        "Labels: columns",
        list(columns),
        key=SEVERAL,
        placeholder=", ".join(taken)[:60] or "none",
        width=2 * NARROW,
        help="One column with the labels of a text (a | b, or a list), or a column of ones and "
        "zeros for each label.",
    )


def _described(column: Column | None) -> str:
    return f"{column.name}: {', '.join(column.examples)}"[:60] if column else ""
