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
from itertools import chain
from typing import Any

from storage import tasks
from storage.corpus import marks, staged_rows, validation
from storage.corpus.staged_rows import Place, Repeated
from storage.engines import driver_errors
from storage.engines.queries import CHUNK, chunks
from storage.errors import InputError
from storage.hashing import joint_hash, text_hash
from storage.types import Document, Span, Split, Status, Task

# More labels than this are no labels: somebody took the wrong column.
MOST_LABELS = 50_000
_FAST = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32768;"

Known = Callable[[Sequence[str]], Mapping[str, str | None]]
"""Returns which of some documents' hashes are in the project already, each with its split."""


@dataclass(slots=True)
class Tally:
    """What a file brings in."""

    documents: int = 0
    tokens: int = 0
    spans: int = 0


class Stage:
    """Takes documents one by one, in order; ``finish`` before anything is taken out.

    For a project of ``task``; ``allow_overlaps`` is its own setting, or what a new one allows.
    Use it from one thread at a time.
    """

    def __init__(
        self, task: str = Task.SPANS, allow_overlaps: bool = True, known: Known | None = None
    ) -> None:
        self.task = task
        self.documents = 0
        self.repeated = 0
        self.leaking = 0
        self.overlaps = False
        self.labels: dict[str, int] = {}
        self.label_counts: Counter[str] = Counter()
        self.tallies: dict[int, Tally] = {}
        self._whole = tasks.marks_whole(task)
        self._allow_overlaps = allow_overlaps
        self._known = known
        self._annotations = 0
        self.has_answers = False
        self._answers: list[tuple[Any, ...]] = []
        self._rows: list[tuple[Any, ...]] = []
        self._spans: list[tuple[Any, ...]] = []
        self._hashes: list[tuple[str, Place, str | None, bool]] = []
        self._db = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._db.executescript(_FAST + staged_rows.TABLES)

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
        spans = sorted(dict.fromkeys(document.spans)) if document.spans else []
        answers = self._said(document) if document.annotator or document.others else []
        self._rows.append(self._row(document, spans, place, split))
        self._answers += answers
        self._count(document, spans, place)
        return self.finish() if len(self._rows) == CHUNK else []

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

    def _row(
        self, document: Document, spans: Sequence[Span], place: Place, split: Split | None
    ) -> tuple[Any, ...]:
        text, second, named = document.text, document.second_text, marks.named(document)
        validation.text(text, named)
        if second is not None:
            validation.text(second, named)
        validation.text(document.name + document.group + document.date, "A document's name")
        layout = validation.record(document.layout, named) if document.layout else "{}"
        annotation = None
        if spans or document.status is not Status.UNTOUCHED:
            annotation = self._annotations + 1
            self._take(document, spans, annotation)
        hashed, second_hash = text_hash(text), None if second is None else text_hash(second)
        split = document.split or split
        self._hashes.append((joint_hash(hashed, second_hash), place, split, second is not None))
        return (
            *(self.documents + 1, place.file, place.line, document.name, split),
            *(document.group, hashed, second_hash, layout, text, second, document.date),
            f"[{','.join(map(str, chain.from_iterable(document.tokens)))}]",
            *(document.status, annotation),
        )

    def _said(self, document: Document) -> list[tuple[Any, ...]]:
        """Return the rows of who said what; raise InputError before anything is taken."""
        number, names = self.documents + 1, set[str]()
        found: list[tuple[Any, ...]] = []
        if document.status is Status.UNTOUCHED and not document.spans:
            return []
        if document.annotator:
            names.add(name := validation.name(document.annotator, "annotator"))
            found.append((number, name, None, "[]"))
        for answer in document.others:
            name = validation.name(answer.annotator, "annotator")
            if name in names:
                raise InputError(
                    f"{marks.named(document)} has two answers of {name[:40]!a}: keep one."
                )
            names.add(name)
            spans = sorted(dict.fromkeys(answer.spans))
            self._check_spans(document, spans)
            for span in spans:
                self._check_label(span.label)
            rows = [
                (
                    s.start,
                    s.end,
                    self.labels.setdefault(s.label, len(self.labels)),
                    staged_rows.source(s),
                )
                for s in spans
            ]
            written = json.dumps([[*row, s.score] for row, s in zip(rows, spans, strict=True)])
            found.append((number, name, answer.status, written))
        return found

    def _take(self, document: Document, spans: Sequence[Span], annotation: int) -> None:
        self._check_spans(document, spans)
        for span in spans:
            self._check_label(span.label)
        labels = [self.labels.setdefault(span.label, len(self.labels)) for span in spans]
        self._annotations = annotation
        for number, (span, label) in enumerate(zip(spans, labels, strict=True), 1):
            row = (
                annotation,
                f"i{number}",
                span.start,
                span.end,
                label,
                staged_rows.source(span),
                span.score,
            )
            self._spans.append(row)

    def _check_label(self, name: str) -> None:
        if name in self.labels:
            return
        validation.label_name(name)
        if len(self.labels) >= MOST_LABELS:
            raise InputError(
                f"There are more than {MOST_LABELS:,} different labels, so they are probably "
                "something else: choose another column."
            )

    def _count(self, document: Document, spans: Sequence[Span], place: Place) -> None:
        self.documents += 1
        for span in spans:
            self.label_counts[span.label] += 1
        tally = self.tallies.setdefault(place.file, Tally())
        tally.documents += 1
        tally.tokens += len(document.tokens)
        tally.spans += len(spans)

    @driver_errors.of_temporary_files()
    def finish(self) -> list[Repeated]:
        """Write what is still in memory and return what of it was there before."""
        if not self._rows:
            return []
        marks = ",".join("?" * staged_rows.COLUMNS)
        self._db.execute("BEGIN")
        self._db.executemany(f"INSERT INTO staged VALUES ({marks})", self._rows)
        self._db.executemany("INSERT INTO staged_spans VALUES (?,?,?,?,?,?,?)", self._spans)
        self._db.executemany("INSERT INTO staged_answers VALUES (?,?,?,?)", self._answers)
        self.has_answers = self.has_answers or bool(self._answers)
        found = self._repeated()
        self._db.execute("COMMIT")
        self._rows, self._spans, self._hashes, self._answers = [], [], [], []
        self.repeated += len(found)
        return found

    def _repeated(self) -> list[Repeated]:
        wanted = [bytes.fromhex(hash) for hash, *_ in self._hashes]
        marks = ",".join("?" * len(wanted))
        query = f"SELECT hash, file, line, split FROM seen WHERE hash IN ({marks})"
        seen: dict[str, tuple[Place | None, str | None]]
        rows = self._db.execute(query, wanted)
        seen = {hash.hex(): (Place(file, line), split) for hash, file, line, split in rows}
        if self._known:
            known = self._known([hash for hash, *_ in self._hashes])
            seen |= {hash: (None, split) for hash, split in known.items()}
        found, new = [], []
        for hash, place, split, is_pair in self._hashes:
            if hash in seen:
                of, before = seen[hash]
                found.append(Repeated(place, of, is_pair, staged_rows.differ(split, before)))
            else:
                seen[hash] = place, split
                new.append((bytes.fromhex(hash), *place, split))
        self._db.executemany("INSERT INTO seen VALUES (?,?,?,?)", new)
        self.leaking += sum(each.leaks for each in found)
        return found

    def _check_spans(self, document: Document, spans: Sequence[Span]) -> None:
        if marks.check(document, spans, self._whole, self._allow_overlaps):
            self.overlaps = True


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
