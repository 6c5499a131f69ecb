"""All formats by name; whoever needs one rule of theirs, as pages do, loads its module alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.exports import (
    card,
    drawing,
    latex,
    machine,
    markdown,
    page,
    pixels,
    spreadsheet,
    tensorboard,
)
from engine.exports.subject import Subject


@dataclass(frozen=True, slots=True)
class Format:
    """A way to give a report away."""

    title: str
    file: str
    """What its file is called unless somebody names it; ``*`` stands for project and run."""
    mime: str
    about: str
    """What it is good for, in a few words."""
    render: Callable[[Subject], str | bytes]
    pack: Callable[[Subject], bytes] | None = None
    """What a browser is given instead, where the file's own name and folder matter."""
    name: Callable[[Subject], str] | None = None
    """What the file has to be called: then a place to write it to is a folder."""
    is_card: bool = False
    """It says besides what people answered once (``engine.knowledge.cards``)."""

    @property
    def is_text(self) -> bool:
        return self.mime.startswith("text/") or self.mime in ("application/json", "image/svg+xml")

    @property
    def is_picture(self) -> bool:
        """Whether it shows one split: the first that is told of."""
        return self.mime.startswith("image/")

    def download(self, subject: Subject) -> bytes:
        """Return what a browser keeps."""
        found = self.pack(subject) if self.pack else self.render(subject)
        return found.encode("utf-8", "replace") if isinstance(found, str) else found


FORMATS: Mapping[str, Format] = {
    "markdown": Format(
        "Markdown", "*.md", "text/markdown", "for a wiki or a repository", markdown.render
    ),
    "html": Format("HTML", "*.html", "text/html", "one file to send and to print", page.render),
    "csv": Format(
        "CSV", "*.csv", "text/csv", "every figure, for a spreadsheet", spreadsheet.render
    ),
    "latex": Format("LaTeX", "*.tex", "text/x-tex", "a table for a paper", latex.render),
    "json": Format("JSON", "*.json", "application/json", "all of it, for programs", machine.render),
    "svg": Format(
        "SVG", "*.svg", "image/svg+xml", "the confusion table, to be scaled", drawing.render
    ),
    "png": Format("PNG", "*.png", "image/png", "the confusion table, for slides", pixels.render),
    "card": Format(
        "Model card",
        "README.md",
        "text/markdown",
        "what the hub shows of a model",
        card.render,
        is_card=True,
    ),
    "tensorboard": Format(
        "TensorBoard",
        "*-tensorboard.zip",
        "application/zip",
        "loss and figures as curves",
        tensorboard.render,
        tensorboard.packed,
        tensorboard.name,
    ),
}
