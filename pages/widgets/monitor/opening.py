"""The texts of an alarm as rows to walk: they become documents of the project when it is opened."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine.encoding.tokens import tokenize
from engine.runner import monitors
from pages.widgets import walk
from pages.widgets.common.words import count
from storage.database import settings
from storage.database.store import database
from storage.journal import annotations as journal
from storage.monitors import opened
from storage.monitors.alarms import StoredAlarm
from storage.monitors.monitors import Monitor
from storage.monitors.texts import DatedText
from storage.types import Project, Span

# So many become documents at a time: a drift is about thousands.
MOST = 200


def show(project: Project, monitor: Monitor, alarm: StoredAlarm) -> None:
    """List the texts with what the model says of each, to accept, keep or mend."""
    rows, texts = _frozen(project, monitor, alarm)
    if not texts:
        st.info("Its texts are not there any more.", icon=":material/info:")
        return
    more = f", the first {MOST} of {texts:,}" if texts > MOST else ""
    st.caption(
        f"{count(min(texts, MOST), 'text')}{more}. They are documents of this project now: what "
        "you mend here is learned by the next training."
    )
    walk.show(project, rows, key="monitor")


def _frozen(project: Project, monitor: Monitor, alarm: StoredAlarm) -> tuple[list[walk.Row], int]:
    """Return the rows as they were when the alarm was opened: none moves under the hand."""
    key = f"monitor-rows-{alarm.id}-{alarm.count}"
    if key not in st.session_state:
        st.session_state[key] = _rows(project, monitor, alarm)
    return st.session_state[key]


def _rows(project: Project, monitor: Monitor, alarm: StoredAlarm) -> tuple[list[walk.Row], int]:
    db = database()
    found = monitors.texts_of(db, monitor, alarm)
    # A day's first texts, a drift's last ones: those are news.
    shown = found[:MOST] if alarm.kind == "surge" else found[::-1][:MOST]
    places = add(project, monitor, shown)
    given = {d.id: d.spans for d in journal.of_documents(db, set(places.values()))}
    rows = []
    for text in shown:
        document = places[text.key]
        for number, mark in enumerate(_about(text.topics, alarm.topic)):
            own = _same_place(given.get(document, ()), mark)
            said = ", ".join(label.label for label in text.labels)
            rows.append(
                walk.Row(
                    f"{alarm.id}-{text.id}-{number}",
                    document,
                    own,
                    mark,
                    kind=said or str(alarm.kind),
                    reason=text.date.isoformat(),
                    score=mark.score,
                )
            )
    return rows, len(found)


def add(project: Project, monitor: Monitor, shown: Sequence[DatedText]) -> dict[str, int]:
    """Return the document of each text by its key, added where the project has none."""
    return opened.documents(
        database(),
        project.id,
        monitor.watching.run,
        [(text, tokenize(text.text)) for text in shown],
        settings.annotator(database()),
        f"monitor {monitor.name}",
    )


def _about(marks: tuple[Span, ...], topic: str) -> list[Span]:
    """Return the marks that make a text one of the topic; all of them where it is any."""
    return [m for m in marks if topic in ("", m.label) or m.label.startswith(f"{topic}/")]


def _same_place(given: tuple[Span, ...], mark: Span) -> Span | None:
    """Return what people labelled there, the same label first."""
    same = [s for s in given if (s.start, s.end) == (mark.start, mark.end)]
    return next((s for s in same if s.label == mark.label), same[0] if same else None)
