"""UIMA's XMI read without a type system: whatever has a begin and an end is an annotation.

An export may lack its type system, and what cassis does not know it leaves out. The reader is
expat, and a document type ends it: no entity is ever declared, so none is expanded or fetched
(CWE-611, CWE-776).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

from engine.formats.common.problems import shorten
from engine.formats.common.sources import MOST_WHOLE_BYTES, InputFile, check_length
from engine.formats.uima.layers import Annotation, is_link, link
from storage.errors import InputError

_XMI = "http://www.omg.org/XMI"
_ID, _SOFA, _VIEW = f"{_XMI} id", "uima.cas.Sofa", "uima.cas.View"
_OWN = {"sofa", "begin", "end", _ID}
_CHUNK = 1024**2


@dataclass(frozen=True, slots=True)
class View:
    """A text with its annotations."""

    name: str
    text: str
    annotations: Sequence[Annotation]
    language: str = ""


@dataclass
class _Seen:
    """What was read so far; annotations by the id of their text."""

    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=dict)
    annotations: dict[str, list[tuple[str, Annotation]]] = field(default_factory=dict)
    links: list[Annotation] = field(default_factory=list)
    is_xmi: bool = False


def read(source: InputFile) -> list[View]:
    """Return the views that have a text; raise InputError that says what is wrong and where."""
    if source.size > MOST_WHOLE_BYTES:
        limit = MOST_WHOLE_BYTES // 1024**2
        raise InputError(f"The file is larger than {limit} MB and has to be read whole; split it.")
    seen = _Seen()
    parser = expat.ParserCreate(namespace_separator=" ")
    # One piece for each attribute, however many lines it has.
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = lambda name, attributes: _start(name, attributes, seen)
    try:
        with source.open() as file:
            while chunk := file.read(_CHUNK):
                source.meter.bytes += len(chunk)
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
    except expat.ExpatError as error:
        reason = expat.errors.messages[error.code]
        raise InputError(f"The XML is broken at line {error.lineno} ({reason}).") from error
    # Of an encoding that nobody knows Python raises a LookupError.
    except (ValueError, LookupError) as error:
        raise InputError(f"The XMI is damaged ({shorten(str(error))}).") from error
    if not seen.is_xmi:
        raise InputError("The file is XML, but no XMI of UIMA; choose another format.")
    return list(_views(seen))


def _refuse_doctype(*_: object) -> None:
    raise InputError("The file declares a document type, which XMI never has; remove it.")


def _start(name: str, attributes: dict[str, str], seen: _Seen) -> None:
    space, _, local = name.rpartition(" ")
    if space == _XMI:
        seen.is_xmi = seen.is_xmi or local == "XMI"
        return
    layer = _layer(space, local)
    if layer == _SOFA:
        if _ID not in attributes:
            raise InputError("A text (Sofa) has no xmi:id, so its annotations are not found.")
        check_length(len(attributes.get("sofaString", "")))
        seen.texts[attributes[_ID]] = (
            attributes.get("sofaID", ""),
            attributes.get("sofaString", ""),
        )
    elif layer == _VIEW:
        members = attributes.get("members", "").split()
        seen.members.setdefault(attributes.get("sofa", ""), set()).update(members)
    elif {"sofa", "begin", "end"} <= attributes.keys():
        features = {key: value for key, value in attributes.items() if key not in _OWN}
        found = Annotation(layer, int(attributes["begin"]), int(attributes["end"]), features)
        placed = seen.annotations.setdefault(attributes["sofa"], [])
        placed.append((attributes.get(_ID, ""), found))
    elif is_link(attributes):
        seen.links.append(link(layer))


def _layer(space: str, local: str) -> str:
    """Return a type's Java name: "http:///a/b.ecore" and "C" are "a.b.C"."""
    package = space.removeprefix("http:///").removesuffix(".ecore").replace("/", ".")
    return f"{package}.{local}" if package else local


def _views(seen: _Seen) -> list[View]:
    found: list[View] = []
    for id_, (name, text) in seen.texts.items():
        members = seen.members.get(id_)
        annotations = [
            each
            for own, each in seen.annotations.get(id_, [])
            # What was deleted may still stand in the file, only in no index.
            if members is None or own in members
        ]
        if text:
            # A link does not say to which text it belongs.
            found.append(View(name, text, [*annotations, *([] if found else seen.links)]))
    return found
