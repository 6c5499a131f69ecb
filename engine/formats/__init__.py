"""The file formats: one codec a module, listed once here.

A codec is asked for by name, or found by `guess` from what a file holds, so that an
extension alone never decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from engine.formats.brat.codec import Brat
from engine.formats.common.base import Codec, Writer
from engine.formats.common.shape import SPANS, Shape
from engine.formats.common.sources import InputFile
from engine.formats.hugging_face.data_set import DataSet
from engine.formats.hugging_face.span_rows import SpanRows
from engine.formats.hugging_face.token_rows import TokenRows
from engine.formats.label_studio.spans import LabelStudio as SpanLabelStudio
from engine.formats.label_studio.spans import LabelStudioMin
from engine.formats.spacy.docbin import DocBin
from engine.formats.spacy.training import TrainingJson
from engine.formats.spans.conll.codec import Conll
from engine.formats.spans.conll.sentences import SentenceLines
from engine.formats.spans.doccano import Doccano
from engine.formats.spans.prodigy import Prodigy
from engine.formats.spans.table import Table as SpanTable
from engine.formats.text import Text
from engine.formats.uima.cas import CasJson, Xmi
from engine.formats.uima.webanno import WebAnno
from engine.formats.whole.fasttext import FastText
from engine.formats.whole.folders import Folders
from engine.formats.whole.json_lines import Doccano as WholeDoccano
from engine.formats.whole.json_lines import JsonLines
from engine.formats.whole.judgements import Judgements
from engine.formats.whole.label_studio import LabelStudio
from engine.formats.whole.parquet import Parquet
from engine.formats.whole.prodigy import Prodigy as WholeProdigy
from engine.formats.whole.table import DoccanoCsv, Table, Tsv
from engine.formats.workbooks.xlsx import Xlsx
from storage.errors import InputError

_XML = re.compile(
    r"(?!.*http://www\.omg\.org/XMI)<(\?xml|!doctype|html|view\b)", re.IGNORECASE | re.DOTALL
)
_FOREIGN = (
    (re.compile("#FORMAT=WebAnno TSV [12]"), "WebAnno TSV before its version 3"),
    (_XML, "XML or HTML"),
)

# What a format of spans has to be as likely as, for a text not to be taken for a plain one.
_PARTS_ALONE = 0.95

_Kind = TypeVar("_Kind", bound=Codec)

__all__ = [
    "Codec",
    "InputFile",
    "Shape",
    "Writer",
    "codec",
    "codecs",
    "foreign",
    "guess",
    "of_parts",
    "writer",
    "writer_of",
    "writers",
]

SPAN_CODECS: tuple[Codec, ...] = (
    *(Conll(), SentenceLines(), Doccano(), Prodigy(), SpanLabelStudio(), LabelStudioMin()),
    *(SpanTable(), DocBin(), TrainingJson(), WebAnno(), Xmi(), CasJson(), Brat(SPANS)),
    *(Xlsx(), SpanRows(), DataSet(), TokenRows()),
    Text(),
)
_OF_ONE_FILE: tuple[Callable[[Shape], Codec], ...] = (
    *(Table, Tsv, JsonLines, Parquet, LabelStudio, WholeProdigy, Xlsx, DataSet),
)
_OF_ONE_TEXT: tuple[Callable[[Shape], Codec], ...] = (
    *(WholeDoccano, DoccanoCsv, FastText, DocBin, TrainingJson),
)
# Several files that mean one thing together.
_OF_SEVERAL: tuple[Callable[[Shape], Codec], ...] = (Folders, Judgements, DataSet)


def codecs(shape: Shape = SPANS) -> tuple[Codec, ...]:
    """Return the formats of documents of this shape."""
    if not shape.whole:
        return SPAN_CODECS
    if shape.second:
        return tuple(kind(shape) for kind in (*_OF_ONE_FILE, Judgements))
    return (*(kind(shape) for kind in (*_OF_ONE_FILE, *_OF_ONE_TEXT, Folders)), Text())


def writers(shape: Shape = SPANS) -> tuple[Writer, ...]:
    """Return those of them that can be written, too."""
    return tuple(each for each in codecs(shape) if isinstance(each, Writer))


def codec(name: str, shape: Shape = SPANS) -> Codec:
    """Return the codec of that name; raise InputError where there is none."""
    return _named(name, codecs(shape))


def writer(name: str, shape: Shape = SPANS) -> Writer:
    """Return the codec of that name that can write; raise InputError where there is none."""
    return _named(name, writers(shape))


def writer_of(file: str, shape: Shape = SPANS) -> Writer:
    """Return the first writer of files that are so called; raise InputError where there is none."""
    known = writers(shape)
    for each in known:
        if file.lower().endswith(each.extensions):
            return each
    ends = dict.fromkeys(end for each in known for end in each.extensions)
    raise InputError(f"{file}: name the output {' or '.join(ends)}.")


def foreign(source: InputFile) -> str:
    """Name a format that is known but not read yet, so that it is not taken for text."""
    head = source.head.lstrip()
    return next((name for pattern, name in _FOREIGN if pattern.match(head)), "")


def of_parts(source: InputFile, shape: Shape) -> str:
    """Name a format of labelled parts of texts whose labels would be lost, "" where it is none."""
    if not shape.whole or source.members:
        return ""
    own = codecs(shape)
    names = {each.name for each in own}
    found = max((each for each in SPAN_CODECS if each.name not in names), key=_likely(source))
    sure = max(_PARTS_ALONE, *map(_likely(source), own))
    return found.title if _likely(source)(found) >= sure else ""


def _likely(source: InputFile) -> Callable[[Codec], float]:
    return lambda each: each.sniff(source)


def guess(source: InputFile, shape: Shape = SPANS) -> Codec:
    """Return the codec whose format the content fits best."""
    if source.members:
        return max(_of_several(shape), key=lambda each: each.sniff(source))
    return max(codecs(shape), key=lambda each: each.sniff(source))


def together(source: InputFile, shape: Shape) -> bool:
    """Tell whether the members of a folder, or several files, mean one thing in this shape."""
    return bool(source.members) and any(each.sniff(source) for each in _of_several(shape))


def _of_several(shape: Shape) -> tuple[Codec, ...]:
    if not shape.whole:
        return (Brat(shape), Xmi(), CasJson(), DataSet(shape))
    return tuple(kind(shape) for kind in _OF_SEVERAL)


def _named(name: str, known: tuple[_Kind, ...]) -> _Kind:
    for each in known:
        if each.name == name:
            return each
    names = ", ".join(each.name for each in known)
    raise InputError(f'There is no format "{name}"; use one of {names}.')
