"""An archive takes the history of versions along; keys, and what was asked, stay where they are."""

from storage.archives import restoring, writing
from storage.corpus import projects
from storage.permissions import Person, Role, acting_as
from storage.runs import runs
from storage.serving import kept, keys, versions
from storage.types import RunState, Stage
from tests.storage.serving.test_kept import asked


def test_versions_go_with_a_project_and_know_their_runs_there(db, project, tmp_path):
    made = [runs.create_run(db, project.id, {}) for _ in range(2)]
    with acting_as(Person("ada", Role.ADMIN)):
        for run in made:
            runs.set_state(db, run.id, RunState.DONE)
            versions.promote(db, run.id, Stage.LIVE, "0" * 64, "why")
    keys.issue(db, project.id, "shop")
    kept.keep_for(db, project.id, 7)
    kept.add(db, project.id, 1, [asked("what", 0.9)])
    writing.write(db, project.id, tmp_path / "news.zip")
    restored = restoring.restore(db, tmp_path / "news.zip").id
    live = versions.live(db, restored)
    assert (live.run_id, live.run_number, live.by) == (made[1].id + 2, 2, "ada")
    assert versions.rollback(db, restored).run_id == made[0].id + 2
    assert versions.live(db, project.id).run_id == made[1].id
    assert keys.list_keys(db, restored) == [] and kept.days(db, restored) == 0
    assert kept.waiting(db, restored).texts == 0 and kept.waiting(db, project.id).texts == 1
    projects.delete_project(db, restored)
    assert versions.live(db, project.id), "and those of another project are left alone"
