"""What a list of places holds: who says what about one, and why it is in the list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from pages.widgets.common.colors import Shade
from storage.types import Span


class Said(NamedTuple):
    """What somebody else says about a place: another run, another annotator; None: nothing."""

    who: str
    span: Span | None


@dataclass(frozen=True, slots=True)
class Row:
    """A place of a document that a person decides about.

    ``id`` names it, for good and in its list only. ``given`` is what people labelled there,
    ``suggested`` what *accept* would make of it; either may be missing, not both. All offsets
    are code points. ``kind`` is a word or two for a badge, ``reason`` says in a sentence why the
    row is here, ``score`` how sure that is (0 to 1). ``others`` say more about the same place.
    """

    id: str
    document: int
    given: Span | None
    suggested: Span | None
    kind: str = ""
    reason: str = ""
    score: float | None = None
    shade: Shade = "gray"
    others: tuple[Said, ...] = ()

    @property
    def place(self) -> Span:
        """The span that says where the row is: the given one, else the suggested one."""
        place = self.given or self.suggested
        assert place, "a row has a given or a suggested span"
        return place


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where the rows of a list are decided about, if not in it: they are other people's work.

    ``page`` is the script, ``title`` what it is called; ``sides`` are those whose marks are in
    the place of ``given`` and ``suggested``.
    """

    page: str
    title: str
    sides: tuple[str, str]


class Rows(Protocol):
    """As many rows as a list has, read a page at a time; a list of rows is one."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> list[Row]: ...
