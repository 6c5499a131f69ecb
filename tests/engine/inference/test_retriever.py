"""Texts as vectors of a bi-encoder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine.inference import retriever
from engine.runs import checkpoints
from storage.errors import ModelError


def test_texts_are_vectors_of_length_one_however_many_and_however_long(
    bert: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = retriever.load(bert)
    texts = ["Ada went to Paris .", "", "Paris " * 200, "Ada went to Paris ."]
    vectors = found.embed(texts)
    assert vectors.dtype == np.float32 and vectors.shape == (4, found.width)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 0, 1, 1])
    assert np.array_equal(vectors[0], vectors[3])
    monkeypatch.setattr(retriever, "CHUNK", 1)
    assert np.allclose(found.embed(texts), vectors, atol=1e-6)
    assert found.embed([]).shape == (0, found.width)


def test_the_end_of_a_long_text_counts(bert: Path) -> None:
    found = retriever.load(bert)
    one, other = found.embed(["Paris " * 200, "Paris " * 150 + "Ulm " * 50])
    assert one @ other < 0.9999


def test_a_folder_that_is_read_in_another_way_is_refused(bert: Path, tmp_path: Path) -> None:
    (tmp_path / "1_Pooling").mkdir()
    asked = {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}
    (tmp_path / "1_Pooling" / "config.json").write_text(json.dumps(asked))
    for file in bert.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    with pytest.raises(ModelError, match="mean"):
        retriever.load(tmp_path)


def test_a_damaged_one_of_a_run_is_refused(bert: Path, tmp_path: Path) -> None:
    def fill(draft: Path) -> None:
        for file in bert.iterdir():
            (draft / file.name).write_bytes(file.read_bytes())

    checkpoints.write_whole(tmp_path / "retriever", fill)
    folder = retriever.find(tmp_path)
    assert folder and retriever.load(folder).width == 32
    (folder / "config.json").write_text("{}")
    with pytest.raises(ModelError, match="damaged"):
        retriever.load(folder)
    assert retriever.find(tmp_path / "elsewhere") is None
