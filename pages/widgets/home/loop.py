"""Home with a project: the next step, the weakest label, the last runs, the loop."""

from __future__ import annotations

from collections.abc import Callable

import altair as alt
import pandas as pd
import streamlit as st

from engine.evaluation.prequential import Expected
from pages.widgets.common import address, colors, leave
from pages.widgets.common.charts import Layers, named
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from pages.widgets.home import next_step
from pages.widgets.home.next_step import ProjectSummary, Scored
from storage.words import Words

F1 = (
    "F1 joins two shares: how much of what the model marked is right (precision), and how much "
    "of what people marked it found (recall). 1 is perfect."
)
HEIGHT = 150
# Of more labels than this, those that do worst have a bar.
BARS = 16
# Less is noise of the seed, and not worth a word.
TELLING = 0.01


def draw(state: ProjectSummary, *say: Callable[[], None]) -> None:
    """Draw everything; on a narrow screen one thing stands below the other.

    ``say`` draws what a training now should bring, and the like.
    """
    left, right = st.columns([1, 1], gap="small") if state.newest else (st.container(), None)
    with left.container(border=True, height="stretch"):
        _next(state)
        for each in say:
            each()
    if right:
        with right.container(border=True, height="stretch"):
            _weakest(state)
        _history(state)
    _stations(state)


def _next(state: ProjectSummary) -> None:
    step = next_step.next_step(state)
    asked = leave.to_open(step.told_by or step.page)
    if asked["disabled"] and (other := next_step.labelling(state)):
        step, asked = other, leave.to_open(other.page)
    _heading("Next step", step.why)
    if st.button(step.action, type="primary", icon=step.icon, key="next_step", **asked):
        st.switch_page(step.page, query_params=step.params)


def _weakest(state: ProjectSummary) -> None:
    if not state.weakest:
        _heading(f"Weakest {state.words.label}", "Nothing went wrong in the last report.")
        return
    _heading(f"Weakest {state.words.label}", literal(state.weakest.sentence))
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            f"Open these {state.words.documents}",
            icon=":material/search:",
            key="weakest",
            **leave.to_open("report.py"),
        ):
            st.switch_page("report.py", query_params=address.of_cell(next_step.worst_cell(state)))
        st.caption(f"F1 of {literal(state.weakest.label)}: {state.weakest.f1:.2f}", help=_f1(state))


def _heading(about: str, words: str) -> None:
    with st.container(gap=None):
        st.caption(about)
        st.markdown(f"#### {words}", anchors=False)


def _history(state: ProjectSummary) -> None:
    """The last runs as a line of F1, and how the newest differs from the one before."""
    left, right = st.columns([2, 1], gap="small")
    newest = state.newest
    before = state.scored[1] if len(state.scored) > 1 else None
    with right.container(border=True, height="stretch"):
        st.metric(
            f"{state.words.f1} of {newest.run.title}, on {newest.split}",
            f"{newest.f1:.3f}",
            f"{newest.f1 - before.f1:+.3f}" if before else None,
            delta_description=f"against {before.run.title}" if before else None,
            help=_f1(state),
        )
        unit = state.words.unit
        if newest.run.expected:
            st.caption(Expected.read(newest.run.expected).held(newest.f1))
        st.caption(_difference(newest, before, unit) if before else _scored_on(newest, unit))
    with left.container(border=True, height="stretch"):
        short = state.words.short
        what = f"{short} of the last runs" if before else _of_labels(newest, state.words)
        st.markdown(f"**{what}**", help=_f1(state))
        chart, words = (
            (_line(state), f"A line: the {short} of the last runs, the oldest first")
            if before
            else (_bars(newest, state.words), f"A bar for the F1 of each {state.words.label}")
        )
        # Of its final height from the start: what is below stays where it is.
        with st.container(height=chart.height + 8, border=False):
            st.altair_chart(chart, width="stretch", alt=words)


def _f1(state: ProjectSummary) -> str:
    """Say what the figure is, and what counts as right."""
    own = "" if state.words.short == "F1" else f"{state.words.f1} is the share that is right. "
    return f"{own}{F1} {state.words.right}"


def _scored_on(one: Scored, unit: str) -> str:
    return f"Scored on {count(one.support, unit)} that people labelled."


def _difference(newest: Scored, before: Scored, unit: str) -> str:
    """Say which labels moved, and whether both runs were scored on as many marks."""
    moved = {
        name: f1 - before.by_label[name]
        for name, f1 in newest.by_label.items()
        if abs(f1 - before.by_label.get(name, f1)) >= TELLING
    }
    ranked = sorted(moved.items(), key=lambda label: -abs(label[1]))[:4]
    words = ", ".join(f"{literal(name)} {_signed(change)}" for name, change in ranked)
    same = newest.support == before.support
    counts = f"Scored on {count(newest.support, unit)}" + (
        "" if same else f", {before.support:,} then"
    )
    return f"{words or 'No label moved by 0.01 or more'}. {counts}."


def _signed(change: float) -> str:
    return f"{change:+.2f}".replace("-", "−")


def _line(state: ProjectSummary) -> Layers:
    rows = [
        (one.run.title, one.f1, one.support, one.report["train_documents"], str(one.run.note))
        for one in reversed(state.scored)
    ]
    frame = pd.DataFrame(rows, columns=["run", "f1", "support", "learned", "note"])
    scale = alt.Scale(zero=False, padding=14)
    base = alt.Chart(frame).encode(
        x=alt.X("run:N", sort=None, title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
        y=alt.Y("f1:Q", title=None, scale=scale, axis=alt.Axis(format=".2f", tickCount=3)),
        tooltip=[
            alt.Tooltip("run:N", title="Run"),
            alt.Tooltip("f1:Q", title=state.words.short, format=".3f"),
            alt.Tooltip("support:Q", title="It was scored on", format=","),
            alt.Tooltip(
                "learned:Q",
                title=f"{state.words.documents.capitalize()} it learned from",
                format=",",
            ),
            alt.Tooltip("note:N", title="Note"),
        ],
    )
    points = base.mark_point(filled=True, size=70, opacity=1)
    figures = base.mark_text(dy=-12, color=_ink()).encode(text=alt.Text("f1:Q", format=".2f"))
    return alt.layer(base.mark_line(), points, figures).properties(height=HEIGHT)


def _of_labels(newest: Scored, said: Words) -> str:
    """Say which labels have a bar: all, or of many those that do worst."""
    number = len(newest.by_label)
    every = f"F1 of each {said.label}"
    return f"F1 of the {BARS} weakest of {number} labels" if number > BARS else every


def _bars(newest: Scored, said: Words) -> Layers:
    labels = newest.labels
    worst = sorted(newest.by_label.items(), key=lambda each: each[1])[:BARS]
    rows = [(named(name), f1, labels[name]["support"]) for name, f1 in worst]
    frame = pd.DataFrame(rows, columns=["label", "f1", "support"])
    base = alt.Chart(frame).encode(
        x=alt.X("f1:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=None),
        y=alt.Y(
            "label:N", sort="-x", title=None, axis=alt.Axis(labelLimit=120, labelOverlap=False)
        ),
        tooltip=[
            alt.Tooltip("label:N", title=said.label.capitalize()),
            alt.Tooltip("f1:Q", title="F1", format=".3f"),
            alt.Tooltip("support:Q", title=said.fill("{Holders} that people labelled"), format=","),
        ],
    )
    figures = base.mark_text(dx=6, align="left", color=_ink())
    layers = base.mark_bar(cornerRadius=2), figures.encode(text=alt.Text("f1:Q", format=".2f"))
    return alt.layer(*layers).properties(height=max(HEIGHT, 22 * len(rows)))


def _ink() -> str:
    """Figures in a chart know nothing of the theme."""
    return colors.css(colors.current().text)


def _stations(state: ProjectSummary) -> None:
    """The five stations of the loop, each with its number, and the way to it."""
    stations = (
        ("Import", "data.py", ":material/folder_open:", *_importing(state)),
        ("Tag", "tag.py", ":material/ink_highlighter:", *_tagging(state)),
        ("Train", "train.py", ":material/model_training:", *_training(state)),
        ("Report", "report.py", ":material/grid_on:", *_reporting(state)),
        ("Try it", "try.py", ":material/neurology:", *_trying(state)),
    )
    with st.grid(columns=5, min_column_width=150, gap="small"):
        for title, page, icon, words, explanation in stations:
            with st.container(border=True, height="stretch", gap="xxsmall"):
                leave.page_link(page, label=f"**{title}**", icon=icon, help=explanation)
                st.caption(words)


def _importing(state: ProjectSummary) -> tuple[str, str]:
    words = count(state.progress.documents, "document")
    return words, "A document is one text of your file: a line, a sentence, a paragraph."


def _tagging(state: ProjectSummary) -> tuple[str, str]:
    words = f"{state.done:,} done, {count(state.progress.spans, state.words.mark)}"
    return words, "Done means that somebody has looked at it; only these are learned from."


def _training(state: ProjectSummary) -> tuple[str, str]:
    run = state.last_run
    words = f"{run.title}: {run.state}" if run else "no run yet"
    return words, "A run is one training: a model learns from the documents that are done."


def _reporting(state: ProjectSummary) -> tuple[str, str]:
    newest = state.newest
    short = state.words.short
    said = f"{short} {newest.f1:.3f} on {newest.split}" if newest else "no report yet"
    return said, _f1(state)


def _trying(state: ProjectSummary) -> tuple[str, str]:
    words = f"the model of {state.learned.title}" if state.learned else "no model yet"
    if state.live:
        words = f"{state.live.title} is live"
    return words, "Type a text or hand in a file, and see what the model says."
