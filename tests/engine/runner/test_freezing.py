"""Many documents are frozen in a process apart, to the same data, and that can be cancelled."""

import pytest

from engine.runner import folders
from engine.runner.freezing import apart
from engine.runs import snapshot, spec
from storage import home
from storage.errors import InputError
from storage.journal import annotations
from storage.runs import runs
from storage.types import Run, RunState, Status
from tests.engine.runner.conftest import Bench


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "MANY", 0)


def claimed(bench: Bench, **settings) -> Run:
    run = runs.claim(bench.db, bench.enqueue(**settings).id)
    assert run is not None
    return run


@pytest.mark.long
def test_a_process_apart_freezes_what_this_one_would(bench: Bench, many: None) -> None:
    folder = folders.prepare(bench.db, run := claimed(bench))
    done = list(annotations.current(bench.db, bench.project, statuses=(Status.DONE,)))
    assert [d.text for d in snapshot.read(folder)] == [d.text for d in done]
    assert sorted(spec.read(folder).labels) == ["person", "place"]
    newest = annotations.stamp(bench.db, bench.project)[0]
    assert runs.get_run(bench.db, run.id).journal_id == newest


@pytest.mark.long
def test_what_is_missing_is_said_as_here(bench: Bench, many: None) -> None:
    for document in annotations.current(bench.db, bench.project):
        base = annotations.open_annotation(bench.db, document.id, "ada").revision
        edit = {"seq": 1, "base_revision": base, "kind": "status", "status": "skipped"}
        given = bench.db, bench.project, document.id, "ada", f"tab {document.id}", [edit]
        annotations.apply_operations(*given)
    run = runs.create_run(bench.db, bench.project, {"base": bench.base})
    with pytest.raises(InputError, match="train split"):
        folders.prepare(bench.db, runs.claim(bench.db, run.id))


def test_a_run_that_is_cancelled_meanwhile_has_ended(
    bench: Bench, many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "GLANCE_SECONDS", 0.0)
    run = bench.enqueue()
    claim = runs.claim

    def cancelled(*given):
        found = claim(*given)
        runs.request_cancel(bench.db, run.id)
        return found

    monkeypatch.setattr(runs, "claim", cancelled)
    bench.runner.step()
    found = runs.get_run(bench.db, run.id)
    assert (found.state, found.message) == (RunState.CANCELLED, apart.CANCELLED)
    assert not (home.run_folder(found.folder) / snapshot.DATA).exists()
