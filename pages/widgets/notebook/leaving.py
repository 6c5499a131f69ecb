"""How the notebook leaves: as Markdown, one HTML page, or JSON."""

from __future__ import annotations

from engine.knowledge.writing import FORMATS, Notebook
from pages.widgets.common import words
from pages.widgets.downloads import texts
from storage.database.store import database
from storage.knowledge import notebook
from storage.types import Project


def offer(project: Project) -> None:
    """Offer each format, made when it is clicked."""

    def make(form: str) -> str:
        rounds = notebook.entries(database(), project.id)
        return FORMATS[form](Notebook(project.name, rounds, words.of(project)))

    texts.offer(project, "notebook", make)
