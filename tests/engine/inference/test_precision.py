"""int8 is taken where the run's own dev says that it costs next to nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from engine.configuration.settings import Settings
from engine.inference import pipeline, precision
from engine.inference.flat.encoder import has_int8
from engine.models import loading
from engine.runs import checkpoints, snapshot, spec
from engine.runs.files import MODEL
from engine.runs.spec import RunSpec
from storage.errors import RunFolderError
from storage.types import Document, Split
from tests.engine import tiny

pytestmark = pytest.mark.skipif(not has_int8(), reason="the processor has no VNNI")
LABELS = ("person", "place")
Make = Callable[[list[Document]], Path]


@pytest.fixture
def make(bert: Path, tmp_path: Path) -> Make:
    """Make a run folder with these documents; its model has a random head."""

    def make(documents: list[Document]) -> Path:
        torch.manual_seed(3)
        loaded = loading.load_base(bert, LABELS)
        with torch.no_grad():
            loaded.model.classifier.weight.normal_(0, 3)
        run = tmp_path / "run"
        run.mkdir()
        snapshot.write(run, documents)
        spec.write(run, RunSpec(1, 1, "p", LABELS, str(bert), Settings(max_length=24, stride=8)))
        checkpoints.write_whole(run / MODEL, lambda draft: loading.save(loaded, draft))
        return run

    return make


def test_what_it_costs_is_measured_once_and_kept(make: Make) -> None:
    folder = make(tiny.corpus(30, split=Split.DEV))
    predictor = pipeline.load(folder, "cpu")
    chosen, told = precision.choose(folder, predictor)
    kept = json.loads((folder / precision.FILE).read_text())
    assert kept["documents"] == 30
    assert f"30 dev documents is {kept['float32']:.4f} in float32" in told
    fits = kept["float32"] - kept["int8"] <= 0.002
    assert (chosen is predictor) is not fits
    (folder / precision.FILE).write_text(json.dumps({**kept, "int8": kept["float32"] - 0.0019}))
    assert precision.choose(folder, predictor)[0].flat is not predictor.flat
    (folder / precision.FILE).write_text(json.dumps({**kept, "int8": kept["float32"] - 0.0021}))
    assert precision.choose(folder, predictor)[0] is predictor


def test_without_dev_documents_nothing_is_risked(make: Make) -> None:
    folder = make(tiny.corpus(3))
    predictor = pipeline.load(folder, "cpu")
    chosen, told = precision.choose(folder, predictor)
    assert chosen is predictor
    assert "no dev documents" in told


def test_a_broken_note_of_what_it_costs_is_told(make: Make) -> None:
    folder = make(tiny.corpus(3, split=Split.DEV))
    (folder / precision.FILE).write_text('{"documents": 3}')
    with pytest.raises(RunFolderError, match=precision.FILE):
        precision.choose(folder, pipeline.load(folder, "cpu"))
