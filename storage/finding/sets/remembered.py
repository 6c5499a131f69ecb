"""What was read of a large project, kept in files: a start goes on from there, not from nothing.

A file is of one moment, told by a stamp and by the rows that were the newest then. What has changed
since is read as it is between two questions. A file that is gone, broken or of another database
costs the time of reading everything, and nothing else.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any
from zipfile import BadZipFile

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import atomic
from storage.database.connection import Database
from storage.engines.schema import DocumentRow, JournalRow
from storage.finding.sets import bit_sets, stamps
from storage.finding.sets.memberships import Sets
from storage.finding.sets.stamps import Stamp
from storage.texts import folded

Arrays = Mapping[str, np.ndarray]
# Of a project of so many documents what was read is kept.
LARGE = 100_000
# Another way to write them down is another version.
VERSION = 1
log = logging.getLogger("whetstone.finding")


def load(db: Database, session: Session, project_id: int, name: str) -> tuple[Stamp, Arrays] | None:
    """Return what was kept under a name, and when; None where that is not this project's past."""
    try:
        with np.load(folded.beside(db, project_id, name), allow_pickle=False) as kept:
            said = json.loads(kept["stamp"].tobytes())
            stamp = Stamp(stamps.file(session), *said["stamp"])
            if said["mark"] and said["mark"] == _mark(session, project_id, stamp):
                return stamp, {key: kept[key] for key in kept.files if key != "stamp"}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
        log.warning("What was kept of project %s cannot be read: %s", project_id, error)
    return None


def save(db: Database, project_id: int, name: str, stamp: Stamp, arrays: Arrays) -> None:
    """Keep arrays that were read at a stamp; where the disk is full nothing is kept."""
    path = folded.beside(db, project_id, name)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with db.read() as session:
        said = {"mark": _mark(session, project_id, stamp), "stamp": stamp[1:]}
    head = np.frombuffer(json.dumps(said).encode(), np.uint8)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with atomic.replacing(path, draft, lambda at, how: os.open(at, how, 0o600)) as file:
            np.savez(file, allow_pickle=False, stamp=head, **arrays)
    except OSError as error:
        draft.unlink(missing_ok=True)
        log.warning("What was read of project %s is not kept: %s", project_id, error)


def _mark(session: Session, project_id: int, stamp: Stamp) -> str | None:
    """Return what tells a stamp's newest rows from all others that ever had their numbers.

    What came before them is as it was then. None where they are not there: a backup brought
    another past.
    """
    document = select(DocumentRow.imported_at, DocumentRow.text_hash).where(
        DocumentRow.id == stamp.document, DocumentRow.project_id == project_id
    )
    entry = select(JournalRow.client, JournalRow.seq, JournalRow.created_at).where(
        JournalRow.id == stamp.entry, JournalRow.project_id == project_id
    )
    rows = [[*map(tuple, session.execute(query))] for query in (document, entry)]
    if bool(rows[0]) < bool(stamp.document) or bool(rows[1]) < bool(stamp.entry):
        return None
    told = VERSION, project_id, stamp[1:], rows
    return blake2b(repr(told).encode(), digest_size=16).hexdigest()


def packed(sets: Sets) -> dict[str, np.ndarray]:
    """Return sets as arrays: those of few documents as their ids, the others as they are."""
    ids: list[np.ndarray] = [np.empty(0, np.int64)]
    flags: list[np.ndarray] = [np.empty(0, np.uint8)]
    heads: list[Any] = []
    for key, found in sets.items():
        size = found.bit_length() // 8 + 1
        few = found.bit_count() * 8 < size
        part = (
            bit_sets.numbers(found)
            if few
            else np.frombuffer(found.to_bytes(size, "little"), np.uint8)
        )
        (ids if few else flags).append(part)
        heads.append([*key, few, len(part)])
    said = np.frombuffer(json.dumps(heads).encode(), np.uint8)
    return {"sets": said, "ids": np.concatenate(ids), "flags": np.concatenate(flags)}


def unpacked(arrays: Arrays) -> Sets:
    """Return the sets that were packed."""
    sets: Sets = {}
    at = {True: 0, False: 0}
    for which, value, few, length in json.loads(arrays["sets"].tobytes()):
        here = slice(at[few], at[few] + length)
        at[few] += length
        part = arrays["ids" if few else "flags"][here]
        sets[which, value] = bit_sets.of(part) if few else int.from_bytes(part.tobytes(), "little")
    return sets
