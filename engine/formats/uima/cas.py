"""UIMA CAS as XMI and as JSON: a document for each text, with the layers that hold labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.encoding.tokens import tokenize
from engine.formats.common.base import Options, Reading, Row
from engine.formats.common.problems import Problems
from engine.formats.common.sources import InputFile
from engine.formats.uima import cas_json, cas_writing, layers, xmi
from engine.formats.uima.layers import TOKEN, Annotation, Chosen
from engine.formats.uima.xmi import View
from storage.errors import InputError
from storage.types import Document, Status, Token

_TYPES = "typesystem.xml"
_LOST = (
    "It has no place for splits, groups, dates, who gave a label, and whether an empty text is "
    "done."
)


@dataclass(frozen=True, slots=True)
class Xmi:
    """UIMA CAS XMI, one file or a zip of them as INCEpTION exports; option ``tag_column``."""

    name: str = "xmi"
    title: str = "UIMA CAS XMI (INCEpTION)"
    extensions: tuple[str, ...] = (".zip", ".xmi")
    cannot_hold: str = _LOST

    def sniff(self, source: InputFile) -> float:
        """Ask for XMI's own namespace, or for such files among others."""
        if source.members:
            return 1.0 * any(_is_xmi(each) for each in source.members)
        return 1.0 * _is_xmi(source)

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read each text with its spans."""
        files = [each for each in source.members if not _is_types(each)] or [source]
        return _reading(files, options, problems)

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield a zip with a file for each document and the type system, written by cassis."""
        return cas_writing.write(documents, "xmi", problems)


@dataclass(frozen=True, slots=True)
class CasJson:
    """UIMA CAS JSON, one file or a zip of them; option ``tag_column``."""

    name: str = "cas_json"
    title: str = "UIMA CAS JSON (INCEpTION)"
    extensions: tuple[str, ...] = (".zip", ".json")
    cannot_hold: str = _LOST

    def sniff(self, source: InputFile) -> float:
        """Ask for the key that only a CAS has, or for such files among others."""
        if source.members:
            return 0.99 * any(_is_json(each) for each in source.members)
        return 1.0 * _is_json(source)

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read each text with its spans."""
        return _reading(list(source.members) or [source], options, problems)

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield a zip with a file for each document, written by cassis."""
        return cas_writing.write(documents, "json", problems)


def _is_types(source: InputFile) -> bool:
    return source.name.lower().endswith(_TYPES) or "<typeSystemDescription" in source.head[:2_000]


def _is_xmi(source: InputFile) -> bool:
    return "http://www.omg.org/XMI" in source.head[:20_000]


def _is_json(source: InputFile) -> bool:
    head = source.head[:20_000]
    return head.lstrip().startswith("{") and f'"{cas_json.STRUCTURES}"' in head


def _reading(files: list[InputFile], options: Options, problems: Problems) -> Reading:
    """Choose the layers by the first file; the rows say so of each later one."""
    views = _views(files[0], problems)
    found = [each for view in views for each in view.annotations]
    try:
        chosen = layers.choose(found, options.get("tag_column"), problems)
    except InputError as error:
        problems.refuse(str(error), option="tag_column")
        return Reading(columns=layers.choose(found, None, problems).columns)
    rows = _rows(files, views, chosen, options, problems)
    return Reading(rows, columns=chosen.columns)


def _rows(
    files: list[InputFile], first: list[View], chosen: Chosen, options: Options, problems: Problems
) -> Iterator[Row]:
    for number, file in enumerate(files):
        views = _views(file, problems) if number else first
        if number:
            found = [each for view in views for each in view.annotations]
            # Files of one export may use different layers.
            chosen = layers.choose(found, options.get("tag_column"), Problems(file.name))
        for view in views:
            name = file.name if len(views) == 1 else f"{file.name}:{view.name}"
            try:
                yield 0, _document(view, chosen, name, problems)
            except InputError as error:
                problems.drop(0, f"{name}: {str(error).rstrip('.')}", "correct the file")


def _views(file: InputFile, problems: Problems) -> list[View]:
    try:
        if _is_json(file):
            views = cas_json.read(file, problems)
        elif _is_xmi(file):
            views = xmi.read(file)
        else:
            problems.warn(0, f"{file.name} is no CAS and is left out.", "other files")
            return []
    except InputError as error:
        problems.refuse(f"{file.name}: {error}" if file.name != problems.file else str(error))
        return []
    return [view for view in views if view.text.strip()]


def _document(view: View, chosen: Chosen, name: str, problems: Problems) -> Document:
    if "\0" in view.text:
        raise InputError("The text holds a NUL character")
    return Document(
        text=view.text,
        tokens=_tokens(view, problems) or tokenize(view.text),
        spans=layers.spans(view.text, view.annotations, chosen, 0, problems),
        status=Status.DONE,
        name=name,
        layout={"format": "cas"},
    )


def _tokens(view: View, problems: Problems) -> tuple[Token, ...]:
    """Return the tokens that the file itself has; none where they do not follow each other."""
    own = [Annotation(TOKEN, a.begin, a.end) for a in view.annotations if a.layer == TOKEN]
    try:
        taken = Chosen(frozenset([TOKEN]), ())
        spans = layers.spans(view.text, own, taken, 0, Problems(problems.file))
    except InputError:
        return ()
    tokens = tuple((each.start, each.end) for each in spans)
    ordered = all(a[1] <= b[0] for a, b in zip(tokens, tokens[1:], strict=False))
    return tokens if ordered else ()
