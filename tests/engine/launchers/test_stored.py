"""Folders kept on a storage: a worker's is mirrored there, another machine goes on from it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine import launchers
from engine.launchers import Cluster, base, shipping, store, stored
from engine.runs import checkpoints, events, spec
from engine.runs.events import Events
from engine.runs.fence import Fence, Superseded
from engine.runs.spec import RunSpec
from storage.errors import TrainingError
from tests.workers.imagined import Imagined

ASKED = RunSpec(7, 1, "news", ("PER",))


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv(store.VARIABLE, f"file://{tmp_path}/store")
    monkeypatch.setattr(shipping, "GAP", 0.01)
    monkeypatch.setattr(stored, "_mirrors", {})
    yield tmp_path / "store" / "runs" / "7-a"
    for mirror in stored._mirrors.values():
        mirror._done.set()
        mirror.join()


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """The folder of a run at the machine that has it, a checkpoint in it."""
    folder = tmp_path / "first" / "7-a"
    folder.mkdir(parents=True)
    spec.write(folder, ASKED)
    save(folder, "0001")
    return folder


def save(folder: Path, name: str) -> None:
    def fill(draft: Path) -> None:
        (draft / "weights").write_text(name)

    checkpoints.write_whole(folder / "checkpoints" / name, fill)


def go_on(folder: Path) -> stored.Stored:
    """Take the folder over, as the next attempt."""
    assert stored.bring(folder)
    asked = spec.read(folder)
    spec.write(folder, replace(asked, attempt=asked.attempt + 1))
    launcher = stored.Stored(Imagined())
    launcher.start(folder, spec.read(folder), ())
    return launcher


def test_another_machine_goes_on_from_the_newest_checkpoint_that_came_whole(
    first: Path, kept: Path, tmp_path: Path
) -> None:
    launcher = stored.Stored(Imagined())
    launcher.start(first, ASKED, ())
    save(first, "0002")
    launcher.fetch(first, whole=True)
    # The machine died while it brought the next one.
    (kept / "checkpoints" / "0003").mkdir()
    (kept / "checkpoints" / "0003" / "weights").write_text("half of")
    second = tmp_path / "second" / "7-a"
    go_on(second)
    newest = checkpoints.newest(second / "checkpoints")
    assert newest and newest.name == "0002"
    assert spec.read_attempt(kept) == 2 and not (kept / base.FILE).exists()
    assert not stored.bring(second), "it is as new as what lies there"
    assert [path.name for path in second.parent.iterdir()] == ["7-a"]


def test_who_comes_back_brings_nothing_and_its_worker_may_write_nothing(
    first: Path, kept: Path, tmp_path: Path
) -> None:
    launcher = stored.Stored(Imagined())
    launcher.start(first, ASKED, ())
    late = stored._mirrors.pop(first)
    late._done.set()
    late.join()
    go_on(tmp_path / "second" / "7-a")
    save(first, "0009")
    with pytest.raises(Superseded, match="Attempt 2 has begun on another machine"):
        late.copy()
    assert not (kept / "checkpoints" / "0009").exists()
    # As its thread does by itself, once it goes on.
    again = stored.Mirror(first, store.place_of(first))
    again.run()
    with pytest.raises(Superseded, match="Another machine has taken over from attempt 1"):
        Events(first, 1, Fence(first, 1).check).write("heartbeat")


def test_a_leader_hears_a_worker_elsewhere_and_collects_what_it_ended_with(
    first: Path, tmp_path: Path
) -> None:
    inner = Imagined()
    launcher, leader = stored.Stored(inner), tmp_path / "leader" / "7-a"
    launcher.start(first, ASKED, ())
    (first / "report.json").write_text("{}")
    inner.living[7].state("done")
    launcher.fetch(first, whole=True)
    stored.listen(leader)
    heard = [event["state"] for event in events.read(leader / events.FILE)[0]]
    assert heard == ["running"], "not yet the outcome"
    stored.collect(leader)
    heard = [event["state"] for event in events.read(leader / events.FILE)[0]]
    assert heard == ["running", "done"] and (leader / "report.json").exists()
    stored.clear(leader)
    assert stored.attempt_at(store.place_of(first)) is None


def test_what_a_fenced_worker_left_is_older_than_all_that_another_machine_brings(
    first: Path, kept: Path, tmp_path: Path
) -> None:
    stored.Stored(Imagined()).start(first, ASKED, ())
    go_on(second := tmp_path / "second" / "7-a")
    save(second, "0002")
    stored._mirrors[second].copy()
    stored.fence(first)
    assert json.loads((first / spec.FILE).read_text())["attempt"] == stored.NOBODY
    with pytest.raises(Superseded):
        Fence(first, 1).check()
    assert stored.bring(first)
    newest = checkpoints.newest(first / "checkpoints")
    assert newest and newest.name == "0002"


def test_what_is_no_url_is_said_to_be_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(store.VARIABLE, "/mnt/shared")
    with pytest.raises(TrainingError, match="WHETSTONE_STORE is '/mnt/shared', which is no URL"):
        launchers.of("local", Cluster())
    monkeypatch.delenv(store.VARIABLE)
    assert isinstance(launchers.of("local", Cluster()), launchers.Local)
