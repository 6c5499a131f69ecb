"""Dictionaries: many strings with their labels, found in texts in one pass.

Of hits that overlap the longest stays, the leftmost where they are equally long. A string
that stands under two labels labels nothing, unless its case tells them apart.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from engine.corpus.phrase_matcher import Hit, fits, fold
from storage.types import Source, Span


@dataclass(frozen=True, slots=True)
class Entry:
    """A string, and the label that it gets wherever it is found."""

    text: str
    label: str


class Dictionary:
    """Entries made ready for searching; takes time linear in their length."""

    def __init__(
        self, entries: Iterable[Entry], whole_words: bool = True, match_case: bool = True
    ) -> None:
        self._whole_words = whole_words
        self._match_case = match_case
        # For each string as it is compared: the label of each way to write it, None of two.
        self._labels: dict[str, dict[str, str | None]] = defaultdict(dict)
        for entry in entries:
            if entry.text.strip():
                self._add(entry)
        self._patterns = list(self._labels)
        self._automaton = AhoCorasick(self._patterns)

    def __len__(self) -> int:
        return sum(len(written) for written in self._labels.values())

    def spans(self, text: str, taken: Iterable[Hit] = ()) -> list[Span]:
        """Return the spans that a text gets, in its order; none overlaps what is taken."""
        found = [span for span in self._found(text) if span is not None]
        found.sort(key=lambda span: (span.start - span.end, span.start))
        return sorted(_apart(found, taken))

    def _add(self, entry: Entry) -> None:
        written = self._labels[fold(entry.text, self._match_case).text]
        known = written.setdefault(entry.text, entry.label)
        if known != entry.label:
            written[entry.text] = None

    def _found(self, text: str) -> Iterable[Span | None]:
        folded = fold(text, self._match_case)
        for index, start, end in self._automaton.find_matches_as_indexes(
            folded.text, overlapping=True
        ):
            first, last = folded.origin(start), folded.origin(end)
            if first is None or last is None:
                continue
            if fits(text, (first, last), self._whole_words):
                yield self._span(text, (first, last), self._patterns[index])

    def _span(self, text: str, hit: Hit, pattern: str) -> Span | None:
        written = self._labels[pattern]
        labels = set(written.values())
        label = written.get(text[hit[0] : hit[1]], labels.pop() if len(labels) == 1 else None)
        return Span(*hit, label, source=Source.DICTIONARY) if label else None


def from_labels(
    counts: Iterable[tuple[str, str, int]], at_least: int = 2
) -> tuple[list[Entry], int]:
    """Make entries of strings labelled so far, given as (string, label, how often).

    Takes those labelled at least so often and always alike; returns how many have two
    labels beside them.
    """
    totals: dict[str, Counter[str]] = defaultdict(Counter)
    for text, label, count in counts:
        if text.strip():
            totals[text.strip()][label] += count
    often = {text: labels for text, labels in totals.items() if labels.total() >= at_least}
    entries = [Entry(text, *labels) for text, labels in often.items() if len(labels) == 1]
    return sorted(entries, key=lambda entry: (entry.label, entry.text)), len(often) - len(entries)


def _apart(spans: list[Span], taken: Iterable[Hit]) -> Iterable[Span]:
    """Yield the spans that overlap nothing taken and none that was yielded before."""
    used = bytearray(max([0, *(end for _, end in taken), *(span.end for span in spans)]))
    for start, end in taken:
        used[start:end] = b"\1" * (end - start)
    for span in spans:
        if not any(used[span.start : span.end]):
            used[span.start : span.end] = b"\1" * (span.end - span.start)
            yield span
