"""The queue of the Tag page: which one it is, and the popover in which another is chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from pages.widgets.common import address, search_form
from pages.widgets.common.errors import literal
from storage import permissions
from storage.accounts import accounts
from storage.collaboration import assignments
from storage.collaboration.rules import starts
from storage.corpus import documents
from storage.database import settings
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.finding import queues as stored
from storage.finding.queues import Queue
from storage.finding.selection import MEASURES, SEED, TITLES, Measure, Order, Selection, parse
from storage.permissions import Ability
from storage.serving import kept
from storage.types import Project

SEARCH = "queue-search"
PICKER = "queue-picker"
# The tagger's own bar leaves so much room for the picker: see tagging.css.
WIDTH = 200
# One's own queue is filled up where so many, or fewer, of it are to do.
LOW = assignments.AT_ONCE // 2
_DRY = "queue-dry"
# Of these there is more to choose: the tagger leaves the picker open.
DETAILED = (Order.RANDOM, Order.UNCERTAIN, Order.LABEL, Order.MIX, Order.SEARCH)
# Who chooses one of these wants its first document, not the place of the open one in it.
RANKED = (
    *(Order.RANDOM, Order.UNCERTAIN, Order.LABEL, Order.REVIEW, Order.DISAGREES, Order.NOVEL),
    *(Order.MIX, Order.MINE, Order.PRODUCTION),
)
# Which documents are in one of these, and where, tells what others labelled.
TELLING = (
    *(Order.LABEL, Order.REVIEW, Order.DISAGREES, Order.SEARCH),
    *(Order.CELL, Order.FOCUS, Order.COMPARED),
)
ABOUT = {
    Order.MINE: "Your next documents, of queues first: nobody else gets them, unless they "
    "are to go to several people.",
    Order.TODO: "What is not done yet, in the order of import.",
    Order.ALL: "Everything, in the order of import.",
    Order.RANDOM: "What is not done, in an order that the seed alone decides.",
    Order.UNCERTAIN: "What the newest model doubts most, of what is not done. Dev and test are "
    "left out: they must stay a fair sample.",
    Order.LABEL: "Where the newest model suggests the label, the least sure first; then where only "
    "a person gave it.",
    Order.REVIEW: "Errors of the newest report, suspects, doubts and disagreements: what a look "
    "should bring most comes first, each with its reason.",
    Order.DISAGREES: "Finished documents where the newest model says something else, the surest "
    "first: often it is the label that is wrong.",
    Order.NOVEL: "What is least like the labelled documents, by the bundled encoder. Dev and test "
    "are left out.",
    Order.MIX: "In turns: two of four from the most uncertain, one from the most different, one at "
    "random.",
    Order.PRODUCTION: "What a served model was asked and doubted, or had not seen the like of: the "
    "most doubtful first.",
    Order.SEARCH: "What a search finds, in the order of import.",
    Order.CELL: "The documents of a cell that was opened on the Report page.",
    Order.FOCUS: "The documents of a confusion, then where else one of its labels was given and "
    "the other is suggested.",
    Order.COMPARED: "What was fixed, broken or is still wrong, from the Compare page.",
    Order.GIVEN: "What somebody put together for a reason, which stands above each document.",
}


@dataclass(frozen=True, slots=True)
class _Frozen:
    """A queue that was made, of which project, and which document was its newest then."""

    project: int
    newest: int
    queue: Queue


def current(project: Project) -> Queue:
    """Return the queue that the address names, else the one chosen before."""
    return _queue(project, _selection(project))


def offer(project: Project, queue: Queue) -> None:
    """Show which queue it is, and the others in a popover."""
    picker = st.popover(
        literal(queue.title), icon=":material/low_priority:", key=PICKER, width=WIDTH
    )
    with picker, st.container(width=360):
        _offer(project, queue.selection)
        st.button(
            "Make the queue anew",
            icon=":material/refresh:",
            help="What is finished leaves it, what has come since joins it.",
            key="queue-refresh",
            on_click=_start,
            args=(queue.selection,),
        )


def admit(project: Project, queue: Queue, document: int) -> Queue:
    """Return the queue with a document that it lacks, behind the one that is open."""
    joined = queue.with_guest(document, st.session_state.get("document"))
    _freeze(project, joined)
    return joined


def forget(selection: Selection) -> None:
    """Make the queue of this selection anew when it is next asked for."""
    frozen = st.session_state.get("queue-frozen")
    st.session_state.pop(_DRY, None)
    if frozen and frozen.queue.selection.name == selection.name:
        del st.session_state["queue-frozen"]


def _selection(project: Project) -> Selection:
    """A new word in the address wins, then what was chosen in this session for this project."""
    asked = st.query_params.get("queue", "")
    chosen = parse(asked) if asked and st.session_state.get("queue-asked") != asked else None
    owner, before = st.session_state.get("queue-selection", (None, None))
    if chosen is None:
        chosen = before if owner == project.id else _default(project)
    if chosen.kind in TELLING and starts.refusal(database(), project.id):
        chosen = _default(project)
    _remember(project.id, chosen)
    return chosen


def _default(project: Project) -> Selection:
    """What is to do, or everything where nothing is; for those who only label, theirs if any."""
    first = [] if permissions.may(Ability.REVIEW) else [Selection(Order.MINE)]
    for selection in (*first, Selection(Order.TODO)):
        if _made(project, selection).ids:
            return selection
    return Selection(Order.ALL)


def _remember(project: int, selection: Selection) -> None:
    st.session_state["queue-selection"] = (project, selection)
    st.session_state["queue-asked"] = selection.name
    address.write(queue=selection.name)


def _queue(project: Project, selection: Selection) -> Queue:
    """Return the queue as it was made, unless it was empty or documents have come since."""
    newest = documents.newest_id(database(), project.id)
    frozen = st.session_state.get("queue-frozen")
    wanted = (project.id, newest, selection.name)
    if frozen and (frozen.project, frozen.newest, frozen.queue.selection.name) == wanted:
        return _filled(project, frozen.queue) if selection.kind is Order.MINE else frozen.queue
    queue = _made(project, selection)
    if queue.ids:
        _freeze(project, queue)
    return queue


def _made(project: Project, selection: Selection) -> Queue:
    if selection.kind is not Order.MINE:
        return stored.choose(database(), project.id, selection)
    _be_given(project)
    queue = stored.choose(database(), project.id, selection)
    return queue if queue.ids else replace(queue, when_empty=why_none(project))


def why_none(project: Project) -> str:
    """Say why whoever acts is given nothing more."""
    return assignments.why_none(database(), project.id, settings.annotator(database()))


def _filled(project: Project, queue: Queue) -> Queue:
    """Return one's own queue with what was given meanwhile behind it, where little is left.

    What is there stays where it is: nothing moves under who is reading.
    """
    if stored.left(database(), project.id, queue).bit_count() > LOW or not _be_given(project):
        return queue
    filled = queue.with_more(stored.choose(database(), project.id, queue.selection))
    _freeze(project, filled)
    return filled


def _be_given(project: Project) -> bool:
    """Get the next documents, unless there were none and none can have come since.

    Where that fails, what is there already is shown all the same. Return whether it was asked.
    """
    db, who = database(), settings.annotator(database())
    if st.session_state.get(_DRY) == (project.id, assignments.supply(db, project.id, who)):
        return False
    try:
        found = assignments.take(db, project.id, who, assignments.AT_ONCE)
    except WhetstoneError as error:
        st.toast(literal(str(error)), icon=":material/error:")
        return False
    if len(found) < assignments.AT_ONCE:
        st.session_state[_DRY] = (project.id, assignments.supply(db, project.id, who))
    return True


def _give_back(project: Project) -> None:
    """Let others have what is not begun, and take another queue: this one would fill again."""
    try:
        assignments.give_back(database(), project.id, settings.annotator(database()))
    except WhetstoneError as error:
        st.toast(literal(str(error)), icon=":material/error:")
        return
    forget(Selection(Order.MINE))
    _remember(project.id, Selection(Order.TODO))


def _is_dealt(project: Project) -> bool:
    """Tell whether documents are given out here: alone, nobody is asked whose they are."""
    return accounts.exist(database()) or assignments.are_given_out(database(), project.id)


def _freeze(project: Project, queue: Queue) -> None:
    newest = documents.newest_id(database(), project.id)
    st.session_state["queue-frozen"] = _Frozen(project.id, newest, queue)


def _offer(project: Project, selection: Selection) -> None:
    """Show the kinds of queues and what can be said about the chosen one."""
    of_cells = (Order.CELL, Order.FOCUS)
    kinds = [kind for kind in Order if kind not in of_cells or selection.cell]
    kinds = [kind for kind in kinds if kind != Order.COMPARED or selection.compared]
    kinds = [kind for kind in kinds if kind != Order.GIVEN or selection.given]
    kinds = [kind for kind in kinds if kind != Order.LABEL or project.labels]
    if selection.kind is not Order.PRODUCTION and not kept.exist(database(), project.id):
        kinds.remove(Order.PRODUCTION)
    if starts.refusal(database(), project.id):
        kinds = [kind for kind in kinds if kind not in TELLING]
    if selection.kind is not Order.MINE and not _is_dealt(project):
        kinds.remove(Order.MINE)
    heard: dict[str, Any] = {"on_change": _take, "args": (project,)}
    # The widgets show what is chosen, also where the address chose it.
    st.session_state["queue-kind"] = selection.kind
    st.radio(
        "What to tag next",
        kinds,
        format_func=TITLES.__getitem__,
        key="queue-kind",
        width=300,
        **heard,
    )
    st.caption(ABOUT[selection.kind])
    match selection.kind:
        case Order.MINE:
            st.button(
                "Give them back",
                icon=":material/undo:",
                help="What you have not begun goes to others.",
                key="queue-give-back",
                on_click=_give_back,
                args=(project,),
            )
        case Order.RANDOM | Order.MIX:
            st.session_state["queue-seed"] = selection.seed
            st.number_input("Seed", min_value=0, step=1, key="queue-seed", **heard)
        case Order.UNCERTAIN:
            st.session_state["queue-measure"] = selection.measure
            _measure(heard)
        case Order.LABEL:
            st.session_state["queue-label"] = selection.label
            names = dict.fromkeys([*(label.name for label in project.labels), selection.label])
            st.selectbox("Label", list(names), key="queue-label", **heard)
        case Order.SEARCH:
            search_form.put(SEARCH, selection.search)
            search_form.show(project, SEARCH, on_change=lambda: _take(project))


def _measure(heard: dict) -> None:
    st.selectbox(
        "Measured by", list(Measure), format_func=MEASURES.__getitem__, key="queue-measure", **heard
    )


def _start(selection: Selection) -> None:
    """Make a queue anew, and begin with its first document where that is the point."""
    forget(selection)
    if selection.kind in RANKED:
        st.session_state.pop("document", None)


def _take(project: Project) -> None:
    """Make the selection that the widgets say, before the page runs again."""
    state = st.session_state
    _, before = state["queue-selection"]
    label = state.get("queue-label") or before.label
    if label not in {known.name for known in project.labels}:
        label = project.labels[0].name if project.labels else ""
    chosen = replace(
        before,
        kind=Order(state["queue-kind"]),
        seed=int(state.get("queue-seed", before.seed) or SEED),
        measure=Measure(state.get("queue-measure") or before.measure),
        label=label,
        search=search_form.current(SEARCH) if SEARCH in state else before.search,
    )
    _start(chosen)
    _remember(project.id, chosen)
