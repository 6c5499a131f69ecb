"""The project's documents: search them, see how far each is, open one, or all as a queue."""

from __future__ import annotations

import streamlit as st

from pages.widgets import address, queues, search_form
from pages.widgets.errors import literal, strong
from pages.widgets.sidebar import require_project
from pages.widgets.store import database
from pages.widgets.words import count
from storage import search
from storage.choices import Choice, Kind
from storage.folding import fold
from storage.search import Counts, Row, Search, Standing
from storage.types import Project

PAGE = 25
SHOWN_CHARACTERS = 110
# How much of the text stands before what was found in it.
BEFORE = 30
ICONS = {
    Standing.UNTOUCHED: ":material/radio_button_unchecked:",
    Standing.IN_PROGRESS: ":material/pending:",
    Standing.DONE: ":material/check_circle:",
    Standing.EMPTY: ":material/unpublished:",
    Standing.SKIPPED: ":material/skip_next:",
}


def show(project: Project | None) -> None:
    """Show the search and the page of its results that is looked at."""
    project = project or require_project()
    key = f"find-{project.id}"
    _follow_address(key)
    found = search_form.show(project, key)
    wanted = search_form.current(key)
    _remember(key, wanted)
    queue = Choice(Kind.SEARCH, search=wanted) if wanted != Search() else Choice(Kind.ALL)
    # What is opened from this list walks through the list as it is now.
    queues.forget(queue)
    _head(found, wanted, queue)
    pages = -(-found.total // PAGE)
    number = st.session_state.get(f"{key}-page-{wanted.address}", 1)
    rows = search.rows(database(), project.id, wanted, (number - 1) * PAGE, PAGE)
    for row in rows:
        _row(row, wanted, queue)
    if pages > 1:
        st.pagination(pages, key=f"{key}-page-{wanted.address}")


def _follow_address(key: str) -> None:
    """Look for what the address says, where it says something new."""
    asked = st.query_params.get("search", "")
    if asked and st.session_state.get(f"{key}-asked") != asked:
        search_form.put(key, Search.parse(asked))


def _remember(key: str, wanted: Search) -> None:
    st.session_state[f"{key}-asked"] = wanted.address
    if wanted.address:
        address.write(search=wanted.address)
    else:
        st.query_params.pop("search", None)


def _head(found: Counts, wanted: Search, queue: Choice) -> None:
    if not found.total:
        nothing = "No documents yet: import some." if wanted == Search() else "No document matches."
        st.info(nothing, icon=":material/info:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        number, documents = count(found.total, "document").split()
        words = "" if wanted == Search() else f": {literal(wanted.words)}"
        st.markdown(f"**{number}** {documents}{words}", width="stretch")
        if st.button("Use as queue", icon=":material/playlist_play:"):
            st.switch_page("tag.py", query_params={"queue": queue.name})


def _row(row: Row, wanted: Search, queue: Choice) -> None:
    ends = [count(row.spans, "span") if row.spans else _without_spans(row), row.split or ""]
    ends += [":material/flag: flagged"] if row.flagged else []
    ends += [":material/comment: comment"] if row.comment else []
    st.page_link(
        "tag.py",
        label=" · ".join(filter(None, [_snippet(row.text, wanted.text), *ends])),
        icon=ICONS[row.standing],
        help=f"{row.standing}, {literal(row.name)}",
        query_params={"document": str(row.id), "queue": queue.name},
    )


def _without_spans(row: Row) -> str:
    return "done and empty" if row.standing == Standing.EMPTY else "no spans"


def _snippet(text: str, wanted: str) -> str:
    """Return the beginning of a text, or where the searched text first stands, in bold."""
    folded, looked_for = fold(text), fold(wanted.strip())
    at = folded.find(looked_for) if looked_for and len(folded) == len(text) else -1
    if at < 0:
        return literal(_one_line(text[:SHOWN_CHARACTERS]))
    start = max(0, at - BEFORE)
    end = at + len(looked_for)
    before = ("…" if start else "") + literal(_one_line(text[start:at]))
    behind = literal(_one_line(text[end : start + SHOWN_CHARACTERS]))
    return f"{before}{strong(_one_line(text[at:end]))}{behind}"


def _one_line(text: str) -> str:
    return "".join(" " if character.isspace() else character for character in text)
