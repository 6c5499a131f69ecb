"""A catalogue made ready: what a worker leaves, and what it goes on from."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from engine.inference import matcher
from engine.inference.matcher import Asked
from engine.retrieval import embeddings
from engine.runs.events import Cancelled
from engine.runs.files import REPORT
from storage.errors import RunFolderError
from tests.engine import catalogued
from tests.engine.catalogued import ITEMS
from tests.engine.folders import read_report


@pytest.fixture(scope="module")
def trained(bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return catalogued.train(tmp_path_factory.mktemp("trained") / "1", bert)


@pytest.fixture(scope="module")
def made(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = catalogued.prepare(tmp_path_factory.mktemp("made") / "2", trained)
    said = catalogued.make(folder)
    assert said == f"{len(ITEMS)} items can be found; every one is compared."
    return folder


def test_it_leaves_vectors_an_index_and_a_threshold(made: Path) -> None:
    report = read_report(made)
    assert (report["items"], report["index"]["kind"]) == (len(ITEMS), "exact")
    assert (report["threshold"]["pairs"], report["threshold"]["good"]) == (8, 4)
    vectors = embeddings.read(made)
    assert vectors.shape == (len(ITEMS), 32)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert not (made / embeddings.PARTS).exists()


def test_the_order_is_the_models_and_a_threshold_says_what_is_good(made: Path) -> None:
    loaded = matcher.load(made)
    query = ITEMS[3]
    [found] = loaded.stream([query], Asked(top=5, threshold=0.0, explain=True))
    scores = [answer.score for answer in found.answers]
    assert scores == sorted(scores, reverse=True)
    assert (len(scores), found.good) == (5, 5)
    for answer in found.answers:
        assert ITEMS[int(answer.id[1:])] == answer.text
        assert all(answer.text[word.start : word.end].strip() for word in answer.words)
    [none] = loaded.stream([query], Asked(top=5, threshold=2.0))
    assert none.good == 0
    assert [answer.id for answer in none.answers] == [answer.id for answer in found.answers]
    # Together with others, a text is answered as it is alone.
    both = list(loaded.stream([ITEMS[0], query], Asked(top=5)))
    assert [answer.id for answer in both[1].answers] == [answer.id for answer in found.answers]


def test_a_model_that_counts_nothing_is_not_asked(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = read_report(made)
    told = (made / REPORT).read_text("utf-8")
    (made / REPORT).write_text(json.dumps({**report, "likeness_weight": 1.0}), "utf-8")
    monkeypatch.setattr(matcher.pipeline, "load", lambda *_: pytest.fail("it is not needed"))
    [found] = matcher.load(made).stream([ITEMS[3]], Asked(top=30))
    (made / REPORT).write_text(told, "utf-8")
    assert found.answers[0].score == pytest.approx(report["highest"], abs=1e-5)
    assert all(0 <= each.score == max(0.0, each.likeness) for each in found.answers)


def test_a_history_says_which_of_its_lines_an_item_is_nearest_to(made: Path) -> None:
    [found] = matcher.load(made).stream(["\n".join(ITEMS[:2])], Asked(top=30, explain=True))
    because = {answer.text: answer.because for answer in found.answers}
    assert [because[text] for text in ITEMS[:2]] == list(ITEMS[:2])


def test_without_a_model_the_retriever_orders_and_nothing_is_promised(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.configuration.bases.fetch", lambda name: trained / "retriever")
    folder = catalogued.prepare(tmp_path / "2", None)
    catalogued.make(folder)
    loaded = matcher.load(folder)
    assert loaded.threshold is None
    [found] = loaded.stream([ITEMS[3]])
    assert found.answers[0].text == ITEMS[3]
    assert found.answers[0].score == pytest.approx(1.0, abs=1e-5)
    assert found.good == len(found.answers) == 10


def test_a_killed_run_goes_on_with_the_parts_that_it_has(
    trained: Path, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embeddings, "PART", 8)
    folder, stop = catalogued.prepare(tmp_path / "2", trained), threading.Event()
    real, asked = embeddings._write, []

    def write(path: Path, vectors: np.ndarray) -> None:
        real(path, vectors)
        asked.append(path.name)
        if len(asked) == 2:
            stop.set()

    monkeypatch.setattr(embeddings, "_write", write)
    with pytest.raises(Cancelled):
        catalogued.make(folder, stop)
    # The third was being written when the power went.
    (folder / embeddings.PARTS / "000000016.npy").write_bytes(b"torn")
    catalogued.make(folder)
    assert asked == sorted(set(asked)), "no part was made twice"
    assert np.allclose(embeddings.read(folder), embeddings.read(made), atol=1e-6)


def test_a_folder_that_lacks_its_vectors_is_a_sentence(made: Path, tmp_path: Path) -> None:
    (tmp_path / REPORT).write_bytes((made / REPORT).read_bytes())
    with pytest.raises(RunFolderError, match="is missing"):
        embeddings.read(tmp_path)


def test_the_run_that_trained_says_how_much_the_cosine_counts(
    trained: Path, tmp_path: Path
) -> None:
    told = tmp_path / "1"
    shutil.copytree(trained, told)
    report = {"dev": {"ranking": {"likeness_weight": 0.9}}, "test": None}
    (told / REPORT).write_text(json.dumps(report))
    folder = catalogued.prepare(tmp_path / "2", told)
    catalogued.make(folder)
    assert read_report(folder)["likeness_weight"] == 0.9
