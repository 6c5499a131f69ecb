"""Reports that leave the house: one module a format, each a pure function of a `Subject`.

What is told, and in which words, stands in `contents` once; a format's module says how, and
escapes every text: labels and names of projects come from people and files. Standard library
only. Nothing here knows a task: a report brings its figures, tables and confusion table itself.
"""

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

__all__ = ["FORMATS", "Subject"]
