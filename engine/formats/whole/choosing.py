"""Which column of a table or of records holds what: by its name, else by what it holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from engine.formats.common.base import Options
from engine.formats.common.columns import Column, place_of
from engine.formats.common.problems import Problems, shorten
from engine.formats.common.shape import Shape
from engine.formats.common.splits import split_called
from engine.formats.whole import column_names, dates, labels
from storage.errors import InputError
from storage.types import Source, Status

Record = Mapping[str, Any]
# Enough to know a column by; also bounds the time.
MOST_ROWS = 2_000
_LONGEST_LABEL = 60
_FEW = 0.5
_MOST_LABELS = 300


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of the columns that hold something; empty where none does."""

    text: str
    second: str = ""
    labels: tuple[str, ...] = ()
    split: str = ""
    group: str = ""
    date: str = ""
    name: str = ""
    status: str = ""
    source: str = ""
    separator: str = ""
    """What stands between several labels of a cell."""
    day_first: bool = False
    """Whether dates such as 3/4/2024 begin with the day."""

    @property
    def one_each(self) -> bool:
        """Whether each label has a column of its own, of ones and zeros."""
        return len(self.labels) > 1

    @property
    def used(self) -> frozenset[str]:
        """Return the names of all columns that a document is made of."""
        found = [getattr(self, each.name) for each in fields(self) if each.name in _ROLES]
        return frozenset(filter(None, [*found, *self.labels]))

    def described(self, names: Iterable[str], rows: Sequence[Record]) -> tuple[Column, ...]:
        """Tell of each column what it was taken for, with a few of its cells."""
        roles = {getattr(self, part): role for part, role in _ROLES.items()}
        roles |= dict.fromkeys(self.labels, "labels")
        return tuple(Column(name, roles.get(name, ""), examples(rows, name)) for name in names)


_ROLES = {
    **{"text": "texts", "second": "second texts", "split": "splits", "group": "groups"},
    **{"date": "dates", "name": "names", "status": "states", "source": "who labelled"},
}
OPTIONS = {
    **{"text_column": "texts", "second_column": "second texts", "label_column": "labels"},
    **{"group_column": "groups", "date_column": "dates", "id_column": "names"},
    "split_column": "splits",
}
"""The options that choose a column, with what the chosen one is said to hold."""


def examples(rows: Sequence[Record], name: str) -> tuple[str, ...]:
    """Return the first cells of a column that differ."""
    cells = (row.get(name) for row in rows[:20])
    return tuple(dict.fromkeys(shorten(plain(cell)) for cell in cells))[:3]


def plain(cell: Any) -> str:
    """Return a cell as text."""
    return "" if cell is None else str(cell)


def choose(
    names: Sequence[str], rows: Sequence[Record], shape: Shape, options: Options, report: Problems
) -> Columns:
    """Find the columns; what is not certain goes to ``report`` as a warning.

    Raises InputError for a chosen column that is not there, or where two texts are needed and
    there are no two columns.
    """
    finder = _Finder(names, rows[:MOST_ROWS], options, report)
    text, second = finder.texts(shape.second)
    finder.taken |= {text, second}
    others = {
        "split": finder.split(),
        "date": finder.known("date_column", column_names.DATE_NAMES, dates.is_date),
        "group": finder.known("group_column", ("group", "group id"), _is_anything),
        "name": finder.known("id_column", column_names.ID_NAMES, _is_anything),
        "status": finder.known("", ("status",), _is_status),
        "source": finder.known("", ("label source",), _is_source),
    }
    found = finder.labels(shape.several)
    cells = [cell for name in found for cell in finder.cells[name]]
    separator = str(options.get("label_separator") or "")
    if shape.several and not separator:
        separator = labels.separator_in(cells)
        if not separator and found == ("label",) and labels.may_be_parted(cells, labels.DOCCANOS):
            separator = labels.DOCCANOS
            report.warn(1, labels.HASHES, option="label_separator")
        if not separator and labels.may_be_parted(cells):
            report.warn(1, labels.COMMAS, option="label_separator")
    return Columns(
        text,
        second,
        found,
        **others,
        separator=separator,
        day_first=dates.day_first(finder.cells.get(others["date"], ())),
    )


class _Finder:
    """Looks at the columns of a few rows; what was taken is not taken again."""

    def __init__(
        self, names: Sequence[str], rows: Sequence[Record], options: Options, report: Problems
    ) -> None:
        self.names = list(names)
        self.cells = {name: [row.get(name) for row in rows] for name in names}
        self.taken: set[str] = set()
        self._called = {name: " ".join(column_names.words(name)) for name in names}
        self._options = options
        self._report = report
        self._chosen = {
            each for option in OPTIONS if option != "label_column" and (each := self.chosen(option))
        } | set(self._chosen_labels())

    def chosen(self, option: str) -> str:
        """Return the column that somebody chose, "" where nobody did; raise InputError."""
        place = place_of(self.names, self._options.get(option)) if option else None
        return "" if place is None else self.names[place]

    def texts(self, two: bool) -> tuple[str, str]:
        """Return the columns of the text and, of ``two``, of the second one."""
        text, second = self.chosen("text_column"), self.chosen("second_column")
        if not two:
            return text or self._text(), ""
        if not (text or second):
            text, second = self._pair()
        text = text or self._longest({second}, "text_column")
        second = second or self._longest({text}, "second_column")
        if text == second:
            raise InputError(
                f'The column "{text}" cannot hold both texts of a pair: choose another one for '
                "the second text."
            )
        return text, second

    def split(self) -> str:
        """Return a column whose cells are words for train, dev and test."""
        return self.known(
            "split_column", column_names.SPLIT_NAMES, lambda cell: bool(split_called(cell))
        )

    def known(self, option: str, called: Sequence[str], fits: Any) -> str:
        """Return a chosen column, else one so called whose cells fit; it is taken then."""
        found = self.chosen(option)
        if not found:
            free = [n for n in self.names if n not in self.taken | self._chosen]
            named = [n for word in called for n in free if self._called[n] == word]
            found = next((name for name in named if self._fits(name, fits)), "")
            if option and not found:
                self._tell_unfit(named, option, fits)
        self.taken |= {found}
        return found

    def _tell_unfit(self, named: Sequence[str], option: str, fits: Any) -> None:
        """Say why a column is not taken for what it is called."""
        for name in named:
            if bad := next((cell for cell in self._filled(name) if not fits(cell)), ""):
                self._tell(
                    f'The column "{name}" is not read as {OPTIONS[option]}, since '
                    f'"{shorten(bad)}" is none; it stays beside the texts.',
                    option,
                )

    def labels(self, several: bool) -> tuple[str, ...]:
        """Return the column of the labels, or one for each label."""
        chosen = self._chosen_labels()
        if both := self.taken & set(chosen):
            raise InputError(f'The column "{both.pop()}" cannot be labels and something else, too.')
        if chosen:
            return chosen
        free = [name for name in self.names if name not in self.taken]
        named = [n for word in column_names.LABEL_NAMES for n in free if self._called[n] == word]
        if named:
            return (named[0],)
        judged = [name for name in free if self._is_judged(name)] if several else []
        return tuple(judged) if len(judged) > 1 else self._by_content(free)

    def _chosen_labels(self) -> tuple[str, ...]:
        asked = self._options.get("label_column")
        if isinstance(asked, str):
            asked = [asked] if asked.strip() in self.names else asked.split(",")
        places = [place_of(self.names, each) for each in asked or () if str(each).strip()]
        return tuple(dict.fromkeys(self.names[place] for place in places if place is not None))

    def _text(self) -> str:
        free = [name for name in self.names if name not in self._chosen]
        named = (n for word in column_names.TEXT_NAMES for n in free if self._called[n] == word)
        # A title is taken only where nothing longer is called as texts are.
        return next(named, "") or self._longest(set(), "text_column")

    def _pair(self) -> tuple[str, str]:
        places = {called: name for name, called in self._called.items()}
        pairs = (
            pair for pair in column_names.PAIR_NAMES if pair[0] in places and pair[1] in places
        )
        if pair := next(pairs, None):
            return places[pair[0]], places[pair[1]]
        free = [name for name in self.names if name not in self._chosen]
        if len(free) < 2:
            raise InputError(
                "A pair needs two columns of texts, and there is one column: choose a file "
                "with both."
            )
        first, second = sorted(sorted(free, key=self._length)[-2:], key=self.names.index)
        self._tell(
            f'The texts were taken from the columns "{first}" and "{second}".', "text_column"
        )
        return first, second

    def _longest(self, but: set[str], option: str) -> str:
        free = [name for name in self.names if name not in but | self._chosen]
        if not free:
            raise InputError("No column is left for the text: choose another one for the labels.")
        found = max(free, key=self._length)
        if len(self.names) > 1:
            self._tell(f'The text was taken from the column "{found}", the longest one.', option)
        return found

    def _by_content(self, free: Sequence[str]) -> tuple[str, ...]:
        """Return the column with few values that come again, told as a guess."""
        fitting = [name for name in free if self._may_be_labels(name)]
        if not fitting:
            if len(self.names) > 1:
                self._tell(
                    "No column of labels was found: the texts come in without.", "label_column"
                )
            return ()
        words = [name for name in fitting if not all(_is_number(c) for c in self._filled(name))]
        found = (words or fitting)[0]
        self._tell(f'The labels were taken from the column "{found}".', "label_column")
        return (found,)

    def _may_be_labels(self, name: str) -> bool:
        cells = self._filled(name)
        values = set(cells)
        most = max(2, min(_MOST_LABELS, _FEW * len(cells)))
        return (
            2 <= len(values) <= most
            and len(values) < len(cells)
            and self._called[name] not in column_names.NO_LABEL
            and max(map(len, values)) <= _LONGEST_LABEL
        )

    def _is_judged(self, name: str) -> bool:
        return bool(self._filled(name)) and all(map(labels.is_judgement, self.cells[name]))

    def _filled(self, name: str) -> list[str]:
        return [word for cell in self.cells[name] if (word := plain(cell).strip())]

    def _fits(self, name: str, fits: Any) -> bool:
        cells = self._filled(name)
        return bool(cells) and all(map(fits, cells))

    def _length(self, name: str) -> int:
        return sum(len(plain(cell)) for cell in self.cells[name])

    def _tell(self, message: str, option: str) -> None:
        self._report.warn(1, message, option=option)


def _is_number(cell: str) -> bool:
    return bool(re.fullmatch(r"[-+]?\d+(\.\d+)?", cell))


def _is_anything(cell: str) -> bool:
    return True


def _is_status(cell: str) -> bool:
    return cell in tuple(Status)


def _is_source(cell: str) -> bool:
    return cell in tuple(Source) or cell.startswith("[")
