"""Versions: which run is live, which was before, and that the history stays."""

import pytest

from storage.errors import ForbiddenError, NotFoundError, RefusedError
from storage.permissions import Person, Role, acting_as
from storage.runs import runs
from storage.serving import versions
from storage.types import RunState, Stage

DIGEST = "0" * 64


@pytest.fixture
def trained(db, project):
    """Three finished runs."""
    made = [runs.create_run(db, project.id, {}) for _ in range(3)]
    for run in made:
        runs.set_state(db, run.id, RunState.DONE)
    return [run.id for run in made]


def stages(db, project) -> dict[int, str]:
    return {each.run_id: each.stage for each in versions.list_versions(db, project.id)}


def test_nothing_is_live_before_a_run_is_promoted(db, project, trained):
    assert versions.live(db, project.id) is None
    assert versions.list_versions(db, project.id) == versions.history(db, project.id) == []


def test_of_each_stage_there_is_one_at_a_time(db, project, trained):
    first, second, third = trained
    made = versions.promote(db, first, Stage.LIVE, DIGEST, " it is better ")
    assert (made.run_number, made.stage, made.note) == (1, "live", "it is better")
    versions.promote(db, second, Stage.CANDIDATE, DIGEST)
    versions.promote(db, third, Stage.CANDIDATE, DIGEST)
    assert stages(db, project) == {third: "candidate", second: "former", first: "live"}
    versions.promote(db, third, Stage.LIVE, DIGEST)
    assert stages(db, project) == {third: "live", second: "former", first: "former"}
    assert versions.candidate(db, project.id) is None


def test_a_rollback_makes_live_again_what_was_live_before_and_can_be_repeated(db, project, trained):
    for run in trained:
        versions.promote(db, run, Stage.LIVE, f"{run:064}")
    first, second, third = trained
    assert versions.before(db, project.id).run_id == second
    back = versions.rollback(db, project.id, "worse on Tuesday")
    assert (back.run_id, back.kind, back.digest) == (second, "rollback", f"{second:064}")
    assert versions.rollback(db, project.id).run_id == first
    with pytest.raises(RefusedError, match="No other version was live before"):
        versions.rollback(db, project.id)
    assert [each.kind for each in versions.history(db, project.id)] == [
        *("rollback", "rollback", "promote", "promote", "promote")
    ]
    versions.promote(db, third, Stage.LIVE, DIGEST)
    assert versions.rollback(db, project.id).run_id == first


def test_a_rollback_passes_over_a_run_that_is_gone(db, project, trained):
    for run in trained:
        versions.promote(db, run, Stage.LIVE, DIGEST)
    first, second, _ = trained
    runs.delete_run(db, second)
    assert versions.rollback(db, project.id).run_id == first
    assert {each.title for each in versions.history(db, project.id)} == {"Run 1", "Run 2", "Run 3"}


def test_a_run_that_is_live_cannot_be_deleted(db, project, trained):
    versions.promote(db, trained[0], Stage.LIVE, DIGEST)
    versions.promote(db, trained[1], Stage.CANDIDATE, DIGEST)
    with pytest.raises(RefusedError, match="Run 1 is live: promote another run"):
        runs.delete_run(db, trained[0])
    runs.delete_run(db, trained[1])
    assert versions.candidate(db, project.id) is None


def test_what_is_not_done_or_not_there_or_is_so_already_is_refused(db, project, trained):
    begun = runs.create_run(db, project.id, {})
    with pytest.raises(RefusedError, match="Run 4 is queued: only a finished run"):
        versions.promote(db, begun.id, Stage.LIVE, DIGEST)
    with pytest.raises(NotFoundError):
        versions.promote(db, 99, Stage.LIVE, DIGEST)
    versions.promote(db, trained[0], Stage.LIVE, DIGEST)
    with pytest.raises(RefusedError, match="Run 1 is live already"):
        versions.promote(db, trained[0], Stage.LIVE, DIGEST)


def test_only_who_may_serve_promotes(db, project, trained):
    with acting_as(Person("bob", Role.REVIEWER)), pytest.raises(ForbiddenError):
        versions.promote(db, trained[0], Stage.LIVE, DIGEST)
    with acting_as(Person("ada", Role.ADMIN)):
        assert versions.promote(db, trained[0], Stage.LIVE, DIGEST).by == "ada"
