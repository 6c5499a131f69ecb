"""Tag schemes: how spans over tokens are written as one tag per token.

The decoder is that of conlleval (Tjong Kim Sang and Buchholz, 2000) and does not
depend on the scheme: an entity goes on only where an inside or end tag follows a
begin or inside tag of the same type. What a scheme would have written otherwise is a
repair, which has a name and is counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from storage.errors import InputError

TokenSpan = tuple[int, int, str]


class Scheme(StrEnum):
    """The schemes in the order in which a tie between them is settled."""

    IOB2 = "IOB2"
    IOB1 = "IOB1"
    IOBES = "IOBES"
    BILOU = "BILOU"
    BMES = "BMES"


class Repair(StrEnum):
    """What a scheme would not have written, yet can be read in one way only."""

    NO_BEGIN = "an entity without its begin tag"
    NO_END = "an entity without its end tag"
    NEEDLESS_BEGIN = "a begin tag that the scheme does not write there"


@dataclass(frozen=True)
class Detection:
    """The scheme that explains the tags best, its repairs, and the tags it does not have."""

    scheme: Scheme
    repairs: dict[Repair, int] = field(default_factory=dict)
    outside: frozenset[str] = frozenset()


# The prefix of an entity's first, inner, last and only token. IOB1 is decided in `_expected`.
_PREFIXES = {
    Scheme.IOB2: "BIIB",
    Scheme.IOB1: "IIII",
    Scheme.IOBES: "BIES",
    Scheme.BILOU: "BILU",
    Scheme.BMES: "BMES",
}
_ALPHABETS = {scheme: frozenset("B" + letters) for scheme, letters in _PREFIXES.items()}
_TAG = re.compile(r"([BIESLUM])-(.+)", re.DOTALL)
_SEVERAL = re.compile(r"[,|;]\s*[BIESLUM]-")
_ROLE = {"M": "I", "L": "E", "U": "S"}

# A token of an entity: its prefix, whether it is the first, whether it is the last, and
# whether an entity of the same type ends right before it.
_Place = tuple[str, bool, bool, bool]


@lru_cache(maxsize=65536)
def split_tag(tag: str) -> tuple[str, str]:
    """Return the prefix and the label of a well-formed tag; ``O`` has an empty label.

    The label is everything after the first hyphen.
    """
    prefix, _, label = tag.partition("-")
    return prefix, label


@lru_cache(maxsize=65536)
def fault(tag: str) -> str:
    """Say why no scheme has this tag, in words that follow the tag; empty if one has it."""
    if tag == "O":
        return ""
    match = _TAG.fullmatch(tag)
    if match is None:
        return "is not a tag of any known scheme, such as O, B-PER or I-PER"
    if _SEVERAL.search(match[2]):
        return "holds several tags where one is needed"
    return ""


def decode(tags: Sequence[str]) -> list[TokenSpan]:
    """Return (first token, last token + 1, label) of every entity, left to right."""
    spans: list[TokenSpan] = []
    first, before, label = -1, "O", ""
    for position, tag in enumerate(tags):
        if tag == "O":
            if first >= 0:
                spans.append((first, position, label))
                first = -1
            before = "O"
            continue
        prefix, name = split_tag(tag)
        prefix = _ROLE.get(prefix, prefix)
        goes_on = first >= 0 and prefix in "IE" and before in "BI" and name == label
        if not goes_on:
            if first >= 0:
                spans.append((first, position, label))
            first, label = position, name
        before = prefix
    if first >= 0:
        spans.append((first, len(tags), label))
    return spans


def encode(spans: Iterable[TokenSpan], length: int, scheme: Scheme) -> list[str]:
    """Write spans over ``length`` tokens as tags; raise InputError where two overlap."""
    tags = ["O"] * length
    end, label = 0, ""
    for first, last, name in sorted(spans):
        if first < end or first >= last or last > length:
            raise InputError(
                f"The spans over tokens {first} to {last} overlap or leave the sentence; "
                "remove one of them before writing tags."
            )
        adjacent = first > 0 and first == end and name == label
        for position in range(first, last):
            place = (position == first, position == last - 1, adjacent and position == first)
            tags[position] = f"{_expected(scheme, *place)}-{name}"
        end, label = last, name
    return tags


def detect(sentences: Iterable[Sequence[str]]) -> Detection:
    """Find the scheme that would have written the tags with the fewest changes."""
    places: Counter[tuple[_Place, str]] = Counter()
    for tags in sentences:
        places.update((place, tags[position]) for position, place in _places(tags))
    scheme = min(Scheme, key=lambda candidate: _cost(candidate, places))
    repairs: Counter[Repair] = Counter()
    for (place, _), count in places.items():
        if name := _repair(scheme, place):
            repairs[name] += count
    outside = frozenset(tag for (place, tag) in places if place[0] not in _ALPHABETS[scheme])
    return Detection(scheme, dict(repairs), outside)


def repairs(tags: Sequence[str], scheme: Scheme) -> list[tuple[int, Repair]]:
    """List the repairs of one sentence as (token, name)."""
    found = ((position, _repair(scheme, place)) for position, place in _places(tags))
    return [(position, name) for position, name in found if name]


def _places(tags: Sequence[str]) -> Iterator[tuple[int, _Place]]:
    end, label = -1, ""
    for first, last, name in decode(tags):
        adjacent = first == end and name == label
        for position in range(first, last):
            is_first = position == first
            prefix = split_tag(tags[position])[0]
            yield position, (prefix, is_first, position == last - 1, adjacent and is_first)
        end, label = last, name


def _expected(scheme: Scheme, first: bool, last: bool, adjacent: bool) -> str:
    if scheme is Scheme.IOB1:
        return "B" if adjacent else "I"
    begin, inner, end, single = tuple(_PREFIXES[scheme])
    if first:
        return single if last else begin
    return end if last else inner


def _cost(scheme: Scheme, places: Counter[tuple[_Place, str]]) -> tuple[int, int]:
    wrong = outside = 0
    for ((prefix, *where), _), count in places.items():
        wrong += count * (prefix != _expected(scheme, *where))
        outside += count * (prefix not in _ALPHABETS[scheme])
    return wrong, outside


def _repair(scheme: Scheme, place: _Place) -> Repair | None:
    prefix, first, last, adjacent = place
    if prefix not in _ALPHABETS[scheme] or prefix == _expected(scheme, first, last, adjacent):
        return None
    if scheme is Scheme.IOB1:
        return Repair.NEEDLESS_BEGIN if prefix == "B" else Repair.NO_BEGIN
    role = _ROLE.get(prefix, prefix)
    return Repair.NO_BEGIN if first and role in "IE" else Repair.NO_END
