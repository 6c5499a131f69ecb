"""Which threads there are: in a project, about something, and how many wait for somebody."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from storage.collaboration import about as abouts
from storage.collaboration import mentions, threads
from storage.collaboration.about import About, Kind
from storage.collaboration.threads import Thread
from storage.database import settings
from storage.database.connection import Database
from storage.engines.schema import CommentRow, MentionRow, ThreadRow
from storage.folding import fold


class State(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for whoever acts: threads that name them unseen, and all that are open."""

    mentions: int = 0
    open: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the threads that were asked for, of ``total``."""

    threads: list[Thread]
    total: int


def listed(
    db: Database,
    project_id: int,
    state: State = State.OPEN,
    *,
    mine: bool = False,
    words: str = "",
) -> list[Thread]:
    """Return threads that whoever acts may see, the one said last in first.

    ``mine`` are those that they began, spoke in, or are named in. Of several ``words`` all have
    to occur, in whatever case.
    """
    me = settings.annotator(db)
    wanted = fold(words).split()
    with db.read() as session:
        query = _said_last_first(_wanted(project_id, me, state, mine))
        found = threads.read(session, session.scalars(query), me)
    return [each for each in found if _has(each, wanted)]


def part(
    db: Database,
    project_id: int,
    state: State = State.OPEN,
    *,
    mine: bool = False,
    words: str = "",
    page: int,
    size: int,
) -> Part:
    """Return a page of what `listed` returns: from 1 on; one that is not there is the first.

    No other thread is read, but for words: they are folded as the database cannot.
    """
    if words.strip():
        found = listed(db, project_id, state, mine=mine, words=words)
        start = _start(page, size, len(found))
        return Part(found[start : start + size], len(found))
    me = settings.annotator(db)
    query = _wanted(project_id, me, state, mine)
    with db.read() as session:
        total = _count(session, query)
        rows = _said_last_first(query).offset(_start(page, size, total)).limit(size)
        return Part(threads.read(session, session.scalars(rows), me), total)


def _wanted(project_id: int, me: str, state: State, mine: bool) -> Select[ThreadRow]:
    query = select(ThreadRow).where(threads.shown(project_id, me), _in_state(state))
    return query.where(_of(me)) if mine else query


def _said_last_first(query: Select[ThreadRow]) -> Select[ThreadRow]:
    """Order threads by their newest comment; last those without one, which archives may bring."""
    newest, later = aliased(CommentRow), aliased(CommentRow)
    is_later = (later.thread_id == newest.thread_id) & (later.id > newest.id)
    # By a name of its own: what is asked of threads may look into their comments, too.
    query = query.outerjoin(newest, newest.thread_id == ThreadRow.id)
    query = query.where(~exists(select(later.id).where(is_later)))
    return query.order_by(newest.id.desc().nulls_last(), ThreadRow.id.desc())


def _start(page: int, size: int, total: int) -> int:
    start = (page - 1) * size
    return start if start < total else 0


def _count(session: Session, query: Select[ThreadRow]) -> int:
    return session.scalar(query.with_only_columns(func.count())) or 0


def on(db: Database, project_id: int, about: About) -> list[Thread]:
    """Return the threads about something and its parts: open ones first, then by their begin.

    Of a document's parts are those on its words, of a run's those on its cells.
    """
    me = settings.annotator(db)
    query = select(ThreadRow).where(threads.shown(project_id, me), abouts.condition(about))
    with db.read() as session:
        found = threads.read(session, session.scalars(query.order_by(ThreadRow.id)), me)
    kept = [each for each in found if abouts.belongs(each.about, about)]
    return sorted(kept, key=lambda each: not each.is_open)


def waiting(db: Database, project_id: int) -> Waiting:
    """Count what waits for whoever acts in a project."""
    me = settings.annotator(db)
    row = ThreadRow
    seen = threads.shown(project_id, me)
    named = (
        select(func.count(row.id.distinct()))
        .join(CommentRow, CommentRow.thread_id == row.id)
        .join(MentionRow, MentionRow.comment_id == CommentRow.id)
        .where(seen, _unseen_by(me))
    )
    left = select(func.count()).select_from(row).where(seen, _in_state(State.OPEN))
    with db.read() as session:
        return Waiting(session.scalar(named) or 0, session.scalar(left) or 0)


def exist(db: Database, project_id: int) -> bool:
    """Tell whether there is any thread that whoever acts may see."""
    seen = threads.shown(project_id, settings.annotator(db))
    with db.read() as session:
        return session.scalar(select(ThreadRow.id).where(seen).limit(1)) is not None


def by_label(db: Database, project_id: int) -> dict[str, list[Thread]]:
    """Return the threads about each label that has any, by the name that it has now.

    In the order of `on`; those about a label that was merged into another are about that one.
    """
    me = settings.annotator(db)
    about_one = select(ThreadRow).where(threads.shown(project_id, me), ThreadRow.kind == Kind.LABEL)
    with db.read() as session:
        found = threads.read(session, session.scalars(about_one.order_by(ThreadRow.id)), me)
    named: dict[str, list[Thread]] = {}
    for each in sorted(found, key=lambda each: not each.is_open):
        if each.label:
            named.setdefault(each.label, []).append(each)
    return named


def unseen(db: Database, project_id: int, most: int) -> list[Thread]:
    """Return threads that name whoever acts, who has not seen it, the newest mention first."""
    me = settings.annotator(db)
    row = ThreadRow
    query = (
        select(row)
        .join(CommentRow, CommentRow.thread_id == row.id)
        .join(MentionRow, MentionRow.comment_id == CommentRow.id)
        .where(threads.shown(project_id, me), _unseen_by(me))
        .group_by(row.id)
        .order_by(func.max(CommentRow.id).desc())
        .limit(most)
    )
    with db.read() as session:
        return threads.read(session, session.scalars(query), me)


def _in_state(state: State) -> ColumnElement[bool]:
    done = ThreadRow.resolved_at.is_not(None)
    if state is State.ALL:
        return ThreadRow.id.is_not(None)
    return done if state is State.RESOLVED else ~done


def _unseen_by(me: str) -> ColumnElement[bool]:
    return (MentionRow.folded == mentions.key(me)) & MentionRow.seen_at.is_(None)


def _of(me: str) -> ColumnElement[bool]:
    said = select(CommentRow.id).where(
        CommentRow.thread_id == ThreadRow.id,
        or_(
            CommentRow.author == me,
            exists(
                select(MentionRow.comment_id).where(
                    MentionRow.comment_id == CommentRow.id,
                    MentionRow.folded == mentions.key(me),
                )
            ),
        ),
    )
    return or_(ThreadRow.created_by == me, exists(said))


def _has(thread: Thread, wanted: list[str]) -> bool:
    if not wanted:
        return True
    said = [part for each in thread.comments for part in (each.text, each.author)]
    whole = fold("\n".join([thread.quote, thread.label, thread.document_name, *said]))
    return all(word in whole for word in wanted)
