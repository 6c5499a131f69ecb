"""Texts of an alarm as documents of the project: they can be mended as those of a cell are.

A text that the project has already is not added again; a new one is untouched, for training, with
its day, and with what the model says as a suggestion.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.corpus import adding
from storage.corpus.projects import required
from storage.database.connection import Database
from storage.engines.queries import chunks
from storage.engines.schema import DocumentRow, DocumentScoreRow, RunRow, SuggestionRow
from storage.hashing import text_hash
from storage.monitors.texts import DatedText
from storage.types import Document, Split, Token


def documents(
    db: Database,
    project_id: int,
    run_id: int,
    found: Sequence[tuple[DatedText, Sequence[Token]]],
    annotator: str,
    name: str,
) -> dict[str, int]:
    """Return the document of each text by its key, added where the project has none.

    Texts come with their tokens. ``run_id`` is the run whose model labelled them.
    """
    with db.write() as session:
        project = required(session, project_id, turn=True)
        known = _known(session, project_id, [text for text, _ in found])
        new: dict[tuple[str, str], DatedText] = {}
        added: list[Document] = []
        for text, tokens in found:
            if _place(text) not in known and _place(text) not in new:
                new[_place(text)] = text
                added.append(_document(text, tokens, name))
        adding.add(session, project, added, annotator)
        known |= _known(session, project_id, list(new.values()))
        _suggest(session, project_id, run_id, {known[place]: text for place, text in new.items()})
        return {text.key: known[_place(text)] for text, _ in found}


def _document(text: DatedText, tokens: Sequence[Token], name: str) -> Document:
    return Document(
        text.text,
        tuple(tokens),
        split=Split.TRAIN,
        name=name,
        second_text=text.second,
        date=text.date.isoformat(),
    )


def _place(text: DatedText) -> tuple[str, str]:
    return text.text, text.second or ""


def _known(
    session: Session, project_id: int, found: Sequence[DatedText]
) -> dict[tuple[str, str], int]:
    known: dict[tuple[str, str], int] = {}
    for chunk in chunks({text_hash(text.text) for text in found}):
        query = select(DocumentRow.id, DocumentRow.text, DocumentRow.second_text).where(
            DocumentRow.project_id == project_id, DocumentRow.text_hash.in_(chunk)
        )
        for id, text, second in session.execute(query.order_by(DocumentRow.id)):
            known.setdefault((text, second or ""), id)
    return known


def _suggest(session: Session, project_id: int, run_id: int, new: dict[int, DatedText]) -> None:
    """Suggest what the model said, where no other model made the project's suggestions."""
    query = select(DocumentScoreRow.run_id).join(RunRow).where(RunRow.project_id == project_id)
    if session.scalar(query.limit(1)) not in (None, run_id):
        return
    for document, text in new.items():
        session.add(DocumentScoreRow(document_id=document, run_id=run_id))
        session.add_all(
            SuggestionRow(
                run_id=run_id,
                document_id=document,
                start=mark.start,
                end=mark.end,
                label=mark.label,
                score=mark.score,
            )
            for mark in text.topics
        )
