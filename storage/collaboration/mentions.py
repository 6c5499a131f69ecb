"""Who is named in a comment by ``@``, and whether they have seen it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

from sqlalchemy import delete, insert, select, union, update
from sqlalchemy.orm import Session

from storage.accounts import accounts
from storage.accounts import names as account_names
from storage.collaboration import people
from storage.database import settings
from storage.database.connection import Database
from storage.engines.clock import now
from storage.engines.schema import (
    AssignmentRow,
    CommentRow,
    MentionRow,
    ThreadRow,
)

# As long as the table's column; NFKC makes some signs eighteen of them.
_LONGEST = 400
# Scripts that put no space between words: a name may be followed, or preceded, by any of them.
_SPACELESS = ("CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO", "THAI", "LAO", "KHMER", "MYANMAR")


def key(name: str) -> str:
    """Return a name in the one spelling by which mentions are found."""
    return " ".join(account_names.folded(name).split())[:_LONGEST]


def names(db: Database, project_id: int) -> list[str]:
    """Return whom a comment in a project may name, by name: accounts and its annotators."""
    return sorted(_known(db, project_id).values(), key=key)


def named(db: Database, project_id: int, text: str) -> dict[str, str]:
    """Return those whom a comment in a project names, by `key`."""
    if "@" not in unicodedata.normalize("NFKC", text):
        return {}
    return parse(text, _known(db, project_id))


def parse(text: str, known: Mapping[str, str]) -> dict[str, str]:
    """Return those of some people whom a text names, by the name's `key`.

    ``known`` has the names by key. After an "@" that no letter stands before, the longest name
    counts that no letter follows; case, width and the number of spaces do not matter.
    """
    text = " ".join(account_names.folded(text).split())
    by_first: dict[str, list[str]] = {}
    for name in sorted(known, key=len, reverse=True):
        by_first.setdefault(name[:1], []).append(name)
    found: dict[str, str] = {}
    place = text.find("@")
    while place >= 0:
        start = place + 1
        name = _name_at(text, start, by_first) if _begins(text, place) else ""
        if name:
            found[name] = known[name]
        place = text.find("@", start + len(name))
    return found


def put(session: Session, comment: CommentRow, found: Mapping[str, str]) -> None:
    """Store whom a comment names (`named`), in place of those whom it named before.

    Who was named before has seen it or not, as before. Nobody is told of their own words.
    """
    own = MentionRow.comment_id == comment.id
    before = set(session.scalars(select(MentionRow.folded).where(own)))
    if gone := before - found.keys():
        session.execute(delete(MentionRow).where(own, MentionRow.folded.in_(gone)))
    author, moment = key(comment.author), now()
    for folded, name in found.items():
        if folded not in before:
            seen = moment if folded == author else None
            values = {"comment_id": comment.id, "folded": folded, "name": name}
            session.execute(insert(MentionRow).values(**values, seen_at=seen))


def see(db: Database, thread_id: int, name: str) -> None:
    """Take down that somebody has seen all that names them in a thread.

    A database that cannot be changed does without.
    """
    comments = select(CommentRow.id).where(CommentRow.thread_id == thread_id)
    new = (
        MentionRow.folded == key(name),
        MentionRow.seen_at.is_(None),
        MentionRow.comment_id.in_(comments),
    )
    with db.read() as session:
        unseen = session.scalar(select(MentionRow.comment_id).where(*new).limit(1)) is not None
    if unseen and db.barrier() is None:
        with db.write() as session:
            session.execute(update(MentionRow).where(*new).values(seen_at=now()))


def unseen_threads(session: Session, threads: Iterable[int], name: str) -> set[int]:
    """Return those of some threads in which somebody is named and has not seen it yet."""
    query = (
        select(CommentRow.thread_id)
        .join(MentionRow, MentionRow.comment_id == CommentRow.id)
        .where(MentionRow.folded == key(name), MentionRow.seen_at.is_(None))
    )
    return set(session.scalars(query.where(CommentRow.thread_id.in_(list(threads)))))


def _known(db: Database, project_id: int) -> dict[str, str]:
    """Return whom a comment may name, by key; an account's spelling of a name goes first."""
    given = select(AssignmentRow.annotator).where(AssignmentRow.project_id == project_id)
    said = (
        select(CommentRow.author)
        .join(ThreadRow, ThreadRow.id == CommentRow.thread_id)
        .where(ThreadRow.project_id == project_id)
    )
    with db.read() as session:
        besides = sorted(session.scalars(union(given, said)))
    # Where nobody signs in, whoever sits at this computer may be named before they label.
    known = [account.name for account in accounts.known(db)] or [settings.annotator(db)]
    found: dict[str, str] = {}
    for name in (*known, *sorted(people.annotators(db, project_id)), *besides):
        if folded := key(name):
            found.setdefault(folded, name)
    return found


def _begins(text: str, place: int) -> bool:
    """Tell whether an "@" begins a name: the one of an e-mail address does not."""
    return place == 0 or not _joins(text[place - 1])


def _name_at(text: str, start: int, by_first: Mapping[str, list[str]]) -> str:
    for name in by_first.get(text[start : start + 1], ()):
        if text.startswith(name, start) and _ends(text, start + len(name)):
            return name
    return ""


def _ends(text: str, end: int) -> bool:
    return end == len(text) or not _joins(text[end]) or _spaceless(text[end - 1])


def _joins(sign: str) -> bool:
    """Tell whether a character goes on with a word that it stands beside."""
    letter = sign == "_" or unicodedata.category(sign)[0] in "LNM"
    return letter and not _spaceless(sign)


def _spaceless(sign: str) -> bool:
    return unicodedata.name(sign, "").startswith(_SPACELESS)
