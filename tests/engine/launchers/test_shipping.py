"""Folders on storage: what travels, in which order it arrives, and what stays."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.arrow import ArrowFSWrapper
from pyarrow.fs import LocalFileSystem

from engine.launchers import base, shipping
from storage.errors import TrainingError


@pytest.fixture
def place() -> str:
    """A place on storage that is no folder of this machine."""
    fsspec.filesystem("memory").store.clear()
    return "memory://bucket/run-1"


def fill(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_json", ".json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def there(place: str) -> dict[str, str]:
    system, path = fsspec.core.url_to_fs(place)
    found = system.find(path) if system.exists(path) else []
    return {name.removeprefix(path + "/"): system.cat_file(name).decode() for name in found}


def line(kind: str, **values: object) -> str:
    return json.dumps({"kind": kind, **values}) + "\n"


def test_what_belongs_to_one_machine_stays_there(tmp_path: Path, place: str) -> None:
    fill(tmp_path, spec_json="{}", launch_json="{}", cancel="", checkpoints__a__MANIFEST_json="m")
    fill(tmp_path / ".draft-b", half="written")
    (tmp_path / "worker.lock").touch()
    shipping.upload(tmp_path, place)
    assert there(place) == {"spec.json": "{}", "checkpoints/a/MANIFEST.json": "m"}


def test_a_manifest_travels_after_the_files_that_it_vouches_for(tmp_path: Path) -> None:
    fill(tmp_path, c__MANIFEST_json="", c__weights="", a__MANIFEST_json="", z="")
    assert shipping.names(tmp_path) == ["c/weights", "z", "a/MANIFEST.json", "c/MANIFEST.json"]


def test_events_come_home_as_they_are_written_but_not_the_outcome(
    tmp_path: Path, place: str
) -> None:
    away, home = fill(tmp_path / "away", spec_json="{}"), tmp_path / "home"
    home.mkdir()
    mirror = shipping.Mirror(away, place)
    first, second = line("state", state="running"), line("progress", step=1)
    last = line("state", state="done")
    (away / "events.jsonl").write_text(first + second[:5])
    mirror.copy()
    shipping.fetch_events(home, place)
    assert (home / "events.jsonl").read_text() == first, "half a line is none"
    (away / "events.jsonl").write_text(first + second + last)
    (away / "report.json").write_text("the report")
    mirror.copy()
    shipping.fetch_events(home, place)
    assert (home / "events.jsonl").read_text() == first + second
    shipping.fetch_all(home, place)
    assert (home / "events.jsonl").read_text() == first + second + last
    assert (home / "report.json").read_text() == "the report"
    assert there(place) == {}
    shipping.fetch_all(home, place)
    assert (home / "events.jsonl").read_text() == first + second + last


def test_a_storage_that_arrow_opens_is_read_from_its_beginning_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As S3 is where fsspec has no package for it.
    opened = ArrowFSWrapper(LocalFileSystem())
    monkeypatch.setattr(shipping, "_file_system", lambda place: (opened, place[7:]))
    away, home = fill(tmp_path / "away", spec_json="{}", c__MANIFEST_json="m"), tmp_path / "home"
    home.mkdir()
    place = f"file://{tmp_path}/place"
    mirror = shipping.Mirror(away, place)
    for step in (1, 2):
        with open(away / "events.jsonl", "a") as told:
            told.write(line("progress", step=step))
        mirror.copy()
        shipping.fetch_events(home, place)
        assert (home / "events.jsonl").read_text() == (away / "events.jsonl").read_text()
    (away / "c/MANIFEST.json").unlink()
    mirror.copy()
    shipping.download(place, tmp_path / "whole")
    assert {path.name for path in (tmp_path / "whole").iterdir()} == {"spec.json", "events.jsonl"}
    assert shipping.read(f"{place}/spec.json") == b"{}" and shipping.read(f"{place}/no") is None
    shipping.clear(place)
    assert not (tmp_path / "place").exists()


def test_the_mirror_follows_changes_and_removals_and_brings_the_flag(
    tmp_path: Path, place: str
) -> None:
    away = fill(tmp_path / "away", checkpoints__a__MANIFEST_json="a", spec_json="{}")
    mirror = shipping.Mirror(away, place)
    mirror.copy()
    (away / "checkpoints/a/MANIFEST.json").unlink()
    fill(away, checkpoints__b__MANIFEST_json="b")
    home = tmp_path / "home"
    home.mkdir()
    base.flag(home, base.KEEP)
    shipping.send_flag(home, place)
    mirror.copy()
    assert there(place).keys() == {"spec.json", "checkpoints/b/MANIFEST.json", "cancel"}
    assert (away / "cancel").read_text() == "keep"


def test_a_checkpoint_that_is_replaced_while_it_travels_arrives_whole(
    tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = fill(tmp_path / "away", checkpoints__a__weights="a", checkpoints__a__MANIFEST_json="a")
    mirror = shipping.Mirror(away, place)
    put = shipping._put

    def slow(system: Any, source: Path, target: str) -> None:
        if (away / "checkpoints/a").exists():
            # The worker has the next one before this one's first file has arrived.
            shutil.rmtree(away / "checkpoints/a")
            fill(away, checkpoints__b__weights="b", checkpoints__b__MANIFEST_json="b")
        put(system, source, target)

    monkeypatch.setattr(shipping, "_put", slow)
    mirror.copy()
    assert there(place) == {"checkpoints/a/weights": "a", "checkpoints/a/MANIFEST.json": "a"}
    mirror.copy()
    assert there(place) == {"checkpoints/b/weights": "b", "checkpoints/b/MANIFEST.json": "b"}
    assert not (away / shipping.LINKS).exists()
    # Whoever mirrors it next removes what is left there too.
    shutil.rmtree(away / "checkpoints")
    shipping.Mirror(away, place).copy()
    assert there(place) == {}


def test_storage_is_tried_before_it_is_used(place: str) -> None:
    shipping.probe(place)
    assert there(place) == {}
    for wrong in ("nowhere://bucket", "s3://bucket/folder"):
        if wrong.startswith("s3") and _has_s3():
            continue
        with pytest.raises(TrainingError, match=f"The storage {wrong}.* cannot be used"):
            shipping.probe(wrong)


def _has_s3() -> bool:
    from importlib.util import find_spec

    return find_spec("s3fs") is not None
