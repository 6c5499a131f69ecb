"""A run on pairs trains a bi-encoder beside its model: what it leaves, and that it repeats."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.inference import retriever
from engine.models import loading
from engine.retrieval import blending
from engine.runs import checkpoints
from engine.runs.events import Cancelled
from engine.tasks.pairs.biencoder import companion, embedding, examples
from engine.tasks.pairs.biencoder.learner import ContrastiveLearner, Counted
from engine.tasks.pairs.fitting import Graded
from engine.training.distributed import Group
from storage.types import Split
from tests.engine.folders import fit, kinds, read_report, without_times
from tests.engine.tasks.pairs.corpus import LABELS, SETTINGS, corpus, pair, prepare

EVERY_STEP = replace(SETTINGS, checkpoint_seconds=0)
FILES = "model/model.safetensors", "retriever/model.safetensors", "predictions.parquet"


@pytest.fixture(scope="module", autouse=True)
def batches() -> Iterator[None]:
    """Let a tiny corpus have several batches."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(companion, "BATCH", 4)
        yield


@pytest.fixture(scope="module")
def finished(bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder in which a run on pairs has trained."""
    folder = prepare(tmp_path_factory.mktemp("runs") / "1", bert, EVERY_STEP)
    fit(folder)
    return folder


def digest(folder: Path) -> dict:
    found = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES}
    return {**found, "report": without_times(read_report(folder))}


def test_both_models_are_saved_and_the_report_tells_of_both(finished: Path) -> None:
    report = read_report(finished)
    told = report["retriever"]
    assert (told["examples"], told["texts"], told["epochs"]) == (15, 22, 2)
    for split in ("dev", "test"):
        assert 0 < told[split]["mrr"] <= 1 and told[split]["queries"] == 5
        assert 0 < told["before"][split]["recall@10"] <= 1
        ranked = report[split]["ranking"]
        assert (ranked["queries"], ranked["single"], ranked["about"]) == (5, 0, "")
        assert ranked["likeness_weight"] in blending.WEIGHTS
        assert set(report[split]["curves"]) == set(LABELS)
    assert not (finished / "checkpoints").exists() and not (finished / "members").exists()
    phases = [event["phase"] for event in kinds(finished, "progress")]
    assert "training the retriever" in phases and phases[-1] == "saving"
    said = [event["message"] for event in kinds(finished, "log")]
    assert sum(line.startswith("Retriever, epoch") for line in said) == 2


def test_the_folder_is_read_as_it_was_trained(finished: Path) -> None:
    found = retriever.load(retriever.find(finished))
    texts = [document.text for document in corpus()]
    vectors = found.embed(texts)
    told = json.loads((finished / "retriever" / "modules.json").read_text())
    assert [module["type"].rpartition(".")[2] for module in told] == [
        "Transformer",
        "Pooling",
        "Normalize",
    ]
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(texts)))


@pytest.mark.long
def test_sentence_transformers_reads_the_folder_to_the_same_vectors(finished: Path) -> None:
    from sentence_transformers import SentenceTransformer

    texts = [document.text for document in corpus()]
    theirs = SentenceTransformer(str(finished / "retriever"), device="cpu").encode(texts)
    ours = retriever.load(retriever.find(finished)).embed(texts)
    assert np.allclose(theirs, ours, atol=1e-5)


class Killed(Exception):
    """Stands for a process that ends."""


# Six steps of the model and a checkpoint after each, what the seed left, then the retriever's.
@pytest.mark.parametrize(
    "kill",
    [
        pytest.param(("named", 5), marks=pytest.mark.long),
        ("sealed", 11),
        pytest.param(("swept", 15), marks=pytest.mark.long),
    ],
)
def test_stopped_anywhere_it_goes_on_to_the_same_bits(
    finished: Path, bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kill: tuple
) -> None:
    folder = prepare(tmp_path / "1", bert, EVERY_STEP)
    seen = 0

    def reached(point: str) -> None:
        nonlocal seen
        seen += point == kill[0]
        if point == kill[0] and seen == kill[1]:
            raise Killed

    monkeypatch.setattr(checkpoints, "reached", reached)
    with pytest.raises(Killed):
        fit(folder)
    monkeypatch.undo()
    monkeypatch.setattr(companion, "BATCH", 4)
    fit(folder)
    assert digest(folder) == digest(finished)
    assert any("Going on" in event["message"] for event in kinds(folder, "log"))


def test_it_is_left_out_where_the_settings_say_so_or_nothing_fits(
    bert: Path, tmp_path: Path
) -> None:
    quick = replace(SETTINGS, epochs=1)
    without = fit(prepare(tmp_path / "1", bert, replace(quick, retriever_epochs=0)))
    assert "retriever" not in without and retriever.find(tmp_path / "1") is None
    nothing = [pair(f"q {n}", "b", ("no", "0")[n % 2], id=n) for n in range(4)]
    told = fit(prepare(tmp_path / "2", bert, quick, nothing))["retriever"]
    assert "too few pairs" in told["left_out"] and retriever.find(tmp_path / "2") is None


@pytest.mark.long
def test_without_dev_both_models_order(bert: Path, tmp_path: Path) -> None:
    documents = [each for each in corpus() if each.split is not Split.DEV]
    found = fit(prepare(tmp_path / "1", bert, replace(SETTINGS, epochs=1), documents))
    assert found["dev"] is None
    assert found["test"]["ranking"]["likeness_weight"] == blending.UNKNOWN


def test_it_can_be_cancelled(bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, stop = prepare(tmp_path / "1", bert), threading.Event()
    monkeypatch.setattr(ContrastiveLearner, "begin_epoch", lambda *_: stop.set())
    with pytest.raises(Cancelled):
        fit(folder, stop)


def learner(bert: Path, accumulation: int) -> ContrastiveLearner:
    torch.manual_seed(0)
    loaded = loading.load_base(bert, (), 0.0)
    model = loaded.model.base_model
    found = examples.of(corpus(), LABELS, Graded())
    texts = embedding.cut(found.texts, loaded.pieces, 24)
    training = companion.Training.__new__(companion.Training)
    windows = [
        companion.Training._window(training, n, *(texts[text] for text in both))
        for n, both in enumerate(found.pairs.tolist())
    ]
    asked = replace(SETTINGS, accumulation=accumulation)
    given = model, windows, asked, torch.device("cpu"), loaded.padding, 1, Group(), print, Counted
    return ContrastiveLearner(found, texts, lambda: None, *given)


def gradient(made: ContrastiveLearner) -> torch.Tensor:
    made._accumulate(range(12))
    return torch.cat([p.grad.flatten() for p in made.parameters if p.grad is not None])


def test_a_batch_in_parts_has_the_same_gradient(bert: Path) -> None:
    whole = gradient(learner(bert, 1))
    assert torch.allclose(whole, gradient(learner(bert, 5)), atol=1e-6)
    assert whole.abs().max() > 1e-4


def test_what_is_known_to_fit_is_no_negative(bert: Path) -> None:
    made = learner(bert, 1)
    texts, loss_of = made._batch(np.array([0, 1]))
    vectors = torch.eye(len(texts))
    before = loss_of(vectors)
    fitting = dict(made._examples.fitting)
    fitting[made._examples.keys[0]] |= {int(made._examples.pairs[1, 1])}
    made._examples = replace(made._examples, fitting=fitting)
    assert made._batch(np.array([0, 1]))[1](vectors) < before
