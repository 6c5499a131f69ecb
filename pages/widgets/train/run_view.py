"""One run, live: state, progress, what can be done with it, curves or trials, log."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from engine.evaluation.prequential import Expected
from engine.jobs import kinds
from engine.runner import again, folder_of, resume, suggest, waiting, why
from engine.runs import events
from pages.widgets.common import charts, leave, run_picker, words
from pages.widgets.common.colors import Shade
from pages.widgets.common.errors import literal
from pages.widgets.train import run_list, settings_table, trials
from storage import home
from storage.database.store import database
from storage.errors import RefusedError, RunFolderError, WhetstoneError
from storage.runs import reports, run_events, runs
from storage.serving import versions
from storage.types import Project, Run, RunState, Stage

REFRESH_SECONDS = 1.0
LOG_LINES = 200
WAITING = "waiting for disk space"
# What a run does while it has a place in the documents.
READING = ("reading", "comparing")
BADGES: dict[RunState, tuple[str, Shade]] = {
    RunState.QUEUED: (":material/schedule:", "gray"),
    RunState.STARTING: (":material/hourglass_top:", "blue"),
    RunState.RUNNING: (":material/sync:", "blue"),
    RunState.DONE: (":material/check_circle:", "green"),
    RunState.FAILED: (":material/error:", "red"),
    RunState.CANCELLED: (":material/cancel:", "gray"),
}


def show(project: Project, known: Sequence[Run]) -> None:
    """List the runs and show the chosen one."""
    chosen = run_list.choose(project, known)
    run_list.manage(chosen)
    drawn = {run.id: run.state for run in known}
    live = any(not state.final for state in drawn.values())
    st.fragment(_watch, run_every=REFRESH_SECONDS if live else None)(project, chosen.id, drawn)


def _watch(project: Project, run_id: int, drawn: Mapping[int, RunState]) -> None:
    if runs.states(database(), project.id, len(drawn)) != drawn:
        # The whole page changes with the state of a run: its list, its buttons, the timer.
        st.rerun(scope="app")
    run = runs.get_run(database(), run_id)
    told = _read_events(run)
    state(run)
    _expected(run)
    if not run.state.final:
        position(run)
        stop(run)
    elif run.state is not RunState.DONE:
        go_on(run)
    else:
        _use(run)
    _findings(run, told)
    _details(run, told)


def _use(run: Run) -> None:
    """Offer what a finished run is good for."""
    kind = kinds.of(run)
    if kind.leaves_model:
        _use_model(run)
    if found := kind.opens:
        icon = f":material/{found.icon}:"
        st.page_link(found.page, label=found.label, icon=icon, query_params=found.query(run))


def _findings(run: Run, told: Sequence[Mapping]) -> None:
    if kinds.TRIALS in kinds.of(run).options:
        trials.show(run, told)
    else:
        _curves(run)


def _use_model(run: Run) -> None:
    """Offer what a finished training is good for."""
    with st.container(horizontal=True, vertical_alignment="center"):
        # A link: it leads there also in the moment in which the page takes in that the run ended.
        st.page_link(
            "report.py",
            label="**Open the report**",
            icon=":material/grid_on:",
            query_params={"run": str(run.id)},
        )
        run_picker.offer_comparison(run)
        is_live = versions.stages(database(), run.project_id).get(run.id) is Stage.LIVE
        st.page_link(
            "serving/models.py",
            label="Live: see Models" if is_live else "Make it live",
            icon=":material/deployed_code:",
            query_params={"run": str(run.id)},
        )
        if st.button(
            "Look at the documents again",
            icon=":material/visibility:",
            type="tertiary",
            key=f"look-{run.id}",
            help="Lets this model read every document: its suggestions and what to tag next "
            "then come from it. This happens by itself after a training.",
        ):
            _queue(lambda: suggest(database(), run.id))


def _read_events(run: Run) -> list[Mapping]:
    """Return the run's events that people read; each second only what is new is parsed."""
    shown, offset, found = st.session_state.get("read_events", (None, 0, []))
    if shown != run.id:
        offset, found = 0, []
    try:
        fresh, offset = events.read(folder_of(run) / events.FILE, offset)
    except (RunFolderError, RefusedError) as error:
        st.warning(literal(str(error)), icon=":material/warning:")
        return found
    found = found + [event for event in fresh if event["kind"] in ("log", "state", "trial")]
    st.session_state["read_events"] = (run.id, offset, found)
    return found


def state(run: Run) -> None:
    """Say how a run stands, and what it said last."""
    icon, color = BADGES[run.state]
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.badge(str(run.state).capitalize(), icon=icon, color=color)
        kind = kinds.of(run)
        if kind.badge:
            st.badge(kind.badge, icon=f":material/{kind.icon}:", color="violet")
        if run.attempt > 1:
            st.badge(f"Attempt {run.attempt}", icon=":material/replay:", color="gray")
        if run.state is RunState.DONE and run.message:
            st.caption(literal(run.message), width="content")
    if run.state is RunState.FAILED:
        st.error(f"Failed: {literal(run.message)}", icon=":material/error:")
    elif run.message and run.state is RunState.CANCELLED:
        st.caption(literal(run.message))
    elif run.message and not run.state.final:
        # A worker that is silent, or a machine that is asked to wait: somebody should look.
        st.warning(literal(run.message), icon=":material/warning:")


def _expected(run: Run) -> None:
    """Say what was expected of a run, and what it brought where it is over."""
    if not run.expected:
        return
    said, brought = Expected.read(run.expected), reports.headlines(database(), [run.id])
    told = said.held(brought[run.id][1]) if run.id in brought else f"expected {said}"
    figure = words.spoken(run)
    st.caption(f"{figure[0].upper()}{figure[1:]} {told}")


def position(run: Run) -> None:
    """Say how far a living run is, or what it waits for."""
    progress = run.progress
    if run.state is RunState.QUEUED:
        st.caption(literal(why(database(), run)))
        return
    if progress.get("phase") == WAITING:
        sentence = str(progress.get("message") or "The run waits for disk space.")
        st.warning(literal(sentence), icon=":material/hard_drive:")
    steps = progress.get("steps")
    if not steps:
        st.progress(0.0, text=waiting.beginning(run))
        return
    st.progress(min(1.0, progress["step"] / steps), text=_where(progress, kinds.of(run).member))


def _where(progress: Mapping, one: str) -> str:
    """Say where a run is: phase, which training of several, epoch, time left, speed, device."""
    moving = progress.get("phase") != WAITING
    left, words = progress.get("seconds_left"), progress.get("words_per_second")
    trial, member, members = (progress.get(key) for key in ("trial", "member", "members"))
    parts = [
        str(progress.get("phase", "training")),
        f"trial {trial}" if trial is not None else "",
        f"{one} {member} of {members}" if members and members > 1 else "",
        _place(progress),
        f"{run_list.duration(left)} left" if moving and left is not None else "",
        f"{words:,.0f} words/s" if moving and words else "",
        str(progress.get("device") or ""),
    ]
    return " · ".join(filter(None, parts))


def _place(progress: Mapping) -> str:
    if progress.get("phase") in READING:
        return f"document {progress['step']:,} of {progress['steps']:,}"
    return f"epoch {progress['epoch']}/{progress['epochs']}"


def stop(run: Run) -> None:
    """Offer to end a living run, with what it has or with nothing."""
    with st.container(horizontal=True):
        kind = kinds.of(run)
        early = kind.stops_early and not kind.background and run.state is RunState.RUNNING
        keep = early and st.button(
            "Stop and keep the best",
            icon=":material/flag:",
            key=f"keep-{run.id}",
            **leave.to(
                runs.request_cancel,
                "Ends the training now, tests the best model so far and writes its report.",
            ),
        )
        cancel = st.button(
            "Cancel this run",
            icon=":material/stop:",
            key=f"cancel-{run.id}",
            **leave.to(runs.request_cancel),
        )
    if keep or cancel:
        runs.request_cancel(database(), run.id, keep=keep)
        st.toast("Stopping: the best so far is tested." if keep else "Cancelling within seconds.")


def go_on(run: Run) -> None:
    """Offer to resume a run that has something to go on from, and to begin it anew."""
    checkpoint = any(home.run_folder(run.folder).glob(kinds.of(run).kept))
    with st.container(horizontal=True):
        if checkpoint and st.button(
            "Resume",
            icon=":material/resume:",
            type="primary",
            key=f"resume-{run.id}",
            **leave.to(
                runs.requeue, "Goes on where it stopped, with the data and settings it began with."
            ),
        ):
            _queue(lambda: resume(database(), run.id))
        if st.button(
            "Start again",
            icon=":material/replay:",
            type="secondary" if checkpoint else "primary",
            key=f"again-{run.id}",
            **leave.to(runs.create_run, "A new run with these settings and the labels of now."),
        ):
            _queue(lambda: again(database(), run))


def _queue(action: Callable[[], Run]) -> None:
    try:
        st.session_state["watched"] = action().id
    except WhetstoneError as error:
        st.error(literal(str(error)))
        return
    st.rerun(scope="app")


def _curves(run: Run) -> None:
    points = _points(run, run_events.metrics(database(), run.id))
    if not points:
        return
    loss, f1 = st.columns(2, gap="medium")
    loss.altair_chart(charts.curve(points, "loss", "Training loss"), alt="Training loss by epoch")
    if all(point["f1"] is None for point in points):
        f1.caption(f"No dev documents are done, so there is no {words.spoken(run)} to watch.")
        return
    title = words.dev_f1(run)
    f1.altair_chart(charts.curve(points, "f1", title), alt=f"{title} by epoch")


def _points(run: Run, metrics: Sequence[Mapping]) -> list[dict]:
    """Return what the curves show: every seed is a line, and its epochs count from one."""
    first = int(run.settings.get("seed") or 0)
    return [
        {
            "seed": str(first + metric.get("member", 1) - 1),
            "epoch": metric.get("within", metric["epoch"]),
            "loss": metric.get("loss"),
            "f1": (metric.get("dev") or {}).get("f1"),
        }
        for metric in metrics
    ]


def _details(run: Run, told: Sequence[Mapping]) -> None:
    with st.expander("Settings and log"):
        settings_table.show(run)
        lines = [f"{e['at'][11:19]}  {e['message']}" for e in told if e.get("message")]
        st.code(
            "\n".join(lines[-LOG_LINES:]) or "Nothing was logged yet.",
            language=None,
            wrap_lines=True,
        )
