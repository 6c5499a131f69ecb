"""Labels of a whole text as one cell writes them: names, numbers, lists, choices."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.formats.common import json_values
from engine.formats.common.problems import Problems, shorten
from storage.errors import InputError
from storage.types import Document, Status

SEPARATORS = ("|", ";")
"""What stands between several labels in one cell; a cell may be a list in JSON, too."""
DOCCANOS = "#"
"""What stands there in doccano's tables."""
HASHES = "Labels with # between are taken as several, as doccano writes them."
COMMAS = "Some labels hold commas, which may stand between several; each is taken as one label."
_YES = {"1", "1.0", "true", "yes"}
_NO = {"0", "0.0", "false", "no", "", "-1", "-1.0"}
# Jigsaw's test file says so of texts that nobody judged.
_UNKNOWN = {"-1", "-1.0"}
_ENOUGH = 0.5


def names_in(cell: Any, several: bool = False, separator: str = "") -> tuple[str, ...] | None:
    """Return the labels of a cell, each once; none is an answer, None is no answer.

    With ``several`` a string may hold a list in JSON, or labels with ``separator`` between.
    Raises InputError for what is no label of a whole text.
    """
    if type(cell) is str and not several and not cell.startswith("{"):
        # As nearly all are.
        word = cell.strip()
        return (word,) if word else None
    if isinstance(cell, str) and cell.startswith('{"choices"'):
        # Label Studio's tables hold several choices so.
        cell = _read(cell)
    if isinstance(cell, Mapping):
        cell = _chosen(cell)
    if isinstance(cell, str) and several:
        cell = _parts(cell, separator)
    if not isinstance(cell, list | tuple):
        name = name_of(cell)
        return None if name is None else (name,)
    names = [name for each in cell if (name := name_of(each)) is not None]
    return tuple(dict.fromkeys(names))


def name_of(value: Any) -> str | None:
    """Return the name of one label, None where there is none; raise InputError."""
    if isinstance(value, Mapping) and "start" not in value and "start_offset" not in value:
        value = value.get("label", value.get("text", value.get("id", value)))
    if value is None or isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        # Where a column lacks a value, some tools turn its whole numbers into others.
        return str(int(value))
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str):
        written = shorten(json.dumps(value, ensure_ascii=False, default=str))
        raise InputError(
            f"{written} is no label of the whole text; labels of parts of it are spans"
        )
    return value.strip() or None


def is_yes(cell: Any) -> bool | None:
    """Read a cell under a label's own column; None where nobody judged. Raises InputError."""
    word = "" if cell is None else str(cell).strip().lower()
    if word in _UNKNOWN:
        return None
    if word in _YES or word in _NO:
        return word in _YES
    try:
        return float(word) >= _ENOUGH
    except ValueError:
        raise InputError(f'"{shorten(word)}" is neither 0 nor 1') from None


def is_judgement(cell: Any) -> bool:
    """Tell a cell that says yes or no from one that names a label."""
    return cell is None or str(cell).strip().lower() in _YES | _NO


def separator_in(cells: Iterable[Any]) -> str:
    """Return what stands between the labels of most of a column's cells, "" where nothing does."""
    said = [cell for cell in cells if isinstance(cell, str) and not cell.lstrip().startswith("[")]
    found = {each: sum(each in cell for cell in said) for each in SEPARATORS}
    most = max(SEPARATORS, key=found.__getitem__)
    return most if found[most] else ""


def may_be_parted(cells: Iterable[Any], by: str = ",") -> bool:
    """Tell whether cells may hold several labels with commas between: some parts come again."""
    parts = [
        [part.strip() for part in cell.split(by)]
        for cell in cells
        if isinstance(cell, str) and cell
    ]
    alone = {one[0] for one in parts if len(one) == 1}
    return any(len(many) > 1 and alone & set(many) for many in parts)


def cell_of(names: Sequence[str], several: bool, separator: str = "|") -> str:
    """Write labels into one cell so that ``names_in`` reads the same."""
    if not several:
        return names[0] if names else ""
    if not names or not separator:
        return json.dumps(list(names), ensure_ascii=False)
    return separator.join(names)


def is_plain(names: Iterable[str]) -> bool:
    """Tell whether labels can be written with a separator between, and read again."""
    return not any(set(name) & {*SEPARATORS, "\n", "\r"} or name.startswith("[") for name in names)


def tell_unlabelled(document: Document, number: int, problems: Problems) -> None:
    """Say of an answer without a label that a format of labels alone cannot hold it."""
    if not document.spans and document.status in (Status.DONE, Status.SKIPPED):
        message = f"That it is {document.status} without a label cannot be written."
        problems.warn(number, message, "answers without a label")


def _read(cell: str) -> Any:
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        return cell
    return found if isinstance(found, dict) else cell


def _parts(cell: str, separator: str) -> Any:
    if cell.lstrip().startswith("["):
        try:
            found = json_values.literal(cell)
        except ValueError:
            found = None
        if isinstance(found, list):
            return found
    if not cell.strip():
        return None
    return cell.split(separator) if separator else [cell]


def _chosen(cell: Mapping[str, Any]) -> Any:
    """Return the labels of an object: {"choices": […]}, or chances by label as spaCy's cats."""
    if isinstance(cell.get("choices"), list):
        return cell["choices"]
    if cell and all(isinstance(value, bool | int | float) for value in cell.values()):
        return [name for name, chance in cell.items() if chance >= _ENOUGH]
    return cell
