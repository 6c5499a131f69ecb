"""Documents as an archive of brat: texts, annotations, and the configuration of what is in them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from engine.formats.brat.lines import Other
from engine.formats.common import zip_writing
from engine.formats.common.problems import Problems
from storage.types import Document, Status

_SAFE = re.compile(r"(?!(?i:con|prn|aux|nul|com\d|lpt\d)(\.|$))[\w. ()+-]{1,100}")
# A tool that takes these for line ends would count other lines.
_BREAKS = re.compile("\r\n|[\n\r\t\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_NO_TYPE = re.compile(r"[\s:;]+")


@dataclass
class _Types:
    """The names that the configuration has to declare, by section."""

    entities: set[str] = field(default_factory=set)
    relations: set[str] = field(default_factory=set)
    events: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)

    def see(self, other: Other) -> None:
        places = {"R": self.relations, "E": self.events, "A": self.attributes, "M": self.attributes}
        if (found := places.get(other.raw[0])) is not None:
            found.add(other.type)

    def written(self) -> str:
        parts = [
            ("entities", sorted(self.entities)),
            ("relations", [f"{n}\tArg1:<ENTITY>, Arg2:<ENTITY>" for n in sorted(self.relations)]),
            ("events", [f"{n}\t<ANY>*:<ANY>" for n in sorted(self.events)]),
            ("attributes", [f"{n}\tArg:<ANY>" for n in sorted(self.attributes)]),
        ]
        return "\n".join(f"[{name}]\n" + "".join(f"{n}\n" for n in names) for name, names in parts)


def archive(documents: Iterable[Document], problems: Problems) -> Iterator[bytes]:
    """Yield a ZIP archive piece by piece; what cannot be held goes to ``problems``."""
    yield from zip_writing.pack(_files(documents, problems))


def _files(documents: Iterable[Document], problems: Problems) -> Iterator[tuple[str, bytes]]:
    types, names = _Types(), set[str]()
    lost = _Lost()
    for number, document in enumerate(documents, 1):
        stem = _stem(document, number, names)
        text, annotations = _standoff(document, types, lost, problems)
        yield f"{stem}.txt", text.encode("utf-8")
        yield f"{stem}.ann", annotations.encode("utf-8")
    yield "annotation.conf", types.written().encode("utf-8")
    lost.tell(problems)


@dataclass
class _Lost:
    """What of the documents an archive of brat does not hold."""

    line_ends: int = 0
    empty: int = 0
    unfinished: int = 0
    dangling: int = 0
    labels: dict[str, str] = field(default_factory=dict)

    def tell(self, problems: Problems) -> None:
        said = {
            "Texts whose line ends of two characters are written as one": self.line_ends,
            "Documents in which nothing was found, written as ones that nobody began": self.empty,
            "Documents in progress, written as finished ones": self.unfinished,
            "Relations and other lines about spans that are gone, left out": self.dangling,
        }
        for message, many in said.items():
            if many:
                problems.warn(0, f"{message}: {many:,}.")
        for label, written in self.labels.items():
            problems.warn(0, f'The label "{label}" is written as "{written}".')


def _stem(document: Document, number: int, taken: set[str]) -> str:
    """Return a name for a document's files: its own where it is harmless, else its number."""
    layout = document.layout
    parts = str(layout.get("file", "")).split("/") if layout.get("format") == "brat" else []
    harmless = parts and all(_SAFE.fullmatch(p) and p.strip(". ") for p in parts)
    stem = "/".join(parts) if harmless else f"{number:06}"
    while stem.lower() in taken or stem == "annotation":
        stem = f"{number:06}-{stem.rpartition('/')[2]}"
        number += 1
    taken.add(stem.lower())
    return stem


def _standoff(
    document: Document, types: _Types, lost: _Lost, problems: Problems
) -> tuple[str, str]:
    text = document.text.replace("\r\n", "\n")
    lost.line_ends += text != document.text
    lost.empty += not document.spans and document.status is not Status.UNTOUCHED
    lost.unfinished += bool(document.spans) and document.status is Status.IN_PROGRESS
    gone = [match.start() for match in re.finditer("\r\n", document.text)]
    layout = document.layout if document.layout.get("format") == "brat" else {}
    others = [Other(0, raw) for raw in layout.get("lines", ())]
    written = []
    for id, label, places in _bounds(document, layout):
        # Each "\r" before a line end is gone, and a border behind it lies before the line end.
        moved = [[at - bisect_left(gone, at) for at in place] for place in places]
        if any(start == end for start, end in moved):
            problems.warn(0, f"A span over half a line end ({label}) is left out.")
            continue
        label = _type(label, lost)
        types.entities.add(label)
        words = " ".join(_BREAKS.sub(" ", text[start:end]) for start, end in moved)
        where = ";".join(f"{start} {end}" for start, end in moved)
        written.append(f"{id}\t{label} {where}\t{words}\n")
    kept = _with_targets(others, {line.partition("\t")[0] for line in written})
    lost.dangling += len(others) - len(kept)
    for other in kept:
        types.see(other)
        written.append(f"{other.raw}\n")
    return text, "".join(written)


def _bounds(
    document: Document, layout: Mapping[str, Any]
) -> Iterator[tuple[str, str, list[list[int]]]]:
    """Yield (id, label, fragments): spans under their ids or new ones, then those with holes."""
    known: dict[tuple[int, int, str], list[str]] = {}
    for id, start, end, label in layout.get("ids", ()):
        known.setdefault((start, end, label), []).append(id)
    holes = layout.get("holes", ())
    used = [*(id for ids in known.values() for id in ids), *(hole[0] for hole in holes)]
    free = count(1 + max([0, *(int(id[1:]) for id in used)]))
    for span in sorted(document.spans):
        place = (span.start, span.end, span.label)
        for id in known.get(place) or [f"T{next(free)}"]:
            yield id, span.label, [[span.start, span.end]]
    for id, label, places in holes:
        yield id, label, places


def _type(label: str, lost: _Lost) -> str:
    written = _NO_TYPE.sub("_", label)
    if written != label:
        lost.labels[label] = written
    return written


def _with_targets(others: Iterable[Other], ids: set[str]) -> list[Other]:
    """Return the lines all of whose targets are still there, also those among themselves."""
    kept = list(others)
    while True:
        there = ids | {other.id for other in kept}
        left = [other for other in kept if other.targets <= there]
        if len(left) == len(kept):
            return kept
        kept = left
