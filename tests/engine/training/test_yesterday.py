"""Runs that an earlier version's worker left half way: today's goes on, to the same bits."""

from __future__ import annotations

import json
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from engine.runs import snapshot
from engine.tasks.spans.metrics import levels
from storage.types import Split
from tests.engine.folders import ROOT, kinds, read_report, said, start, states, without_times

STOPPED = ROOT / "tests" / "fixtures" / "runs"
VERSIONS = sorted(path.name.removesuffix(".tar.xz") for path in STOPPED.glob("*.tar.xz"))
NEWER = {"seqeval", "errors", "intervals", "semeval"}
FIGURES = ("dev", "test", "best_epoch", "epochs", "seeds", "mean")


@dataclass(frozen=True)
class Folders:
    """A run folder of an earlier version that was gone on with, and its run undisturbed then."""

    resumed: Path
    whole: Path
    anew: Path
    """The oldest version's, begun anew: whether this processor rounds as the recorded one did."""


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Folders]:
    """Let today's worker go on with each version's folder, and begin a copy of one anew."""
    places = {each: _unpack(each, tmp_path_factory.mktemp("run")) for each in VERSIONS}
    stopped = [place / "stopped" for place in places.values()]
    anew = tmp_path_factory.mktemp("anew")
    for name in ("spec.json", "data.parquet"):
        shutil.copy(stopped[0] / name, anew)
    for folder in (*stopped, anew):
        assert start(folder).wait(240) == 0, said(folder)
    return {
        each: Folders(place / "stopped", place / "whole", anew) for each, place in places.items()
    }


def _unpack(version: str, place: Path) -> Path:
    """Unpack a version's folders; the next attempt looks for the base model where it is now."""
    with tarfile.open(STOPPED / f"{version}.tar.xz") as archive:
        archive.extractall(place, filter="data")
    path = place / "stopped" / "spec.json"
    asked = json.loads(path.read_text())
    moved = {"base": str(place / "base"), "attempt": asked["attempt"] + 1}
    path.write_text(json.dumps(asked | moved))
    return place


@pytest.fixture(params=VERSIONS)
def folders(request: pytest.FixtureRequest, worked: dict[str, Folders]) -> Folders:
    return worked[request.param]


def test_there_are_stopped_runs_of_both_versions() -> None:
    assert VERSIONS[:2] == ["0.3", "0.4"]


def test_a_run_of_an_earlier_version_goes_on_where_it_stopped(folders: Folders) -> None:
    assert states(folders.resumed)[-1][0] == "done"
    told = [line["message"] for line in kinds(folders.resumed, "log")]
    assert "Going on from step 6." in told
    tried = {(event["attempt"], event["member"]) for event in kinds(folders.resumed, "metric")}
    assert tried == {(2, 1), (2, 2), (3, 2)}, "the first seed had ended"


def test_it_ends_where_it_would_have_ended(
    folders: Folders, worked: dict[str, Folders], say: Callable[[str], None]
) -> None:
    then, resumed = weights(folders.whole), weights(folders.resumed)
    assert then.keys() == resumed.keys()
    # Half of the run was computed on the processor that recorded it; others round otherwise,
    # by less than 1e-5. Another seed's weights are 0.06 away and more.
    if bits_are_the_same(weights(worked[VERSIONS[0]].whole), weights(folders.anew)):
        say("a run that an earlier version left half way was held to equal bits")
        assert bits_are_the_same(then, resumed)
        assert predicted(folders.resumed) == predicted(folders.whole)
        assert figures(folders.resumed) == figures(folders.whole)
    assert are_close(then, resumed)


def test_the_same_run_begun_today_ends_where_it_ended_then(worked: dict[str, Folders]) -> None:
    oldest = worked[VERSIONS[0]]
    assert are_close(weights(oldest.whole), weights(oldest.anew))


def bits_are_the_same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    return all(np.array_equal(one[name], other[name]) for name in one)


def are_close(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    return all(np.allclose(one[name], other[name], rtol=0, atol=1e-3) for name in one)


def weights(folder: Path) -> dict[str, np.ndarray]:
    return load_file(folder / "model" / "model.safetensors")


def predicted(folder: Path) -> dict[Split, list]:
    return snapshot.read_predictions(folder)


def figures(folder: Path) -> object:
    """Return the figures by level, as both versions print them."""
    report = levels.printed(levels.upgraded(without_times(read_report(folder))))
    for split in filter(None, (report["dev"], report["test"])):
        # A newer version says more of them.
        for newer in NEWER & split.keys():
            del split[newer]
    return {name: report[name] for name in FIGURES}
