"""The file formats: one codec a module, listed once here.

A codec is asked for by name, or found by `guess` from what a file holds, so that an
extension alone never decides.
"""

from __future__ import annotations

import re
from typing import TypeVar

from engine.formats.common.base import Codec, InputFile, Writer
from engine.formats.spans.conll import Conll
from engine.formats.spans.doccano import Doccano
from engine.formats.spans.prodigy import Prodigy
from engine.formats.spans.table import Table
from engine.formats.text import Text
from storage.errors import InputError

_FOREIGN = (
    (re.compile("#FORMAT=WebAnno"), "WebAnno TSV"),
    (re.compile(r"<(\?xml|!doctype|html|xmi:)", re.IGNORECASE), "XML or HTML"),
    (re.compile(r"(\S+\|(O|[BIESLUM]-\S+) +){3}"), "spaCy IOB with one sentence a line"),
)

_Kind = TypeVar("_Kind", bound=Codec)

__all__ = [
    "CODECS",
    "WRITERS",
    "Codec",
    "InputFile",
    "Writer",
    "codec",
    "foreign",
    "guess",
    "writer",
]

CODECS: tuple[Codec, ...] = (Conll(), Doccano(), Prodigy(), Table(), Text())
WRITERS: tuple[Writer, ...] = tuple(each for each in CODECS if isinstance(each, Writer))


def codec(name: str) -> Codec:
    """Return the codec of that name; raise InputError where there is none."""
    return _named(name, CODECS)


def writer(name: str) -> Writer:
    """Return the codec of that name that can write; raise InputError where there is none."""
    return _named(name, WRITERS)


def foreign(source: InputFile) -> str:
    """Name a format that is known but not read yet, so that it is not taken for text."""
    head = source.head.lstrip()
    return next((name for pattern, name in _FOREIGN if pattern.match(head)), "")


def guess(source: InputFile) -> Codec:
    """Return the codec whose format the content fits best."""
    return max(CODECS, key=lambda each: each.sniff(source))


def _named(name: str, known: tuple[_Kind, ...]) -> _Kind:
    for each in known:
        if each.name == name:
            return each
    names = ", ".join(each.name for each in known)
    raise InputError(f'There is no format "{name}"; use one of {names}.')
