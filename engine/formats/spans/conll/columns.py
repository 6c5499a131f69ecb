"""Which column of a token file holds the words and which the tags, found in what they hold.

A file may number its words, tag them several times (nested entities, gold and predicted,
chunks) or carry columns of other things; none of that is told by a column's place.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.formats.common.columns import Column, place_of
from engine.tasks.spans.tagging import schemes
from storage.errors import InputError

Row = tuple[Sequence[str], bool]
"""A row's fields, and whether it is a sentence's first."""

# Enough to know a column by; also bounds the time.
MOST_ROWS = 20_000
_NUMBER = re.compile(r"[0-9]{1,9}")
_BETWEEN = re.compile(r"[0-9]{1,9}[-.][0-9]{1,9}")
# Share of a column's cells that must be tags, or count up.
_TAGS, _COUNTS = 0.5, 0.95
# Of a column of labels without prefixes, so much is outside, and so many labels there are.
_OUTSIDE, _MOST_LABELS = 0.2, 200
_LABEL = re.compile(r"[^\W\d][\w/.&-]*")
# Columns of one word alone are told from words only in a file of some length.
_ROWS_TO_TELL = 10
_CHUNKS = frozenset(
    [
        "NP",
        "VP",
        "PP",
        "ADVP",
        "ADJP",
        "SBAR",
        "PRT",
        "INTJ",
        "CONJP",
        "LST",
        "UCP",
        "NC",
        "VC",
        "PC",
        "NX",
        "AC",
    ]
)
_GLOBAL = re.compile(r"#\s*global\.columns\s*=\s*(.+)")
_WORD_NAMES = frozenset(["word", "words", "token", "tokens", "form", "text", "wort", "wortform"])
_SENTENCE_NAMES = frozenset(
    [
        "sentence",
        "sentence #",
        "sentence_id",
        "sentence id",
        "sentence_no",
        "sentence_number",
        "sentence_idx",
        "sentenceid",
        "sent",
        "sent_id",
    ]
)
_SENTENCE = re.compile(r"(?:sent\w*\W*)?([0-9]{1,9})", re.IGNORECASE)
_TAG_NAMES = frozenset(
    [
        "tag",
        "tags",
        "ner",
        "ner_tag",
        "ner_tags",
        "ner-tag",
        "label",
        "labels",
        "iob",
        "bio",
        "entity",
    ]
)


@dataclass(frozen=True, slots=True)
class Places:
    """How many columns a row has and which of them, from 0, holds what."""

    columns: int
    word: int = 0
    tag: int = -1
    number: int | None = None
    sentence: int | None = None
    bare: bool = False
    """Whether a tag is a label without a prefix (IO): neighbours of one label are one entity."""

    @classmethod
    def of(cls, layout: Mapping[str, Any]) -> Places:
        """Return the places that a document's layout keeps."""
        columns = int(layout["columns"])
        return cls(
            columns,
            layout.get("word_column", 0),
            layout.get("tag_column", columns - 1),
            layout.get("number_column"),
            layout.get("sentence_column"),
            layout.get("bare", False),
        )

    def kept(self) -> dict[str, int]:
        """Return what a layout has to keep: nothing of words first and tags last."""
        usual = {"word_column": 0, "tag_column": self.columns - 1}
        mine = {
            **{"word_column": self.word, "tag_column": self.tag},
            **{"number_column": self.number, "sentence_column": self.sentence},
        }
        return {
            name: place
            for name, place in mine.items()
            if place is not None and place != usual.get(name)
        } | ({"bare": True} if self.bare else {})

    def tag_of(self, cell: str) -> str:
        """Return what a cell says as a tag."""
        return f"I-{cell}" if self.bare and cell and schemes.fault(cell) else cell

    def cell_of(self, tag: str) -> str:
        """Return how a tag is written."""
        return tag.partition("-")[2] or tag if self.bare else tag

    def sentence_in(self, fields: Sequence[str]) -> str:
        """Return what a row says of which sentence it is, "" where it says nothing."""
        known = self.sentence is not None and self.sentence < len(fields)
        return fields[self.sentence or 0].strip() if known else ""

    def is_between(self, fields: Sequence[str]) -> bool:
        """Tell a row that stands beside the words: of several (3-4) or of none (8.1)."""
        return (
            self.number is not None
            and len(fields) > self.number
            and bool(_BETWEEN.fullmatch(fields[self.number].strip()))
        )


class _Profile:
    """What one column holds; ``begins`` tells which cells are of a sentence's first row."""

    def __init__(self, cells: Sequence[str], begins: Sequence[bool]) -> None:
        seen: Counter[str] = Counter()
        for cell, count in Counter(cells).items():
            seen[cell.strip(" ")] += count
        tags = [cell for cell in seen if not schemes.fault(cell)]
        self.is_bare = tags == ["O"] and _are_labels(seen, len(cells))
        self.is_tags = bool(tags) and sum(seen[tag] for tag in tags) >= _TAGS * len(cells)
        self.labels = frozenset(label for tag in tags if (label := schemes.split_tag(tag)[1]))
        self.is_constant = len(cells) >= _ROWS_TO_TELL and len(seen) == 1
        # Of tags, those that name something first.
        self.examples = tuple(sorted(seen, key=lambda cell: self.is_tags and cell == "O")[:3])
        numbers = sum(n for cell, n in seen.items() if _NUMBER.match(cell))
        self.counts_up = numbers >= _COUNTS * len(cells) and _counts_up(cells, begins)
        # Where blank lines part sentences, a number that comes again is something else.
        self.is_sentences = sum(begins) == 1 and _numbers_sentences(cells)


def _are_labels(seen: Counter[str], cells: int) -> bool:
    """Tell whether cells are O or one of a few labels that come again and again."""
    few = 1 < len(seen) <= min(_MOST_LABELS, max(cells // 4, 2))
    return few and seen["O"] >= _OUTSIDE * cells and all(map(_LABEL.fullmatch, seen))


def _counts_up(cells: Sequence[str], begins: Sequence[bool]) -> bool:
    """Tell whether numbers rise by one inside sentences, beginning at 0, at 1 or going on."""
    steps = good = inside = 0
    last: int | None = None
    for cell, first in zip(cells, begins, strict=True):
        number = cell.strip(" ")
        if _BETWEEN.fullmatch(number):
            continue
        value = int(number) if _NUMBER.fullmatch(number) else None
        follows = value is not None and last is not None and value == last + 1
        steps += 1
        good += follows or (first and value in (0, 1))
        inside += follows and not first
        last = value
    return inside > 0 and good >= _COUNTS * steps


def _numbers_sentences(cells: Sequence[str]) -> bool:
    """Tell whether numbers never fall, and stand for several rows each, which may be blank."""
    said = [cell for each in cells if (cell := each.strip())]
    numbers = [int(match[1]) for cell in said if (match := _SENTENCE.fullmatch(cell))]
    several = 1 < len(set(numbers)) < len(cells)
    return several and len(numbers) == len(said) and numbers == sorted(numbers)


@dataclass(frozen=True, slots=True)
class Found:
    """The columns of a file and what was made of them; ``rivals`` hold tags of entities, too."""

    places: Places
    columns: tuple[Column, ...]
    rivals: tuple[int, ...] = ()


def find(rows: Sequence[Row], head: str, word: object = None, tag: object = None) -> Found:
    """Find the columns of a file's first rows; ``head`` is where comments name them.

    Raises InputError for a ``word`` or ``tag`` column, a name or a number from 1, that is
    not there.
    """
    titles = rows[0][0] if rows and is_header(rows[0][0]) else ()
    lengths = Counter(len(fields) for fields, _ in rows[bool(titles) :] if len(fields) > 1)
    if not lengths:
        return Found(Places(0), ())
    columns = lengths.most_common(1)[0][0]
    whole = list(_whole(rows[1:] if titles else rows, columns))
    begins = [first for _, first in whole]
    profiles = [_Profile(cells, begins) for cells in zip(*(row for row, _ in whole), strict=True)]
    names = _names(columns, titles, head)
    places, rivals = _places(profiles, _sentence_column(names, profiles))
    places = _chosen(places, names, word, tag)
    places = replace(places, bare=profiles[places.tag].is_bare)
    rivals = () if place_of(names, tag) is not None else rivals
    return Found(places, _columns(places, names, profiles), rivals)


def _whole(rows: Iterable[Row], columns: int) -> Iterator[Row]:
    """Yield the rows of this length; what is left out passes its sentence's start on."""
    begins = True
    for fields, first in rows:
        begins = begins or first
        if len(fields) == columns:
            yield fields, begins
            begins = False


def is_header(fields: Sequence[str]) -> bool:
    """Tell a file's first row, of titles, from one with a word and a tag."""
    titles = {each.strip().lower() for each in fields}
    known = titles & (_WORD_NAMES | _TAG_NAMES)
    return bool(known) and all(schemes.fault(each.strip(" ")) for each in fields)


def _sentence_column(names: Sequence[str], profiles: Sequence[_Profile]) -> int | None:
    """Return the column that says of which sentence a row is, by its name or by what it holds."""
    named = [at for at, name in enumerate(names) if name.lower() in _SENTENCE_NAMES]
    found = [at for at, profile in enumerate(profiles) if profile.is_sentences]
    return next(iter(named or found), None)


def _places(profiles: list[_Profile], sentence: int | None) -> tuple[Places, tuple[int, ...]]:
    last = len(profiles) - 1
    others = [at for at in range(len(profiles)) if at != sentence]
    number = next((at for at in others if profiles[at].counts_up), None) if last > 1 else None
    tags = [at for at in others if profiles[at].is_tags and at != number]
    bare = [at for at in others if profiles[at].is_bare and not tags][:1]
    named = [at for at in tags if profiles[at].labels]
    entities = [at for at in named if not profiles[at].labels <= _CHUNKS]
    tag = next(iter(entities or named or bare), last)
    words = [at for at in others if at not in (number, tag, *tags)]
    varied = [at for at in words if not profiles[at].is_constant]
    word = next(iter(varied or words), 0 if tag else 1)
    rivals = tuple(at for at in entities if at not in (tag, word))
    number = number if number != word else None
    return Places(len(profiles), word, tag, number, sentence), rivals


def _chosen(places: Places, names: Sequence[str], word: object, tag: object) -> Places:
    chosen_word, chosen_tag = place_of(names, word), place_of(names, tag)
    if chosen_word is not None:
        places = replace(places, word=chosen_word)
    if chosen_tag is not None:
        places = replace(places, tag=chosen_tag)
    if places.word == places.tag:
        name = names[places.word]
        raise InputError(f"Column {name} cannot hold words and tags both; choose two columns.")
    if places.sentence in (places.word, places.tag):
        places = replace(places, sentence=None)
    return replace(places, number=None) if places.number == places.word else places


def _names(columns: int, titles: Sequence[str], head: str) -> list[str]:
    """Return the columns' names from a comment or a header, else their numbers from 1."""
    said = (match[1].split() for line in head.split("\n") if (match := _GLOBAL.match(line)))
    names = next(said, [each.strip() for each in titles])
    good = len(names) == columns == len(set(names)) and all(names)
    return names if good else [str(number) for number in range(1, columns + 1)]


def _columns(
    places: Places, names: Sequence[str], profiles: Sequence[_Profile]
) -> tuple[Column, ...]:
    roles = {places.sentence: "sentences", places.number: "numbers"}
    roles |= {places.word: "words", places.tag: "tags"}
    return tuple(
        Column(name, roles.get(at, ""), profile.examples)
        for at, (name, profile) in enumerate(zip(names, profiles, strict=True))
    )
