"""Is the model as sure as it is right, and what would a threshold on its confidence bring?"""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from engine.evaluation.certainty import calibration
from engine.evaluation.certainty.calibration import Calibration, Curve
from engine.evaluation.certainty.judged import Judged
from engine.inspection import judging
from pages.widgets.common import colors, tables, words
from pages.widgets.common.charts import Layers
from pages.widgets.common.words import count
from storage.database.store import database
from storage.facts import Filter
from storage.types import Run
from storage.words import SPANS, Words

ALL = "all labels"
THRESHOLDS = np.arange(0, 100) / 100
# Below this nobody would notice a difference between how sure a model is and how right.
GOOD = 0.05
ABOUT = (
    "A model says of each {mark} how sure it is, from 0 to 1. Of those of which it is 0.8 sure, "
    "80 % should be right: points on the diagonal. Below it the model is too sure of itself, above "
    "it too modest. Each point holds equally many predicted {marks}. *Expected calibration error* "
    "is the mean distance from the diagonal (Guo et al. 2017): 0.05 is five points."
)
NUMBER = st.column_config.NumberColumn
BY_LABEL = {
    "label": st.column_config.TextColumn("Label", pinned=True),
    "error": NUMBER("Calibration error", format="%.3f", help="0: as sure as it is right."),
    "lean": NUMBER(
        "Too sure by", format="%+.3f", help="Mean confidence less the share that is right."
    ),
    "count": NUMBER("Predicted", format="localized", help="Predicted {marks} with a confidence."),
}


def draw(run: Run, split: str, asked: Filter, said: Words = SPANS) -> None:
    """Draw the reliability of a label or of all, and the slider of the threshold."""
    judged = judging.judged(database(), run.id, split, asked)
    every = calibration.of(judged)
    if not every.count:
        st.info(f"No predicted {said.mark} of this run has a confidence to be held to anything.")
        return
    known = [ALL, *(name for name in judged.labels if calibration.of(judged, name).count)]
    chosen = st.selectbox("Label", known, key="calibrated", width=260)
    label = None if chosen == ALL else chosen
    found = every if label is None else calibration.of(judged, label)
    st.markdown(_in_words(found, said), help=said.fill(ABOUT))
    st.altair_chart(reliability(found), width="stretch", alt=_in_a_line(found))
    _threshold(judged, label, said)
    with st.expander("The numbers", icon=":material/table:"):
        tables.show(_bins(found), hide_index=True)
        tables.show(_by_label(judged), hide_index=True, column_config=words.filled(BY_LABEL, said))


def _in_words(found: Calibration, said: Words) -> str:
    """Say it first."""
    error = (
        f"Expected calibration error **{found.error:.3f}** over {count(found.count, said.unit)}: "
    )
    if found.error < GOOD:
        return error + "the model is about as sure as it is right."
    points = f"{100 * abs(found.lean):.0f} points"
    if abs(found.lean) < GOOD / 2:
        return error + f"too sure of some {said.marks}, too modest about others."
    return error + f"on average it is {points} {'too sure' if found.lean > 0 else 'too modest'}."


def reliability(found: Calibration) -> Layers:
    """Draw how often spans are right by how sure the model was, and how many there are."""
    frame = _bins(found)
    axis = alt.Axis(format="%", tickCount=5)
    unit = alt.Scale(domain=[0, 1])
    x = alt.X("Confidence:Q", scale=unit, axis=axis, title="How sure the model is")
    y = alt.Y("Right:Q", scale=unit, axis=axis, title="How often it is right")
    tips = [
        alt.Tooltip("Confidence:Q", format=".1%", title="Confidence"),
        alt.Tooltip("Right:Q", format=".1%"),
        alt.Tooltip("Count:Q", format=","),
        alt.Tooltip("From:Q", format=".3f"),
        alt.Tooltip("To:Q", format=".3f"),
    ]
    ideal = alt.Chart(pd.DataFrame({"Confidence": [0, 1], "Right": [0, 1]})).mark_line(
        strokeDash=[4, 4], color=colors.of_theme("grayColor"), strokeWidth=1
    )
    made = alt.Chart(frame)
    line = made.mark_line(color=colors.of_theme("primaryColor"))
    points = made.mark_point(
        filled=True, size=70, opacity=1, color=colors.of_theme("primaryColor")
    ).encode(tooltip=tips)
    gaps = made.mark_rule(color=colors.of_theme("orangeColor"), strokeWidth=2, opacity=0.7).encode(
        y2="Confidence:Q"
    )
    return alt.layer(*(each.encode(x=x, y=y) for each in (ideal, gaps, line, points))).properties(
        height=230
    )


def _threshold(judged: Judged, label: str | None, said: Words) -> None:
    """Show precision, recall and F1 of what is at least this sure."""
    curve = calibration.curve(judged, THRESHOLDS, label)
    chosen = st.slider(
        "Take only what is at least this sure",
        *(0.0, 0.99, 0.0, 0.01),
        key="threshold",
        help=f"Predicted {said.marks} below are taken as not made: fewer are wrong, and more are "
        "missed. The figures of the report stay as they are.",
    )
    at = curve.at(chosen)
    figures = {
        "Precision": curve.precision[at],
        "Recall": curve.recall[at],
        "F1": curve.f1[at],
    }
    with st.container(horizontal=True, gap="medium"):
        for name, value in figures.items():
            st.metric(name, f"{value:.3f}")
        st.metric("Predicted", f"{curve.kept[at]:,}")
    st.altair_chart(rates(curve, chosen), width="stretch", alt=_rates_in_a_line(curve, at))
    best = curve.best
    st.caption(
        f"The F1 is highest ({curve.f1[best]:.3f}) at {curve.threshold[best]:.2f}. Choose on dev "
        "what you mean to use: on test it flatters."
    )


def rates(curve: Curve, chosen: float) -> Layers:
    """Draw precision, recall and F1 by threshold, and where the slider stands."""
    columns = {"Precision": curve.precision, "Recall": curve.recall, "F1": curve.f1}
    frame = pd.DataFrame({"Threshold": curve.threshold, **columns}).melt(
        "Threshold", var_name="Figure", value_name="Share"
    )
    lines = (
        alt.Chart(frame)
        .mark_line()
        .encode(
            x=alt.X("Threshold:Q", scale=alt.Scale(domain=[0, 1]), title="Confidence at least"),
            y=alt.Y("Share:Q", scale=alt.Scale(domain=[0, 1]), title=None),
            color=alt.Color(
                "Figure:N", sort=list(columns), legend=alt.Legend(orient="top", title=None)
            ),
            strokeDash=alt.StrokeDash("Figure:N", sort=list(columns), legend=None),
            tooltip=["Figure:N", "Threshold:Q", alt.Tooltip("Share:Q", format=".3f")],
        )
    )
    place = alt.Chart(pd.DataFrame({"Threshold": [chosen]}))
    rule = place.mark_rule(color=colors.of_theme("grayColor")).encode(x="Threshold:Q")
    return alt.layer(rule, lines).properties(height=190)


def _bins(found: Calibration) -> pd.DataFrame:
    rows = [(b.low, b.high, b.score, b.right, b.count) for b in found.bins]
    return pd.DataFrame(rows, columns=["From", "To", "Confidence", "Right", "Count"])


def _by_label(judged: Judged) -> pd.DataFrame:
    """Return a row a label, the worst calibrated first."""
    found = sorted(calibration.by_label(judged).items(), key=lambda each: -each[1].error)
    rows = [(name, each.error, each.lean, each.count) for name, each in found]
    return pd.DataFrame(rows, columns=list(BY_LABEL))


def _in_a_line(found: Calibration) -> str:
    points = "; ".join(f"{b.score:.0%} sure, {b.right:.0%} right" for b in found.bins)
    return f"Reliability, by how sure the model is: {points}"


def _rates_in_a_line(curve: Curve, at: int) -> str:
    figures = f"precision {curve.precision[at]:.3f}, recall {curve.recall[at]:.3f}"
    return f"Figures by threshold; at {curve.threshold[at]:.2f}: {figures}, F1 {curve.f1[at]:.3f}"
