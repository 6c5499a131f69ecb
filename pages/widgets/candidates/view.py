"""One left text against its candidates: the view of the Tag page that lists pairs by their text.

Of a project on two texts; the queue says in which order the left texts come.
"""

from collections.abc import Collection, Sequence
from typing import Any

import streamlit as st

from engine import tasks
from engine.inspection import candidates
from engine.inspection.candidates import Candidates
from pages.coaching import coach
from pages.widgets.changed import line
from pages.widgets.common import address
from pages.widgets.common.words import count
from pages.widgets.tag import payload
from pages.widgets.walk import component
from pages.widgets.walk import payload as listing
from pages.widgets.walk.rows import Row
from storage.collaboration.rules import starts
from storage.database import settings
from storage.database.store import database
from storage.finding import left_texts
from storage.finding import queues as stored
from storage.finding.queues import Queue
from storage.finding.sets import bit_sets
from storage.runs.suggestions import Suggestions
from storage.types import Document, Project, Status

PAGE = 10
VIEW = "candidates"
Key = tuple[int, int, tuple[int, ...]]
"""The project, the place of a left text, and its pairs."""
_CHOSEN, _ASKED = "tag-view", "tag-view-asked"
_FOUND = "candidates-found"
_TURNED, _FIRST, _HEARD = "candidates-page", "candidates-first", "tag-heard"


def are_there(project: Project) -> bool:
    """Tell whether a project's documents are pairs, of which several may have one left text."""
    return tasks.get(project.task).fitting is not None


def are_chosen(project: Project) -> bool:
    """Tell whether candidates are listed: a new word in the address wins, then the last choice."""
    asked = address.asked("view")
    if asked and asked != st.session_state.get(_ASKED):
        st.session_state[_CHOSEN] = asked
    if address.read_id("document") is None:
        st.session_state.setdefault(_FIRST, True)
    chosen = VIEW if are_there(project) and st.session_state.get(_CHOSEN) == VIEW else ""
    st.session_state[_ASKED] = chosen
    address.write(view=chosen)
    return bool(chosen)


def follow(opened: dict | None) -> None:
    """Go where the tagger or the list asked to go, in the view that it asked for.

    What comes back into sight says again what it asked for last: that has been heard.
    """
    number = opened.get("n") if opened else None
    if not isinstance(number, int) or number <= st.session_state.get(_HEARD, 0):
        return
    st.session_state[_HEARD] = number
    payload.follow(opened)
    st.session_state.pop(_TURNED, None)
    wish = opened or {}
    if isinstance(wish.get("view"), str):
        st.session_state[_CHOSEN] = wish["view"]
    st.session_state[_FIRST] = wish.get("first") is True


def show(project: Project, queue: Queue, document: int) -> None:
    """List the candidates of a document's left text."""
    texts = left_texts.of(database(), project.id)
    place = texts.places[document]
    key = project.id, place, tuple(texts.members[place])
    made, found = _ranked(project, key)
    open_ones = _still_open(project, found.documents)
    waiting = [place for place, id in enumerate(found.documents) if open_ones >> id & 1]
    if st.session_state.pop(_FIRST, False):
        document = found.documents[waiting[0] if waiting else 0]
        st.session_state["document"] = document
        address.write(document=str(document))
    name = _name(key, made)
    page = _page(name, found.documents, document)
    shown = found.documents[(page - 1) * PAGE : page * PAGE]
    line.show(project, VIEW, lambda: _again(project, key, shown), lambda _: _changed(found))
    coach.look(project.id, shown)
    documents = listing.seen(project, shown)
    known = {each.id: each for each in documents}
    rows = [_row(known[id], found) for id in shown if id in known]
    pages = -(-len(found.documents) // PAGE)
    about = listing.Listed(name, rows, page, pages, rows, "", None)
    order = texts.in_order(queue.ids)
    data = listing.describe(project, about) | {
        "left": documents[0].text,
        "statuses": {str(each.id): str(each.status) for each in documents},
        "first": (page - 1) * PAGE,
        "total": len(found.documents),
        "waiting": sorted({each // PAGE + 1 for each in waiting}),
        "ranked": found.run is not None,
        "at": document,
        "way": _way(order, order.index(place), texts.among(open_ones), texts.members),
    }
    component.mount(
        data,
        key="walk-candidates",
        entry="candidates/start.js",
        on_page=lambda wanted: _turn(name, wanted),
        on_open=follow,
    )


def _ranked(project: Project, key: Key) -> tuple[int, Candidates]:
    """Return the order of a left text's candidates as it was at first, and its number.

    What a model says meanwhile exchanges nothing under a pointer: another text, or who asks, does.
    """
    known = st.session_state.get(_FOUND)
    if known is None or known[0] != key:
        made = known[1] + 1 if known else 1
        found = candidates.ranked(project, key[2], _said(key[2]))
        known = st.session_state[_FOUND] = key, made, found
        line.begin(project, VIEW)
    return known[1], known[2]


def _again(project: Project, key: Key, shown: Sequence[int]) -> None:
    """Order the candidates anew, and stay where one of the page is now."""
    _, made, _ = st.session_state[_FOUND]
    st.session_state[_FOUND] = (None, made, None)
    made, found = _ranked(project, key)
    at = st.session_state.get("document")
    seen = at if at in shown else shown[0]
    _turn(_name(key, made), found.documents.index(seen) // PAGE + 1)


def _changed(found: Candidates) -> str:
    """Say of how many candidates a model says something else than what is shown."""
    now = _said(found.documents)
    changed = sum(_look(now.get(id)) != _look(found.said.get(id)) for id in found.documents)
    return f"{count(changed, 'suggestion')} changed" if changed else ""


def _said(documents: Sequence[int]) -> dict[int, Suggestions]:
    return coach.shown(documents, settings.annotator(database()))


def _still_open(project: Project, documents: Sequence[int]) -> int:
    """Return the set of the documents to do; where people label blind, these by themselves."""
    known = stored.still_open(database(), project.id)
    if not starts.refusal(database(), project.id):
        return known
    finished = (Status.DONE, Status.SKIPPED)
    mine = [d.id for d in listing.seen(project, documents) if d.id and d.status not in finished]
    return known & ~bit_sets.of(documents) | bit_sets.of(mine)


def _look(said: Suggestions | None) -> list[tuple[str, float]]:
    return [(span.label, round(span.score or 0.0, 2)) for span in (said.spans if said else ())]


def _name(key: Key, made: int) -> str:
    return f"candidates/{key[0]}/{key[1]}/{made}"


def _page(name: str, documents: Sequence[int], document: int) -> int:
    """Return the page that was turned to in this list, else the one that a document is on."""
    known, page = st.session_state.get(_TURNED, ("", 1))
    last = -(-len(documents) // PAGE)
    return min(page, last) if known == name else documents.index(document) // PAGE + 1


def _turn(name: str, page: int) -> None:
    st.session_state[_TURNED] = (name, max(1, page))


def _row(document: Document, found: Candidates) -> Row:
    assert document.id is not None, "what was read has its id"
    said = found.said.get(document.id)
    given = document.spans[0] if document.spans else None
    suggested = said.spans[0] if said and said.spans else None
    return Row(f"pair-{document.id}", document.id, given, suggested)


def _way(
    order: Sequence[int], at: int, waiting: Collection[int], members: Sequence[Sequence[int]]
) -> dict[str, Any]:
    """Return which left text this is of all, and a pair of the ones before and after it.

    What comes after is the next with an open pair, from the beginning on at last; where there is
    none, the next one at all.
    """
    behind = [*order[at + 1 :], *order[:at]]
    following = next((each for each in behind if each in waiting), None)
    if following is None and at + 1 < len(order):
        following = order[at + 1]
    return {
        "index": at,
        "total": len(order),
        "left": sum(each in waiting for each in order),
        "next": None if following is None else members[following][0],
        "previous": members[order[at - 1]][0] if at else None,
    }
