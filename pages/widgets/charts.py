"""Charts: the confusion heat map and the curves of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from storage.types import MISSED, SPURIOUS


def confusion_frame(labels: Sequence[str], counts: Sequence[Sequence[int]]) -> pd.DataFrame:
    """Return one row a cell: gold, predicted, count, share of the gold row."""
    golds, predictions = [*labels, SPURIOUS], [*labels, MISSED]
    rows = []
    for i, gold in enumerate(golds):
        total = sum(counts[i])
        for j, predicted in enumerate(predictions):
            share = counts[i][j] / total if total else 0.0
            rows.append((gold, predicted, counts[i][j], share, i == j and i < len(labels)))
    return pd.DataFrame(rows, columns=["gold", "predicted", "count", "share", "right"])


def confusion_chart(
    labels: Sequence[str], counts: Sequence[Sequence[int]], *, shares: bool, dark: bool
) -> alt.LayerChart:
    """Draw gold × predicted. Clicking a cell selects it under the name ``cell``.

    Colour follows the row share, so that a rare label's errors show as clearly as a
    common one's; the diagonal has a hue of its own, because there dark is good.
    """
    frame = confusion_frame(labels, counts)
    frame["text"] = [
        "" if count == 0 else f"{share:.0%}" if shares else f"{count:,}"
        for count, share in zip(frame["count"], frame["share"], strict=True)
    ]
    cell = alt.selection_point(name="cell", fields=["gold", "predicted"], toggle=False)
    base = alt.Chart(frame).encode(
        x=alt.X(
            "predicted:N",
            sort=[*labels, MISSED],
            title="Predicted",
            axis=alt.Axis(orient="top", labelAngle=-40 if len(labels) > 6 else 0, labelLimit=140),
        ),
        y=alt.Y("gold:N", sort=[*labels, SPURIOUS], title="Gold", axis=alt.Axis(labelLimit=140)),
        tooltip=[
            alt.Tooltip("gold:N", title="Gold"),
            alt.Tooltip("predicted:N", title="Predicted"),
            alt.Tooltip("count:Q", title="Count", format=","),
            alt.Tooltip("share:Q", title="Share of row", format=".1%"),
        ],
    )
    hue = alt.condition("datum.right", alt.value("#2f855a"), alt.value("#c2410c"))
    squares = (
        base.mark_rect(stroke="#80808055", strokeWidth=1, cornerRadius=3, cursor="pointer")
        .encode(
            color=hue,
            fillOpacity=alt.Opacity(
                "share:Q", scale=alt.Scale(domain=[0, 1], range=[0.04, 0.85]), legend=None
            ),
            strokeWidth=alt.condition(cell, alt.value(3), alt.value(1), empty=False),
        )
        .add_params(cell)
    )
    text = base.mark_text(fontSize=13, color="#fafafa" if dark else "#1f2328")
    rows = len(labels) + 1
    return alt.layer(squares, text.encode(text="text:N")).properties(height=40 * rows + 90)


def confusion_width(labels: Sequence[str]) -> int:
    """Return the width in pixels at which the cells are near square; narrow screens shrink it."""
    return 170 + (len(labels) + 1) * (72 if len(labels) <= 8 else 44)


def curve(
    points: Sequence[Mapping[str, float]], field: str, title: str, by: str = "epoch"
) -> alt.LayerChart:
    """Draw one figure of a run by epoch or by ``seconds`` of training, a line for each seed."""
    rows = [point for point in points if point.get(field) is not None]
    frame = pd.DataFrame(rows, columns=["seed", "epoch", "seconds", field])
    x = alt.X("epoch:Q", title="Epoch", axis=alt.Axis(tickMinStep=1, format="d"))
    if by == "seconds":
        minutes = frame["seconds"].max() > 120
        frame["time"] = frame["seconds"] / (60 if minutes else 1)
        x = alt.X("time:Q", title=f"Training time ({'minutes' if minutes else 'seconds'})")
    base = alt.Chart(frame).encode(
        x=x,
        y=alt.Y(f"{field}:Q", title=title, scale=alt.Scale(zero=False)),
        tooltip=[
            alt.Tooltip("epoch:Q", title="Epoch"),
            alt.Tooltip(f"{field}:Q", format=".4f", title=title),
            alt.Tooltip("seed:N", title="Seed"),
        ],
    )
    lines, marks = base.mark_line(), base.mark_point(filled=True, size=40)
    if frame["seed"].nunique() < 2:
        return alt.layer(lines, marks).properties(height=210)
    return alt.layer(*_tell_apart(lines, marks)).properties(height=270)


def _tell_apart(lines: alt.Chart, marks: alt.Chart) -> tuple[alt.Chart, alt.Chart]:
    """Give every seed a dash and a shape besides its colour, for those who see no colours."""
    legend = alt.Legend(orient="top")
    color = alt.Color("seed:N", title="Seed", legend=legend)
    return (
        lines.encode(color=color, strokeDash=alt.StrokeDash("seed:N", legend=None)),
        marks.encode(color=color, shape=alt.Shape("seed:N", title="Seed", legend=legend)),
    )


def trial_scatter(rows: Sequence[Mapping[str, object]], field: str, title: str) -> alt.Chart:
    """Draw the dev F1 of trials by a figure: by their number, or by a rate on a log axis."""
    frame = pd.DataFrame(rows)
    scale = alt.Scale(zero=False, type="log" if field == "learning_rate" else "linear")
    axis = alt.Axis(format="~g" if field == "learning_rate" else "d", labelOverlap=True)
    return (
        alt.Chart(frame)
        .mark_point(filled=True, size=70, opacity=0.9)
        .encode(
            x=alt.X(f"{field}:Q", title=title, scale=scale, axis=axis),
            y=alt.Y("f1:Q", title="Dev entity F1", scale=alt.Scale(zero=False)),
            shape=alt.Shape("note:N", title=None, legend=alt.Legend(orient="bottom", columns=2)),
            color=alt.Color("note:N", title=None),
            tooltip=[
                alt.Tooltip("number:Q", title="Trial"),
                alt.Tooltip("f1:Q", format=".4f", title="Dev F1"),
                alt.Tooltip("learning_rate:Q", format="~g", title="Learning rate"),
                alt.Tooltip("note:N", title="State"),
            ],
        )
        .properties(height=280)
    )
