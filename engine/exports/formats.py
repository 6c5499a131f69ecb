"""All formats by name; whoever needs one rule of theirs, as pages do, loads its module alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.exports import card, drawing, latex, machine, markdown, page, spreadsheet
from engine.exports.subject import Subject

FORMATS: Mapping[str, Callable[[Subject], str]] = {
    "markdown": markdown.render,
    "html": page.render,
    "csv": spreadsheet.render,
    "latex": latex.render,
    "json": machine.render,
    "svg": drawing.render,
    "card": card.render,
}
