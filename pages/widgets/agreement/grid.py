"""Pairs × labels: every figure with its interval and a warning; a row opens its sentences."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from engine.agreement import saying
from engine.agreement.pairs import MEASURES, Measure, Pair
from engine.inspection.agreement.comparing import Compared
from pages.widgets.agreement import chosen, words
from pages.widgets.agreement.chosen import Shown
from pages.widgets.common import tables
from pages.widgets.common.words import count
from pages.widgets.parts import choice
from pages.widgets.parts.words import UNSURE
from storage.cells import ANY
from storage.types import Project

NUMBER, TEXT = st.column_config.NumberColumn, st.column_config.TextColumn
# What stands for all labels together; a label may be called anything, so it is told by its place.
EVERY, TOGETHER = "Each label", "All labels together"
KEY = "agreement-pairs"
ORDERED = {"κ": Measure.KAPPA, "α": Measure.ALPHA, "AC1": Measure.AC1, "F1": Measure.F1}


def listen(project: Project, found: Compared) -> None:
    """Open the pair and the label of the row that was clicked."""
    for place, _ in choice.heard(KEY).get("cells", ()):
        rows = st.session_state.get(f"{KEY}-rows", ())
        if place < len(rows):
            pair, row = rows[place]
            if pair < len(found.pairs):
                label = found.versions.labels[row - 1] if row else ANY
                chosen.put(found, found.pairs[pair], chosen.errors_of(label))


def draw(shown: Shown) -> None:
    """Draw the table, the weakest first."""
    found = shown.found
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        asked = _label(found)
        by = ORDERED[
            st.segmented_control(
                "Ordered by",
                list(ORDERED),
                default="κ",
                label_visibility="collapsed",
                required=True,
            )
        ]
    rows = _ordered(found, asked, by)
    st.session_state[f"{KEY}-rows"] = rows
    tables.show(
        pd.DataFrame([_row(found, found.pairs[pair], row) for pair, row in rows]),
        hide_index=True,
        column_config=_columns(found.versions.whole),
        on_select="rerun",
        selection_mode="multi-cell",
        placeholder=words.NOTHING,
        key=KEY,
    )
    st.caption("Click a row to read what the two do not say alike, the weakest first.")


def _label(found: Compared) -> list[int]:
    """Show the choice of labels; return the rows of the figures that are asked for."""
    labels = found.versions.labels
    options = [-1, 0, *range(1, 1 + len(labels))]
    named = {-1: EVERY, 0: TOGETHER}
    picked = st.selectbox(
        "Label",
        options,
        format_func=lambda row: named.get(row) or labels[row - 1],
        label_visibility="collapsed",
        width=220,
        key="agreement-label",
    )
    return list(range(1, 1 + len(labels))) if picked == -1 else [picked]


def _ordered(found: Compared, asked: list[int], by: Measure) -> list[tuple[int, int]]:
    """Return pairs and rows, the weakest first; what says nothing comes last."""
    at = MEASURES.index(by)
    every = [
        (place, row)
        for place, pair in enumerate(found.pairs)
        for row in asked
        if pair.documents and (row == 0 or pair.marks[row])
    ]
    return sorted(every, key=lambda each: _rank(found.pairs[each[0]].values[at, each[1]]))


def _rank(value: float) -> tuple[bool, float]:
    return (value != value, value if value == value else 0.0)


def _row(found: Compared, pair: Pair, row: int) -> dict[str, object]:
    names, labels = found.versions.people, found.versions.labels
    warning = saying.little(pair, row)
    values = {
        each.value: None if value != value else float(value)
        for each, value in zip(MEASURES, pair.values[:, row], strict=True)
    }
    at = MEASURES.index(Measure.KAPPA)
    sure = words.interval(pair.low[at, row], pair.high[at, row])
    about = f"{count(int(pair.marks[row]), 'mark')} in {count(pair.documents, 'document')}"
    return {
        "people": f"{names[pair.a]} – {names[pair.b]}",
        "label": labels[row - 1] if row else TOGETHER,
        "kappa": values[Measure.KAPPA],
        "interval": f"{sure} {UNSURE}" if warning else sure,
        "span_f1": values[Measure.F1],
        "span_f1_partial": values[Measure.PARTIAL],
        "alpha": values[Measure.ALPHA],
        "ac1": values[Measure.AC1],
        "about": f"{about}. {warning}".rstrip(". ") if warning else about,
    }


def _columns(whole: bool) -> dict[str, object]:
    """Return the columns, all figures of which are seen on a small screen."""
    sure = (
        f"Where κ would lie with other documents like these. {UNSURE}: it says little; the last "
        "column says why."
    )
    return {
        "people": TEXT("Between", width=132, pinned=True),
        "label": TEXT("Label", width=120 if whole else 76),
        "kappa": _number("κ", "Cohen's κ: agreement beyond chance."),
        "interval": TEXT("95 %", width=100, help=sure),
        "span_f1": _number("F1", "One's marks held against the other's."),
        # Labels of whole texts overlap wholly or not at all.
        "span_f1_partial": None
        if whole
        else _number("≈F1", "Partial F1: likewise; an overlap is enough."),
        "alpha": _number("α", "Krippendorff's α of the two."),
        "ac1": _number("AC1", "Gwet's AC1 of the two."),
        "about": TEXT("Counted on", width="large"),
    }


def _number(title: str, about: str) -> object:
    return NUMBER(title, format="%.2f", width=46, help=about)
