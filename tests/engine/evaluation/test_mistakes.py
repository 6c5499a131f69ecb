"""The ten classic mistakes of fine-tuning a tagger, each with the test that catches it.

Where a mistake is about tokenizers, the test runs with WordPiece, byte-level BPE and Unigram.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import f1_score
from seqeval.scheme import IOB2

from engine.configuration.settings import Settings
from engine.encoding.batches import collate, order
from engine.encoding.examples import IGNORED
from engine.encoding.word_pieces import cut, prepare
from engine.inference import predicting
from engine.inference.pipeline import predict
from engine.models import loading
from engine.runs import snapshot, spec
from engine.tasks.spans.metrics import levels, scoring
from engine.tasks.spans.tagging.decoding import count_illegal, decode
from engine.tasks.spans.tagging.encoding import encode, tag_names
from engine.tasks.spans.tagging.schemes import decode as spans_of_tags
from engine.training.loss import CrossEntropy
from storage.types import Document, Span, Split
from tests.engine import folders, tiny
from tests.engine.folders import SETTINGS, fit, kinds, read_report, wait_for

CPU = torch.device("cpu")
LABELS = ("person", "place")
TAGS = tag_names(LABELS)
ODD = ("''", "\u200b", "\u00ad", "\ufe0f", "漢字", "e\u0301te\u0301", "x" * 40, "👩\u200d👧", "Ulm")


def tagged(words: list[str], tags: list[str]) -> Document:
    """Make a document of these words, with the spans of these valid tags."""
    tokens, at = [], 0
    for word in words:
        tokens.append((at, at + len(word)))
        at += len(word) + 1
    spans = [
        Span(tokens[first][0], tokens[last - 1][1], label)
        for first, last, label in spans_of_tags(tags)
    ]
    return Document(" ".join(words), tuple(tokens), tuple(spans))


valid_tags = st.lists(st.sampled_from(TAGS), min_size=1, max_size=30).map(
    lambda tags: [
        tag if tag[0] != "I" or (at and tags[at - 1][1:] == tag[1:]) else f"B{tag[1:]}"
        for at, tag in enumerate(tags)
    ]
)


@pytest.mark.parametrize("kind", sorted(tiny.KINDS))
@given(tags=valid_tags, data=st.data())
def test_1_tags_stay_with_their_words_whatever_the_pieces_are(
    kind: str, tags: list[str], data: st.DataObject
) -> None:
    words = data.draw(
        st.lists(st.sampled_from(ODD), min_size=len(tags), max_size=len(tags)), label="words"
    )
    document = tagged(words, tags)
    found: list[str | None] = [None] * len(words)
    for window in encode([document], PIECES[kind], LABELS, 24, 8):
        for word, tag in zip(window.units, window.targets, strict=True):
            assert found[word] is None
            found[word] = TAGS[tag]
    assert found == tags


PIECES = {kind: prepare(make()) for kind, make in tiny.KINDS.items()}


def test_2_padding_is_neither_learned_nor_scored(any_base: Path) -> None:
    loaded = loading.load_base(any_base, LABELS, 0.0)
    windows = encode(tiny.corpus(6), loaded.pieces, LABELS, 48, 16)
    narrow = collate(windows, loaded.padding)
    extra = (0, 48 - narrow.pieces.shape[1])
    pad = torch.nn.functional.pad
    wide = replace(
        narrow,
        pieces=pad(narrow.pieces, extra, value=loaded.padding),
        mask=pad(narrow.mask, extra),
        targets=pad(narrow.targets, extra, value=IGNORED),
    )
    objective = CrossEntropy(Settings(), windows, len(TAGS), CPU)
    with torch.no_grad():
        losses = [float(objective(loaded.model, batch)) for batch in (narrow, wide)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)
    # Special pieces and the rest of a word's pieces are not asked either.
    assert int((narrow.targets != IGNORED).sum()) == sum(len(d.tokens) for d in tiny.corpus(6))
    nothing = scoring.score(tiny.corpus(6), [()] * 6)
    assert nothing["entity"]["micro"]["f1"] == 0.0


def test_3_a_token_accuracy_of_973_is_not_called_f1() -> None:
    gold = [["B-place", "I-place", *["O"] * 8]] * 100
    cut_short = [["B-place", "O", *["O"] * 8]] * 27 + gold[27:]
    words = ["w"] * 10
    documents = [tagged(words, tags) for tags in gold]
    found = scoring.score(documents, [tagged(words, tags).spans for tags in cut_short])
    assert found["token"]["accuracy"] == 0.973
    assert found["entity"]["micro"]["f1"] == pytest.approx(0.73)
    shown = scoring.format_entity_report(found["entity"])
    assert "0.973" not in shown and "0.730" in shown
    headline = levels.to_scores(found)["headline"]
    assert (headline["title"], headline["value"]) == ("Entity F1", found["entity"]["micro"]["f1"])
    assert [(one["title"], one["value"]) for one in headline["beside"]][-1] == (
        "Token accuracy",
        0.973,
    )


@given(st.lists(st.lists(st.sampled_from(TAGS), min_size=1, max_size=12), min_size=1, max_size=6))
def test_4_a_lonely_inside_tag_is_counted_and_never_put_out(sentences: list[list[str]]) -> None:
    lonely = sum(
        tag[0] == "I" and (not at or tags[at - 1][1:] != tag[1:])
        for tags in sentences
        for at, tag in enumerate(tags)
    )
    scores = [np.log(np.eye(len(TAGS))[[TAGS.index(t) for t in tags]] + 1e-3) for tags in sentences]
    assert count_illegal(scores) == lonely
    decoded = [[TAGS[tag] for tag in path] for path in decode(scores)]
    for tags in decoded:
        for before, tag in zip(["O", *tags], tags, strict=False):
            assert tag[0] != "I" or before[1:] == tag[1:]
    # On valid output the scorers' ways to repair make no difference.
    default = f1_score(sentences, decoded, zero_division=0)
    repaired = [spans_to(spans_of_tags(tags), len(tags)) for tags in sentences]
    assert f1_score(repaired, decoded, mode="strict", scheme=IOB2, zero_division=0) == default


def spans_to(spans: list, length: int) -> list[str]:
    tags = ["O"] * length
    for first, last, label in spans:
        tags[first:last] = [f"B-{label}", *[f"I-{label}"] * (last - first - 1)]
    return tags


def test_5_no_word_of_a_long_document_is_lost(any_base: Path) -> None:
    words = ["word"] * 2000
    tags = ["O"] * 2000
    for place in (5, 600, 1990):
        words[place], tags[place] = "Ulm", "B-place"
    document = tagged(words, tags)
    loaded = loading.load_base(any_base, LABELS)
    evaluator = predicting.Evaluator([document], loaded, LABELS, SETTINGS, CPU)
    evaluation = evaluator.evaluate()
    asked = sorted(word for window in evaluator.windows for word in window.units)
    assert asked == list(range(2000))
    assert evaluation.scores()["headline"]["support"] == 3
    assert levels.to_levels(evaluation.scores())["token"]["micro"]["support"] == 2000


@pytest.mark.parametrize("kind", sorted(tiny.KINDS))
def test_6_words_get_the_pieces_that_the_raw_text_has(kind: str) -> None:
    tokenizer = tiny.KINDS[kind]()
    tokenizer.no_padding()
    tokenizer.no_truncation()
    for document in tiny.corpus(20):
        # A byte-level tokenizer without its prefix space would glue words together.
        raw = tokenizer.encode(document.text, add_special_tokens=False).ids
        words = [piece for word in next(cut([document], prepare(tokenizer))) for piece in word]
        if kind == "bytelevel":
            raw = tokenizer.encode(f" {document.text}", add_special_tokens=False).ids
        assert words == raw


def test_7_a_batch_in_four_parts_makes_the_same_step(any_base: Path) -> None:
    grown = []
    for parts in (1, 4):
        torch.manual_seed(3)
        loaded = loading.load_base(any_base, LABELS, 0.0)
        windows = encode(tiny.corpus(16), loaded.pieces, LABELS, 48, 16)
        objective = CrossEntropy(Settings(), windows, len(TAGS), CPU)
        before = loaded.model.classifier.weight.detach().clone()
        for start_at in range(0, 16, 16 // parts):
            part = windows[start_at : start_at + 16 // parts]
            loss = objective(loaded.model, collate(part, loaded.padding))
            (loss / objective.weight(windows)).backward()
        torch.optim.SGD(loaded.model.parameters(), lr=1.0).step()
        grown.append(loaded.model.classifier.weight.detach() - before)
    assert grown[0].norm() > 1e-3
    assert torch.allclose(grown[0], grown[1], atol=1e-5)


def test_8_test_documents_choose_nothing_and_shared_ones_are_said(
    bert: Path, tmp_path: Path
) -> None:
    documents = folders.documents()
    reports = []
    for name, test in (("a", documents), ("b", [d for d in documents if d.split != Split.TEST])):
        fit(folders.prepare(tmp_path / name, bert, replace(SETTINGS, epochs=4), documents=test))
        reports.append(read_report(tmp_path / name))
    for key in ("history", "best_epoch", "dev"):
        left, right = (folders.without_times(report[key]) for report in reports)
        assert left == right
    assert reports[0]["test"] and reports[1]["test"] is None
    shared = sum(d.text in {t.text for t in documents[:24]} for d in documents[24:32])
    assert reports[0]["shared_with_train"]["dev"] == shared > 0
    hashes = [[report["data"][split]["sha256"] for split in Split] for report in reports]
    assert hashes[0][:2] == hashes[1][:2] and hashes[0][2] != hashes[1][2]


def test_9_the_exported_model_scores_what_the_report_says(any_base: Path, tmp_path: Path) -> None:
    # A rate that rises to the end destroys what was learned: the best epoch is an early one.
    rising = replace(SETTINGS, epochs=16, learning_rate=0.1, warmup=1.0)
    folder = folders.prepare(tmp_path / "run", any_base, rising)
    report = fit(folder)
    for split in (Split.DEV, Split.TEST):
        texts = [d for d in snapshot.read(folder) if d.split is split]
        found = scoring.score(texts, [d.spans for d in predict(folder, texts)])
        assert found["entity"] == levels.to_levels(report[split])["entity"]
    f1 = [epoch["dev"]["f1"] for epoch in report["history"]]
    assert f1[-1] < max(f1) == f1[report["best_epoch"] - 1]
    assert report["dev"]["headline"]["value"] == max(f1)
    # The order of the batches comes from (seed, epoch), not from what a process drew before.
    lengths = list(range(40))
    assert order(lengths, 8, 1, 1) == order(lengths, 8, 1, 1) != order(lengths, 8, 1, 2)


@pytest.fixture
def server_and_worker(bert: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """A process that starts a worker, as the server does, and the worker's folder."""
    folder = folders.prepare(tmp_path / "run", bert, replace(SETTINGS, epochs=1000))
    script = (
        "import signal, subprocess, sys\n"
        "worker = subprocess.Popen(sys.argv[1:], start_new_session=True)\n"
        "signal.pause()"
    )
    worker = [sys.executable, "-m", "engine.worker", str(folder)]
    server = subprocess.Popen([sys.executable, "-c", script, *worker], cwd=folders.ROOT)
    yield server, folder
    server.kill()
    server.wait()
    for process in psutil.process_iter(["cmdline"]):
        if str(folder) in (process.info["cmdline"] or []):
            process.kill()


def test_10_a_killed_server_leaves_its_worker_and_a_killed_worker_leaves_nothing(
    server_and_worker: tuple[subprocess.Popen[bytes], Path],
) -> None:
    server, folder = server_and_worker
    wait_for(lambda: any(p["step"] > 2 for p in kinds(folder, "progress")))
    server.kill()
    server.wait()
    before = len(kinds(folder, "metric"))
    wait_for(lambda: len(kinds(folder, "metric")) > before + 2)
    (worker,) = [
        process
        for process in psutil.process_iter(["cmdline"])
        if str(folder) in (process.info["cmdline"] or [])
    ]
    children = worker.children(recursive=True)
    worker.kill()
    _, alive = psutil.wait_procs([worker, *children], timeout=240)
    assert not alive
    assert spec.read(folder).attempt == 2


def test_10_a_cpu_computes_in_full_precision() -> None:
    # bf16 on a CPU without units for it is twenty times slower.
    with predicting.autocast(CPU):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype is torch.float32
