"""The confusion table: gold × predicted, whose cells, heads and totals open their sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from engine.evaluation import ordering
from engine.evaluation.confusion import Confusion
from pages.widgets.confusion import component
from pages.widgets.parts import choice
from storage.branches import groups, spoken, within
from storage.cells import ANY, MISSED, SPURIOUS, Cell, Only
from storage.types import Run
from storage.words import SPANS, Words

# With more labels than this those that are confused stand together from the start.
BY_NAME = 8
LISTED = 24
# With more labels than this those of a branch are one row and one column at first.
FOLDED = 24
TOGETHER, ERRORS, NAME = "confused together", "most errors", "name"
BORDERS = ", there are also spans with the right label and wrong borders"
TITLES = {
    **{"gold": "Gold", "predicted": "Predicted", "spurious": SPURIOUS, "missed": MISSED},
    **{"mistakes": "Most frequent mistakes", "none": "No mistakes"},
}
EXPLANATION = (
    "A row for each label that people gave, a column for each that the model gave. On the diagonal "
    "both agree{borders}. The last column has what people gave and the model did not, the last "
    "row what the model gave and people did not. Colour follows "
    "the share of a row, in the last row that of a column: so a rare label's errors show as "
    "clearly as a common one's. *Confused together* puts labels side by side of which a tenth or "
    "more is taken for the other."
)


def listen(run: Run, split: str) -> None:
    """Open what was clicked."""
    state = st.session_state.get(_key(run, split)) or {}
    cell = choice.fresh(_key(run, split), state.get("cell"))
    if isinstance(cell, Mapping):
        only = Only(cell["only"]) if cell["only"] in set(Only) else Only.ALL
        choice.put(Cell(run.id, split, cell["gold"], cell["predicted"], only), by_hand=False)


def draw(table: Confusion, run: Run, split: str, part: Cell | None, said: Words = SPANS) -> None:
    """Draw the table with the open part marked."""
    component.mount({**describe(table, part), "unit": said.unit}, _key(run, split))
    st.caption(
        "Rows: what people labelled (gold). Columns: what the model said. Click a cell, a name or "
        f"a sum to read its {said.documents}.",
        help=EXPLANATION.replace("{borders}", BORDERS if table.has_borders else ""),
    )


def describe(table: Confusion, part: Cell | None) -> dict[str, Any]:
    """Return the component's data."""
    return {
        "labels": list(table.labels),
        "counts": table.counts,
        "shares": [[round(share, 4) for share in row] for row in table.shares()],
        **{"spurious": SPURIOUS, "missed": MISSED, "titles": TITLES},
        # Labels that are shown as one until somebody unfolds them.
        "branches": [[side, spoken(side), places] for side, places in groups(table.labels).items()],
        "folded": len(table.labels) > FOLDED,
        "orders": _orders(table),
        "order": TOGETHER if len(table.labels) > BY_NAME else NAME,
        "mistakes": [
            (m.gold, m.predicted, m.only, Cell(0, "", m.gold, m.predicted, m.only).title, m.count)
            for m in table.mistakes()[:LISTED]
        ],
        "part": part and {"gold": part.gold, "predicted": part.predicted, "only": part.only},
        "marked": marked(table, part) if part else [],
    }


def _orders(table: Confusion) -> list[tuple[str, list[int]]]:
    """Return the titles of all orders, and the places of the labels in each."""
    place = {name: at for at, name in enumerate(table.labels)}
    together = [name for group in ordering.groups(table) for name in group]
    orders = {NAME: list(table.labels), ERRORS: ordering.by_errors(table), TOGETHER: together}
    return [(title, [place[name] for name in names]) for title, names in orders.items()]


def marked(table: Confusion, part: Cell) -> list[tuple[int, int]]:
    """Return row and column of each cell that is the open part, or has spans of it."""
    return [
        (row, column)
        for row, gold in enumerate(table.rows)
        for column, predicted in enumerate(table.columns)
        if is_open(part, gold, predicted, table.counts[row][column])
    ]


def is_open(part: Cell, gold: str, predicted: str, count: int) -> bool:
    """Tell whether a cell is the open part, or has spans of it."""
    if part.only is Only.ERRORS:
        inside = gold != predicted and (
            part.gold == ANY or within(part.gold, gold) or within(part.gold, predicted)
        )
    else:
        sides = (part.gold, gold), (part.predicted, predicted)
        inside = all(side == ANY or within(side, name) for side, name in sides)
    return inside and (count > 0 or part.place[:2] == (gold, predicted))


def explain(part: Cell, table: Confusion) -> str:
    """Say in plain words what the marks of a part have in common."""
    gold, predicted, only = part.gold, part.predicted, part.only
    if only is Only.ERRORS:
        said = spoken(gold)
        return f"All that went wrong with {said}, on either side." if gold else "Every error."
    if only is Only.BORDERS:
        return f"{gold} on both sides, but it begins or ends elsewhere."
    if gold == predicted and gold in table.labels:
        exact, both = table.exact[list(table.labels).index(gold)], table.count(gold, gold)
        return f"Both said {gold}" + (
            f": {exact:,} of {both:,} with the same borders." if exact < both else "."
        )
    return f"{_people(gold)}; {_model(predicted)}."


def _people(gold: str) -> str:
    if gold == ANY:
        return "People labelled anything or nothing"
    return "People did not label it" if gold == SPURIOUS else f"People labelled {spoken(gold)}"


def _model(predicted: str) -> str:
    if predicted == ANY:
        return "the model said anything or nothing"
    return (
        "the model did not find it"
        if predicted == MISSED
        else f"the model said {spoken(predicted)}"
    )


def _key(run: Run, split: str) -> str:
    return f"confusion-{run.id}-{split}"
