"""How the guideline leaves, with its versions and examples: as Markdown, one HTML page, or JSON."""

from __future__ import annotations

from engine.knowledge.guiding import FORMATS, Guideline
from pages.widgets.downloads import texts
from storage.database.store import database
from storage.knowledge import guidelines
from storage.types import Project


def offer(project: Project) -> None:
    """Offer each format, made when it is clicked."""

    def make(form: str) -> str:
        return FORMATS[form](Guideline(project.name, guidelines.history(database(), project.id)))

    texts.offer(project, "guideline", make)
