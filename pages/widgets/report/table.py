"""The confusion table: gold × predicted as a heat map whose cells open their sentences."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import altair as alt
import pandas as pd
import streamlit as st

from engine.evaluation.confusion import Confusion
from pages.widgets.common import colors
from pages.widgets.common.charts import Layers
from pages.widgets.report import choice
from storage.types import ANY, MISSED, SPURIOUS, Cell, Only, Run

# With more labels than this a cell is too small to be read or hit.
MOST = 16
EXPLANATION = (
    "A row for each label that people gave, a column for each that the model gave. On the diagonal "
    "both agree; there are also spans with the right label and wrong borders. The last column has "
    "what the model missed, the last row what it found where nothing is labelled. Colour follows "
    "the share of a row, in the last row that of a column: so a rare label's errors show as "
    "clearly as a common one's."
)


def listen(run: Run, split: str) -> None:
    """Open the cell that was clicked."""
    for cell in choice.heard(choice.key("confusion", run, split)).get("cell", ()):
        choice.put(Cell(run.id, split, cell["gold"], cell["predicted"]), by_hand=False)


def draw(table: Confusion, run: Run, split: str, part: Cell | None) -> None:
    """Draw the table with the open part marked."""
    labels = chosen_labels(table)
    shares = st.session_state.get("shares", False)
    st.altair_chart(
        chart(frame(table, labels, part), labels, shares=shares),
        width="stretch",
        on_select="rerun",
        selection_mode="cell",
        key=choice.key("confusion", run, split),
        alt="Confusion table: gold labels as rows, predicted labels as columns",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            "Rows: what people labelled (gold). Columns: what the model said. Click a cell to read "
            "its sentences.",
            help=EXPLANATION,
        )
        st.toggle("Show shares", key="shares")
    if len(labels) < len(table.labels):
        st.caption(
            f"Here are the {len(labels)} labels with the most errors of {len(table.labels):,}; "
            "*Mistakes* lists all."
        )


def chosen_labels(table: Confusion) -> list[str]:
    """Return the labels to draw: all, or those with the most errors where there are too many."""
    if len(table.labels) <= MOST:
        return list(table.labels)
    ranked = sorted(table.labels, key=lambda name: (-table.count(name, ANY, Only.ERRORS), name))
    return sorted(ranked[:MOST])


def frame(table: Confusion, labels: Collection[str], part: Cell | None) -> pd.DataFrame:
    """Return one row a cell: gold, predicted, count, share of the gold row, on the diagonal, open.

    A share is that of all spans of its row, also where not every label is drawn.
    """
    rows = []
    wanted = {*labels, SPURIOUS, MISSED}
    for gold, counts, shares in zip(table.rows, table.counts, table.shares(), strict=True):
        for predicted, count, share in zip(table.columns, counts, shares, strict=True):
            if gold in wanted and predicted in wanted:
                opened = part is not None and is_open(part, gold, predicted, count)
                rows.append((gold, predicted, count, share, gold == predicted, opened))
    return pd.DataFrame(rows, columns=["gold", "predicted", "count", "share", "right", "open"])


def is_open(part: Cell, gold: str, predicted: str, count: int) -> bool:
    """Tell whether a cell is the open part, or has spans of it."""
    if part.only is Only.ERRORS:
        inside = gold != predicted and part.gold in (gold, predicted, ANY)
    else:
        inside = part.gold in (gold, ANY) and part.predicted in (predicted, ANY)
    return inside and (count > 0 or part.place[:2] == (gold, predicted))


def chart(cells: pd.DataFrame, labels: Sequence[str], *, shares: bool) -> Layers:
    """Draw the cells. Clicking one selects it under the name ``cell``.

    The diagonal has a hue of its own, because there dark is good.
    """
    cells["text"] = [
        "" if count == 0 else f"{share:.0%}" if shares else f"{count:,}"
        for count, share in zip(cells["count"], cells["share"], strict=True)
    ]
    few = len(labels) <= 8
    limit = 120 if few else 90
    base = alt.Chart(cells).encode(
        x=alt.X(
            "predicted:N",
            sort=[*labels, MISSED],
            title="Predicted",
            axis=alt.Axis(
                orient="top", labelAngle=_angle(labels), labelOverlap=False, labelLimit=limit
            ),
        ),
        y=alt.Y("gold:N", sort=[*labels, SPURIOUS], title="Gold", axis=alt.Axis(labelLimit=120)),
        tooltip=[
            alt.Tooltip("gold:N", title="Gold"),
            alt.Tooltip("predicted:N", title="Predicted"),
            alt.Tooltip("count:Q", title="Spans", format=","),
            alt.Tooltip("share:Q", title="Share", format=".1%"),
        ],
    )
    ink = colors.css(colors.current().text)
    text = base.mark_text(fontSize=14 if few else 11, cursor="pointer", color=ink)
    height = (44 if few else 24) * (len(labels) + 1) + (60 if len(labels) <= 4 else 110)
    layers = alt.layer(_squares(base), text.encode(text="text:N"))
    # Room for the mark of a cell at the edge.
    return layers.properties(height=height, padding={"left": 0, "top": 0, "right": 4, "bottom": 4})


def _angle(labels: Sequence[str]) -> int:
    """Return how far the names of columns lean to have room."""
    return 0 if len(labels) <= 4 else -40 if len(labels) <= 8 else -90


def _squares(base: alt.Chart) -> alt.Chart:
    theme = colors.current()
    cell = alt.selection_point(name="cell", fields=["gold", "predicted"], toggle=False)
    right, wrong = (alt.value(colors.of_theme(name)) for name in ("greenColor", "orangeColor"))
    # Never so strong that the number in it is hard to read.
    share = alt.Scale(domain=[0, 1], range=[0.05, 0.6])
    is_open = "datum.open"
    return (
        base.mark_rect(cornerRadius=3, cursor="pointer")
        .encode(
            color=alt.condition("datum.right", right, wrong),
            fillOpacity=alt.Opacity("share:Q", scale=share, legend=None),
            stroke=alt.condition(
                is_open, alt.value(colors.css(theme.text)), alt.value(colors.of_theme("grayColor"))
            ),
            strokeWidth=alt.condition(is_open, alt.value(3), alt.value(0.5)),
            strokeOpacity=alt.condition(is_open, alt.value(1), alt.value(0.5)),
        )
        .add_params(cell)
    )


def explain(part: Cell, table: Confusion) -> str:
    """Say in plain words what the spans of a part have in common."""
    gold, predicted, only = part.gold, part.predicted, part.only
    if only is Only.ERRORS:
        return f"All that went wrong with {gold}, whoever gave it." if gold else "Every error."
    if only is Only.BORDERS:
        return f"{gold} on both sides, but it begins or ends elsewhere."
    if gold == predicted:
        exact = table.exact[list(table.labels).index(gold)]
        return f"Both said {gold}: {exact:,} of {table.count(gold, gold):,} with the same borders."
    return f"{_people(gold)}; {_model(predicted)}."


def _people(gold: str) -> str:
    if gold == ANY:
        return "People labelled anything or nothing"
    return "People labelled nothing here" if gold == SPURIOUS else f"People labelled {gold}"


def _model(predicted: str) -> str:
    if predicted == ANY:
        return "the model said anything or nothing"
    return "the model saw nothing" if predicted == MISSED else f"the model said {predicted}"
