"""Export: from documents to the bytes of a file.

The file is written piece by piece, so documents may stream from a database; what the
format cannot hold is known once the pieces have been taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine import formats, tasks
from engine.formats.common.base import Options
from engine.formats.common.problems import Problems
from engine.formats.common.shape import Shape
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
    chunks = codec.write(documents, {**own, **(options or {})}, report)
    return Export(codec.name, codec.extensions[0], chunks, report)
