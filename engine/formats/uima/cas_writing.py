"""Documents as CAS, by dkpro-cassis: named entities, tokens, and one sentence around all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from engine.encoding.tokens import tokenize
from engine.formats.common.problems import Problems
from engine.formats.common.zip_writing import member_name, pack
from engine.formats.uima.layers import NAMED_ENTITY, SENTENCE, TOKEN
from storage.types import Document

# What XML 1.0 has no way to write (section 2.2, "Char").
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write(documents: Iterable[Document], kind: str, problems: Problems) -> Iterator[bytes]:
    """Yield a zip of CAS as "xmi", with their type system, or as "json"."""
    yield from pack(_members(documents, kind, problems))


def _members(
    documents: Iterable[Document], kind: str, problems: Problems
) -> Iterator[tuple[str, bytes]]:
    types = _type_system()
    for number, document in enumerate(documents, 1):
        clean = _NO_XML.sub("\ufffd", document.text) if kind == "xmi" else document.text
        if clean != document.text:
            name = document.name or document.id
            problems.warn(0, f"In {name}, control characters are written as U+FFFD.")
        cas = _cas(document, clean, types)
        content = cas.to_xmi() if kind == "xmi" else cas.to_json()
        yield member_name(number, document.name, f".{kind}"), content.encode("utf-8")
    if kind == "xmi":
        yield "TypeSystem.xml", types.to_xml().encode("utf-8")


def _type_system() -> Any:
    """Return the part of DKPro Core's types that INCEpTION needs."""
    from cassis import TypeSystem

    types = TypeSystem()
    entity = types.create_type(NAMED_ENTITY)
    types.create_feature(entity, "value", "uima.cas.String")
    types.create_feature(entity, "identifier", "uima.cas.String")
    types.create_type(TOKEN)
    types.create_type(SENTENCE)
    return types


def _cas(document: Document, text: str, types: Any) -> Any:
    from cassis import Cas

    cas = Cas(types)
    cas.sofa_string, cas.sofa_mime = text, "text/plain"
    token, sentence, entity = map(types.get_type, (TOKEN, SENTENCE, NAMED_ENTITY))
    found = [sentence(begin=0, end=len(text))]
    found += [token(begin=start, end=end) for start, end in document.tokens or tokenize(text)]
    found += [
        entity(begin=span.start, end=span.end, value=_NO_XML.sub("\ufffd", span.label))
        for span in sorted(document.spans)
    ]
    cas.add_all(found)
    return cas
