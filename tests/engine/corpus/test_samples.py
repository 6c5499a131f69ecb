"""The sample projects of whole texts: both languages, every label everywhere, nothing twice."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from engine.corpus.samples import ANSWERS, LETTERS, SAMPLES, Sample
from storage.types import Split

HAN = re.compile("[\u4e00-\u9fff]")
WHOLE = [LETTERS, ANSWERS]


def rows(sample: Sample, split: str) -> list[dict[str, str]]:
    lines = (sample.folder / f"{split}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def first(row: dict[str, str]) -> str:
    return row.get("question", row.get("text", ""))


@pytest.mark.parametrize("sample", WHOLE, ids=lambda sample: sample.task)
def test_each_split_has_both_languages_and_every_label(sample: Sample) -> None:
    for split in Split:
        found = rows(sample, split)
        assert {row["label"] for row in found if "label" in row} == set(sample.labels)
        languages = Counter(bool(HAN.search(first(row))) for row in found)
        assert min(languages[True], languages[False]) >= 8


@pytest.mark.parametrize("sample", WHOLE, ids=lambda sample: sample.task)
def test_no_text_is_in_two_splits_and_none_comes_twice(sample: Sample) -> None:
    texts = {split: {first(row).casefold() for row in rows(sample, split)} for split in Split}
    assert sum(map(len, texts.values())) == len(set().union(*texts.values()))
    every = [json.dumps(row, sort_keys=True) for split in Split for row in rows(sample, split)]
    assert len(every) == len(set(every))


@pytest.mark.parametrize("sample", WHOLE, ids=lambda sample: sample.task)
def test_some_of_train_wait_for_the_user_and_come_first(sample: Sample) -> None:
    waiting = ["label" not in row for row in rows(sample, "train")]
    assert 10 <= sum(waiting) <= 20 and waiting == sorted(waiting, reverse=True)
    assert all("label" in row for split in ("dev", "test") for row in rows(sample, split))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.task)
def test_its_documents_have_the_labels_that_are_described(sample: Sample) -> None:
    documents = sample.documents()
    labels = {span.label for document in documents for span in document.spans}
    assert labels == set(sample.labels)
    assert all(document.split for document in documents)
