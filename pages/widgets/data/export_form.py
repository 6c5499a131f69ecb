"""Export: choose format and documents, see what is lost, and take a file that was read back."""

from __future__ import annotations

import re
from typing import Any

import streamlit as st

from engine import formats, tasks
from engine.formats import Shape
from engine.transfers.archives import Archive, Archived
from engine.transfers.exports import KIND, Export, Exported, Wanted
from engine.transfers.registry import About, Transfer, transfers
from engine.transfers.state import Phase, State
from pages.routes.transfers import downloads as served
from pages.widgets.common import running, search_form
from pages.widgets.common.errors import literal
from pages.widgets.common.sidebar import require_project
from pages.widgets.common.words import count
from pages.widgets.data import download_link, problem_list
from storage.corpus import documents
from storage.database import settings
from storage.database.store import database
from storage.errors import NotFoundError, WhetstoneError
from storage.finding import search
from storage.finding.search import Search
from storage.transfers.downloads import Outgoing, downloads
from storage.transfers.uploads import megabytes
from storage.types import Project, Split, Status

TITLES = {
    "conll": "CoNLL, one token a line",
    "doccano": "JSONL as doccano reads it",
    "prodigy": "JSONL as Prodigy reads it",
    "label_studio": "JSON as Label Studio reads it",
}
EVERYTHING = "all splits"
WHOLE = "whole project"
HELD = (
    "Documents, labels, every edit, runs with their models, settings, in one file: to move the "
    "project to another computer, where it is dropped on Import."
)
# Below that many documents a page waits for the file.
SMALL_DOCUMENTS = 2_000
LEAVE = "You can leave this page meanwhile."
_MADE = "export-made"


def show(project: Project | None) -> None:
    """Show the form, how far the writing is, and the file."""
    project = project or require_project()
    going = next(iter(running.own(KIND)), None)
    if going and not going.state.phase.final:
        running.follow(going, LEAVE)
        return
    order, name, title = _form(project)
    if st.button("Prepare the file", icon=":material/inventory_2:"):
        try:
            _begin(project, order, name, title)
        except WhetstoneError as error:
            st.error(literal(str(error)), icon=":material/error:")
            return
        st.rerun()
    _result(going)


def _form(project: Project) -> tuple[dict[str, Any], str, str]:
    """Let a person choose; return the order, the file's name, and what it is called meanwhile."""
    task = tasks.get(project.task)
    writers = {each.name: each for each in formats.writers(Shape.of(task))}
    titles = {name: TITLES.get(name, writer.title) for name, writer in writers.items()}
    titles[WHOLE] = "The whole project, for another computer"
    one, two = st.columns(2)
    chosen = one.selectbox(
        "Format",
        list(titles),
        format_func=titles.__getitem__,
        # While a file is written the form is away; it comes back as it was.
        key=f"export-format-{project.id}",
        persist_state="session",
    )
    stem = re.sub(r"[^\w-]+", "-", project.name).strip("-")[:80] or "project"
    if chosen == WHOLE:
        st.caption(f":material/info: {HELD}")
        return {}, f"{stem}.whetstone.zip", "whole project"
    split = two.selectbox(
        "Split", [EVERYTHING, *Split], key="export_split", persist_state="session"
    )
    if lost := writers[chosen].cannot_hold:
        st.caption(f":material/info: {literal(lost)}")
    finished = st.toggle(
        f"Only {task.words.documents} that are done",
        value=True,
        key="export-done",
        persist_state="session",
    )
    ids = _found(project, task.words.documents)
    plain = chosen == "conll" and st.toggle(
        "One plain layout",
        help="Token, tab, IOB2 tag: whatever the files looked like before.",
        key="export-plain",
        persist_state="session",
    )
    statuses = (Status.DONE,) if finished else tuple(Status)
    only = None if split == EVERYTHING else Split(split)
    order = {
        "wanted": Wanted(project.id, only, statuses, ids),
        "format": chosen,
        "task": project.task,
        "options": {"layout": "plain" if plain else "own"},
    }
    name = f"{stem}-{split.split()[0]}{writers[chosen].extensions[0]}"
    return order, name, titles[chosen]


def _found(project: Project, noun: str) -> list[int] | None:
    """Offer to take only what the search on Documents finds, where there is one."""
    wanted = search_form.current(f"find-{project.id}")
    if wanted == Search() or not st.toggle(
        literal(f"Only {noun} of the search: {wanted.words}"),
        value=False,
        key="export-search",
        persist_state="session",
    ):
        return None
    return list(search.ids(database(), project.id, wanted))


def _begin(project: Project, order: dict[str, Any], name: str, title: str) -> None:
    """Write a few documents at once, many in the background."""
    _forget()
    owner = settings.annotator(database())
    made = downloads.make(owner, name)
    about = About(owner, KIND, made.id, f"{name} ({title})", project.id)
    if not order:
        transfers.begin(about, Archive(project.id, made.path))
        return
    export = Export(path=made.path, **order)
    if documents.count_documents(database(), project.id) <= SMALL_DOCUMENTS:
        with st.spinner("Writing and reading back"):
            st.session_state[_MADE] = (made.id, export.write(database(), _Here()))
        return
    transfers.begin(about, export)


class _Here:
    """Nobody to tell: the page itself waits."""

    def tell(self, state: State) -> None:
        """Go on."""

    def wait(self) -> None:
        """Nothing is ever waited for."""


def _forget() -> None:
    """Delete what was exported before."""
    if _MADE in st.session_state:
        downloads.discard(st.session_state.pop(_MADE)[0])
    for each in running.own(KIND):
        transfers.forget(each)
        downloads.discard(str(each.about.key))


def _result(going: Transfer | None) -> None:
    """Show what was written, and how it ended where nothing was."""
    if going is None:
        if _MADE in st.session_state:
            _offer(*st.session_state[_MADE])
        return
    if going.state.phase is Phase.DONE:
        _offer(str(going.about.key), going.state.result)
        return
    downloads.discard(str(going.about.key))
    if going.state.message:
        st.error(literal(going.state.message), icon=":material/error:")
    else:
        st.info("It was cancelled; there is no file.", icon=":material/info:")


def _offer(id: str, done: Exported | Archived) -> None:
    """Let a person take the file, where it is still there, after what is to be known of it."""
    try:
        made = downloads.get(id, settings.annotator(database()))
    except NotFoundError:
        return
    with st.container(border=True):
        many = _tell_of_project(made, done) if isinstance(done, Archived) else _tell(made, done)
        with st.container(horizontal=True, vertical_alignment="center"):
            label = f"Download {many} ({megabytes(done.size)})"
            download_link.show(label, served.address(id), made.name)
            st.button(
                "Delete the file", icon=":material/delete:", type="tertiary", on_click=_forget
            )


def _tell_of_project(made: Outgoing, done: Archived) -> str:
    """Say what is in the file, and return what to call it."""
    rows = {name: done.rows.get(name, 0) for name in ("documents", "journal", "runs")}
    said = (
        f"{count(rows['documents'], 'document')}, {count(rows['journal'], 'edit')} and "
        f"{count(rows['runs'], 'run')}"
    )
    st.success(f"**{literal(made.name)}** holds {said}.", icon=":material/inventory_2:")
    return "the project"


def _tell(made: Outgoing, done: Exported) -> str:
    """Say what came back when the file was read again, and what the format could not hold.

    Return how much of it there is.
    """
    found = done.verification
    said = literal(found.sentence())
    if found.differing:
        st.warning(f"**{literal(made.name)}**: {said}", icon=":material/warning:")
        st.text("\n".join(found.examples[:5]))
    else:
        st.success(f"**{literal(made.name)}**: {said}", icon=":material/verified:")
    if done.problems:
        with st.expander(
            f"What does not fit this format as it is ({len(done.problems):,})",
            icon=":material/warning:",
        ):
            problem_list.show(done.problems, "losses")
    return count(found.documents, "document")
