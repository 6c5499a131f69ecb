"""Answers that were given before: asked again, a question costs nothing.

One SQLite file in the home, by a hash of model, prompt and text. It holds no question, is bounded
(what was used longest ago goes first), and may be deleted at any time. What a run has spent is in
it, too, so that one that is begun again spends no more than its budget.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from engine.zero_shot.ledger import Amounts

# Bytes of answers that are kept, and how often it is looked whether there are more.
MOST, EVERY = 64 << 20, 100
FILE = "zero-shot.cache"
_TABLES = """
create table if not exists answers (key text primary key, answer text not null, used real not null);
create index if not exists answers_used on answers (used);
create table if not exists spent
    (run text primary key, documents integer, requests integer, tokens integer);
"""


def key_of(identity: str, messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any]) -> str:
    """Return what a question is known by: of which model, and every word of it."""
    asked = json.dumps([identity, list(messages), schema], sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()


def name_of(database: str, run: int) -> str:
    """Return what a run of a database is known by, in all its attempts."""
    return f"{database}-{run}"


class Cache:
    """The file of answers; a damaged one is begun anew. Safe to use from several threads.

    Where the disk is full, say, it remembers nothing more: ``trouble`` says why.
    """

    def __init__(self, path: Path | None, most: int = MOST) -> None:
        self._path, self._most = path, most
        self._lock, self._put = threading.Lock(), 0
        self.trouble = ""
        self._database = self._open()

    def _open(self) -> sqlite3.Connection:
        if self._path is None:
            return _connect(":memory:")
        try:
            return _connect(self._path)
        except sqlite3.OperationalError as error:
            self.trouble = str(error)
        except sqlite3.DatabaseError:
            # It is none: nothing but answers was in it.
            self._path.unlink(missing_ok=True)
            return self._open()
        return _connect(":memory:")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    def get(self, key: str) -> str | None:
        """Return the answer to a question; None where it was not asked."""
        with self._lock:
            row = self._do("select answer from answers where key = ?", key)
            if row:
                self._do("update answers set used = ? where key = ?", time.time(), key)
            return row[0] if row else None

    def put(self, key: str, answer: str) -> None:
        """Keep an answer."""
        with self._lock:
            values = key, answer, time.time()
            self._do("insert or replace into answers values (?, ?, ?)", *values)
            self._put += 1
            if self._put % EVERY == 1:
                self._tidy()

    def spent(self, run: str) -> Amounts:
        """Return what a run has spent so far, in all its attempts."""
        with self._lock:
            row = self._do("select documents, requests, tokens from spent where run = ?", run)
            return Amounts(*row) if row else Amounts()

    def note_spent(self, run: str, spent: Amounts) -> None:
        """Keep what a run has spent."""
        with self._lock:
            self._do("insert or replace into spent values (?, ?, ?, ?)", run, *spent)

    def forget(self, runs: Iterable[str]) -> None:
        """Delete all answers, and what these runs have spent; nothing of it stays in the file.

        An answer quotes a text, and does not say which project's.
        """
        with self._lock:
            self._do("pragma secure_delete = on")
            self._do("delete from answers")
            for run in runs:
                self._do("delete from spent where run = ?", run)
            self._do("pragma wal_checkpoint(truncate)")

    def _tidy(self) -> None:
        while True:
            row = self._do("select coalesce(sum(length(answer) + 100), 0), count(*) from answers")
            if not row or row[0] <= self._most:
                return
            oldest = "select key from answers order by used limit ?"
            self._do(f"delete from answers where key in ({oldest})", 1 + row[1] // 10)

    def _do(self, statement: str, *values: Any) -> tuple | None:
        try:
            with closing(self._database.execute(statement, values)) as found:
                return found.fetchone()
        except sqlite3.Error as error:
            # What is lost is asked again: no reason for a run to end.
            self.trouble = str(error)
            return None


def _connect(path: Path | str) -> sqlite3.Connection:
    """Open a file whose every statement is kept at once."""
    made = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
    try:
        made.execute("pragma journal_mode = wal")
        made.execute("pragma synchronous = normal")
        made.executescript(_TABLES)
    except sqlite3.Error:
        made.close()
        raise
    return made
