"""Markdown as GitHub writes it: headings, tables, lists (GitHub Flavored Markdown, 0.29)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.evaluation.confusion import Confusion
from engine.exports import contents
from engine.exports.plain import plain
from engine.exports.subject import Subject
from storage.words import SPANS, Words

# With more labels a table is wider than a page; the list of mistakes says the same.
MOST = 16
SHOWN = 20

# Every sign of markup, those of "https://" and "www." that make a link, and those that make a
# list, a heading or a rule of a line that begins so.
_SIGNS = re.compile(r"[\\`*_{}\[\]<>#|~$&@!]|:(?=//)|(?<=www)\.|^[-+=]", re.IGNORECASE)
_NUMBERED = re.compile(r"^(\d+)([.)])(?=\s|$)")


def render(subject: Subject) -> str:
    """Return the whole report."""
    parts = [f"# {literal(contents.title(subject))}"]
    for split, scores in subject.scores.items():
        parts += split_parts(split, scores, subject.words)
    parts += ["## How it was made", pairs(contents.facts(subject)), data(subject)]
    parts += ["### Settings", pairs(contents.settings(subject))]
    parts += ["### Versions", pairs(contents.versions(subject))]
    parts += ["## Limits", bullets(contents.limits(subject))]
    return join(parts)


def split_parts(
    split: str, scores: Mapping[str, Any], words: Words = SPANS, depth: int = 2
) -> list[str]:
    """Return what is told of one split, under a heading of this depth."""
    below = "#" * (depth + 1)
    parts = [f"{'#' * depth} {split.capitalize()}", literal(contents.finding(scores, words))]
    parts.append(bullets(f"{f.title}: {f.text}, {f.over}" for f in contents.headline(scores)))
    parts.append(pairs(contents.besides(scores)))
    for each in scores["tables"]:
        parts += [f"{below} {literal(each['title'])}", literal(each.get("about", ""))]
        parts.append(figures(each))
    wrong = contents.mistakes(scores)
    few = len(scores["confusion"]["labels"]) <= MOST
    parts += [f"{below} Confusion", confusion(Confusion.of(scores)) if few else ""]
    parts.append(table(["What went wrong", "Times"], [[n, f"{c:,}"] for n, c in wrong[:SHOWN]]))
    parts.append(contents.rest(wrong[SHOWN:]))
    parts.append(table(contents.KINDS, contents.kinds(scores)))
    return [*parts, bullets(contents.checked(scores))]


def figures(each: Mapping[str, Any]) -> str:
    """Return the figures of one table of a report."""
    head = [each["item"]["title"], *contents.COLUMNS]
    rows = list(contents.rows(each))
    return table(head, [[row.name, *row.texts] for row in rows])


def confusion(found: Confusion) -> str:
    """Return gold × predicted; what is on neither side is left empty."""
    rows = [
        [name, *(f"{count:,}" if count else "" for count in counts)]
        for name, counts in zip(found.rows, found.counts, strict=True)
    ]
    return table(["Gold / predicted", *found.columns], rows)


def data(subject: Subject) -> str:
    """Return the counts of the frozen data, by label and split."""
    head, rows = contents.data(subject)
    return table(head, rows)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table whose first column is text and the others numbers; nothing without rows."""
    if not rows:
        return ""
    lines = [_line(map(literal, head)), _line([":--", *["--:"] * (len(head) - 1)])]
    return "\n".join([*lines, *(_line(map(literal, row)) for row in rows)])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def bullets(sentences: Iterable[str]) -> str:
    """Return a list of sentences."""
    return "\n".join(f"- {literal(sentence)}" for sentence in sentences)


def pairs(found: Iterable[tuple[str, str]]) -> str:
    """Return a list of names and values."""
    return bullets(f"{name}: {value}" for name, value in found)


def literal(text: str) -> str:
    """Return Markdown that shows a text as it is, in one line: no markup, link or cell of it."""
    signs = _SIGNS.sub(r"\\\g<0>", plain(text))
    return _NUMBERED.sub(r"\1\\\2", signs)


def join(parts: Iterable[str]) -> str:
    """Join blocks by empty lines."""
    return "\n\n".join(filter(None, parts)) + "\n"
