"""The project's documents: search them, see how far each is, open one, or all as a queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from pages.widgets.common import address, search_form, spans, words
from pages.widgets.common.errors import literal
from pages.widgets.common.sidebar import require_project
from pages.widgets.common.words import count
from pages.widgets.tag import queue_picker
from storage.corpus import documents
from storage.database.store import database
from storage.finding import expressions, search
from storage.finding.search import Counts, DetailedStatus, Row, Search
from storage.finding.selection import Order, Selection
from storage.folding import fold
from storage.types import Project, Span

PAGE = 25
SHOWN_CHARACTERS = 220
# How much of the text stands before what was found in it.
BEFORE = 30
SIGNS = {
    DetailedStatus.UNTOUCHED: "○",
    DetailedStatus.IN_PROGRESS: "◐",
    DetailedStatus.DONE: "●",
    DetailedStatus.EMPTY: "◌",
    DetailedStatus.SKIPPED: "–",
}
SECOND = '<span class="ws-beside" aria-label="second text"> ⟷ </span>'
# A row is drawn, and a link lies over all of it: for the mouse, the keyboard and a reader aloud.
STYLE = """
<style>
.ws-document { display: grid; grid-template-columns: 1.2rem minmax(0, 1fr) auto; gap: .1rem .6rem;
  align-items: baseline; line-height: 1.9; }
.ws-document .ws-text { overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
.ws-document .ws-beside { opacity: .6; margin-inline: .3em; }
.ws-document small.ws-meta { opacity: .75; white-space: nowrap; }
[class*="st-key-document-"] { position: relative; border-radius: .5rem; padding: 0 .4rem; }
[class*="st-key-document-"]:hover { background: #8881; }
[class*="st-key-document-"] :is(div:has(> [data-testid="stPageLink"]), [data-testid="stPageLink"],
  [data-testid="stPageLink"] div) { display: contents; }
[class*="st-key-document-"] [data-testid="stPageLink"] a { position: absolute; inset: 0; margin: 0;
  background: transparent; }
[class*="st-key-document-"] [data-testid="stPageLink"] a > * { opacity: 0; overflow: hidden; }
@media (max-width: 640px) {
  .ws-document { grid-template-columns: 1.2rem minmax(0, 1fr); line-height: 1.7; }
  .ws-document .ws-text { display: -webkit-box; -webkit-line-clamp: 3;
    -webkit-box-orient: vertical; white-space: normal; }
  .ws-document small.ws-meta { grid-column: 2; white-space: normal; }
}
</style>
"""


def show(project: Project | None) -> None:
    """Show the search and the page of its results that is looked at."""
    project = project or require_project()
    key = f"find-{project.id}"
    _follow_address(key)
    found = search_form.show(project, key)
    wanted = search_form.current(key)
    _remember(key, wanted)
    queue = Selection(Order.SEARCH, search=wanted) if wanted != Search() else Selection(Order.ALL)
    # What is opened from this list walks through the list as it is now.
    queue_picker.forget(queue)
    _head(found, wanted, queue)
    pages = -(-found.total // PAGE)
    number = st.session_state.get(f"{key}-page-{wanted.address}", 1)
    rows = search.rows(database(), project.id, wanted, (number - 1) * PAGE, PAGE)
    owned = documents.current_spans(database(), [row.id for row in rows])
    shades = {label.name: label.color for label in project.labels}
    mark = words.of(project).mark
    st.html(spans.STYLE + STYLE)
    with st.container(gap=None):
        for row in rows:
            with st.container(key=f"document-{row.id}", gap=None):
                st.html(_drawn(row, owned.get(row.id, ()), shades, wanted, mark))
                _link(row, queue)
    if pages > 1:
        st.pagination(pages, key=f"{key}-page-{wanted.address}")


def _follow_address(key: str) -> None:
    """Look for what the address says, where it says something new."""
    asked = address.asked("search")
    if asked and st.session_state.get(f"{key}-asked") != asked:
        search_form.put(key, Search.parse(asked))


def _remember(key: str, wanted: Search) -> None:
    st.session_state[f"{key}-asked"] = wanted.address
    address.write(search=wanted.address)


def _head(found: Counts, wanted: Search, queue: Selection) -> None:
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


def _link(row: Row, queue: Selection) -> None:
    """Lay a link over the row, called by its text."""
    st.page_link(
        "tag.py",
        label=literal(_one_line(row.text[:SHOWN_CHARACTERS])) or "Empty",
        query_params={"document": str(row.id), "queue": queue.name},
    )


def _drawn(
    row: Row, owned: Sequence[Span], shades: Mapping[str, str], wanted: Search, mark: str
) -> str:
    """Return a row as HTML: how far it is, its text with its spans, what else there is."""
    at, length = _found(row.text, wanted)
    start = max(0, at - BEFORE)
    most = SHOWN_CHARACTERS if row.second_text is None else SHOWN_CHARACTERS // 2
    text = spans.draw(row.text, owned, shades, most, start=start, found=(at, at + length))
    if row.second_text is not None:
        text += SECOND + _second(row.second_text, wanted, most)
    # What is drawn before the text needs no number.
    shown = bool(owned) and all(span.whole for span in owned)
    told = "" if shown else count(row.spans, mark) if row.spans else _without_spans(row, mark)
    ends = [told, row.split or ""]
    ends += ["flagged"] if row.flagged else []
    ends += ["comment"] if row.comment else []
    meta = " · ".join(filter(None, ends))
    return (
        f'<div class="ws-document"><span>{SIGNS[row.detailed_status]}</span>'
        f'<div class="ws-text" dir="auto">{text}</div>'
        f'<small class="ws-meta">{escape(meta)}</small></div>'
    )


def _second(text: str, wanted: Search, most: int) -> str:
    """Draw the second text of a pair from where something was found in it."""
    at, length = _found(text, wanted)
    start = max(0, at - BEFORE)
    return spans.draw(text, (), {}, most, start=start, found=(at, at + length))


def _without_spans(row: Row, mark: str) -> str:
    return "done and empty" if row.detailed_status == DetailedStatus.EMPTY else f"no {mark}s"


def _found(text: str, wanted: Search) -> tuple[int, int]:
    """Return where the searched text first stands and how long it is; 0, 0 where nowhere."""
    if wanted.regex:
        start, end = expressions.first(wanted.text, text)
        return start, end - start
    folded, looked_for = fold(text), fold(wanted.text.strip())
    at = folded.find(looked_for) if looked_for and len(folded) == len(text) else -1
    return (at, len(looked_for)) if at >= 0 else (0, 0)


def _one_line(text: str) -> str:
    return "".join(" " if character.isspace() else character for character in text)
