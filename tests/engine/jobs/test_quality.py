"""The bundled model visibly learns from few sentences; the benchmark runs and answers."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from engine.configuration import bases, recipes
from engine.configuration.settings import Settings
from engine.corpus import importing
from engine.corpus.exporting import export
from engine.jobs.training import fit
from engine.runs import snapshot, spec
from engine.runs.events import Events
from engine.tasks.spans.metrics import levels
from engine.training import learner, sampler
from engine.training import loop as engine_training
from engine.training.callbacks import Watch
from storage.types import Document, Split
from tests.benchmarks import training
from tests.benchmarks.parts import techniques
from tests.engine import tiny

SAMPLE = Path(__file__).resolve().parents[3] / "engine" / "corpus" / "sample" / "spans"


def sample(split: Split, count: int) -> list[Document]:
    plan = importing.plan([SAMPLE / f"{split}.jsonl"])
    return [replace(document, split=split) for document in plan.documents_to_add[:count]]


@pytest.mark.long
@pytest.mark.slow
def test_the_bundled_model_learns_from_160_sentences(tmp_path: Path) -> None:
    documents = sample(Split.TRAIN, 160) + sample(Split.TEST, 40)
    documents = [replace(document, id=number) for number, document in enumerate(documents)]
    snapshot.write(tmp_path, documents)
    train = [document for document in documents if document.split is Split.TRAIN]
    settings = replace(
        recipes.choose("balanced", recipes.Data.of(train, bases.shape("bundled"))), epochs=6
    )
    labels = tuple({span.label for document in train for span in document.spans})
    asked = spec.RunSpec(1, 1, "sample", labels, settings=settings)
    report = fit(tmp_path, asked, Watch(Events(tmp_path), threading.Event(), 6))
    assert report["test"]["headline"]["value"] > 0.5
    assert levels.to_levels(report["test"])["token"]["accuracy"] > 0.75


@pytest.mark.long
def test_the_benchmark_compares_both_on_any_conll_files(
    bert: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = []
    for seed, split in enumerate(Split):
        files.append(tmp_path / f"{split}.conll")
        files[-1].write_bytes(export(tiny.corpus(12, seed), "conll").data())
    asked = ["--peer", "--base", str(bert), "--epochs", "2", "--points", "2", "--seeds", "1"]
    training.main([*map(str, files), *asked, "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["train_documents"] == 12
    [ours], [peer] = found["columns"]["quick"]["runs"], found["columns"]["Trainer"]["runs"]
    assert ours["ratio"]["words_per_second"] == pytest.approx(
        ours["words_per_second"] / peer["words_per_second"]
    )
    # Two points an epoch, and no step of the last one is left out.
    assert [len(run["points"]) for run in (ours, peer)] == [4, 4]
    assert peer["dev"] == peer["points"][-1][2]
    assert ours["dev"] in [f1 for _, _, f1 in ours["points"]]
    assert len(found["load_average"]) == 3


def test_the_time_to_an_f1_is_that_of_the_first_point_at_or_above_it() -> None:
    run = {"points": [(10.0, 20.0, 0.2), (20.0, 40.0, 0.4), (30.0, 60.0, 0.3)]}
    assert training.reach(run, 0.3) == 20.0
    assert training.reach(run, 0.4) == 20.0
    assert training.reach(run, 0.41) is None


@pytest.mark.parametrize("switch", techniques.SWITCHES)
def test_what_the_benchmark_switches_off_is_there_and_comes_back(switch: str) -> None:
    before = read_switched()
    with techniques.SWITCHES[switch]():
        inside = read_switched()
    changed = [one is not other for one, other in zip(before, inside, strict=True)]
    assert changed.count(True) == 1
    assert read_switched() == before


def read_switched() -> tuple:
    optimizer = torch.optim.AdamW
    return sampler.order, learner.collate, learner.Cache, engine_training.compacted, optimizer


def test_every_variant_of_the_techniques_differs_from_the_recipe_in_one_thing() -> None:
    found = techniques.variants(Settings(frozen_layers=3), Settings(peft="lora"))
    plain = found.pop(techniques.PLAIN)
    assert found.pop(techniques.AGAIN) == plain
    assert len(set(found.values())) == len(found)
    assert plain not in found.values()
