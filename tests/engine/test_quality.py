"""The bundled model visibly learns from few sentences; the benchmark runs and answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from engine import environment, fitting, importing, recipes, snapshot, spec
from engine.events import Events
from engine.exporting import export
from engine.watching import Watch
from storage.types import Document, Split
from tests.engine import tiny

SAMPLE = Path(__file__).resolve().parents[2] / "engine" / "sample"


@pytest.fixture
def all_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(environment.cores())
    yield
    torch.set_num_threads(before)


def sample(split: Split, count: int) -> list[Document]:
    plan = importing.plan([SAMPLE / f"{split}.jsonl"])
    return [replace(document, split=split) for document in plan.documents_to_add[:count]]


@pytest.mark.slow
def test_the_bundled_model_learns_from_160_sentences(tmp_path: Path, all_threads: None) -> None:
    documents = sample(Split.TRAIN, 160) + sample(Split.TEST, 40)
    documents = [replace(document, id=number) for number, document in enumerate(documents)]
    snapshot.write(tmp_path, documents)
    train = [document for document in documents if document.split is Split.TRAIN]
    words = sum(len(document.tokens) for document in train)
    settings = replace(recipes.choose("balanced", recipes.Data(len(train), words)), epochs=6)
    labels = tuple({span.label for document in train for span in document.spans})
    asked = spec.RunSpec(1, 1, "sample", labels, settings=settings)
    report = fitting.fit(tmp_path, asked, Watch(Events(tmp_path), threading.Event(), 6))
    assert report["test"]["entity"]["micro"]["f1"] > 0.5
    assert report["test"]["token"]["accuracy"] > 0.75


def test_the_benchmark_compares_both_on_any_conll_files(
    bert: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], all_threads: None
) -> None:
    from tests.benchmarks import training

    files = []
    for seed, split in enumerate(Split):
        files.append(tmp_path / f"{split}.conll")
        files[-1].write_bytes(export(tiny.corpus(12, seed), "conll").data())
    training.main([*map(str, files), "--base", str(bert), "--epochs", "1", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["train_documents"] == 12
    assert found["ratio"]["words_per_second"] == pytest.approx(
        found["ours"]["words_per_second"] / found["trainer"]["words_per_second"]
    )
    assert found["trainer"]["dev"] is not None
    assert len(found["load_average"]) == 3
