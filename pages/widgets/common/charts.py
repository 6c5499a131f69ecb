"""Charts: the curves of a run, the trials of a search, differences with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from pages.widgets.common import colors

Layers = alt.LayerChart | alt.FacetChart
# What every object of JavaScript has: Vega counts the values of a field in one, so that a label
# of such a name leaves a chart without its axis.
_OF_OBJECTS = frozenset({"constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable"})
_OF_OBJECTS |= {"toLocaleString", "toString", "valueOf", "__proto__", "__defineGetter__"}
_OF_OBJECTS |= {"__defineSetter__", "__lookupGetter__", "__lookupSetter__"}
_UNSEEN = "\N{WORD JOINER}"


def named(label: str) -> str:
    """Return a label's name as a chart can take it: it looks the same."""
    return label + _UNSEEN if label in _OF_OBJECTS else label


def curve(points: Sequence[Mapping[str, float]], field: str, title: str) -> Layers:
    """Draw one figure of a run by epoch, a line for each seed."""
    rows = [point for point in points if point.get(field) is not None]
    frame = pd.DataFrame(rows, columns=["seed", "epoch", field])
    x = alt.X("epoch:Q", title="Epoch", axis=alt.Axis(tickMinStep=1, format="d"))
    base = alt.Chart(frame).encode(
        x=x,
        y=alt.Y(
            f"{field}:Q", title=title, scale=alt.Scale(zero=False), axis=alt.Axis(format=".3~f")
        ),
        tooltip=[
            alt.Tooltip("epoch:Q", title="Epoch"),
            alt.Tooltip(f"{field}:Q", format=".4f", title=title),
            alt.Tooltip("seed:N", title="Seed"),
        ],
    )
    lines, marks = base.mark_line(), base.mark_point(filled=True, size=40)
    if frame["seed"].nunique() < 2:
        return alt.layer(lines, marks).properties(height=170)
    return alt.layer(*_tell_apart(lines, marks)).properties(height=230)


def _tell_apart(lines: alt.Chart, marks: alt.Chart) -> tuple[alt.Chart, alt.Chart]:
    """Give every seed a dash and a shape besides its colour, for those who see no colours."""
    legend = alt.Legend(orient="top")
    color = alt.Color("seed:N", title="Seed", legend=legend)
    return (
        lines.encode(color=color, strokeDash=alt.StrokeDash("seed:N", legend=None)),
        marks.encode(color=color, shape=alt.Shape("seed:N", title="Seed", legend=legend)),
    )


def trial_scatter(
    rows: Sequence[Mapping[str, object]], field: str, title: str, dev: str
) -> alt.Chart:
    """Draw the F1 of trials by a figure: by their number, or by a rate on a log axis.

    ``dev`` is what that F1 is called.
    """
    frame = pd.DataFrame(rows)
    scale = alt.Scale(zero=False, type="log" if field == "learning_rate" else "linear")
    axis = alt.Axis(format="~g" if field == "learning_rate" else "d", labelOverlap=True)
    return (
        alt.Chart(frame)
        .mark_point(filled=True, size=70, opacity=0.9)
        .encode(
            x=alt.X(f"{field}:Q", title=title, scale=scale, axis=axis),
            y=alt.Y("f1:Q", title=dev, scale=alt.Scale(zero=False)),
            shape=alt.Shape("note:N", title=None, legend=alt.Legend(orient="bottom", columns=2)),
            color=alt.Color("note:N", title=None),
            tooltip=[
                alt.Tooltip("number:Q", title="Trial"),
                alt.Tooltip("f1:Q", format=".4f", title=dev),
                alt.Tooltip("learning_rate:Q", format="~g", title="Learning rate"),
                alt.Tooltip("note:N", title="State"),
            ],
        )
        .properties(height=280)
    )


def intervals(rows: Sequence[Mapping[str, object]], title: str) -> Layers:
    """Draw a row for each ``label``: its ``difference`` from ``low`` to ``high`` about zero.

    The verdict has a colour and a shape, for those who see no colours.
    """
    frame = pd.DataFrame([{**row, "label": named(str(row["label"]))} for row in rows])
    verdicts = ["better", "worse", "no clear difference"]
    shades = [colors.of_theme(f"{name}Color") for name in ("green", "red", "gray")]
    color = alt.Color("verdict:N", scale=alt.Scale(domain=verdicts, range=shades), legend=None)
    shapes = alt.Scale(domain=verdicts, range=["triangle-up", "triangle-down", "circle"])
    base = alt.Chart(frame).encode(
        y=alt.Y(
            "label:N", sort=None, title=None, axis=alt.Axis(labelLimit=120, labelOverlap=False)
        ),
        color=color,
        tooltip=[
            alt.Tooltip("label:N", title="Label"),
            alt.Tooltip("difference:Q", format="+.3f", title="Difference"),
            alt.Tooltip("low:Q", format="+.3f", title="From"),
            alt.Tooltip("high:Q", format="+.3f", title="To"),
            alt.Tooltip("verdict:N", title="Verdict"),
        ],
    )
    axis = alt.Axis(format="+.2~f", title=title, tickCount=5)
    lines = base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", axis=axis), x2="high:Q")
    points = base.mark_point(filled=True, size=70, opacity=1).encode(
        x="difference:Q", shape=alt.Shape("verdict:N", scale=shapes, legend=None)
    )
    ink = colors.css(colors.current().text)
    zero = alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule(strokeDash=[3, 3], color=ink)
    return alt.layer(zero.encode(x="zero:Q"), lines, points).properties(height=24 * len(frame) + 70)


def learning_curves(points: pd.DataFrame, laws: pd.DataFrame, colors: Mapping[str, str]) -> Layers:
    """Draw F1 by the documents with a label: what was measured, what follows, how sure that is.

    Args:
        points: of columns label, size, f1: one a training.
        laws: of columns label, size, f1, low, high, ahead: ahead lies what is predicted.
        colors: of each label, as "#rrggbb".
    """
    names = list(colors)
    paint = alt.Color(
        "label:N",
        title=None,
        scale=alt.Scale(domain=names, range=list(colors.values())),
        legend=alt.Legend(orient="top", columns=4, symbolOpacity=1),
    )
    size = alt.X(
        "size:Q",
        title="Documents with the label",
        scale=alt.Scale(type="log", nice=False, padding=6),
        axis=alt.Axis(format="~s", labelOverlap=True, tickCount=6),
    )
    f1 = alt.Y("f1:Q", title="F1 on dev", scale=alt.Scale(zero=False, padding=4))
    tips = [
        alt.Tooltip("label:N", title="Label"),
        alt.Tooltip("size:Q", title="Documents", format=",.0f"),
        alt.Tooltip("f1:Q", title="F1", format=".3f"),
    ]
    shape = alt.Shape("label:N", legend=None, scale=alt.Scale(domain=names))
    marks = alt.Chart(points).mark_point(filled=True, size=34, opacity=0.9)
    drawn = alt.Chart(laws).encode(x=size, color=paint)
    ahead = alt.datum.ahead
    return alt.layer(
        drawn.transform_filter(ahead).mark_area(opacity=0.14).encode(y="low:Q", y2="high:Q"),
        drawn.transform_filter(~ahead).mark_line(strokeWidth=2).encode(y=f1),
        drawn.transform_filter(ahead)
        .mark_line(strokeWidth=2, strokeDash=[4, 3])
        .encode(y=f1, tooltip=tips),
        marks.encode(x=size, y=f1, color=paint, shape=shape, tooltip=tips),
    ).properties(height=250)


def over_time(points: pd.DataFrame, title: str, format: str, height: int = 210) -> Layers:
    """Draw a figure by day or week with its interval, and mark where it is an alarm.

    ``points`` has the columns day, value, low, high and alarm, a word or "". What is an alarm has
    a shape of its own, for those who see no colours.
    """
    line, loud = (colors.of_theme(f"{name}Color") for name in ("primary", "red"))
    day = alt.X("day:T", title=None, axis=alt.Axis(labelOverlap=True, tickCount=6))
    scale = alt.Scale(zero=True, nice=True)
    value = alt.Y("value:Q", title=title, scale=scale, axis=alt.Axis(format=format, tickCount=5))
    tips = [
        alt.Tooltip("day:T", title="From", format="%Y-%m-%d"),
        alt.Tooltip("value:Q", title=title, format=format),
        alt.Tooltip("low:Q", title="At least", format=format),
        alt.Tooltip("high:Q", title="At most", format=format),
        alt.Tooltip("alarm:N", title="Alarm"),
    ]
    base = alt.Chart(points)
    band = base.mark_area(opacity=0.16, color=line).encode(x=day, y="low:Q", y2="high:Q")
    drawn = base.mark_line(strokeWidth=1.5, color=line).encode(x=day, y=value)
    seen = base.mark_point(filled=True, size=14, opacity=0.01).encode(x=day, y=value, tooltip=tips)
    marks = (
        base.transform_filter("datum.alarm != ''")
        .mark_point(filled=True, size=90, opacity=1, shape="triangle-up", color=loud)
        .encode(x=day, y=value, tooltip=tips)
    )
    return alt.layer(band, drawn, seen, marks).properties(height=height)
