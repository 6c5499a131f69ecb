"""The folded texts of a project, kept in a file that grows with it, and a search through them."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

import numpy as np
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from storage import files, home
from storage.database.connection import Database
from storage.engines.schema import DocumentRow
from storage.folding import fold_document
from storage.texts import blocks
from storage.texts.blocks import Block

AT_ONCE = 2_000
NOTHING = np.empty(0, np.int64)


def holding(db: Database, project_id: int, wanted: str) -> np.ndarray:
    """Return the documents whose text or name holds a folded text: int64, ascending."""
    try:
        sought = wanted.encode()
    except UnicodeEncodeError:
        # Half a surrogate pair, and a NUL, are in no text.
        return NOTHING
    if not sought or b"\0" in sought:
        return NOTHING
    found = (blocks.holding(block, sought) for block in _current(db, project_id))
    return np.concatenate([NOTHING, *found])


def refresh(db: Database, project_id: int) -> None:
    """See to it that the next search need not read what came since the last one.

    Called after an import; a million documents take some seconds.
    """
    for _ in _current(db, project_id):
        pass


def remove(db: Database, project_id: int) -> None:
    """Delete what is kept of a project that is gone: its texts, and who labelled what."""
    path = _file(db, project_id)
    for each in path.parent.glob(f"{project_id}.*"):
        each.unlink(missing_ok=True)


def _current(db: Database, project_id: int) -> Iterator[Block]:
    """Yield all that a project has, from its file as far as that goes, which grows on the way."""
    path = _file(db, project_id)
    with db.read() as session:
        newest = session.scalar(_newest(project_id))
        if not newest:
            return
        if not _may_write(path):
            yield from _of_rows(session, project_id, 0)
            return
        with home.lock(path, shared=True) as descriptor:
            known = blocks.headers(descriptor)
            is_whole = known and blocks.last_id(descriptor, known[-1]) == newest
            if is_whole and known[-1].mark == _mark(session, project_id, newest):
                yield from (blocks.read(descriptor, header) for header in known)
                return
        with home.lock(path) as descriptor:
            yield from _grown(session, descriptor, project_id)


def _grown(session: Session, descriptor: int, project_id: int) -> Iterator[Block]:
    """Yield what a file holds, then what it lacks, which is written behind it."""
    known = blocks.headers(descriptor)
    last = blocks.last_id(descriptor, known[-1]) if known else 0
    if known and known[-1].mark != _mark(session, project_id, last):
        # Of another database, or from before a backup was restored.
        known, last = [], 0
    yield from (blocks.read(descriptor, header) for header in known)
    at, is_full = known[-1].end if known else 0, False
    os.ftruncate(descriptor, at)
    for block in _of_rows(session, project_id, last):
        try:
            if not is_full:
                mark = _mark(session, project_id, int(block.ids[-1]))
                at = blocks.append(descriptor, at, block, mark).end
        except OSError:
            # The disk is full: this search does without the file, and the next one tries again.
            is_full = True
        yield block


def _of_rows(session: Session, project_id: int, after: int) -> Iterator[Block]:
    columns = DocumentRow.id, DocumentRow.text, DocumentRow.name, DocumentRow.second_text
    query = select(*columns).where(DocumentRow.project_id == project_id, DocumentRow.id > after)
    rows = session.execute(query.order_by(DocumentRow.id).execution_options(yield_per=AT_ONCE))
    return blocks.of_texts(
        (id, fold_document(text, name, second)) for id, text, name, second in rows
    )


def _newest(project_id: int) -> Select[int]:
    return select(func.max(DocumentRow.id)).where(DocumentRow.project_id == project_id)


def _mark(session: Session, project_id: int, document: int) -> bytes:
    """Return 16 bytes that tell a document from every other that ever had its number.

    All that came before it is as it was then: documents are only added, and a backup that was
    restored is told by when the next ones came. Another Unicode folds in another way.
    """
    query = select(DocumentRow.imported_at, DocumentRow.text_hash).where(
        DocumentRow.id == document, DocumentRow.project_id == project_id
    )
    told = unicodedata.unidata_version, document, *map(tuple, session.execute(query))
    return blake2b(repr(told).encode(), digest_size=16).digest()


def beside(db: Database, project_id: int, name: str) -> Path:
    """Return where something else lies that is kept of a project and goes with it."""
    return _file(db, project_id).with_suffix(f".{name}")


def _file(db: Database, project_id: int) -> Path:
    if db.path is None:
        place = home.folder() / home.TEXTS / blake2b(db.url.encode(), digest_size=8).hexdigest()
    elif db.path.name == home.DATABASE:
        place = db.path.with_name(home.TEXTS)
    else:
        place = db.path.with_name(f"{db.path.name}.{home.TEXTS}")
    return place / f"{project_id}.folded"


def _may_write(path: Path) -> bool:
    """Tell whether a file may be written, in a folder that is made where it can be."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return False
    return files.is_writable(path)
