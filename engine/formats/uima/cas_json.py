"""UIMA CAS JSON 0.4: feature structures in a list, offsets in UTF-16 (dkpro-cassis)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.formats.common import json_values
from engine.formats.common.problems import Problems
from engine.formats.common.sources import InputFile, check_length, text_of
from engine.formats.uima.layers import Annotation, is_link, link
from engine.formats.uima.xmi import View
from storage.errors import InputError

STRUCTURES, _VIEWS, _TYPE, _ID = "%FEATURE_STRUCTURES", "%VIEWS", "%TYPE", "%ID"


def read(source: InputFile, problems: Problems) -> list[View]:
    """Return the views that have a text; raise InputError where something is damaged."""
    text = text_of(source, problems)
    if text is None:
        return []
    content = json_values.value(text)
    structures = content.get(STRUCTURES) if isinstance(content, dict) else None
    if isinstance(structures, dict):
        # Older versions wrote them by their ids.
        structures = [{_ID: key, **each} for key, each in structures.items()]
    if not isinstance(structures, list) or not all(isinstance(each, dict) for each in structures):
        raise InputError(f'The file has no list "{STRUCTURES}"; it is no CAS.')
    members = _members(content.get(_VIEWS))
    return list(_views(structures, members))


def _members(views: Any) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for view in views.values() if isinstance(views, dict) else ():
        if isinstance(view, dict) and isinstance(view.get("%MEMBERS"), list):
            found[str(view.get("%SOFA"))] = set(map(str, view["%MEMBERS"]))
    return found


def _views(structures: list[Mapping[str, Any]], members: dict[str, set[str]]) -> Iterator[View]:
    links = [link(str(each.get(_TYPE))) for each in structures if _is_link(each)]
    placed: dict[str, list[Mapping[str, Any]]] = {}
    for each in structures:
        if {"begin", "end"} <= each.keys():
            placed.setdefault(str(each.get("@sofa")), []).append(each)
    for sofa in structures:
        text = sofa.get("sofaString")
        if sofa.get(_TYPE) == "uima.cas.Sofa" and isinstance(text, str) and text:
            check_length(len(text))
            own = str(sofa.get(_ID))
            known = members.get(own)
            annotations = [
                _annotation(each)
                for each in placed.get(own, ())
                if known is None or str(each.get(_ID)) in known
            ]
            yield View(str(sofa.get("sofaID", "")), text, [*annotations, *links])
            # A link does not say to which text it belongs.
            links = []


def _is_link(structure: Mapping[str, Any]) -> bool:
    return "begin" not in structure and is_link(structure.keys())


def _annotation(structure: Mapping[str, Any]) -> Annotation:
    match structure:
        case {"%TYPE": str(layer), "begin": int(begin), "end": int(end)}:
            features = {
                key.removeprefix("@"): str(value)
                for key, value in structure.items()
                if not key.startswith(("%", "^", "#"))
                and key not in ("begin", "end", "@sofa")
                and (isinstance(value, str) or key.startswith("@"))
            }
            return Annotation(layer, begin, end, features)
    raise InputError("An annotation lacks its type, or its begin and end as whole numbers.")
