"""The view of labels that go together: which stand at one document, by people and by the model.

Only a report of documents with several labels has it. A number opens just the documents it counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from pages.widgets.parts.lists import Row, Table
from storage.cells import ANY, Cell
from storage.database.store import database
from storage.facts import GOLD, PREDICTED
from storage.runs import filtering
from storage.runs.filtering import Together

if TYPE_CHECKING:
    from pages.widgets.report.views import Shown

NUMBER, TEXT = st.column_config.NumberColumn, st.column_config.TextColumn
SIDES = {"By people": GOLD, "By people and the model": PREDICTED}
ABOUT = {
    GOLD: "A row and a column for each label that people gave: how many {documents} have both. "
    "The diagonal counts those with the label, whatever else they have.",
    PREDICTED: "A row for each label that people gave, a column for each that the model gave: how "
    "many {documents} with the one were given the other. A large number beside the diagonal is a "
    "label that the model adds where another one is meant, or that people forgot.",
}


def is_in(scores: Mapping) -> bool:
    """Tell whether a split's scores are of documents with several labels."""
    return bool(scores.get("cooccurrence"))


def listen(shown: Shown) -> None:
    """Open what the clicked number counts."""
    if not shown.unfiltered:
        _table(shown, _side()).listen(shown.run, shown.split)


def draw(shown: Shown) -> None:
    """Draw one of the two tables."""
    if shown.unfiltered:
        st.info(shown.unfiltered, icon=":material/info:")
        return
    side = _side()
    st.segmented_control(
        "Given together",
        list(SIDES),
        default=st.session_state.get("together-side", next(iter(SIDES))),
        required=True,
        key="together-side",
    )
    st.caption(shown.words.fill(ABOUT[side]) + " Click a number to read them.")
    table = _table(shown, side)
    if table.rows:
        table.draw(shown.run, shown.split)
    else:
        st.info(shown.words.fill("No {document} is left that has a label."))


def _side() -> str:
    return SIDES.get(st.session_state.get("together-side") or "", GOLD)


def _table(shown: Shown, side: str) -> Table:
    asked = replace(shown.asked, beside_gold="", beside_predicted="")
    counted = filtering.together(database(), shown.run.id, shown.split, asked)[side]
    rows, columns = _sides(counted)
    heads = {f"column-{at}": name for at, name in enumerate(columns)}
    config = {
        "label": TEXT(shown.words.label.capitalize(), pinned=True),
        **{key: NUMBER(name, format="localized", help=name) for key, name in heads.items()},
    }
    made = [_row(shown, name, heads, counted, side) for name in rows]
    return Table(f"together-{side}", made, config)


def _row(shown: Shown, name: str, heads: Mapping[str, str], counted: Together, side: str) -> Row:
    numbers = {key: counted.get((name, other)) for key, other in heads.items()}
    cells = {key: cell(shown, name, other, side) for key, other in heads.items()}
    every = Cell(shown.run.id, shown.split, name, ANY, filter=shown.asked)
    return Row({"label": name, **numbers}, every, cells)


def cell(shown: Shown, first: str, second: str, side: str) -> Cell:
    """Return the documents that people gave the first label, and somebody the second."""
    gold, predicted = (second, "") if side == GOLD else ("", second)
    asked = replace(shown.asked, beside_gold=gold, beside_predicted=predicted)
    return Cell(shown.run.id, shown.split, first, ANY, filter=asked)


def _sides(counted: Together) -> tuple[list[str], list[str]]:
    """Return the labels of rows and of columns by name."""
    return sorted({first for first, _ in counted}), sorted({second for _, second in counted})
