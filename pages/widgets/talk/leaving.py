"""How talk leaves: as Markdown, one HTML page, or JSON; what whoever acts may see of it."""

from __future__ import annotations

from engine.knowledge.threads import FORMATS, Talk
from pages.widgets.downloads import texts
from storage.collaboration import thread_lists
from storage.collaboration.thread_lists import State
from storage.database.store import database
from storage.types import Project


def offer(project: Project) -> None:
    """Offer each format, made when it is clicked."""

    def make(form: str) -> str:
        found = thread_lists.listed(database(), project.id, State.ALL)
        return FORMATS[form](Talk(project.name, found))

    texts.offer(project, "talk", make)
