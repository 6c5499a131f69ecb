"""Documents on their way into a project: checked, counted, and kept apart until they are wanted.

They lie in a database of their own, on disk and without a name: the system removes it with the
process, however that ends, and memory does not grow with it.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from storage.corpus import staged_rows
from storage.corpus.drafting import Batch, Drafts, Tally
from storage.corpus.staged_rows import Place, Repeated
from storage.engines import driver_errors
from storage.engines.queries import CHUNK, chunks
from storage.types import Document, Merged, Split, Status, Task

_FAST = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32768;"

Known = Callable[[Sequence[str]], Mapping[str, str | None]]
"""Returns which of some documents' hashes are in the project already, each with its split."""


class Stage:
    """Takes documents one by one, in order; ``finish`` before anything is taken out.

    For a project of ``task``; ``allow_overlaps`` is its own setting, or what a new one allows.
    Use it from one thread at a time.
    """

    def __init__(
        self, task: str = Task.SPANS, allow_overlaps: bool = True, known: Known | None = None
    ) -> None:
        self.task = task
        self.repeated = 0
        self.leaking = 0
        self.has_answers = False
        self.drafts = Drafts(task, allow_overlaps)
        self._known = known
        self._db = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._db.executescript(_FAST + staged_rows.TABLES)

    @property
    def documents(self) -> int:
        """How many were taken."""
        return self.drafts.documents

    @property
    def overlaps(self) -> bool:
        """Whether spans overlap, or a document has several labels."""
        return self.drafts.overlaps

    @property
    def labels(self) -> dict[str, int]:
        """The labels, each with its number here."""
        return self.drafts.labels

    @property
    def label_counts(self) -> Counter[str]:
        """How often there is each of them."""
        return self.drafts.label_counts

    @property
    def tallies(self) -> dict[int, Tally]:
        """What each file brings in, by its number."""
        return self.drafts.tallies

    @property
    def connection(self) -> sqlite3.Connection:
        """Return what the documents lie in, for a database that copies them by itself."""
        return self._db

    def close(self) -> None:
        """Forget the documents."""
        self._db.close()

    def add(
        self, document: Document, place: Place = Place(0, 0), split: Split | None = None
    ) -> list[Repeated]:
        """Check a document and take it; return what of the last ones was there before.

        ``split`` is for one that has none of its own. Raises InputError where it cannot be kept,
        and takes nothing of it then.
        """
        self.drafts.add(document, place, split)
        return self.finish() if len(self.drafts) == CHUNK else []

    def rows(self) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows of documents, a chunk at a time, each with its spans' annotation."""
        found = self._db.execute("SELECT * FROM staged ORDER BY n")
        while rows := found.fetchmany(4 * CHUNK):
            yield rows

    def spans(self) -> Callable[[int], list[tuple[Any, ...]]]:
        """Return what gives the rows of the spans up to an annotation, from where it was before."""
        rows = iter(self._db.execute("SELECT * FROM staged_spans ORDER BY rowid"))
        ahead = next(rows, None)

        def up_to(last: int) -> list[tuple[Any, ...]]:
            nonlocal ahead
            found = []
            while ahead is not None and ahead[0] <= last:
                found.append(ahead)
                ahead = next(rows, None)
            return found

        return up_to

    def read(self, where: str = "1", limit: int = -1) -> Iterator[Document]:
        """Yield documents again, in their order, as they will stand in the project."""
        return (document for _, document in self.placed(where, limit))

    def placed(self, where: str = "1", limit: int = -1) -> Iterator[tuple[Place, Document]]:
        """Do the same, each with where it stands."""
        names, up_to = list(self.labels), self.spans()
        query = f"SELECT * FROM staged WHERE {where} ORDER BY n LIMIT ?"
        for row in self._db.execute(query, (limit,)):
            at = row[14]
            spans = [span for span in up_to(at) if span[0] == at] if at else []
            own = tuple(staged_rows.span(span, names) for span in spans)
            yield Place(row[1], row[2]), staged_rows.document(row, own)

    def texts(self) -> Iterator[tuple[int, str, str | None, str | None]]:
        """Yield number, text, second text and split of all documents, in their order."""
        yield from self._db.execute("SELECT n, text, second_text, split FROM staged ORDER BY n")

    def texts_of(self, numbers: Collection[int]) -> dict[int, tuple[str, str | None, Place]]:
        """Return text, second text and place of the documents of some numbers."""
        found: dict[int, tuple[str, str | None, Place]] = {}
        for chunk in chunks(numbers):
            marks = ",".join("?" * len(chunk))
            query = f"SELECT n, text, second_text, file, line FROM staged WHERE n IN ({marks})"
            for n, text, second, file, line in self._db.execute(query, chunk):
                found[n] = text, second, Place(file, line)
        return found

    def answers(self, first: int, last: int) -> Iterator[tuple[Any, ...]]:
        """Yield who said what of the documents of these numbers, the owner of their spans first.

        A row is (number, annotator, status, spans), with no status for the owner.
        """
        query = "SELECT * FROM staged_answers WHERE n BETWEEN ? AND ? ORDER BY rowid"
        for n, annotator, status, spans in self._db.execute(query, (first, last)):
            yield n, annotator, status, json.loads(spans)

    def has_nobodys(self) -> bool:
        """Tell whether a document is labelled and nobody is named who did it."""
        owned = "SELECT n FROM staged_answers WHERE status IS NULL"
        query = f"SELECT 1 FROM staged WHERE annotation IS NOT NULL AND n NOT IN ({owned}) LIMIT 1"
        return self._db.execute(query).fetchone() is not None

    def undecided(self) -> int:
        """Count the documents that several finished, not alike, and of which nothing is decided."""
        up_to, count = self.spans(), 0
        for n, rows in groupby(self.answers(1, self.documents), itemgetter(0)):
            query = "SELECT status, annotation FROM staged WHERE n = ?"
            status, at = self._db.execute(query, (n,)).fetchone()
            marks = frozenset(span[2:5] for span in up_to(at or 0) if span[0] == at)
            versions, is_decided = set(), False
            for _, who, said, spans in rows:
                # What is nobody's has no vote.
                if said is None and status == Status.DONE:
                    is_decided |= who == Merged.ADJUDICATED
                    versions.add(marks)
                if said == Status.DONE:
                    versions.add(frozenset(tuple(span[:3]) for span in spans))
            count += len(versions) > 1 and not is_decided
        return count

    def preview(self, most: int) -> tuple[Document, ...]:
        """Return the first documents, those with marks before the others."""
        marked = "annotation IN (SELECT annotation FROM staged_spans)"
        first = list(self.read(marked, most))
        others = self.read(f"NOT coalesce({marked}, 0)", most - len(first))
        return (*first, *others)

    def seen(self) -> Container[str]:
        """Return what tells whether a document was there before, by its hash."""
        self.finish()
        return _Seen(self)

    def has(self, hash: str) -> bool:
        """Tell whether a document of this hash was taken, or is in the project."""
        key = (bytes.fromhex(hash),)
        found = self._db.execute("SELECT 1 FROM seen WHERE hash = ?", key).fetchone()
        return found is not None or bool(self._known and self._known([hash]))

    def leaks(self) -> int:
        """Count pairs of dev and test whose first text is in train with another second text."""
        query = """
            SELECT count(*) FROM staged AS other
            WHERE other.split IN ('dev', 'test') AND EXISTS (
                SELECT 1 FROM staged AS train WHERE train.text_hash = other.text_hash
                AND train.split = 'train' AND train.second_hash IS NOT other.second_hash)
        """
        self._db.execute("CREATE INDEX IF NOT EXISTS by_text ON staged (text_hash, split)")
        (count,) = self._db.execute(query).fetchone()
        return count

    def finish(self) -> list[Repeated]:
        """Write what is still in memory and return what of it was there before."""
        return self.take(self.drafts.taken())

    @driver_errors.of_temporary_files()
    def take(self, batch: Batch) -> list[Repeated]:
        """Write the rows of documents, and return which of these were there before."""
        rows, spans, answers, hashes = batch
        if not rows:
            return []
        marks = ",".join("?" * staged_rows.COLUMNS)
        self._db.execute("BEGIN")
        self._db.executemany(f"INSERT INTO staged VALUES ({marks})", rows)
        self._db.executemany("INSERT INTO staged_spans VALUES (?,?,?,?,?,?,?)", spans)
        self._db.executemany("INSERT INTO staged_answers VALUES (?,?,?,?)", answers)
        self.has_answers = self.has_answers or bool(answers)
        found = self._repeated(hashes)
        self._db.execute("COMMIT")
        self.repeated += len(found)
        return found

    def _repeated(self, hashes: Sequence[Sequence[Any]]) -> list[Repeated]:
        wanted = [bytes.fromhex(hash) for hash, *_ in hashes]
        marks = ",".join("?" * len(wanted))
        query = f"SELECT hash, file, line, split FROM seen WHERE hash IN ({marks})"
        seen: dict[str, tuple[Place | None, str | None]]
        rows = self._db.execute(query, wanted)
        seen = {hash.hex(): (Place(file, line), split) for hash, file, line, split in rows}
        if self._known:
            known = self._known([hash for hash, *_ in hashes])
            seen |= {hash: (None, split) for hash, split in known.items()}
        found, new = [], []
        for key, (hash, file, line, split, is_pair) in zip(wanted, hashes, strict=True):
            if hash in seen:
                of, before = seen[hash]
                leaks = staged_rows.differ(split, before)
                found.append(Repeated(Place(file, line), of, is_pair, leaks))
            else:
                seen[hash] = Place(file, line), split
                new.append((key, file, line, split))
        self._db.executemany("INSERT INTO seen VALUES (?,?,?,?)", new)
        self.leaking += sum(each.leaks for each in found)
        return found


@dataclass(frozen=True, slots=True)
class _Seen(Container[str]):
    stage: Stage

    def __contains__(self, hash: object) -> bool:
        return self.stage.has(str(hash))


def staged(
    documents: Iterable[Document], task: str = Task.SPANS, allow_overlaps: bool = True
) -> Stage:
    """Return a stage of documents that are at hand; raises InputError."""
    stage = Stage(task, allow_overlaps)
    for document in documents:
        stage.add(document)
    stage.finish()
    return stage
