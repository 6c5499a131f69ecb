"""Slices of a report: groups of marks with something in common, those that cost most first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
import streamlit as st

from engine.evaluation.certainty.intervals import FEW
from engine.evaluation.slices.figures import SliceFigures
from engine.inspection import slices
from engine.inspection.slices import Named, Sliced
from pages.widgets.common import address, tables, words
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from pages.widgets.parts import choice, sentences
from pages.widgets.parts.words import F1
from pages.widgets.report import own_slices
from storage.cells import ANY, Cell, Only
from storage.database.store import database
from storage.facts import GOLD, Filter
from storage.finding.selection import Order, Selection
from storage.runs import filtering, reports

if TYPE_CHECKING:
    from pages.widgets.report.views import Shown

NUMBER, TEXT = st.column_config.NumberColumn, st.column_config.TextColumn
COSTS = (
    "How much higher the F1 of all {marks} would be if this slice were as good as the rest: its "
    "share of the {marks} times its distance from the rest. Below zero it is better than the rest."
)
VERDICT = (
    "*worse* or *better* than the rest: only where 95 % of resamples of the documents say so. "
    f"*few*: less than {FEW} {{units}} that people labelled, so all figures may be chance."
)
COLUMNS = {
    "title": TEXT("Slice", pinned=True, width=150, help="A click in a row says what it is."),
    "costs": NUMBER("Costs", format="%.3f", width=52, help=COSTS),
    "verdict": TEXT("", width=50, help=VERDICT),
    "f1": NUMBER("F1", format="%.3f", width=48, help=F1),
    "errors": NUMBER(
        "Errors", format="localized", width=54, help="What went wrong: a click opens it."
    ),
    "support": NUMBER(
        "Support",
        format="localized",
        width=64,
        help="What people labelled in it. A click opens it.",
    ),
    "interval": TEXT(
        "F1 at 95 %", width=86, help="Where F1 lies in 95 % of resamples of the documents."
    ),
    "about": TEXT("What it is", width="large"),
}
ABOUT = (
    "{Units} with something in common, what costs most first. Click in a row to read its errors, "
    "on *Support* to read all that is labelled."
)


class Opened(NamedTuple):
    """The slice that is open, and whether all that is labelled in it is, or only its errors."""

    name: str
    labelled: bool

    def cell(self, shown: Shown) -> Cell | None:
        """Return the part of the table that it opens; None where the page's filter leaves none."""
        own = Filter(slice=self.name, side=GOLD if self.labelled else "")
        only = Only.ALL if self.labelled else Only.ERRORS
        both = _asked(shown).meet(own)
        return Cell(shown.run.id, shown.split, ANY, ANY, only, both) if both else None


def listen(shown: Shown) -> None:
    """Open the slice that was clicked."""
    order = st.session_state.get(_order(shown), ())
    for place, column in choice.heard(_key(shown)).get("cells", ()):
        if place < len(order):
            address.write(slice=f"{'labelled/' * (column == 'support')}{order[place]}")


def draw(shown: Shown) -> None:
    """Draw the table of all slices that hold anything, and what people may do with their own."""
    found = _found(shown)
    names = slices.names(database(), shown.project.id)
    for sentence in _warnings(found):
        st.warning(sentence, icon=":material/info:")
    left, right = st.columns([5, 2], vertical_alignment="center", gap="xsmall", wrap=False)
    left.caption(shown.words.fill(ABOUT))
    with right:
        own_slices.make(shown.project)
    rows = {each.name: _row(each) for each in found.figures if each.name in names}
    # One's own stay there to be changed, also where nothing of this split is in them.
    rows |= {name: _EMPTY for name, named in names.items() if named.own and name not in rows}
    st.session_state[_order(shown)] = list(rows)
    if rows:
        named = [{**row, **_named(names[name])} for name, row in rows.items()]
        tables.show(
            pd.DataFrame(named, columns=list(COLUMNS)),
            hide_index=True,
            column_config=words.filled(COLUMNS, shown.words),
            on_select="rerun",
            selection_mode="multi-cell",
            key=_key(shown),
            placeholder="–",
            alt="Slices with their F1, errors and support, the costliest first",
        )
    else:
        st.info(shown.words.fill("No slice holds any of these {units}."), icon=":material/info:")
    own_slices.over_runs(shown.project, shown.split)


def beside(shown: Shown) -> None:
    """Show the sentences of the slice that is open, with what it is and what it costs."""
    opened, names = _opened(shown), slices.names(database(), shown.project.id)
    if opened is None or opened.name not in names:
        st.caption(shown.words.fill("Click a slice to read its {documents} here."))
        return
    part, named = opened.cell(shown), names[opened.name]
    number = reports.count_cell(database(), part) if part else 0
    what = count(number, f"labelled {shown.words.unit}" if opened.labelled else "error")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(f"{literal(named.title)}: {what}", width="stretch", anchor=False)
        if number and part and st.button("Tag these", icon=":material/playlist_play:", help=QUEUE):
            queue = Selection(Order.CELL, cell=part)
            st.switch_page("tag.py", query_params={"queue": queue.name})
        if named.own:
            own_slices.change(named.own)
    figures = next((each for each in _found(shown).figures if each.name == opened.name), None)
    left = "that the filter leaves" if shown.asked else f"of the {shown.split} documents"
    unit = shown.words.unit
    said = _in_words(figures, unit) if figures else f"No {unit} {left} is in it."
    st.caption(f"{literal(named.about)} {said}")
    if part:
        sentences.rows(shown.project, shown.run, part, number)


QUEUE = "Opens them one after the other in the tagger."


def _order(shown: Shown) -> str:
    return f"slices-order-{shown.run.id}-{shown.split}"


def _key(shown: Shown) -> str:
    return choice.key("slices", shown.run, shown.split)


def _found(shown: Shown) -> Sliced:
    with st.spinner(f"Looking at every {shown.words.unit} …", show_time=True):
        return slices.of_run(database(), shown.run, shown.split, _asked(shown))


def _asked(shown: Shown) -> Filter:
    """Return the page's filter, but for a slice: this view is about all of them."""
    return filtering.but(shown.asked, "slice")


def _opened(shown: Shown) -> Opened | None:
    """Return what the address names, else the costliest slice that has errors."""
    if asked := st.query_params.get("slice", ""):
        return Opened(asked.removeprefix("labelled/"), asked.startswith("labelled/"))
    worst = next((each for each in _found(shown).figures if each.errors), None)
    return Opened(worst.name, labelled=False) if worst else None


def _warnings(found: Sliced) -> list[str]:
    return [literal(each) for each in (found.missing, found.stale) if each]


def _row(each: SliceFigures) -> Mapping[str, object]:
    return {
        "costs": each.cost,
        "verdict": _verdict(each),
        "f1": each.f1,
        "interval": f"{each.interval.low:.2f}–{each.interval.high:.2f}",
        "errors": each.errors,
        "support": each.support,
    }


def _named(named: Named) -> Mapping[str, str]:
    return {"title": f"★ {named.title}" if named.own else named.title, "about": named.about}


_EMPTY: Mapping[str, object] = {"verdict": "", "errors": 0, "support": 0}


def _verdict(each: SliceFigures) -> str:
    if each.few:
        return "few"
    return "worse" if each.costs.low > 0 else "better" if each.costs.high < 0 else ""


def _in_words(each: SliceFigures, unit: str) -> str:
    """Say how it compares to the rest, and how much may be made of it."""
    low, high = each.interval.low, each.interval.high
    said = [f"F1 {each.f1:.3f} (95 %: {low:.2f}–{high:.2f}), all else {each.rest:.3f}."]
    if each.few:
        said.append(f"Only {count(each.support, f'labelled {unit}')}: this may be chance.")
    elif each.costs.low <= 0 <= each.costs.high:
        said.append("The difference may be chance.")
    return " ".join(said)
