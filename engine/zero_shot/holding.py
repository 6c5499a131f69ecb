"""Answers held to the text and the labels: what does not occur is dropped, and counted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from engine.zero_shot.answers import Claim
from storage.types import Source, Span

# An endpoint does not say how sure it is, and what it would say nobody has measured: below what
# is accepted in bulk unless somebody lowers that.
UNMEASURED = 0.5
ABSENT, UNKNOWN = "not in the text", "unknown label"
REPEATED, OVERLAPPING, BROKEN = "repeated", "overlapping", "unreadable"
REASONS = (ABSENT, UNKNOWN, REPEATED, OVERLAPPING, BROKEN)


@dataclass(frozen=True, slots=True)
class Held:
    """What is left of an answer, in the order of the text, and what was dropped, by reason."""

    spans: tuple[Span, ...] = ()
    dropped: Counter[str] = field(default_factory=Counter)


def hold_whole(claims: Iterable[Claim], labels: Sequence[str], several: bool) -> Held:
    """Keep the labels that there are: each once, only the first unless there may be several."""
    find, dropped = _finder(labels), Counter[str]()
    found: list[str] = []
    for claim in claims:
        label = find(claim.label)
        if label is None:
            dropped[UNKNOWN] += 1
        elif label in found:
            dropped[REPEATED] += 1
        elif found and not several:
            dropped[OVERLAPPING] += 1
        else:
            found.append(label)
    return Held(tuple(_mark(0, 0, label) for label in found), dropped)


def hold_spans(text: str, claims: Iterable[Claim], labels: Sequence[str], overlaps: bool) -> Held:
    """Find each quote in the text, in code points, and keep what may stand beside the others.

    A quote that stands in several places means the next one after the claim before it, so that a
    name that is quoted three times is found in three places.
    """
    find, dropped = _finder(labels), Counter[str]()
    found: list[Span] = []
    taken: set[tuple[int, int, str]] = set()
    at = 0
    for claim in claims:
        label = find(claim.label)
        if label is None:
            dropped[UNKNOWN] += 1
            continue
        places = _places(text, claim.quote)
        free = [place for place in places if (*place, label) not in taken]
        if not free:
            dropped[REPEATED if places else ABSENT] += 1
            continue
        start, end = next((place for place in free if place[0] >= at), free[0])
        found.append(_mark(start, end, label))
        taken.add((start, end, label))
        at = end
    kept = found if overlaps else _apart(found)
    dropped[OVERLAPPING] += len(found) - len(kept)
    return Held(tuple(sorted(kept)), +dropped)


def _apart(found: Sequence[Span]) -> list[Span]:
    """Keep the longest of spans that overlap, of equal ones that which was said first."""
    kept: list[Span] = []
    for span in sorted(found, key=lambda span: span.start - span.end):
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return kept


def _places(text: str, quote: str) -> list[tuple[int, int]]:
    """Return where a quote stands: as it is written, else in another case or spacing.

    As words of their own where there are such: "US" is not meant in "RUSSIA". Writing without
    spaces has only the others.
    """
    words = quote.split()
    if not words or len(quote) > 2 * len(text):
        return []
    exact = re.compile(re.escape(quote.strip()))
    loose = re.compile(r"\s+".join(map(re.escape, words)), re.IGNORECASE)
    for pattern in (exact, loose):
        if found := [match.span() for match in pattern.finditer(text)]:
            return [place for place in found if _is_word(text, *place)] or found
    return []


def _is_word(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (before.isalnum() and text[start].isalnum()) and not (
        after.isalnum() and text[end - 1].isalnum()
    )


def _finder(labels: Sequence[str]) -> Callable[[str], str | None]:
    """Return what finds a label by its name, in another case where that means only one."""
    exact, alike = set(labels), Counter(map(_loose, labels))
    loose = {_loose(label): label for label in labels if alike[_loose(label)] == 1}
    return lambda name: name.strip() if name.strip() in exact else loose.get(_loose(name))


def _loose(label: str) -> str:
    return " ".join(label.split()).casefold()


def _mark(start: int, end: int, label: str) -> Span:
    return Span(start, end, label, "", Source.MODEL, UNMEASURED)
