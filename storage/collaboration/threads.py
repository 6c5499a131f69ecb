"""Threads: what people say to each other about a document, a mark, a label, a cell or a run.

To ask something from elsewhere:
``ask(db, project_id, about.on_span(document, start, end, label), "Why not ORG?") -> Thread``
(``label`` is an id or None; `about` has the other things that a thread may be about).

Whoever acts is the author. Where people label blind, what is said about anything but a label is
shown to those who may compare (`Ability.REVIEW`), to who began it and to those whom it names, and
to nobody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session, aliased

from storage.collaboration import about as abouts
from storage.collaboration import mentions
from storage.collaboration.about import About
from storage.collaboration.rules import starts
from storage.corpus import labels, validation
from storage.corpus.projects import required
from storage.database import settings
from storage.database.connection import Database
from storage.engines.clock import now
from storage.engines.queries import chunks
from storage.engines.schema import (
    CommentRow,
    DocumentRow,
    MentionRow,
    ThreadRow,
)
from storage.errors import ForbiddenError, InputError, NotFoundError
from storage.permissions import Ability, may, needs

LONGEST = 10_000
_GONE = "This talk is not there any more: reload the page."


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody said; ``is_mine`` where whoever acts may change it."""

    id: int
    author: str
    text: str
    created_at: str
    edited_at: str | None
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Thread:
    """A talk, its comments in order.

    ``label`` is what its label is called now, "" where that is gone; ``quote`` the words, the
    label's or the run's name that it was about when it began. ``is_unread`` where it names whoever
    acts, who has not seen that yet.
    """

    id: int
    project: int
    about: About
    quote: str
    label: str
    document_name: str
    created_by: str
    created_at: str
    resolved_by: str | None
    resolved_at: str | None
    comments: tuple[Comment, ...]
    is_unread: bool

    @property
    def is_open(self) -> bool:
        return self.resolved_at is None

    @property
    def newest(self) -> str:
        """When something was said in it last."""
        return self.comments[-1].created_at if self.comments else self.created_at


@needs(Ability.LABEL)
def ask(db: Database, project_id: int, about: About, text: str) -> Thread:
    """Begin a thread with a comment; raises InputError, NotFoundError, RefusedError."""
    text, me = _said(text), settings.annotator(db)
    named = mentions.named(db, project_id, text)
    with db.write() as session:
        required(session, project_id)
        quote = abouts.check(session, project_id, about)
        cell = {"split": about.split, "gold": about.gold, "predicted": about.predicted}
        row = ThreadRow(
            project_id=project_id,
            kind=str(about.kind),
            document_id=about.document,
            start=about.start,
            end=about.end,
            label_id=about.label,
            run_id=about.run,
            cell=cell if about.kind is abouts.Kind.CELL else None,
            quote=quote,
            created_by=me,
            created_at=now(),
        )
        session.add(row)
        session.flush()
        _say(session, row, me, text, named)
        return _whole(session, row, me)


@needs(Ability.LABEL)
def reply(db: Database, thread_id: int, text: str) -> Thread:
    """Say something in a thread; raises InputError, NotFoundError."""
    text, me = _said(text), settings.annotator(db)
    named = mentions.named(db, get(db, thread_id).project, text)
    with db.write() as session:
        row = _required(session, thread_id, me, turn=True)
        _say(session, row, me, text, named)
        return _whole(session, row, me)


@needs(Ability.LABEL)
def change(db: Database, comment_id: int, text: str) -> Thread:
    """Give a comment another text; raises ForbiddenError for another's, unless one is an admin."""
    text, me = _said(text), settings.annotator(db)
    with db.read() as session:
        project = _own(session, comment_id, me)[1].project_id
    named = mentions.named(db, project, text)
    with db.write() as session:
        comment, thread = _own(session, comment_id, me, turn=True)
        if comment.text != text:
            comment.text, comment.edited_at = text, now()
            mentions.put(session, comment, named)
        return _whole(session, thread, me)


@needs(Ability.LABEL)
def remove(db: Database, comment_id: int) -> Thread | None:
    """Delete a comment, and with the last one the thread (None); raises as `change`."""
    me = settings.annotator(db)
    with db.write() as session:
        comment, thread = _own(session, comment_id, me, turn=True)
        session.delete(comment)
        session.flush()
        if session.scalar(select(CommentRow.id).where(CommentRow.thread_id == thread.id).limit(1)):
            return _whole(session, thread, me)
        session.delete(thread)
        return None


@needs(Ability.LABEL)
def resolve(db: Database, thread_id: int) -> Thread:
    """Say that a thread needs nobody any more; raises NotFoundError."""
    me = settings.annotator(db)
    with db.write() as session:
        row = _required(session, thread_id, me, turn=True)
        if row.resolved_at is None:
            row.resolved_by, row.resolved_at = me, now()
        return _whole(session, row, me)


@needs(Ability.LABEL)
def reopen(db: Database, thread_id: int) -> Thread:
    """Take back that a thread was resolved; raises NotFoundError."""
    me = settings.annotator(db)
    with db.write() as session:
        row = _required(session, thread_id, me, turn=True)
        row.resolved_by = row.resolved_at = None
        return _whole(session, row, me)


def get(db: Database, thread_id: int) -> Thread:
    """Return a thread; raises NotFoundError, for one that whoever acts may not see, too."""
    me = settings.annotator(db)
    with db.read() as session:
        return _whole(session, _required(session, thread_id, me), me)


def see(db: Database, thread_id: int) -> None:
    """Take down that whoever acts has seen all that names them in a thread."""
    mentions.see(db, thread_id, settings.annotator(db))


def shown(project_id: int, me: str) -> ColumnElement[bool]:
    """Return what rows of threads of a project have that somebody may see."""
    own = ThreadRow.project_id == project_id
    if may(Ability.REVIEW):
        return own
    # By names of their own: whoever asks may join the same tables.
    mention, comment = aliased(MentionRow), aliased(CommentRow)
    named = (
        select(mention.comment_id)
        .join(comment, comment.id == mention.comment_id)
        .where(comment.thread_id == ThreadRow.id, mention.folded == mentions.key(me))
    )
    # What is said of a label tells of nobody's work; of a run or a cell, of everybody's.
    open_to_all = (ThreadRow.kind == abouts.Kind.LABEL) | ~starts.is_blind(project_id)
    return own & or_(open_to_all, ThreadRow.created_by == me, exists(named))


def read(session: Session, rows: Iterable[ThreadRow], me: str) -> list[Thread]:
    """Return what rows say, in their order, with all comments."""
    rows = list(rows)
    comments: dict[int, list[Comment]] = {}
    names: dict[int, str] = {}
    unread: set[int] = set()
    # Asked once: it looks for accounts in the database.
    rules = may(Ability.ADMINISTER)
    for chunk in chunks(rows):
        ids = [row.id for row in chunk]
        said = select(CommentRow).where(CommentRow.thread_id.in_(ids)).order_by(CommentRow.id)
        for comment in session.scalars(said):
            comments.setdefault(comment.thread_id, []).append(
                _comment(comment, rules or comment.author == me)
            )
        documents = {row.document_id for row in chunk if row.document_id is not None}
        named = select(DocumentRow.id, DocumentRow.name).where(DocumentRow.id.in_(documents))
        names |= dict(session.execute(named).all())
        unread |= mentions.unseen_threads(session, ids, me)
    called = {project: labels.heirs(session, project) for project in {r.project_id for r in rows}}
    return [
        Thread(
            row.id,
            row.project_id,
            abouts.read(row),
            row.quote,
            called[row.project_id].get(row.label_id or 0, ""),
            names.get(row.document_id or 0, ""),
            row.created_by,
            row.created_at,
            row.resolved_by,
            row.resolved_at,
            tuple(comments.get(row.id, ())),
            row.id in unread,
        )
        for row in rows
    ]


def _said(text: str) -> str:
    text = validation.text(text, "The comment").strip()
    if not text:
        raise InputError("The comment is empty: write something.")
    if len(text) > LONGEST:
        raise InputError(f"A comment has at most {LONGEST:,} characters: this has {len(text):,}.")
    return text


def _say(session: Session, thread: ThreadRow, me: str, text: str, named: Mapping[str, str]) -> None:
    comment = CommentRow(thread_id=thread.id, author=me, text=text, created_at=now())
    session.add(comment)
    session.flush()
    mentions.put(session, comment, named)


def _required(session: Session, thread_id: int, me: str, turn: bool = False) -> ThreadRow:
    """Return a thread that somebody may see; with ``turn`` once nobody else changes it.

    Else two who delete its last comments at once would leave a thread of none, and who answers
    one that is being deleted would lose the answer.
    """
    row = abouts.row_of(session, ThreadRow, thread_id, turn)
    if row is not None:
        seen = select(ThreadRow.id).where(ThreadRow.id == thread_id, shown(row.project_id, me))
        if session.scalar(seen):
            return row
    raise NotFoundError(_GONE)


def _own(
    session: Session, comment_id: int, me: str, turn: bool = False
) -> tuple[CommentRow, ThreadRow]:
    """Return a comment that whoever acts may change, and its thread."""
    comment = abouts.row_of(session, CommentRow, comment_id)
    if comment is None:
        raise NotFoundError(_GONE)
    thread = _required(session, comment.thread_id, me, turn)
    # Whoever waited for a turn has read it before.
    comment = abouts.row_of(session, CommentRow, comment_id, turn)
    if comment is None:
        raise NotFoundError(_GONE)
    if not _may_change(comment, me):
        raise ForbiddenError(f"This is what {comment.author} said: only they or an admin may.")
    return comment, thread


def _may_change(comment: CommentRow, me: str) -> bool:
    return comment.author == me or may(Ability.ADMINISTER)


def _comment(row: CommentRow, changeable: bool) -> Comment:
    return Comment(row.id, row.author, row.text, row.created_at, row.edited_at, changeable)


def _whole(session: Session, row: ThreadRow, me: str) -> Thread:
    session.flush()
    return read(session, [row], me)[0]
