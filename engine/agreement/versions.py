"""What several people made of the same documents, as arrays: what every figure is computed from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from storage.types import Document, Span

NEVER = np.datetime64("NaT", "s")


class Marks(NamedTuple):
    """Marks in columns, int64 of one length; people, documents and labels by their places."""

    person: np.ndarray
    document: np.ndarray
    start: np.ndarray
    end: np.ndarray
    label: np.ndarray

    def those(self, which: np.ndarray) -> Marks:
        """Return some of them: a mask, or places."""
        return Marks(*(column[which] for column in self))

    @classmethod
    def of(cls, rows: Iterable[Sequence[int]]) -> Marks:
        """Take rows of five numbers in the order of the columns."""
        table = np.array(list(rows), np.int64).reshape(-1, len(cls._fields))
        return cls(*table.T)


@dataclass(frozen=True, slots=True, eq=False)
class Versions:
    """The finished versions that several people have of documents.

    A person who has not finished a document has said nothing of it: not even that it holds no
    mark. Nobody's marks are in documents that they have not finished.
    """

    people: tuple[str, ...]
    labels: tuple[str, ...]
    documents: np.ndarray
    """int64 of shape (documents,): their ids, in reading order."""
    sizes: np.ndarray
    """int64 of shape (documents,): code points in each text."""
    tokens: np.ndarray
    """int64 of shape (tokens, 2): where each begins and ends in its text."""
    token_counts: np.ndarray
    """int64 of shape (documents,): how many of the tokens are each document's, in order."""
    finished: np.ndarray
    """bool of shape (people, documents)."""
    when: np.ndarray
    """datetime64[s] of shape (people, documents): the newest edit, NaT where not finished."""
    marks: Marks
    whole: bool = False
    """Marks stand for the whole document; else they have ranges."""
    several: bool = False
    """A document may have several of them."""
    left_out: int = 0
    """How many documents that several people finished were left out by drawing some of them."""
    beside: int = 0
    """How many of the people are none, the last: what was imported, and a model."""

    @property
    def persons(self) -> range:
        """The places of those who are people."""
        return range(len(self.people) - self.beside)

    @property
    def shared(self) -> np.ndarray:
        """Tell of each document whether two people or more have finished it."""
        return self.finished.sum(axis=0) > 1

    @property
    def common(self) -> np.ndarray:
        """Tell of each document whether all of the people have finished it."""
        return np.array(self.finished.sum(axis=0) == len(self.people))

    def of_documents(self, which: np.ndarray) -> Versions:
        """Return the same of some documents: a mask of shape (documents,)."""
        place = np.cumsum(which) - 1
        kept = which[self.marks.document]
        marks = self.marks.those(kept)
        return replace(
            self,
            documents=self.documents[which],
            sizes=self.sizes[which],
            tokens=self.tokens[np.repeat(which, self.token_counts)],
            token_counts=self.token_counts[which],
            finished=self.finished[:, which],
            when=self.when[:, which],
            marks=marks._replace(document=place[marks.document]),
        )

    def of_people(self, which: Sequence[int]) -> Versions:
        """Return the same of some people, by their places, in the order that is asked for."""
        place = np.full(len(self.people), -1)
        place[list(which)] = np.arange(len(which))
        marks = self.marks.those(place[self.marks.person] >= 0)
        return replace(
            self,
            people=tuple(self.people[each] for each in which),
            beside=0,
            finished=self.finished[list(which)],
            when=self.when[list(which)],
            marks=marks._replace(person=place[marks.person]),
        )


def of_answers(
    documents: Sequence[Document],
    answers: Mapping[str, Mapping[int, Sequence[Span]]],
    labels: Sequence[str] = (),
    *,
    whole: bool = False,
    several: bool = False,
    when: Mapping[tuple[str, int], str] | None = None,
) -> Versions:
    """Make versions of documents (with ids) and of what each person said of some of them.

    ``answers`` has for each person the marks of each document that they have finished, by its id;
    ``when`` the moments of it, as ISO 8601, by person and document.
    """
    given = {span.label for found in answers.values() for spans in found.values() for span in spans}
    names = tuple(labels) + tuple(sorted(given - set(labels)))
    people, place = tuple(answers), {each.id: at for at, each in enumerate(documents)}
    numbers = {name: at for at, name in enumerate(names)}
    finished = np.zeros((len(people), len(documents)), bool)
    moments = np.full(finished.shape, NEVER)
    rows = []
    for at, (name, found) in enumerate(answers.items()):
        for id, spans in found.items():
            finished[at, place[id]] = True
            if when and (name, id) in when:
                moments[at, place[id]] = np.datetime64(when[name, id], "s")
            rows += [(at, place[id], each.start, each.end, numbers[each.label]) for each in spans]
    tokens = [token for document in documents for token in document.tokens]
    return Versions(
        people,
        names,
        np.array([document.id for document in documents], np.int64),
        np.array([len(document.text) for document in documents], np.int64),
        np.array(tokens, np.int64).reshape(-1, 2),
        np.array([len(document.tokens) for document in documents], np.int64),
        finished,
        moments,
        Marks.of(rows),
        whole,
        several,
    )
