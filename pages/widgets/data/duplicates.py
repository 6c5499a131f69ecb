"""Documents that are the same, or nearly: looked for in the background, listed by groups."""

from __future__ import annotations

import streamlit as st

from engine.corpus.duplicates import Group
from engine.inspection.duplicates import Duplicates
from engine.transfers.duplicates import KIND, Search
from engine.transfers.registry import About, Transfer, transfers
from engine.transfers.state import Phase
from pages.widgets.common import running, words
from pages.widgets.common.errors import literal
from pages.widgets.common.sidebar import require_project
from pages.widgets.common.words import count
from storage.corpus import documents
from storage.database import settings
from storage.database.store import database
from storage.errors import ConflictError
from storage.finding import occurrences
from storage.types import Project

PAGE, EACH, QUOTE = 10, 4, 160
WHAT = (
    "Finds {documents} that are the same, or differ in few words. What stands in train and again "
    "in dev or test makes a report look better than it should: the model has seen it."
)


def show(project: Project | None) -> None:
    """Show what was found last, how far a search is, or the way to one."""
    project = project or require_project()
    known = [each for each in running.own(KIND) if each.about.project == project.id]
    if known and not known[-1].state.phase.waits:
        running.follow(known[-1], "You can leave this page meanwhile.")
        return
    if not known or known[-1].state.phase is not Phase.DONE:
        if known and known[-1].state.message:
            st.error(literal(known[-1].state.message), icon=":material/error:")
        st.markdown(words.of(project).fill(WHAT))
        _offer(project, "Look for duplicates", known)
        return
    found: Duplicates = known[-1].state.result
    _told(project, found)
    if found.newest != documents.newest_id(database(), project.id):
        st.caption("Documents came since these were looked for.")
    _offer(project, "Look again", known)
    _groups(project, found)


def _offer(project: Project, label: str, known: list[Transfer]) -> None:
    """Show the button that starts a search; what was found before goes then."""
    primary = not known
    if not st.button(
        label, type="primary" if primary else "tertiary", icon=":material/content_copy:"
    ):
        return
    for each in known:
        transfers.forget(each)
    owner = settings.annotator(database())
    about = About(owner, KIND, project.id, f"{project.name}, for duplicates", project.id)
    try:
        transfers.begin(about, Search(project.id))
    except ConflictError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    st.rerun()


def _told(project: Project, found: Duplicates) -> None:
    said = words.of(project)
    if not found.total:
        st.success(
            f"No two of {count(found.documents, said.document)} are the same, or nearly.",
            icon=":material/check_circle:",
        )
        return
    if found.across:
        st.error(
            f"**{count(found.across, 'group')}** in several splits: what is learned is asked "
            "again, and a report looks better than it should. Take them out of train, or out of "
            "dev and test.",
            icon=":material/warning:",
        )
    st.markdown(
        f"**{count(found.total, 'group')}** of duplicates among "
        f"{count(found.documents, said.document)}; without {found.more:,} of them nothing would "
        "be lost."
    )


def _groups(project: Project, found: Duplicates) -> None:
    """List some groups at a time, those across splits first."""
    pages = -(-len(found.groups) // PAGE)
    key = f"duplicates-page-{project.id}"
    number = min(st.session_state.get(key, 1), max(pages, 1))
    for group in found.groups[(number - 1) * PAGE : number * PAGE]:
        with st.container(border=True, gap="xxsmall"):
            _group(project, group)
    if pages > 1:
        st.pagination(pages, key=key)
    if found.total > len(found.groups):
        st.caption(f"The first {len(found.groups):,} of {found.total:,} groups are listed.")


def _group(project: Project, group: Group) -> None:
    colour = "red" if group.across else "gray"
    st.markdown(f"**{group.size:,}** {group.alike} :{colour}-badge[in {group.where}]")
    texts = occurrences.texts(database(), project.id, group.members[:EACH])
    for document, text in texts.items():
        st.page_link(
            "tag.py",
            label=literal(" ".join(text.split())[:QUOTE]) or "(no text)",
            query_params={"document": str(document), "queue": "all"},
        )
    if group.size > len(texts):
        st.caption(f"… and {group.size - len(texts):,} more")
