"""A whole run: what it learns, what it leaves in its folder, and that it repeats itself."""

from __future__ import annotations

import runpy
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import AlbertConfig, AlbertModel, PreTrainedTokenizerFast

from engine.inference.pipeline import load, predict
from engine.runs import events, snapshot
from engine.runs.events import Cancelled
from engine.tasks.spans.metrics import levels
from engine.training import learner
from storage.errors import InputError, ModelError
from storage.types import Document, Split
from tests.engine import tiny
from tests.engine.folders import (
    SETTINGS,
    documents,
    fit,
    kinds,
    prepare,
    read_report,
    said,
    start,
    states,
    without_times,
)


@pytest.fixture(scope="module")
def finished(bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder in which a real worker process has trained."""
    folder = prepare(tmp_path_factory.mktemp("runs") / "7", bert)
    assert start(folder).wait(240) == 0, said(folder)
    return folder


def test_a_finished_run_says_so_and_has_learned(finished: Path) -> None:
    report = read_report(finished)
    first, last = states(finished)
    assert first == ("running", "")
    assert last == ("done", f"F1 {report['test']['headline']['value']:.3f} on test.")
    assert report["dev"]["headline"]["value"] > 0.8
    assert report["test"]["headline"]["value"] > 0.8
    assert report["train"] is None


def test_seqeval_has_scored_the_same_predictions_and_agrees(finished: Path) -> None:
    report = read_report(finished)
    for split in (report["dev"], report["test"]):
        checked, headline = split["seqeval"], split["headline"]
        assert (checked["agrees"], checked["differences"]) == (True, [])
        assert checked["micro"]["f1"] == pytest.approx(headline["value"])
        assert checked["micro"]["support"] == headline["support"] > 0


def test_the_report_names_how_it_was_made(finished: Path) -> None:
    report = read_report(finished)
    assert (report["run"], report["attempt"], report["seed"]) == (1, 2, SETTINGS.seed)
    assert report["labels"] == ["person", "place"]
    assert report["epochs"] == 12
    assert 1 <= report["best_epoch"] <= 12
    assert report["train_documents"] == 25
    assert report["versions"]["torch"] == torch.__version__
    assert report["versions"]["threads"] >= 1
    assert report["train_seconds"] + report["eval_seconds"] < report["total_seconds"]
    words = report["train_words"] * 12 / report["train_seconds"]
    assert report["words_per_second"] == pytest.approx(words)
    assert report["alignment"]["problems"]["cut"] == 1
    assert report["alignment"]["items"][0]["document"] == 500


def test_the_dev_figures_are_those_of_the_best_epoch(finished: Path) -> None:
    report = read_report(finished)
    history = {row["epoch"]: row["dev"] for row in report["history"]}
    best = max(history, key=lambda epoch: (history[epoch]["f1"], -history[epoch]["loss"]))
    assert best == report["best_epoch"]
    assert history[best]["f1"] == report["dev"]["headline"]["value"]
    assert history[best]["accuracy"] == levels.to_levels(report["dev"])["token"]["accuracy"]
    assert [e["dev"] for e in kinds(finished, "metric")] == list(history.values())


def test_progress_and_heartbeats_are_written_while_it_runs(finished: Path) -> None:
    progress = kinds(finished, "progress")
    assert [p["phase"] for p in progress][0] == "loading"
    assert {p["phase"] for p in progress} >= {"loading", "training", "evaluating", "saving"}
    running = [p for p in progress if p["phase"] == "training" and p["step"]]
    assert all(p["words_per_second"] > 0 and p["seconds_left"] >= 0 for p in running)
    assert kinds(finished, "heartbeat")
    assert {event["attempt"] for event in events.read(finished / events.FILE)[0]} == {2}
    logged = [event["message"] for event in kinds(finished, "log")]
    assert logged[0].startswith("Training on 25 documents with ")
    assert logged[1].endswith(" training spans are cut.")


def test_pairs_and_predictions_are_those_of_the_report(finished: Path) -> None:
    report, matches = read_report(finished), snapshot.read_matches(finished)
    found = snapshot.read_predictions(finished)
    for split in (Split.DEV, Split.TEST):
        table = report[split]["confusion"]
        assert len(matches[split]) == sum(map(sum, table["counts"]))
        assert len(found[split]) == levels.to_levels(report[split])["entity"]["micro"]["predicted"]
        assert all(0 <= span.score <= 1 for _, span in found[split])
    assert found[Split.TRAIN] == []


def test_the_model_loads_in_transformers_by_itself(finished: Path) -> None:
    from transformers import pipeline

    tagger = pipeline("token-classification", str(finished / "model"))
    found = tagger("Ada Lovelace went to Paris yesterday .")
    assert {piece["entity"] for piece in found} <= {"B-person", "I-person", "B-place", "I-place"}
    assert found[0]["entity"] == "B-person"


def test_the_file_beside_the_model_gives_the_same_spans_in_transformers(finished: Path) -> None:
    from transformers import pipeline

    names = runpy.run_path(str(finished / "model" / "pipeline.py"))
    own = pipeline(
        "token-classification", str(finished / "model"), pipeline_class=names["Pipeline"]
    )
    texts = [" ".join(d.text for d in documents()), *(d.text for d in documents()), "", "\u200b"]
    for document, found in zip(predict(finished, map(Document, texts)), own(texts), strict=True):
        told = [(each["start"], each["end"], each["entity_group"]) for each in found]
        assert told == [(span.start, span.end, span.label) for span in document.spans]


def test_predicting_test_again_gives_the_recorded_spans(finished: Path) -> None:
    test = [d for d in documents() if d.split == Split.TEST]
    again = predict(finished, test)
    recorded = snapshot.read_predictions(finished)[Split.TEST]
    assert [(d.id, span) for d in again for span in d.spans] == recorded
    assert [d.text for d in again] == [d.text for d in test]


def test_texts_without_tokens_are_predicted_too(finished: Path) -> None:
    (empty, found) = predict(finished, [Document(""), Document("In Paris, Ada met nobody.")])
    assert empty.spans == ()
    assert found.tokens[:3] == ((0, 2), (3, 8), (8, 9))


def test_a_damaged_model_is_not_used(finished: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="There is no complete model"):
        predict(tmp_path, [])


def test_the_same_folder_gives_the_same_report_and_the_same_weights(
    bert: Path, tmp_path: Path
) -> None:
    short = replace(SETTINGS, epochs=2, word_shapes="learned", frozen_layers=1)
    folders = [prepare(tmp_path / name, bert, short) for name in ("a", "b")]
    torch.manual_seed(99)
    first = fit(folders[0])
    torch.rand(5)
    second = fit(folders[1])
    assert without_times(first) == without_times(second)
    for name in ("model/model.safetensors", "model/config.json", "matches.parquet"):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()
    other = fit(prepare(tmp_path / "c", bert, replace(short, seed=4)))
    assert other["history"] != first["history"]
    assert first["word_shapes"]
    cases = [Document(text) for text in ("ADA saw ULM", "ada saw ulm")]
    ((_, scores),) = load(folders[0]).stream_scored(cases)
    assert abs(scores[0] - scores[1]).max() > 1e-3


def test_without_dev_and_test_the_report_says_null(bert: Path, tmp_path: Path) -> None:
    short = replace(SETTINGS, epochs=1)
    folder = prepare(tmp_path / "run", bert, short, documents=tiny.corpus(8))
    report = fit(folder)
    assert report["dev"] is report["test"] is None
    assert report["best_epoch"] == 1
    assert not any(snapshot.read_matches(folder).values())


def test_documents_shared_between_splits_are_counted_and_said(bert: Path, tmp_path: Path) -> None:
    shared = [*tiny.corpus(8), *tiny.corpus(2, first_id=50, split=Split.DEV)]
    folder = prepare(tmp_path / "run", bert, replace(SETTINGS, epochs=1), documents=shared)
    report = fit(folder)
    assert report["shared_with_train"] == {"dev": 2, "test": 0}
    assert "2 of 2 dev documents are also in train." in [
        event["message"] for event in kinds(folder, "log")
    ]


def test_what_an_earlier_attempt_left_is_gone_before_a_new_one_begins(
    bert: Path, tmp_path: Path
) -> None:
    folder = prepare(tmp_path / "run", bert, documents=tiny.corpus(4, split=Split.DEV))
    (folder / "report.json").write_text("{}")
    with pytest.raises(InputError, match="No document of the train split"):
        fit(folder)
    assert not (folder / "report.json").exists()


def test_a_wish_to_stop_is_heard_between_steps(bert: Path, tmp_path: Path) -> None:
    folder, stop = prepare(tmp_path / "run", bert), threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        fit(folder, stop)


def test_exhausted_memory_is_told_from_other_errors() -> None:
    with pytest.raises(RuntimeError) as exhausted:
        torch.empty(1 << 55)
    assert learner.is_exhausted(exhausted.value)
    with pytest.raises(RuntimeError) as other:
        torch.ones(2) @ torch.ones(3)
    assert not learner.is_exhausted(other.value)


@pytest.fixture(scope="module")
def shared_layers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny ALBERT, whose layers are one layer used again and again."""
    tokenizer = tiny.wordpiece()
    sizes = {"embedding_size": 16, "hidden_size": 32, "num_attention_heads": 2}
    config = AlbertConfig(
        vocab_size=tokenizer.get_vocab_size(), num_hidden_layers=3, intermediate_size=48, **sizes
    )
    folder = tmp_path_factory.mktemp("albert")
    AlbertModel(config).save_pretrained(folder)
    names = {"unk_token": "[UNK]", "pad_token": "[PAD]", "cls_token": "[CLS]"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(folder)
    return folder


def test_a_recipe_learns_the_whole_of_a_base_that_cannot_be_frozen(
    shared_layers: Path, tmp_path: Path
) -> None:
    settings = replace(SETTINGS, recipe="quick", epochs=1, frozen_layers=1)
    folder = prepare(tmp_path / "run", shared_layers, settings)
    fit(folder)
    said = [line["message"] for line in kinds(folder, "log")]
    assert "The lower layers of this base model cannot be frozen: all of it learns." in said
    own = prepare(tmp_path / "own", shared_layers, replace(settings, recipe=""))
    with pytest.raises(ModelError, match="set the number of frozen layers to 0"):
        fit(own)
