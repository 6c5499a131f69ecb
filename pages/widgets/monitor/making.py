"""A new monitor: its file or folder, the columns, the models, how often and whom it tells."""

from __future__ import annotations

from pathlib import Path, PurePath

import streamlit as st

from engine import tasks
from engine.monitoring import dates, records
from engine.runner import models as having_models
from engine.runner import monitors
from engine.runner.notices import email
from engine.system import web
from pages.widgets.common import run_picker
from pages.widgets.common.errors import literal
from pages.widgets.uploading import zone
from storage.corpus import projects
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.monitors import monitors as stored
from storage.monitors.monitors import Watching
from storage.transfers.uploads import uploads
from storage.types import Project, Run

UPLOAD, PATH = SOURCES = ("Upload a file", "Watch a file or folder")
NO_COLUMN, NO_PROJECT = "", 0
BYS = {"day": "By day", "week": "By week"}
EVERY = {5: "every 5 minutes", 60: "every hour", 360: "every 6 hours", 1440: "once a day"}
FIRST = {"": "as the file says", "day": "the day comes first", "month": "the month comes first"}


def models(project: Project) -> list[Run]:
    """Return the runs of a project that have a model, the newest first."""
    return having_models(database(), project.id)


def require_model(project: Project) -> None:
    """Say what to do where a project has no model, and end the page."""
    if models(project):
        return
    st.info(
        "A monitor counts what people write, by topic, day after day, and tells you when "
        "something surges. It asks a model of this project which text is about what, and there "
        "is none yet: train one first.",
        icon=":material/info:",
    )
    st.page_link("train.py", label="Train a model", icon=":material/model_training:")
    st.stop()


def form(project: Project) -> None:
    """Ask for all of it, what is needed first."""
    how = st.segmented_control(
        "Where the texts come from", SOURCES, default=UPLOAD, required=True, key="monitor-how"
    )
    source = _upload() if how == UPLOAD else _path()
    if not source:
        return
    try:
        columns = monitors.check(source)
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    date_column, text_column, second, id_column = _columns(project, columns)
    run, second_run = _models(project)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            "Name", value=PurePath(source).stem[:60].split("~")[-1], max_chars=100, width=220
        )
        by = st.selectbox("Counted", list(BYS), format_func=BYS.__getitem__, width=130)
        rate = st.number_input(
            "False alarms a year",
            0.1,
            alarms_at_most(),
            1.0,
            width=170,
            help="How many alarms you accept that are mere chance, for each topic in a year. "
            "Fewer means that smaller surges are seen later, or not at all.",
        )
    first, timezone, minutes, emails, hook = _more(how == PATH)
    if not st.button("Make the monitor", type="primary", icon=":material/monitoring:"):
        return
    try:
        addresses = tuple(email.check_address(each) for each in emails.replace(",", " ").split())
        watching = Watching(
            source,
            run.id,
            second_run,
            *(date_column, text_column, second, id_column),
            first=first,
            timezone=dates.checked(timezone),
            by=by,
            alarms_per_year=rate,
            minutes=minutes,
            emails=addresses,
            webhook=web.check(hook.strip()) if hook.strip() else "",
        )
        made = stored.create(database(), project.id, name, watching)
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    st.session_state["monitor-chosen"] = made.id
    # What is watched is a copy in the home.
    uploads.discard(st.session_state.pop("monitor-batch", ""))
    st.session_state["monitors-made"] = _turn() + 1
    st.rerun()


def alarms_at_most() -> float:
    """Return the highest rate of false alarms that the page offers."""
    return 52.0


def _upload() -> str:
    """Return where an uploaded file lies by now; "" without one."""
    dropped = zone.show_one("monitor", "File", records.TABLES, _turn())
    if dropped.file is None:
        st.caption(
            "CSV, TSV, JSON lines or Parquet: a row is a text with the day it was written, of "
            "reviews, mails, posts. Later files can be watched in a folder."
        )
        return ""
    st.session_state["monitor-batch"] = dropped.batch
    key = f"monitor-upload-{dropped.batch}-{dropped.file.number}"
    if key not in st.session_state:
        st.session_state[key] = monitors.keep_upload(dropped.file.name, dropped.file.path)
    return st.session_state[key]


def _turn() -> int:
    """Return how many monitors were made here: each begins with an empty drop zone."""
    return st.session_state.get("monitors-made", 0)


def _path() -> str:
    given = st.text_input(
        "File or folder on this computer",
        placeholder=str(Path.home() / "reviews"),
        help="It is read again whenever it grew: a CSV to which rows are added, or a folder into "
        "which files are put. What was counted is not counted again.",
    )
    return str(Path(given.strip()).expanduser()) if given.strip() else ""


def _columns(project: Project, columns: list[str]) -> tuple[str, str, str, str]:
    """Ask which column is what; a folder of texts has none."""
    if not columns:
        st.caption("Each file is a text; its day is in its name (2026-11-26), else its file's.")
        return "", "", "", ""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        date_column = _column("Date", columns, records.DATE_NAMES)
        text_column = _column("Text", columns, records.TEXT_NAMES)
        second = ""
        if "second_text" in tasks.get(project.task).columns:
            second = _column("Second text", columns, ("answer", "second_text", "item"))
        id_column = st.selectbox(
            "Id",
            [NO_COLUMN, *columns],
            format_func=lambda name: name or "none",
            width=150,
            help="What names a row for good, if there is such a column. Without it, a row is "
            "known again by its date and text.",
        )
    return date_column, text_column, second, id_column or ""


def _column(title: str, columns: list[str], usual: tuple[str, ...]) -> str:
    lower = [name.strip().lower() for name in columns]
    guess = next((lower.index(name) for name in usual if name in lower), 0)
    chosen = st.selectbox(title, columns, index=guess, key=f"monitor-column-{title}", width=170)
    return chosen or columns[0]


def _models(project: Project) -> tuple[Run, int | None]:
    """Ask which model tells the topics, and which splits each of them, if one does."""
    own = models(project)
    others = {
        each.id: each
        for each in projects.list_projects(database())
        if each.id != project.id and models(each)
    }
    with st.container(horizontal=True, vertical_alignment="bottom"):
        run = st.selectbox(
            f"Topics by a model of {project.name}", own, format_func=run_picker.title, width=300
        )
        second = st.selectbox(
            "Each split by a model of",
            [NO_PROJECT, *others],
            format_func=lambda id: others[id].name if id else "nothing",
            width=220,
            help="A project on sentiment, say: then negative texts about a topic are counted by "
            "themselves.",
            disabled=not others,
        )
    return run, models(others[second])[0].id if second else None


def ask_how(key: str, asked: Watching, watched: bool) -> tuple[str, str, int]:
    """Ask how dates are read, and how often the source is looked at."""
    first = st.selectbox(
        "A date such as 3/4/2026",
        list(FIRST),
        index=list(FIRST).index(asked.first),
        format_func=FIRST.__getitem__,
        key=f"{key}-first",
    )
    timezone = st.text_input(
        "Days begin at midnight in",
        asked.timezone,
        key=f"{key}-zone",
        help="A time zone, as Europe/Berlin. It matters where dates come with their zone.",
    )
    minutes = st.selectbox(
        "Look for new texts",
        sorted({*EVERY, asked.minutes}),
        index=sorted({*EVERY, asked.minutes}).index(asked.minutes),
        format_func=lambda minutes: EVERY.get(minutes, f"every {minutes} minutes"),
        key=f"{key}-minutes",
        disabled=not watched,
    )
    return first, timezone.strip(), minutes


def _more(watched: bool) -> tuple[str, str, int, str, str]:
    """Ask what is rarely changed: dates, how often it looks, whom an alarm is sent to."""
    with st.expander("Dates, how often, and whom to tell", icon=":material/tune:"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            first, timezone, minutes = ask_how("monitor-new", Watching("", 0), watched)
        emails = st.text_input("E-mail to", placeholder="ada@example.org bob@example.org")
        hook = st.text_input(
            "Webhook",
            placeholder="https://example.org/alarms",
            help="Gets each alarm once, as a JSON object by POST.",
        )
        if emails.strip() and not email.server(database()).host:
            st.caption("Name the mail server under *Mail server* once the monitor is made.")
    return first, timezone, minutes, emails, hook
