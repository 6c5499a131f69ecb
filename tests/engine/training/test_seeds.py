"""Several seeds: each is a training of its own, the best is kept, mean and deviation are told."""

from __future__ import annotations

import statistics
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors.torch import load_file

from engine.inference.pipeline import predict
from engine.runs import snapshot
from engine.tasks.spans.metrics import scoring
from engine.training import seeds
from engine.training.seeds import SeedResult
from engine.training.trainer_state import Epoch, Trained
from storage.types import Split
from tests.engine.folders import SETTINGS, fit, kinds, prepare, read_report

SHORT = replace(SETTINGS, epochs=5, learning_rate=3e-3)


@pytest.fixture(scope="module")
def several(bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = prepare(tmp_path_factory.mktemp("several") / "run", bert, replace(SHORT, seeds=3))
    fit(folder)
    return folder


def test_mean_and_deviation_are_those_of_the_seeds(several: Path) -> None:
    report = read_report(several)
    assert [seed["seed"] for seed in report["seeds"]] == [13, 14, 15]
    for split in ("dev", "test"):
        figures = [seed[split] for seed in report["seeds"]]
        assert len(set(figures)) > 1
        assert report["mean"][split]["mean"] == pytest.approx(statistics.mean(figures))
        assert report["mean"][split]["deviation"] == pytest.approx(statistics.stdev(figures))


def test_the_seed_with_the_best_dev_f1_is_reported_and_saved(several: Path) -> None:
    report = read_report(several)
    best = max(report["seeds"], key=lambda seed: seed["dev"])
    assert report["dev"]["headline"]["value"] == best["dev"]
    assert report["test"]["headline"]["value"] == best["test"]
    test = [d for d in snapshot.read(several) if d.split is Split.TEST]
    found = scoring.score(test, [d.spans for d in predict(several, test)])
    assert found["entity"]["micro"]["f1"] == best["test"]


def test_a_seed_among_several_gives_what_it_gives_alone(
    several: Path, bert: Path, tmp_path: Path
) -> None:
    best = max(read_report(several)["seeds"], key=lambda seed: seed["dev"])
    alone = prepare(tmp_path / "run", bert, replace(SHORT, seed=best["seed"]))
    report = fit(alone)
    assert report["test"]["headline"]["value"] == best["test"]
    assert report["mean"] is None
    one, other = (load_file(f / "model" / "model.safetensors") for f in (several, alone))
    assert all(bool((tensor == other[name]).all()) for name, tensor in one.items())


def test_the_curves_of_the_seeds_follow_each_other(several: Path) -> None:
    found = kinds(several, "metric")
    assert [event["epoch"] for event in found] == list(range(1, 16))
    assert [event["member"] for event in found] == [1] * 5 + [2] * 5 + [3] * 5
    assert [event["within"] for event in found] == [1, 2, 3, 4, 5] * 3


def test_nothing_of_an_unfinished_run_is_left(several: Path) -> None:
    assert not (several / "members").exists()
    assert not (several / "checkpoints").exists()


def test_a_member_survives_the_disk_and_a_damaged_one_is_none(tmp_path: Path) -> None:
    import torch

    trained = Trained([Epoch(1, 0.5, {"f1": 0.1, "loss": 0.2}, 3.0)], 1, None, 3.0, 1.0, 200)
    member = SeedResult(13, trained, 0.1, 0.2, None)
    model = torch.nn.Linear(3, 2)
    seeds.save(tmp_path, 1, member, model)
    assert seeds.load(tmp_path, 1) == member
    other = torch.nn.Linear(3, 2)
    seeds.put_weights(tmp_path, 1, other)
    assert torch.equal(model.weight, other.weight)
    (tmp_path / "members" / "001" / "weights.safetensors").write_bytes(b"")
    assert seeds.load(tmp_path, 1) is None
    assert seeds.load(tmp_path, 2) is None


def test_the_best_is_chosen_by_dev_and_ties_by_loss() -> None:
    def member(dev: float | None, loss: float | None, test: float) -> SeedResult:
        return SeedResult(1, Trained(), dev, loss, test)

    worse, tie, best = member(0.5, 1.0, 0.9), member(0.6, 2.0, 0.9), member(0.6, 1.0, 0.1)
    assert seeds.choose([worse, tie, best]) is best
    first = member(None, None, 0.1)
    assert seeds.choose([first, member(None, None, 0.9)]) is first
