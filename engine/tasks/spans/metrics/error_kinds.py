"""Kinds of error: every gold and every predicted span that is not right, in exactly one kind.

The one-to-one matches say which span is held against which (``scoring.match_spans``); where one
span lies across several, all but one are left over, and a split entity reads as one wrong border
and some spurious spans. Here those left over are put back to the match that they belong to:

- A spurious span belongs to the matched gold span that it overlaps most, a missed one to the
  matched predicted span that it overlaps most; the leftmost of equals. Sharing no code point is
  no overlap, however close two spans are.
- It joins that match if it lies beside the span that the match has on its side, and beside others
  that join; the largest overlap goes first. One inside another (a gold span within a gold span) is
  no piece of a whole, and what is found with the right borders is neither split nor merged:
  whatever else lies across it is spurious or missed.
- A match that spurious spans join is *split*, one that missed ones join is *merged*, whatever the
  labels are (``Error.relabelled``). In a chain, where both would join, no side is one whole: none
  does, and each span stays what its match says.

All other matches are what they were: *type* (same borders), *boundary* (same label), *type and
boundary*, *missed*, *spurious*. Gold and predicted spans exchanged, split and merged change
places, missed and spurious, too long and too short (where no two spans of a side overlap).

An error is made of whole matches, so that it opens the rows that a report's cells open. For all
labels and for each, gold spans in errors are the false negatives (gold less exact), predicted
ones the false positives (predicted less exact).

The kinds are those of MUC-5 (Chinchor and Sundheim 1993) and SemEval-2013 9.1 with the borders
told apart, and what one span cannot tell.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from engine.tasks.spans.metrics.scoring import overlap, touching
from storage.types import ErrorKind, Match, Span


class Kind(StrEnum):
    """What went wrong. Unlike ``ErrorKind`` it looks beyond one match."""

    TYPE = "type"
    BOUNDARY = "boundary"
    TYPE_AND_BOUNDARY = "type and boundary"
    SPLIT = "split"
    MERGED = "merged"
    MISSED = "missed"
    SPURIOUS = "spurious"


class Border(StrEnum):
    """How the borders of one predicted span differ from those of its gold span."""

    TOO_LONG = "too long"
    TOO_SHORT = "too short"
    SHIFTED = "shifted"

    @classmethod
    def of(cls, gold: Span, predicted: Span) -> Border | None:
        """Say which it is; None where the borders are the same."""
        if (gold.start, gold.end) == (predicted.start, predicted.end):
            return None
        if predicted.start <= gold.start and gold.end <= predicted.end:
            return cls.TOO_LONG
        inside = gold.start <= predicted.start and predicted.end <= gold.end
        return cls.TOO_SHORT if inside else cls.SHIFTED


@dataclass(frozen=True, slots=True)
class Error:
    """Spans of one document that went wrong together, as the matches that they are part of.

    Split: one gold span and two predicted ones or more; merged: the other way round. Missed and
    spurious have one side, all others one span on each.
    """

    kind: Kind
    matches: tuple[Match, ...]

    @property
    def document(self) -> int:
        return self.matches[0].document

    @property
    def gold(self) -> tuple[Span, ...]:
        """Return the gold spans, in reading order."""
        return tuple(sorted(match.gold for match in self.matches if match.gold))

    @property
    def predicted(self) -> tuple[Span, ...]:
        """Return the predicted spans, in reading order."""
        return tuple(sorted(match.predicted for match in self.matches if match.predicted))

    @property
    def border(self) -> Border | None:
        """Say how the borders differ; only of one gold and one predicted span can it be said."""
        if len(self.gold) == len(self.predicted) == 1:
            return Border.of(*self.gold, *self.predicted)
        return None

    @property
    def relabelled(self) -> bool:
        """Whether both sides have spans, and more than one label between them."""
        labels = {span.label for span in (*self.gold, *self.predicted)}
        return bool(self.gold and self.predicted) and len(labels) > 1


def find_errors(matches: Iterable[Match]) -> list[Error]:
    """Return the errors among the matches of any number of documents, in their order.

    All matches of a document must be there: one alone does not say what lies beside it.
    """
    of_document: dict[int, list[Match]] = defaultdict(list)
    for match in matches:
        of_document[match.document].append(match)
    wrong = (
        each
        for each in of_document.values()
        if any(match.kind is not ErrorKind.EXACT for match in each)
    )
    return [error for each in wrong for error in _errors(each)]


def _errors(matches: Sequence[Match]) -> Iterable[Error]:
    joined = _joined(matches)
    taken = {at for _, others in joined.values() for at in others}
    for at, match in enumerate(matches):
        if at in joined:
            kind, others = joined[at]
            yield Error(kind, tuple(matches[n] for n in sorted([at, *others])))
        elif at not in taken and match.kind is not ErrorKind.EXACT:
            yield Error(Kind(match.kind.value), (match,))


def _joined(matches: Sequence[Match]) -> dict[int, tuple[Kind, list[int]]]:
    """Say of each match that others join what it becomes, and which they are, by their places."""
    held = [at for at, match in enumerate(matches) if match.gold and match.predicted]
    gold = {at: match.gold for at, match in enumerate(matches) if match.gold}
    predicted = {at: match.predicted for at, match in enumerate(matches) if match.predicted}
    split = _pieces(held, gold, predicted)
    merged = _pieces(held, predicted, gold)
    return {
        at: (Kind.SPLIT, split[at]) if at in split else (Kind.MERGED, merged[at])
        for at in held
        if (at in split) != (at in merged)
    }


def _pieces(
    held: Sequence[int], whole: Mapping[int, Span], parts: Mapping[int, Span]
) -> dict[int, list[int]]:
    """Find the parts left over that each whole is in, beside the one that it is matched with."""
    left = [at for at in parts if at not in whole]
    found: dict[int, tuple[int, Span, int]] = {}
    for i, j in touching([whole[at] for at in held], [parts[at] for at in left]):
        claim = (-overlap(whole[held[i]], parts[left[j]]), whole[held[i]], held[i])
        found[left[j]] = min(claim, found.get(left[j], claim))
    pieces: dict[int, list[int]] = defaultdict(list)
    beside = {at: [parts[at]] for at in held}
    for part, (_, _, at) in sorted(found.items(), key=lambda item: (item[1][0], parts[item[0]])):
        if _put_beside(beside[at], parts[part]):
            pieces[at].append(part)
    return dict(pieces)


def _put_beside(row: list[Span], span: Span) -> bool:
    """Put a span into a row in reading order, where it overlaps none of them; say whether."""
    at = bisect(row, span)
    if any(overlap(span, neighbour) > 0 for neighbour in row[max(at - 1, 0) : at + 1]):
        return False
    row.insert(at, span)
    return True


# --- figures ------------------------------------------------------------------------------


def count_kinds(errors: Iterable[Error]) -> dict:
    """Count errors, and the gold and predicted spans in them, by kind.

    Returns ``{"kinds": {kind: {errors, gold, predicted}}, "borders": {border: errors}, "labels":
    {label: {kind: {gold, predicted}}}}``. The borders are those of the kind *boundary*, and add
    up to it. Of a label those spans are counted that have it; without any it is not listed.
    """
    kinds: dict[str, Counter[str]] = {kind: Counter() for kind in Kind}
    borders: Counter[Border | None] = Counter()
    labels: dict[str, dict[str, Counter[str]]] = {}
    for error in errors:
        kinds[error.kind]["errors"] += 1
        borders[error.border] += error.kind is Kind.BOUNDARY
        for side, spans in (("gold", error.gold), ("predicted", error.predicted)):
            kinds[error.kind][side] += len(spans)
            for span in spans:
                of_label = labels.setdefault(span.label, {kind: Counter() for kind in Kind})
                of_label[error.kind][side] += 1
    return {
        "kinds": _rows(kinds, ("errors", "gold", "predicted")),
        "borders": {str(border): borders[border] for border in Border},
        "labels": {name: _rows(labels[name], ("gold", "predicted")) for name in sorted(labels)},
    }


def _rows(counts: Mapping[str, Counter[str]], columns: Sequence[str]) -> dict:
    return {str(kind): {name: row[name] for name in columns} for kind, row in counts.items()}


def format_kinds(counts: Mapping) -> str:
    """Lay the counts out as a table; its last row holds all false negatives and positives."""
    rows = [(name, *row.values()) for name, row in counts["kinds"].items()]
    rows.append(("all", *(sum(column) for column in zip(*(r[1:] for r in rows), strict=True))))
    parts = {str(Kind.BOUNDARY): counts["borders"]}
    lines = [f"{'error kind':>17}  {'errors':>9} {'gold':>9} {'predicted':>9}", ""]
    for name, errors, gold, predicted in rows:
        lines += [""] if name == "all" else []
        lines.append(f"{name:>17}  {errors:>9} {gold:>9} {predicted:>9}")
        lines += [f"{border:>17}  {n:>9}" for border, n in parts.get(name, {}).items()]
    return "\n".join(lines) + "\n"
