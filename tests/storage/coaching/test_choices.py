"""What people decided about a coach, by every version that asked them."""

from __future__ import annotations

from storage.coaching import choices
from storage.coaching.choices import Choices
from storage.corpus import projects
from storage.database import settings


def test_what_an_earlier_version_was_told_holds(db) -> None:
    project = projects.create_project(db, "Old").id
    settings.put(db, projects.coach_key(project), {"on": False, "threshold": 0.7})
    assert choices.of(db, project) == Choices(on=False, threshold=0.7, labels_drags=True)
    chosen = Choices(threshold=0.2, labels_drags=False)
    choices.put(db, project, chosen)
    assert choices.of(db, project) == chosen
