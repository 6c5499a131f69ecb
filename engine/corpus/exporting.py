"""Export: from documents to the bytes of a file, which is read back and compared.

The file is written piece by piece, so documents may stream from a database; what the
format cannot hold is known once the pieces have been taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from engine import formats, tasks
from engine.corpus import uploads, verifying
from engine.corpus.verifying import Verification
from engine.formats.common.base import Options
from engine.formats.common.problems import Problems
from engine.formats.common.shape import Shape
from storage.errors import InputError
from storage.types import Document, Problem, Task


@dataclass(frozen=True)
class Export:
    """A file to write: take ``chunks`` once, then ask for ``problems``."""

    format: str
    extension: str
    chunks: Iterator[bytes]
    report: Problems

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What the format could not hold; complete only after the chunks were taken."""
        return tuple(self.report.listed())

    def data(self) -> bytes:
        """Take all chunks as one file."""
        return b"".join(self.chunks)


@dataclass(frozen=True, slots=True)
class Again(Iterable[Document]):
    """Documents that are read anew each time: who writes a file may look at them twice."""

    read: Callable[[], Iterable[Document]]

    def __iter__(self) -> Iterator[Document]:
        return iter(self.read())


class Read(Protocol):
    """Yields the documents of an export, anew each time: when it is written, and when checked."""

    def __call__(self, *, tokens: bool, checking: bool) -> Iterable[Document]: ...


def carry_out(
    read: Read,
    write: Callable[[Iterator[bytes]], None],
    path: Path,
    format: str,
    options: Options | None = None,
    task: str = Task.SPANS,
) -> tuple[Export, Verification]:
    """Write documents to the file at ``path`` by ``write``, read it back, and compare.

    Raises what ``write`` raises, and InputError where the format is unknown or the file cannot be
    read.
    """
    # Of whole texts no format writes the words one by one, and none compares them.
    words = not tasks.get(task).marks_whole
    made = export(Again(lambda: read(tokens=words, checking=False)), format, options, task)
    write(made.chunks)
    again = Again(lambda: read(tokens=False, checking=True))
    return made, verify(again, path, made.format, options, task)


Progress = Callable[[int], None]
"""Is told how many documents were handled by now; what it raises ends the export."""


def verify(
    documents: Iterable[Document],
    path: Path,
    format: str,
    options: Options | None = None,
    task: str = Task.SPANS,
    progress: Progress | None = None,
) -> Verification:
    """Read a file that was written of these documents, and tell what came back.

    Raises InputError where the file cannot be read at all.
    """
    shape = Shape.of(tasks.get(task))
    report = Problems(path.name, skip_bad=True)
    source = uploads.load(path, report)
    found: Iterable[Document] = ()
    if source is not None:
        # An archive is one thing, or holds files that each are one.
        parts = (source,) if formats.together(source, shape) else source.members or (source,)
        reader = formats.writer(format, shape)
        found = (d for part in parts for _, d in reader.read(part, options or {}, report).rows)
    done = verifying.compare(told(documents, progress), found)
    if report.refused and done.documents == done.lost > 0:
        raise InputError(f"{path.name} cannot be read back: {report.listed()[0].message}")
    return done


def told(documents: Iterable[Document], progress: Progress | None) -> Iterator[Document]:
    """Pass documents on, and tell ``progress`` of every thousandth."""
    for number, document in enumerate(documents, 1):
        if progress and number % 1_000 == 0:
            progress(number)
        yield document


def export(
    documents: Iterable[Document],
    format: str,
    options: Options | None = None,
    task: str = Task.SPANS,
) -> Export:
    """Prepare documents with their current spans as a file; raise InputError if unknown.

    CoNLL takes the option ``layout``: "own" keeps the columns and scheme of the file that
    each document came from, "plain" writes every row as token, tab and IOB2 tag.
    """
    known = tasks.get(task)
    codec = formats.writer(format, Shape.of(known))
    report = Problems(f"export{codec.extensions[0]}")
    # What only the task can say of labels: a file of judgements holds grades.
    own = {"grade": known.fitting.grade} if known.fitting else {}
    counted = _Counted(documents)
    chunks = codec.write(counted, {**own, **(options or {})}, report)
    if not getattr(codec, "keeps_others", False):
        chunks = _telling(chunks, counted, report)
    return Export(codec.name, codec.extensions[0], chunks, report)


@dataclass
class _Counted(Iterable[Document]):
    """Documents, of which those are counted that other annotators answered, too."""

    documents: Iterable[Document]
    answered: int = 0

    def __iter__(self) -> Iterator[Document]:
        self.answered = 0
        for document in self.documents:
            self.answered += bool(document.others)
            yield document


def _telling(chunks: Iterator[bytes], counted: _Counted, report: Problems) -> Iterator[bytes]:
    yield from chunks
    if counted.answered:
        report.warn(
            0,
            "Only the labels that count are written of documents that several people answered: "
            f"{counted.answered:,}.",
        )
