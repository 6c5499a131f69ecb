"""Pairs that nobody chose, put behind the positive ones of a file that comes in."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass

from engine.corpus import negatives as against
from engine.formats.common.base import Reading, Row
from engine.formats.common.problems import Problems
from engine.tasks.base import Task as TaskObject
from storage.errors import InputError
from storage.types import Document

ONLY_POSITIVE = (
    "All pairs fit, so there is nothing to tell apart: have pairs made that nobody chose, some at "
    "random and some among the most alike."
)

A_LOG = (
    "No pair has an answer yet. If they are a log of what people chose, each of them fits: have "
    "pairs made that nobody chose, to stand against them."
)


def check(count: int, task: TaskObject) -> None:
    """Raise InputError where so many cannot be made, or none of this task can."""
    if not 0 <= count <= against.MOST:
        raise InputError(f"Negatives are 0 to {against.MOST} for each pair, not {count}.")
    if count and task.fitting is None:
        raise InputError("Negatives are for pairs of texts: leave them out here.")


@dataclass
class Beside:
    """Pairs that nobody chose, put behind the positive ones of a file."""

    task: TaskObject
    count: int
    seed: int
    sampled: int = 0
    mined: int = 0

    def beside(
        self, reading: Reading, seen: Callable[[], Container[str]], report: Problems
    ) -> Iterable[Row]:
        """Return the rows with the negatives; say so where there is only one answer.

        ``seen`` gives what tells which pairs are there already, by their hash.
        """
        if self.task.fitting is None:
            return reading.rows
        return self._made(reading, seen) if self.count else self._watched(reading, report)

    def _watched(self, reading: Reading, report: Problems) -> Iterator[Row]:
        fitting = self.task.fitting
        assert fitting is not None
        answers: set[str] = set()
        documents = 0
        for row in reading.rows:
            documents += 1
            answers |= {span.label for span in row[1].spans}
            yield row
        if documents and all(fitting.grade(answer) for answer in answers):
            report.warn(0, ONLY_POSITIVE if answers else A_LOG, option="negatives")

    def _made(self, reading: Reading, seen: Callable[[], Container[str]]) -> Iterator[Row]:
        """Yield likewise; all of a file is in memory for it, since any text may stand against."""
        fitting = self.task.fitting
        assert fitting is not None
        if not reading.documents:
            return
        answers = {span.label for document in reading.documents for span in document.spans}
        yes, no = fitting.answers(sorted(answers))
        made = against.add(
            reading.documents,
            self.count,
            fits={label for label in answers if fitting.grade(label)},
            yes=yes,
            no=no,
            seconds=reading.seconds,
            known=seen(),
            seed=self.seed,
        )
        self.sampled += made.sampled
        self.mined += made.mined
        lines, line = iter(reading.lines), 0
        for document in made.documents:
            line = line if _is_made(document) else next(lines)
            yield line, document


def _is_made(document: Document) -> bool:
    return document.layout.get("format") == "negatives"
