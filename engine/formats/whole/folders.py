"""One folder for each class, a file a text: ``spam/1.txt``, or ``train/spam/1.txt``.

IMDB's reviews and 20 newsgroups come so. Folders inside of a class are levels of its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine.encoding.tokens import tokenize
from engine.formats.common import zip_writing
from engine.formats.common.base import Options, Reading, Row
from engine.formats.common.problems import Problems
from engine.formats.common.shape import Shape
from engine.formats.common.sources import InputFile, one_text_of
from engine.formats.common.splits import split_in
from engine.formats.whole import labels
from storage.types import Document, Source, Span, Split, Status

_WITHOUT = ("unlabelled", "unlabeled", "unsup")
# A folder's name ends files of tables and records: these are no texts.
_NO_TEXT = (".csv", ".tsv", ".json", ".jsonl", ".parquet", ".xml", ".html", ".feat", ".vocab")
_DEVICE = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")
_UNFIT = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|%]')


@dataclass(frozen=True, slots=True)
class _Place:
    """What a file's path says: its split, and its class, "" for a text without one."""

    split: Split | None
    label: str


@dataclass(frozen=True, slots=True)
class Folders:
    """One folder a class, given as a folder or as a ZIP archive."""

    shape: Shape
    name: str = "folders"
    title: str = "One folder for each class (ZIP)"
    extensions: tuple[str, ...] = (".zip",)
    cannot_hold: str = "It holds texts with one label each, and nothing else."

    def sniff(self, source: InputFile) -> float:
        """Ask for files of text in folders that can be classes."""
        names = [member.name for member in source.members]
        if self.shape.second or any(name.lower().endswith(_NO_TEXT[:5]) for name in names):
            return 0.0
        places = [place for place in _places(names).values() if place]
        labels = {place.label for place in places}
        return 0.9 * (2 * len(places) > len(names) and len(labels) > 1)

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read a document from each file in a class's folder."""
        return Reading(_rows(source.members, problems))

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield one archive, ``split/class/number.txt``; of several labels the first is taken."""
        yield from zip_writing.pack(
            (_path(document, number, problems), document.text.encode("utf-8"))
            for number, document in enumerate(documents, 1)
        )


def _places(names: list[str]) -> dict[str, _Place | None]:
    """Return what each file's folders say; None for one that lies in no class."""
    parted = {name: name.split("/")[:-1] for name in names}
    deep = [parts for parts in parted.values() if parts]
    # Archives often have one folder around everything.
    if deep and all(parts[0] == deep[0][0] for parts in deep):
        only = deep[0][0]
        if any(len(parts) > 1 for parts in deep) and split_in(only) is None:
            parted = {name: parts[1:] for name, parts in parted.items()}
    return {name: _place(parts) for name, parts in parted.items()}


def _place(parts: list[str]) -> _Place | None:
    split = split_in(parts[0]) if parts else None
    label = "/".join(parts[1:] if split else parts)
    return _Place(split, "" if label.lower() in _WITHOUT else label) if label else None


def _rows(members: Sequence[InputFile], problems: Problems) -> Iterator[Row]:
    places = _places([member.name for member in members])
    for number, member in enumerate(members, 1):
        place = places[member.name]
        if place is None or member.name.lower().endswith(_NO_TEXT):
            message = f'"{member.name}" lies in no folder of a class, so it is left out.'
            problems.warn(number, message, "files beside the classes")
            continue
        # What is wrong is told by the file's own name and lines.
        report = Problems(member.name, problems.skip_bad)
        text = one_text_of(member, report)
        problems.include(report)
        if text is None:
            continue
        if text.strip():
            yield number, _document(text, place, member.name)
        else:
            problems.warn(number, "The text is blank, so it is left out.", "blank texts")


def _document(text: str, place: _Place, name: str) -> Document:
    marks = (Span(0, 0, place.label, source=Source.IMPORT),) if place.label else ()
    return Document(
        text=text,
        tokens=tokenize(text),
        spans=marks,
        status=Status.DONE if marks else Status.UNTOUCHED,
        split=place.split,
        name=name,
        layout={"format": "folders"},
    )


def _path(document: Document, number: int, problems: Problems) -> str:
    """Return where a document lies; what no path can hold is told and replaced."""
    names = sorted(span.label for span in document.spans)
    if len(names) > 1:
        message = f"Of {len(names)} labels the first is its folder: {', '.join(names)}."
        problems.warn(number, message, "several labels")
    label = names[0] if names else _WITHOUT[0]
    labels.tell_unlabelled(document, number, problems)
    parts = [_fit(part) for part in label.split("/")]
    if "/".join(parts) != label:
        message = f"The label {label} became the folder {'/'.join(parts)}."
        problems.warn(number, message, "labels that are no name of a folder")
    return "/".join([str(document.split or Split.TRAIN), *parts, f"{number:06}.txt"])


def _fit(part: str) -> str:
    """Return a folder's name that every system takes, and none that leads out of the archive."""
    good = _UNFIT.sub("_", part).strip(". ")
    # What Windows takes for a device has another beginning.
    return f"_{good}" if not good or _DEVICE.fullmatch(good) else good
