"""The view of curves: what a threshold on an answer's probability would bring, at every height.

Receiver operating characteristic and precision over recall (Fawcett 2006; Davis and Goadrich 2006).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd
import streamlit as st

from engine import tasks
from engine.evaluation import figures
from engine.evaluation.confusion import Confusion
from pages.widgets.common import colors
from pages.widgets.common.charts import Layers
from pages.widgets.common.errors import literal
from storage.cells import ANY

if TYPE_CHECKING:
    from pages.widgets.report.views import Shown

ABOUT = (
    "The model gives each {document} a probability for each {label}. Taken are those of at least "
    "the threshold: the lower it is, the more are found, and the more of these are wrong. "
    "*AUROC* is the chance that one with the {label} has a higher probability than one without: "
    "0.5 is guessing, 1 is perfect. *Average precision* is the area under the curve of precision."
)
HEIGHT = 220


@dataclass(frozen=True, slots=True)
class At:
    """What a threshold brings; counts are of the split."""

    threshold: float
    precision: float
    recall: float
    false_alarms: float
    """The share of all without the label that are taken."""
    found: int
    taken: int
    support: int

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def is_in(scores: Mapping) -> bool:
    """Tell whether a split's scores hold curves."""
    return bool(scores.get("curves"))


def draw(shown: Shown) -> None:
    """Draw both curves of an answer with the threshold that is chosen, and what it brings."""
    known = shown.whole.get("curves", {})
    if shown.asked:
        st.caption(shown.words.fill("Of all {documents}: the filter does not count here."))
    label = _choose(shown, list(known))
    curve = known[label]
    st.markdown(
        f"AUROC **{curve['auroc']:.3f}**, average precision **{curve['average_precision']:.3f}** "
        f"for {literal(label)}.",
        help=shown.words.fill(ABOUT),
    )
    best = float((curve.get("best") or {}).get("threshold", 0.5))
    heights = sorted({row[2] for row in curve["precision_recall"] if row[2] is not None})
    chosen = st.select_slider(
        "Threshold",
        heights,
        min(heights, key=lambda height: abs(height - best)),
        format_func=lambda height: f"{height:.3f}",
        key=f"curve-threshold-{shown.run.id}-{shown.split}-{label}",
        help=f"It begins where F1 is highest, at {best:.3f}. The report stays as it is: choose on "
        "dev what you mean to use, for on test it flatters.",
    )
    at = at_threshold(curve, chosen, *_counts(shown, label))
    _figures(at, shown.words.document)
    left, right = st.columns(2, gap="small")
    with left:
        chart = line(curve["roc"], "False alarms", "Recall", (at.false_alarms, at.recall))
        st.altair_chart(chart, width="stretch", alt=f"ROC curve: {_in_words(at)}")
    with right:
        chart = line(curve["precision_recall"], "Recall", "Precision", (at.recall, at.precision))
        st.altair_chart(chart, width="stretch", alt=f"Precision over recall: {_in_words(at)}")


def _choose(shown: Shown, known: Sequence[str]) -> str:
    """Ask for a label; of the answers of a task the one that says yes comes first."""
    fitting = tasks.get(shown.project.task).fitting
    yes = fitting.answers(list(known))[0] if fitting else known[0]
    order = sorted(known, key=lambda name: (name != yes, name))
    if len(order) == 1:
        return order[0]
    return st.selectbox(shown.words.label.capitalize(), order, key="curve-label", width=260)


def _counts(shown: Shown, label: str) -> tuple[int, int]:
    """Return how many have the label by people, and how many others there are."""
    rows = figures.of_labels(shown.whole)
    support = int(rows[label]["support"]) if label in rows else 0
    return support, Confusion.of(shown.whole).count(ANY, ANY) - support


def at_threshold(curve: Mapping[str, Any], threshold: float, support: int, others: int) -> At:
    """Return what the lowest point of both curves at a threshold or above brings.

    The curves are thinned out, so that a point may lie a little higher; above the highest
    nothing is taken.
    """
    reached = [row for row in curve["precision_recall"] if row[2] is not None]
    above = [row for row in reached if row[2] >= threshold]
    if not above:
        return At(threshold, 1.0, 0.0, 0.0, 0, 0, support)
    recall, precision, height = min(above, key=lambda row: row[2])
    alarms = [row[0] for row in curve["roc"] if row[2] is not None and row[2] >= height]
    found, wrong = round(recall * support), round(max(alarms, default=0.0) * others)
    return At(
        *(float(height), float(precision), float(recall), float(max(alarms, default=0.0))),
        *(found, found + wrong, support),
    )


def _figures(at: At, document: str) -> None:
    with st.container(horizontal=True, gap="medium"):
        for name, value in (("Precision", at.precision), ("Recall", at.recall), ("F1", at.f1)):
            st.metric(name, f"{value:.3f}")
        st.metric("Taken", f"{at.taken:,}", help=f"Each {document} of at least this probability.")
        st.metric("Of these right", f"{at.found:,}", help=f"Of {at.support:,} that people gave it.")


def line(points: Sequence[Sequence[float]], across: str, up: str, here: tuple) -> Layers:
    """Draw a curve over the unit square, and where the threshold stands on it."""
    frame = pd.DataFrame([row[:2] for row in points], columns=[across, up])
    frame["order"] = range(len(frame))
    unit = alt.Scale(domain=[0, 1])
    axis = alt.Axis(format="%", tickCount=5)
    place = {
        "x": alt.X(f"{across}:Q", scale=unit, axis=axis),
        "y": alt.Y(f"{up}:Q", scale=unit, axis=axis),
    }
    tips = [alt.Tooltip(f"{name}:Q", format=".1%") for name in (across, up)]
    primary, orange = colors.of_theme("primaryColor"), colors.of_theme("orangeColor")
    drawn = alt.Chart(frame).mark_line(color=primary).encode(**place, order="order:Q", tooltip=tips)
    point = pd.DataFrame([here], columns=[across, up])
    mark = alt.Chart(point).mark_point(filled=True, size=110, opacity=1, color=orange)
    return alt.layer(drawn, mark.encode(**place, tooltip=tips)).properties(height=HEIGHT)


def _in_words(at: At) -> str:
    return (
        f"at {at.threshold:.3f} precision {at.precision:.3f}, recall {at.recall:.3f}, "
        f"false alarms {at.false_alarms:.3f}"
    )
