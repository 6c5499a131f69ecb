"""Asking a catalogue: a text, several, or a file of them; the answers as a list, or a file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import PurePath

import streamlit as st

from engine.formats.common.formulas import neutral
from engine.formats.common.sources import InputFile
from engine.retrieval import items
from engine.runner import folder_of
from pages.widgets.common.errors import literal
from pages.widgets.common.model import server
from pages.widgets.common.words import count
from pages.widgets.match import component, payload
from pages.widgets.match.catalogue import Open
from pages.widgets.match.payload import Found, is_good
from pages.widgets.uploading import zone
from storage.errors import RefusedError, WhetstoneError
from storage.hashing import text_hash
from storage.types import Project, Run

WAYS = ONE, SEVERAL, FILE = ("A text", "Several texts", "A file")
TOP = 10
LONGEST_TEXT, MOST_TEXTS = 20_000, 50
TYPES = (".csv", ".tsv", ".jsonl", ".parquet", ".txt")
# Texts that are answered between two looks at the Cancel button, and groups on one page.
PORTION, SHOWN = 16, 5
EXAMPLE = "How do I get a refund?"
HELP = {
    ONE: "A question, a message, or what a user read and bought: a thing a line.",
    SEVERAL: "One text a line, each answered by itself.",
}
COLUMNS = ("query", "rank", "id", "text", "score", "good")


def settings(opened: Open) -> tuple[float, float | None]:
    """Let a person say how different answers should be, and from which score on they are good.

    Return both; None for a score that was left as dev says.
    """
    with st.popover("Settings", icon=":material/tune:"):
        share = st.slider(
            "Show what differs",
            0.0,
            1.0,
            0.0,
            0.1,
            key="match-diversify",
            persist_state="session",
            help="0: the best, in their order. More: of answers that say the same, only the best "
            "comes early (maximal marginal relevance).",
        )
        chosen = opened.report.get("threshold")
        said = (
            f"Dev says {chosen['value']:.2f}: at it {chosen['precision']:.0%} of what passes is "
            f"right, and {chosen['recall']:.0%} of what is right passes. Until you change it, an "
            "answer that is like none of dev's is not good either."
            if chosen
            else "Without a trained model nothing says what is good enough: 0 hides nothing."
        )
        least = st.number_input(
            "Good from this score on",
            min_value=-1.0,
            max_value=max(1.0, opened.highest),
            value=round(opened.least, 2) if opened.least is not None else 0.0,
            step=0.05,
            key=f"match-least-{opened.run.id}",
            help=said,
        )
    untouched = round(opened.least, 2) if opened.least is not None else 0.0
    return share, None if least == untouched else least


def ask(project: Project, opened: Open, way: str, share: float, least: float | None) -> None:
    """Ask for one text, or several, and show what answers them."""
    try:
        # While a person types, the models are loaded.
        server().warm_catalogue(folder_of(opened.run))
    except RefusedError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    # One field for both ways, alike in all: what is typed stays where the way is changed.
    text = st.text_area(
        "What to answer",
        key="match-text",
        height=84,
        max_chars=LONGEST_TEXT,
        placeholder=EXAMPLE,
        label_visibility="collapsed",
        persist_state="session",
    )
    st.button("Find answers", type="primary", icon=":material/search:")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    queries = lines if way == SEVERAL else [text.strip()] if text.strip() else []
    if len(queries) > MOST_TEXTS:
        st.warning(
            f"The first {MOST_TEXTS} of {len(queries):,} texts are answered here: upload a file "
            "for more.",
            icon=":material/info:",
        )
    queries = list(dict.fromkeys(queries))[:MOST_TEXTS]
    if not queries:
        st.caption(HELP[way])
        return
    _find(project, opened, queries, share, least)


def _find(
    project: Project, opened: Open, queries: Sequence[str], share: float, least: float | None
) -> None:
    """Ask for some texts and show what answers them, or why that did not work."""
    try:
        with st.spinner("Looking through the catalogue"):
            found = answered(opened.run, queries, share)
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    _show(project, opened, found, least)


def answered(run: Run, queries: Sequence[str], share: float) -> list[Found]:
    """Return what of the catalogue that a run read answers texts; a click does not ask again.

    ``share`` is how different the answers are to be, from 0 to 1. Raises ModelError, RefusedError.
    """
    key = (run.id, run.attempt, tuple(queries), share)
    if st.session_state.get("asked_of_catalogue") != key:
        found = server().match(folder_of(run), queries, top=TOP, diversify=share, explain=True)
        st.session_state["asked_of_catalogue"] = key
        st.session_state["answers_of_catalogue"] = found
    return st.session_state["answers_of_catalogue"]


def _show(project: Project, opened: Open, found: Sequence[Found], least: float | None) -> None:
    shown = json.dumps([opened.run.id, found], sort_keys=True)
    name = f"{text_hash(shown)}-{least}"
    component.mount(
        payload.describe(project, name, found, least, opened.highest), key="match-answers"
    )


def ask_file(project: Project, opened: Open, share: float, least: float | None) -> None:
    """Answer every text of a file; the answers can be downloaded, and gone through."""
    dropped = zone.show_one("match", "Texts", TYPES)
    upload = dropped.file
    if upload is None:
        st.caption("A text a row: CSV, TSV, JSONL or Parquet, or plain text with one a line.")
        return
    try:
        queries = items.read_queries(InputFile(upload.name, upload.path))
        key = (opened.run.id, opened.run.attempt, dropped.batch, upload.number, share)
        label = f"Answer {count(len(queries), 'text')}"
        if st.button(label, type="primary", icon=":material/search:"):
            st.session_state["file_of_catalogue"] = key, _answer_all(opened, queries, share)
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    known, found = st.session_state.get("file_of_catalogue", (None, []))
    if known == key and found:
        _offer(found, least, upload.name)
        _browse(project, opened, [each["query"] for each in found], share, least)


def _answer_all(opened: Open, queries: Sequence[str], share: float) -> list[Found]:
    """Answer portion after portion; a click on Cancel ends the script between two.

    Without the words that match, which take most of the time: those are looked for on the page.
    """
    found: list[Found] = []
    folder, place = folder_of(opened.run), st.empty()
    with place.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, "The models are being loaded")
        st.button("Cancel", icon=":material/cancel:")
    for start in range(0, len(queries), PORTION):
        portion = queries[start : start + PORTION]
        found += server().match(folder, portion, top=TOP, diversify=share)
        said = f"{len(found):,} of {count(len(queries), 'text')}"
        bar.progress(len(found) / len(queries), said)
    place.empty()
    return found


def _offer(found: Sequence[Found], least: float | None, name: str) -> None:
    hopeless = sum(not any(is_good(each, least) for each in one["answers"]) for one in found)
    said = f"{count(len(found), 'text')} answered"
    more = f"; {hopeless:,} of them without a good answer" if hopeless else ""
    st.success(f"{said}{more}.", icon=":material/check_circle:")
    stem = PurePath(name).stem
    with st.container(horizontal=True):
        for kind, data in (("csv", as_csv(found, least)), ("jsonl", as_jsonl(found, least))):
            st.download_button(
                f"Download as {kind.upper()}",
                data,
                file_name=f"{stem}-answers.{kind}",
                mime="application/octet-stream",
                icon=":material/download:",
                on_click="ignore",
            )


def _browse(
    project: Project, opened: Open, queries: Sequence[str], share: float, least: float | None
) -> None:
    """Go through the answers, a few texts a page."""
    pages = -(-len(queries) // SHOWN)
    page = st.pagination(pages, key="match-page") if pages > 1 else 1
    start = ((page or 1) - 1) * SHOWN
    _find(project, opened, queries[start : start + SHOWN], share, least)


def as_csv(found: Sequence[Found], least: float | None) -> bytes:
    """Return a row an answer; a byte order mark lets spreadsheets read it as UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    for one in found:
        for rank, each in enumerate(one["answers"], 1):
            said = {"query": one["query"], "rank": rank, "id": each["id"], "text": each["text"]}
            row = {name: neutral(value) for name, value in said.items()}
            writer.writerow(row | {"score": each["score"], "good": int(is_good(each, least))})
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def as_jsonl(found: Sequence[Found], least: float | None) -> bytes:
    """Return an object a text, with its answers as the command tells them."""
    lines = []
    for one in found:
        answers = [
            {name: each[name] for name in ("id", "text", "score")} | {"good": is_good(each, least)}
            for each in one["answers"]
        ]
        lines.append(json.dumps({"query": one["query"], "answers": answers}, ensure_ascii=False))
    return "".join(f"{line}\n" for line in lines).encode()
