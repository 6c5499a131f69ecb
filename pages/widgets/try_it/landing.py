"""A text that the model gets wrong becomes a document of the project: a click, and where it is."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from engine.encoding.tokens import tokenize
from pages.widgets.common import errors, leave, words
from pages.widgets.common.errors import literal
from storage.corpus import documents
from storage.corpus.documents import Ensured
from storage.database import settings
from storage.database.store import database
from storage.hashing import document_hash
from storage.runs import suggestions
from storage.runs.suggestions import Said, Suggestions
from storage.types import Document, DocumentScore, Project, Split

NAME = "tried"
HELP = "Adds it to the project as a {document} to label: models learn from those."
ALONG = " What the model says is suggested there, to be mended."
_LANDED = "tried-landed"


def offer(
    project: Project,
    asked: Document,
    said: Suggestions | None = None,
    label: str = "This is wrong",
) -> None:
    """Let whoever reads a wrong answer add its text, and say where that is afterwards.

    What the model ``said`` comes along as suggestions, to be mended.
    """
    key = (project.id, document_hash(asked))
    known, landed = st.session_state.get(_LANDED, (None, None))
    if known == key and documents.belongs(database(), landed.id, project.id):
        _show(project, landed)
        return
    pressed = st.button(
        label,
        icon=":material/thumb_down:",
        key="tried-wrong",
        help=words.of(project).fill(HELP + (ALONG if said else "")),
    )
    if pressed and errors.attempt(lambda: _land(project, asked, said)):
        st.rerun()


def _land(project: Project, asked: Document, said: Suggestions | None) -> None:
    db = database()
    added = replace(asked, split=Split.TRAIN, name=NAME, tokens=tokenize(asked.text))
    landed = documents.ensure(db, project.id, added, settings.annotator(db))
    if said and said.spans:
        # Whoever suggests something there already goes on doing so.
        suggestions.put(db, said.run, [_answer(landed.id, said)], instead_of=())
    st.session_state[_LANDED] = (project.id, document_hash(asked)), landed


def _answer(document: int, said: Suggestions) -> Said:
    """Return what is suggested: of a whole text guesses alone.

    What a model is sure of is given to many at once, and this one was called wrong.
    """
    placed = tuple(span for span in said.spans if not span.whole)
    whole = tuple(span for span in said.spans if span.whole)
    unscored = DocumentScore(document, None, None, None, None)
    return Said(unscored, placed, (*whole, *said.guesses))


def _show(project: Project, landed: Ensured) -> None:
    """Say that the text is in the project, and lead to it; who goes on trying has the field."""
    said, name = words.of(project), literal(project.name)
    if landed.is_new:
        told = f"Added to **{name}** as a {said.document} to label."
    else:
        told = f"**{name}** has this {said.document} already."
    with st.container(horizontal=True, vertical_alignment="center", key="tried-landed-at"):
        st.markdown(f":material/check_circle: {told}", width="content")
        leave.page_link(
            "tag.py",
            label="Label it now" if landed.is_new else "Open it",
            icon=":material/ink_highlighter:",
            query_params={"document": str(landed.id)},
        )
        st.caption("Or go on trying: change the text above.", width="content")
