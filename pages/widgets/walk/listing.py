"""A list of rows, a page at a time: people walk through it by keys and decide about each."""

from __future__ import annotations

import streamlit as st

from pages.widgets.walk import component, payload
from pages.widgets.walk.payload import Listed
from pages.widgets.walk.rows import Elsewhere, Rows
from storage.types import Project, Run

PAGE = 20
# So many pages further on a row is looked for that was seen.
NEAR = 10


def show(
    project: Project,
    rows: Rows,
    *,
    key: str,
    queue: str = "",
    run: Run | None = None,
    elsewhere: Elsewhere | None = None,
) -> None:
    """List the rows and let people decide about them. There is one list on a page at a time.

    ``key`` names the list's place on its page: where it stays the same while other rows come
    there, the browser draws them anew without a flash. ``queue`` is the name of the selection
    (``Selection.name``) that the tagger opens them with; of a part of a report it is counted what
    was looked at. With ``run`` the rows are its matches: they are drawn among all that it
    predicted, and say whether they were mended since. With ``elsewhere`` nothing is decided here.
    """
    if not len(rows):
        return
    name = _name(key, queue, rows)
    pages = -(-len(rows) // PAGE)
    page = min(_page(key, name), pages)
    shown = rows[(page - 1) * PAGE : page * PAGE]
    # What a model says besides stays as it is, too, as long as the list does.
    said = st.session_state.setdefault(f"walk-said-{key}", {}).setdefault(name, {})
    listed = Listed(name, shown, page, pages, rows, queue, run, said, elsewhere)
    opened = component.mount(
        payload.describe(project, listed),
        key=f"walk-{key}",
        on_page=lambda wanted: _turn(key, name, wanted),
    )
    _follow(key, queue, opened, elsewhere.page if elsewhere else "tag.py")


def keep_place(key: str, before: Rows, now: Rows, *, queue: str = "") -> None:
    """Open a list that was made anew where the one before it was: at the page of the same rows."""
    page = _page(key, _name(key, queue, before))
    seen = [row.id for row in before[(page - 1) * PAGE : page * PAGE]]
    places = {row.id: place for place, row in enumerate(now[: (page + NEAR) * PAGE])}
    found = next((places[id] for id in seen if id in places), (page - 1) * PAGE)
    st.session_state.pop(f"walk-said-{key}", None)
    _turn(key, _name(key, queue, now), found // PAGE + 1)


def _name(key: str, queue: str, rows: Rows) -> str:
    return f"{key}/{queue}/{len(rows)}"


def _page(key: str, name: str) -> int:
    """Return the page that a list is open at; another list begins with its first."""
    known, page = st.session_state.get(f"walk-page-{key}", (name, 1))
    return page if known == name else 1


def _turn(key: str, name: str, page: int) -> None:
    st.session_state[f"walk-page-{key}"] = (name, max(1, page))


def _follow(key: str, queue: str, opened: dict | None, page: str) -> None:
    """Open a document on a page of its own where the list was just asked for that."""
    if not opened or not isinstance(opened.get("document"), int):
        return
    if st.session_state.get(f"walk-opened-{key}") == opened.get("n"):
        return
    st.session_state[f"walk-opened-{key}"] = opened.get("n")
    named = {
        "document": opened["document"],
        "queue": None if opened.get("alone") else queue or None,
    }
    place = {edge: opened.get(edge) for edge in ("start", "end")}
    query = {name: str(value) for name, value in (named | place).items() if value is not None}
    st.switch_page(page, query_params=query)
