"""What is known of a match besides its cell, and what people ask of matches: a filter.

Standard library only, as ``storage.types``, so that every room may import it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode

# A filter's kinds of error that are none (what was found as labelled), and any.
RIGHT, WRONG = "right", "wrong"
GOLD, PREDICTED = "gold", "predicted"
SPOKEN = {
    "type": "wrong label",
    "boundary": "wrong borders",
    "type and boundary": "wrong label and borders",
    "split": "split into several",
    "merged": "several merged into one",
    RIGHT: "found as labelled",
    WRONG: "any error",
    GOLD: "labelled by people",
    PREDICTED: "marked by the model",
    True: "seen in training",
    False: "unseen in training",
}
# A slice that people made: what it is called, its project knows.
OWN = "a slice of one's own"
_SLICES: dict[str, str] = {}
_NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,9})?"
_BETWEEN = re.compile(rf"({_NUMBER})?-({_NUMBER})?")


@dataclass(frozen=True, slots=True)
class Facts:
    """What follows from a match, its document and what was trained on."""

    error: str = ""
    """The kind of error that it is part of, "" where it is none."""
    border: str | None = None
    """How the borders differ, where one mark is held against one."""
    length: int | None = None
    """Tokens of the gold mark, or of the predicted one where there is none."""
    document_length: int | None = None
    """Tokens of the document."""
    seen: bool | None = None
    """Whether train has a mark with the same words; None where there is nothing to compare."""


class Between(NamedTuple):
    """A range of numbers, ``low <= number < high``; an end that is None is open."""

    low: float | None = None
    high: float | None = None

    @classmethod
    def parse(cls, text: str) -> Between:
        """Return the range that an address names, an open one where it names none."""
        found = _BETWEEN.fullmatch(text)
        return cls(*(float(end) if end else None for end in found.groups())) if found else cls()

    @property
    def address(self) -> str:
        """Return the range as an address holds it: "3-6", "6-", and "" where both ends are open."""
        return "" if self == Between() else "-".join(map(_plain, self))

    @property
    def words(self) -> str:
        """Return the whole numbers in it as a person would say them: "3", "4–5", "6 or more"."""
        low, high = self.low or 0, self.high
        if high is None:
            return f"{_plain(low)} or more"
        return _plain(low) if high - low == 1 else f"{_plain(low)}–{_plain(high - 1)}"

    @property
    def shares(self) -> str:
        """Return it in per cent: "50–70 %", "90 % or more"."""
        low = f"{100 * (self.low or 0):g}"
        return f"{low} % or more" if self.high is None else f"{low}–{100 * self.high:g} %"

    def meet(self, other: Between) -> Between:
        """Return the numbers in both."""
        lows = [end for end in (self.low, other.low) if end is not None]
        highs = [end for end in (self.high, other.high) if end is not None]
        return Between(max(lows, default=None), min(highs, default=None))


@dataclass(frozen=True, slots=True)
class Filter:
    """What matches must be like; what is left empty does not matter.

    ``slice`` is a name in the table ``match_slices``, whether people made it or a task knows it.
    Matches of which a fact is not known are in no filter that asks for it.
    """

    error: str = ""
    """A kind of error, RIGHT or WRONG."""
    border: str = ""
    side: str = ""
    """GOLD or PREDICTED: which side must be there."""
    label: str = ""
    """The label of either side."""
    beside_gold: str = ""
    """A label that people gave the same document, whichever mark is meant."""
    beside_predicted: str = ""
    """Likewise one that the model gave it."""
    seen: bool | None = None
    slice: str = ""
    length: Between = field(default=Between())
    document_length: Between = field(default=Between())
    confidence: Between = field(default=Between())
    """How sure the model was of the predicted mark, 0 to 1."""

    def __bool__(self) -> bool:
        return self != Filter()

    @classmethod
    def parse(cls, address: str) -> Filter:
        """Return the filter that an address names; what makes no sense there is left out."""
        given = dict(parse_qsl(address))
        found: dict[str, Any] = {name: given.get(name, "") for name in _WORDS}
        found |= {name: Between.parse(given.get(name, "")) for name in _RANGES}
        found["seen"] = {"1": True, "0": False}.get(given.get("seen", ""))
        found["side"] = found["side"] if found["side"] in (GOLD, PREDICTED) else ""
        return cls(**found)

    @property
    def address(self) -> str:
        """Return the filter as an address holds it; ``parse`` reads it."""
        return urlencode({name: _written(value) for name, value in self.given()}, quote_via=quote)

    @property
    def words(self) -> str:
        """Return the filter as a person would say it, "" where there is none."""
        return ", ".join(say(name, value) for name, value in self.given())

    @property
    def by_outcome(self) -> bool:
        """Whether it picks by what went wrong: then no rate says anything of the model."""
        return bool(self.error or self.border or self.side)

    def given(self) -> Iterator[tuple[str, Any]]:
        """Yield the fields that ask for something."""
        for each in fields(self):
            if (value := getattr(self, each.name)) not in ("", None, Between()):
                yield each.name, value

    def meet(self, other: Filter) -> Filter | None:
        """Return the filter that asks for what both do, None where no match can fulfil it."""
        asked: dict[str, Any] = dict(self.given())
        for name, value in other.given():
            before = asked.get(name, value)
            if isinstance(value, Between):
                asked[name] = before.meet(value)
            elif WRONG in (before, value) and name == "error" and RIGHT not in (before, value):
                asked[name] = value if before == WRONG else before
            elif before != value:
                return None
            else:
                asked[name] = value
        return Filter(**asked)

    def less(self, other: Filter) -> Filter:
        """Return what it asks for beside another filter that it is a part of."""
        asked = {name: v for name, v in self.given() if getattr(other, name) != v}
        return Filter(**asked)


def name_slice(name: str, title: str) -> None:
    """Say what a slice is called; ``engine/evaluation/slices`` tells it of all it knows."""
    _SLICES[name] = title


def say(name: str, value: Any) -> str:
    """Say in a few words what a field of a filter asks for."""
    match name:
        case "label":
            return f"label {value}"
        case "beside_gold":
            return f"with {value}"
        case "beside_predicted":
            return f"where the model gave {value}"
        case "slice":
            return _SLICES.get(value) or (OWN if value.startswith("own-") else f"slice {value}")
        case "length":
            return f"{value.words} token{'' if value.words == '1' else 's'} long"
        case "document_length":
            return f"sentence of {value.words} tokens"
        case "confidence":
            return f"confidence {value.shares}"
    return SPOKEN.get(value, str(value))


_RANGES = ("length", "document_length", "confidence")
_WORDS = ("error", "border", "side", "label", "beside_gold", "beside_predicted", "slice")


def _written(value: Any) -> str:
    if isinstance(value, Between):
        return value.address
    return str(int(value)) if isinstance(value, bool) else value


def _plain(number: float | None) -> str:
    return "" if number is None else f"{number:.9f}".rstrip("0").rstrip(".")
