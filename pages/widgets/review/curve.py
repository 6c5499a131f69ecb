"""Where more would help: the learning curve in sentences and a chart, drawn by a button."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from engine.configuration import bases, recipes, timing
from engine.configuration.recipes import Data
from engine.evaluation.learning_curve import ALL, Curve, Outlook, step
from engine.inspection import curves
from engine.inspection.curves import Held
from engine.inspection.training_data import TrainingData
from engine.runner import lacks, unscored, why
from pages.widgets.common import charts, colors, leave, tables
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from pages.widgets.train.estimate import Estimate
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.journal import annotations as journal
from storage.runs import runs
from storage.types import Project, Run, RunState

RECIPE = "quick"
REFRESH_SECONDS = 1.0
# So many labels are drawn, those that should gain most; more lines nobody tells apart.
DRAWN = 4
AHEAD = 1.5
GREY = "#808080"
ORDER = [Outlook.GROWS, Outlook.UNSURE, Outlook.FLAT, Outlook.UNKNOWN]


def show(project: Project) -> None:
    """Show the newest curve of a project, the one that is being drawn, or the way to one."""
    st.markdown("##### Where more would help", anchors=False)
    living = curves.living(database(), project.id)
    if living:
        st.fragment(_watch, run_every=REFRESH_SECONDS)(living.id, living.state)
    known = curves.newest(database(), project.id)
    if known:
        _drawn(project, *known)
    elif not living:
        st.caption(
            "How much would 100 more documents of a label bring? A learning curve trains on an "
            "eighth of your documents, then on more and more of them, and says."
        )
    if not living:
        _offer(project, again=known is not None)


def _drawn(project: Project, run: Run, report: Mapping) -> None:
    found = curves.of_report(report)
    everything, labels = found[ALL], _ranked(found)
    lines = [everything, *labels[:DRAWN]]
    st.markdown("  \n".join(map(_line, lines)))
    st.altair_chart(_chart(project, [*labels[:DRAWN], everything]), alt=_in_words(labels))
    with st.expander("All labels, as a table", icon=":material/table:"):
        _table([*labels, everything])
        st.caption(
            f"Recipe {report['recipe'] or 'of your own'}, "
            f"{count(len(report['seconds']), 'training')}, "
            f"{timing.in_words(report['total_seconds'])}. Each point is the F1 on dev of a model "
            "that learned from a part of train; the line is a power law (Hestness et al. 2017), "
            "the band holds four of five resamples. It is about more documents like those that "
            "are there, with all their labels."
        )
    _came(curves.held(database(), project.id))


def _ranked(found: Mapping[str, Curve]) -> list[Curve]:
    """Return the curves of labels, what should gain most first."""
    labels = [curve for label, curve in found.items() if label != ALL]
    return sorted(labels, key=lambda each: (ORDER.index(each.outlook), -_mean(each), each.label))


def _mean(curve: Curve) -> float:
    if curve.outlook is Outlook.UNKNOWN:
        return 0.0
    gain = curve.gain(step(curve.now))
    return (gain.low + gain.high) / 2


def _line(curve: Curve) -> str:
    icon = {
        Outlook.GROWS: ":material/trending_up:",
        Outlook.UNSURE: ":material/trending_flat:",
        Outlook.FLAT: ":material/horizontal_rule:",
        Outlook.UNKNOWN: ":material/question_mark:",
    }[curve.outlook]
    return f"{icon} {literal(curve.sentence)}"


def _chart(project: Project, shown: Sequence[Curve]) -> charts.Layers:
    known = {label.name: label.color for label in project.labels}
    # What all labels do together is on another scale: it counts all documents.
    drawn = [each for each in shown if each.label != ALL and not each.unknown] or list(shown)
    paint = {_name(e): colors.nearest_good(known.get(e.label) or GREY) for e in drawn}
    points = [
        {"label": _name(curve), "size": size, "f1": f1}
        for curve in drawn
        for size, f1 in zip(curve.sizes, curve.f1, strict=True)
        if size
    ]
    laws = [row for curve in drawn if not curve.unknown for row in _law(curve)]
    columns = ["label", "size", "f1", "low", "high", "ahead"]
    return charts.learning_curves(pd.DataFrame(points), pd.DataFrame(laws, columns=columns), paint)


def _law(curve: Curve) -> list[dict]:
    first = min(size for size in curve.sizes if size)
    behind = [(size, False) for size in np.geomspace(first, curve.now, 20)]
    ahead = [(size, True) for size in np.geomspace(curve.now, curve.now * AHEAD, 8)]
    rows = []
    for size, future in behind + ahead:
        f1, low, high = curve.at(size, noise=0.0)
        told = {"f1": f1, "low": low, "high": high, "ahead": future}
        rows.append({"label": _name(curve), "size": float(size), **told})
    return rows


def _in_words(labels: Sequence[Curve]) -> str:
    """Return what the chart shows, for those who do not see it."""
    told = [
        f"{each.label} from {each.f1[each.sizes.index(min(each.sizes))]:.2f} with "
        f"{min(each.sizes):,} documents to {each.f1[each.sizes.index(each.now)]:.2f} with "
        f"{each.now:,}"
        for each in labels[:DRAWN]
        if not each.unknown
    ]
    return f"Learning curves, F1 on dev: {'; '.join(told) or 'nothing could be fitted'}"


def _table(shown: Sequence[Curve]) -> None:
    rows = []
    for curve in shown:
        gain = None if curve.unknown else curve.gain(step(curve.now))
        at_end = [f1 for size, f1 in zip(curve.sizes, curve.f1, strict=True) if size == curve.now]
        rows.append(
            {
                "Label": _name(curve),
                "Documents": curve.now,
                "F1": sum(at_end) / len(at_end) if at_end else None,
                "More": gain.more if gain else None,
                "Least": 100 * gain.low if gain else None,
                "Most": 100 * gain.high if gain else None,
            }
        )
    number = st.column_config.NumberColumn
    config = {
        "Documents": number(help="Of train, with the label."),
        "F1": number(format="%.3f", help="With all of train, on dev."),
        "More": number(help="So many more documents …"),
        "Least": number(format="%.1f", help="… should bring at least so many points …"),
        "Most": number(format="%.1f", help="… and at most so many."),
    }
    tables.show(pd.DataFrame(rows), hide_index=True, column_config=config)


def _came(held: Sequence[Held]) -> None:
    """Show what came of earlier predictions."""
    if not held:
        return
    right = sum(each.right for each in held)
    with st.expander(
        f"What came of it: {right:,} of {len(held):,} as predicted", icon=":material/fact_check:"
    ):
        rows = [
            {
                "Label": "All" if each.label == ALL else each.label,
                "Run": each.run.title,
                "Documents": each.size,
                "Predicted": f"{each.low:.2f}–{each.high:.2f}",
                "Was": each.measured,
                "As predicted": each.right,
            }
            for each in held
        ]
        config = {"Was": st.column_config.NumberColumn(format="%.2f")}
        tables.show(pd.DataFrame(rows), hide_index=True, column_config=config)
        changed = {each.run.title for each in held if not each.same_dev}
        if changed:
            st.caption(f"Dev has changed since: {', '.join(sorted(changed))}.")


def _watch(run_id: int, drawn: RunState) -> None:
    """Say how far the curve is, and let it be stopped; begin the page anew once it ended."""
    run = runs.get_run(database(), run_id)
    if run.state is not drawn:
        st.rerun(scope="app")
    progress = run.progress
    if not progress.get("members"):
        said = why(database(), run) or "The learning curve is about to begin."
        st.progress(0.0, text=literal(said))
    else:
        member, members, steps = progress["member"], progress["members"], progress.get("steps")
        within = progress["step"] / steps if steps else 0.0
        done = (member - 1 + min(within, 1.0)) / members
        st.progress(done, text=f"Learning curve: training {member:,} of {members:,}")
    with st.container(horizontal=True):
        asked = leave.to(runs.request_cancel)
        stop = st.button("Stop", icon=":material/stop:", key="curve-stop", type="tertiary", **asked)
        keep = run.state is RunState.RUNNING and st.button(
            "Stop, draw what there is",
            icon=":material/flag:",
            key="curve-keep",
            type="tertiary",
            **leave.to(
                runs.request_cancel,
                "Draws the curve from the trainings that have ended; it takes three.",
            ),
        )
    if stop or keep:
        runs.request_cancel(database(), run.id, keep=keep)
        st.toast("Stopping within seconds.")


def _offer(project: Project, *, again: bool) -> None:
    """Offer to draw a curve, with how long that takes here, or say what is missing."""
    db = database()
    if missing := lacks(db, project.id):
        st.caption(literal(missing))
        return
    if unscored(db, project.id):
        st.caption("Dev is empty: set a part of train aside for it on the Train page first.")
        leave.page_link("train.py", label="Train", icon=":material/model_training:")
        return
    clicked = st.button(
        "Draw it anew" if again else "Draw the learning curve",
        icon=":material/trending_up:",
        type="tertiary" if again else "primary",
        key="curve-draw",
        **leave.to(
            runs.create_run,
            f"It takes {_minutes(project)} on this computer and runs in the background.",
        ),
    )
    if not again:
        st.caption(f"It takes {_minutes(project)} here; you can go on working.")
    if clicked:
        _start(project)


def _start(project: Project) -> None:
    try:
        settings = recipes.choose(RECIPE, _train(TrainingData.of(database(), project)))
        curves.start(database(), project.id, bases.BUNDLED, settings)
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    st.rerun(scope="app")


def _minutes(project: Project) -> str:
    """Say how long a curve takes here; asked once for each state of the project's labels."""
    stamp = journal.stamp(database(), project.id)
    key = f"curve-minutes-{project.id}"
    if st.session_state.get(key, (None, ""))[0] != stamp:
        st.session_state[key] = stamp, _counted(project)
    return st.session_state[key][1]


def _counted(project: Project) -> str:
    pace = Estimate.of().pace
    if pace is None:
        return "ten short trainings"
    known = TrainingData.of(database(), project)
    dev, _ = known.scored
    return timing.in_words(curves.seconds(RECIPE, _train(known), dev, pace))


def _train(known: TrainingData) -> Data:
    return known.data(bases.shape(bases.BUNDLED))


def _name(curve: Curve) -> str:
    return "All labels" if curve.label == ALL else charts.named(curve.label)
