"""Lists of labels as tools keep them: names, colours and keys, in and out.

Label Studio's labelling configuration (XML), doccano's label file (JSON), brat's annotation.conf,
or one name a line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from engine.formats.common import json_values
from engine.formats.common.problems import Problems
from engine.formats.common.sources import InputFile, text_of
from storage.errors import InputError
from storage.types import Label

LAYOUTS = {"label_studio": ".xml", "doccano": ".json", "text": ".txt"}
"""How a list can be written, and what such files are called."""
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
# The names of colours that labelling configurations are full of (CSS Color Module Level 3).
_CALLED = {
    **{"red": "#ff0000", "green": "#008000", "blue": "#0000ff", "orange": "#ffa500"},
    **{"yellow": "#ffff00", "purple": "#800080", "pink": "#ffc0cb", "brown": "#a52a2a"},
    **{"gray": "#808080", "grey": "#808080", "black": "#000000", "cyan": "#00ffff"},
    **{"magenta": "#ff00ff", "lime": "#00ff00", "navy": "#000080", "teal": "#008080"},
}


def read(source: InputFile) -> tuple[Label, ...]:
    """Read a list, each label once; raise InputError where it is none."""
    problems = Problems(source.name)
    text = text_of(source, problems)
    if text is None:
        raise InputError(f"{source.name}: {problems.found[0].message}")
    if text.lstrip().startswith("<"):
        found = labels_of(configuration(text))
    elif text.lstrip().startswith("["):
        found = _entities(text) if re.match(r"\s*\[entities\]", text) else _listed(text)
    else:
        found = [Label(line.strip()) for line in text.split("\n") if line.strip()]
    if not found:
        raise InputError(f"{source.name} holds no label: choose another file.")
    first: dict[str, Label] = {}
    for label in found:
        first.setdefault(label.name, label)
    return tuple(first.values())


def write(labels: Sequence[Label], layout: str, whole: bool = False, several: bool = False) -> str:
    """Write a list; Label Studio's is a configuration that fits our files for it.

    ``whole`` and ``several`` say what the labels are of (see `formats.common.shape.Shape`).
    """
    if layout == "label_studio":
        return _configuration(labels, whole, several)
    if layout == "doccano":
        found = [
            {"text": label.name, "suffix_key": label.key or None, "background_color": label.color}
            for label in labels
        ]
        return json.dumps(found, ensure_ascii=False, indent=2) + "\n"
    if layout == "text":
        return "".join(f"{label.name}\n" for label in labels)
    raise InputError(f'Labels are written as {", ".join(LAYOUTS)}, not as "{layout[:40]}".')


def configuration(text: str) -> ElementTree.Element:
    """Return the root of a labelling configuration; raise InputError where it is none."""
    # What declares entities could blow them up to any size.
    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise InputError("The configuration declares entities: remove the DOCTYPE.")
    try:
        return ElementTree.fromstring(text.strip())
    except (ElementTree.ParseError, ValueError, RecursionError) as error:
        raise InputError(f"The configuration is no XML ({error}): correct it.") from error


def labels_of(element: ElementTree.Element) -> list[Label]:
    """Return the labels and choices below an element of a labelling configuration."""
    return [
        Label(
            each.get("alias") or each.get("value") or "",
            _color(each.get("background")),
            _key(each.get("hotkey")),
        )
        for each in element.iter()
        if each.tag in ("Label", "Choice") and (each.get("alias") or each.get("value"))
    ]


def _listed(text: str) -> list[Label]:
    items = json_values.value(text)
    found = []
    for item in items if isinstance(items, list) else ():
        record: dict[str, Any] = item if isinstance(item, dict) else {"text": item}
        name = record.get("text", record.get("name", record.get("label")))
        if not isinstance(name, str) or not name.strip():
            raise InputError("An item of the list has no name under text: correct it.")
        key = record.get("suffix_key") if not record.get("prefix_key") else None
        found.append(Label(name.strip(), _color(record.get("background_color")), _key(key)))
    return found


def _entities(text: str) -> list[Label]:
    """Read the names of the section [entities] of an annotation.conf; "-" stands for levels."""
    section = re.split(r"(?m)^\[(?!entities)", text.split("[entities]", 1)[1])[0]
    lines = (line.split("#")[0].split("\t") for line in section.split("\n"))
    names = [name for parts in lines if (name := next(filter(None, parts), "").strip())]
    return [Label(name) for name in names if not set(name) <= {"-"}]


def _color(value: object) -> str:
    found = str(value or "").strip().lower()
    return found if _COLOR.fullmatch(found) else _CALLED.get(found, "")


def _key(value: object) -> str:
    return value.lower() if isinstance(value, str) and re.fullmatch("[a-zA-Z0-9]", value) else ""


def _configuration(labels: Iterable[Label], whole: bool, several: bool) -> str:
    kind, item = ("Choices", "Choice") if whole else ("Labels", "Label")
    more = f' choice="{"multiple" if several else "single"}"' if whole else ""
    lines = ["<View>", f'  <{kind} name="label" toName="text"{more}>']
    for label in labels:
        color = f" background={quoteattr(label.color)}" if label.color and not whole else ""
        key = f" hotkey={quoteattr(label.key)}" if label.key else ""
        lines.append(f"    <{item} value={quoteattr(label.name)}{color}{key}/>")
    return "\n".join([*lines, f"  </{kind}>", '  <Text name="text" value="$text"/>', "</View>", ""])
