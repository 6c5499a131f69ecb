"""Finding documents: what to look for, how many there are of each kind, and a page of them."""

from __future__ import annotations

import re
from array import array
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import parse_qsl, quote

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from storage.corpus import labels
from storage.database.connection import Database
from storage.engines.schema import AnnotationRow, DocumentRow, SpanRow
from storage.errors import InputError
from storage.finding import expressions, facets
from storage.finding.sets import bit_sets
from storage.finding.sets.memberships import DetailedStatus, Facet, Mark
from storage.folding import fold
from storage.types import Source, Split, Status

# In the address: documents that belong to no split.
NO_SPLIT = "none"
LONGEST_TEXT = 500


@dataclass(frozen=True, slots=True)
class Search:
    """What documents must be like; what is left empty does not matter.

    ``text`` is looked for in text and name, in any case; where it is a ``regex``, a regular
    expression, in the text alone, as it is written there. All else is about the newest
    annotation of a document: its annotator, its status, a span of it with this label, a span
    that came from this source. ``split`` is a split's name or NO_SPLIT.
    """

    text: str = ""
    status: str = ""
    label: str = ""
    split: str = ""
    annotator: str = ""
    source: str = ""
    flagged: bool = False
    commented: bool = False
    disagrees: bool = False
    regex: bool = False

    @classmethod
    def parse(cls, address: str) -> Search:
        """Return the search that an address names; what makes no sense there is left out."""
        given = dict(parse_qsl(address))
        words = [each.name for each in fields(cls) if each.type == "str"]
        wanted: dict[str, Any] = {name: given.get(name, "") for name in words}
        wanted |= {name: given.get(name) == "1" for name in (*MARKS, "regex")}
        return cls(**wanted)._readable().clean()

    def clean(self) -> Search:
        """Return the search without what cannot be looked for."""
        kept: dict[str, Any]
        kept = {name: value for name, value in self._given() if value in _KNOWN.get(name, (value,))}
        return Search(**kept | {"text": self.text[:LONGEST_TEXT]})

    def _readable(self) -> Search:
        try:
            if self.regex:
                expressions.ready(self.text[:LONGEST_TEXT])
        except InputError:
            return replace(self, text="", regex=False)
        return self

    @property
    def finds_all(self) -> bool:
        """Whether every document is like this: nothing is asked for."""
        return replace(self, regex=False) == Search()

    @property
    def address(self) -> str:
        """Return the search as an address holds it."""
        return "&".join(
            f"{name}={_escape(value) if isinstance(value, str) else 1}"
            for name, value in self._given()
        )

    @property
    def words(self) -> str:
        """Return the search as a person would say it."""
        said = [SPOKEN.get(word, word) for word in (self.status, self.split)]
        said += [self.label and f"label {self.label}", self.source and f"spans by {self.source}"]
        said += [self.annotator and f"by {self.annotator}"]
        said += [mark for name, mark in MARKS.items() if getattr(self, name)]
        said += [self.text and f"{'matching ' * self.regex}“{self.text}”"]
        return ", ".join(filter(None, said)) or "all documents"

    def _given(self) -> list[tuple[str, str | bool]]:
        return [(each.name, v) for each in fields(self) if (v := getattr(self, each.name))]


MARKS = {"flagged": Mark.FLAGGED, "commented": Mark.COMMENTED, "disagrees": Mark.DISAGREES}
_KNOWN = {"status": [*DetailedStatus], "split": [*Split, NO_SPLIT], "source": [*Source]}
# Where a person says it otherwise than the address.
SPOKEN = {NO_SPLIT: "no split", DetailedStatus.UNTOUCHED: "not started"}


def _escape(value: str) -> str:
    """Escape what parts an address: letters of any script stay readable in it."""
    return re.sub(r"[%&=+#;]", lambda sign: quote(sign[0]), value)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many documents match, and how many would with another value in one place.

    Each mapping has every value that any document of the project has; ``marks`` goes by the
    names of the search's own fields.
    """

    total: int
    status: Mapping[str, int]
    label: Mapping[str, int]
    split: Mapping[str, int]
    annotator: Mapping[str, int]
    source: Mapping[str, int]
    marks: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list of documents; ``spans`` is their number."""

    id: int
    position: int
    name: str
    split: Split | None
    detailed_status: DetailedStatus
    spans: int
    flagged: bool
    comment: str
    text: str
    second_text: str | None = None

    @property
    def status(self) -> Status:
        return (
            Status.DONE
            if self.detailed_status == DetailedStatus.EMPTY
            else Status(self.detailed_status)
        )


def ids(db: Database, project_id: int, search: Search = Search()) -> Sequence[int]:
    """Return the ids of the documents that match, in import order."""
    return _Question(db, project_id, search).ids()


def count(db: Database, project_id: int, search: Search = Search()) -> int:
    """Return how many documents match."""
    return _Question(db, project_id, search).matches().bit_count()


def counts(db: Database, project_id: int, search: Search = Search()) -> Counts:
    """Return how many documents match, and how many would with each other value of a filter."""
    return _Question(db, project_id, search).counts()


def rows(
    db: Database, project_id: int, search: Search = Search(), start: int = 0, limit: int = 50
) -> list[Row]:
    """Return some of the documents that match, ``start`` of them left out."""
    wanted = ids(db, project_id, search)[start : start + limit]
    with db.read() as session:
        return [_row(row) for row in session.execute(_rows(wanted))]


class _Question:
    """One search over the index of one moment."""

    def __init__(self, db: Database, project_id: int, search: Search):
        self._search = search
        self._db, self._project_id = db, project_id
        self._index = facets.index(db, project_id)
        with db.read() as session:
            self._labels = _label_ids(session, project_id)
        found = _holding(db, project_id, search)
        self._found = self._index.every if found is None else found
        self._filters = self._chosen()

    def matches(self, but: Hashable = None) -> int:
        """Return the set of the matches, with one filter left open."""
        found = self._found & self._index.every
        for name, allowed in self._filters.items():
            if name != but:
                found &= allowed
        return found

    def ids(self) -> array:
        return bit_sets.members(self.matches())

    def counts(self) -> Counts:
        return Counts(
            self.matches().bit_count(),
            **{str(facet): self._values(facet) for facet in Facet if facet != Facet.MARK},
            marks={
                name: (self.matches(but=name) & self._marked(mark)).bit_count()
                for name, mark in MARKS.items()
            },
        )

    def _chosen(self) -> dict[str, int]:
        search, having = self._search, self._index.having
        filters = {
            str(facet): having(facet, self._value(facet, given))
            for facet in Facet
            if facet != Facet.MARK and (given := getattr(search, facet))
        }
        asked = {name: mark for name, mark in MARKS.items() if getattr(search, name)}
        return filters | {name: self._marked(mark) for name, mark in asked.items()}

    def _marked(self, mark: Mark) -> int:
        if mark is Mark.DISAGREES:
            return facets.disagreeing(self._db, self._project_id).members
        return self._index.having(Facet.MARK, mark)

    def _values(self, facet: Facet) -> dict[str, int]:
        among = self.matches(but=str(facet))
        if facet == Facet.LABEL:
            known: dict[str, Hashable] = {**self._labels}
        else:
            known = {self._name(value): value for value in self._index.of(facet)}
            order = [name for name in _KNOWN.get(facet, ()) if name in known]
            known = {name: known[name] for name in order or sorted(known)}
        return {
            name: (among & self._index.having(facet, value)).bit_count()
            for name, value in known.items()
        }

    def _value(self, facet: Facet, name: str) -> Hashable:
        if facet == Facet.LABEL:
            return self._labels.get(name)
        return None if facet == Facet.SPLIT and name == NO_SPLIT else name

    def _name(self, value: Hashable) -> str:
        return NO_SPLIT if value is None else str(value)


def _holding(db: Database, project_id: int, search: Search) -> int | None:
    """Return the set of the documents with the text that is looked for, None where none is."""
    if search.regex and search.text:
        return facets.fitting(db, project_id, search.text)
    folded = fold(search.text.strip())
    return facets.containing(db, project_id, folded) if folded else None


def _label_ids(session: Session, project_id: int) -> dict[str, int]:
    return {name: id for id, name in labels.names(session, project_id).items()}


def _rows(wanted: Sequence[int]) -> Select:
    spans = (
        select(func.count())
        .where(SpanRow.annotation_id == AnnotationRow.id)
        .correlate(AnnotationRow)
        .scalar_subquery()
    )
    current = (AnnotationRow.document_id == DocumentRow.id) & AnnotationRow.is_current
    return (
        select(
            DocumentRow.id,
            DocumentRow.position,
            DocumentRow.name,
            DocumentRow.split,
            func.coalesce(AnnotationRow.status, Status.UNTOUCHED).label("status"),
            spans.label("spans"),
            AnnotationRow.flagged,
            func.coalesce(AnnotationRow.comment, "").label("comment"),
            DocumentRow.text,
            DocumentRow.second_text,
        )
        .outerjoin(AnnotationRow, current)
        .where(DocumentRow.id.in_(wanted))
        .order_by(DocumentRow.id)
    )


def _row(row: Any) -> Row:
    return Row(
        row.id,
        row.position,
        row.name,
        Split(row.split) if row.split else None,
        DetailedStatus.of(row.status, row.spans),
        row.spans,
        bool(row.flagged),
        row.comment,
        row.text,
        row.second_text,
    )
