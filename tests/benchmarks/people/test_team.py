"""The measurement itself: three programs for some seconds, and what it finds where it should."""

from contextlib import closing
from pathlib import Path

import pytest

from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.journal import annotations
from storage.types import Document
from tests.benchmarks import team
from tests.benchmarks.people import verifying
from tests.benchmarks.people.log import Log
from tests.browser.server import ForkedServer


@pytest.mark.long
def test_three_people_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team, "AppServer", ForkedServer)
    monkeypatch.setattr(team, "LEARNED", 20)
    found = team.run(2 / 60, people=3, browsers=0, beside=False, thinks=(0.05, 0.2))
    assert found["edits"] > 3
    assert not found["errors"]
    assert not any(found[name] for name in team.WRONG)


def test_what_is_lost_doubled_or_another_is_found(tmp_path: Path) -> None:
    with closing(Database.open(f"sqlite:///{tmp_path / 'x.db'}")) as db:
        project = projects.create_project(db, "P").id
        projects.add_labels(db, project, ["PER"])
        documents.add_documents(db, project, [Document("Ada")], "ada")
        [document] = documents.list_ids(db, project)
        span = {"id": "a", "start": 0, "end": 3, "label": "PER", "quote": "Ada"}
        add = {"kind": "add", "span": span, "seq": 1, "base_revision": 0}
        given = (db, project, document, "ada", "mine")
        outcome = annotations.apply_operations(*given, [add])
        log = Log("ada")
        log.begun[document] = {"spans": [], "status": "untouched"}
        log.take("mine", document, [add], {"results": outcome.results})
        assert not any(verifying.verify(db, project, [log])[name] for name in team.WRONG)
        done = {"kind": "status", "status": "done", "seq": 2, "base_revision": 1}
        log.take(
            "mine", document, [done], {"results": [{"seq": 2, "status": "saved", "revision": 2}]}
        )
        found = verifying.verify(db, project, [log])
        assert len(found["lost"]) == 1 and len(found["differing"]) == 1
        annotations.apply_operations(*given, [done | {"status": "skipped"}])
        assert len(verifying.verify(db, project, [log])["changed"]) == 1
