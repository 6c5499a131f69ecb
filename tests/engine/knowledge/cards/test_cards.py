"""Cards fill themselves; the Hugging Face hub's own library reads what they say of themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import yaml
from huggingface_hub import DatasetCard, ModelCard
from huggingface_hub.repocard_data import DatasetCardData

from engine.exports import card
from engine.inspection.duplicates import Duplicates
from engine.knowledge.cards import asked, data_card, model_card, reading
from engine.knowledge.cards.reading import Data
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.finding.progress import Progress
from storage.journal import annotations as journal
from storage.knowledge.cards import Answers
from storage.types import Label, Split, Status
from storage.words import SPANS
from tests.engine import tiny
from tests.engine.exports.subjects import HOSTILE, subject
from tests.engine.inspection.conftest import db, project

__all__ = ["db", "project"]
GIVEN = Answers(
    "other", "No: it is ours", "en, zh", "Find names.\n\nIn news.", "", "", "<b>None</b>"
)


def data(name: str = "Travel", given: Answers = GIVEN) -> Data:
    counts = Progress(
        1_200,
        {status: 1_000 if status is Status.DONE else 0 for status in Status},
        {Split.TRAIN: 1_000, Split.DEV: 0, Split.TEST: 200, None: 0},
        {Split.TRAIN: 900, Split.DEV: 0, Split.TEST: 100, None: 0},
        42,
        {"LOC": 40, name: 2},
    )
    labels = [Label("LOC", description="Places", positive="Oslo", negative="Norse"), Label(name)]
    known = Duplicates(1_200, 7, 2, 5, ())
    told = asked.sections(given), asked.front(given)
    return Data(name, "token-classification", SPANS, counts, labels, 3, 1, [], known, *told)


def front(text: str) -> dict[str, Any]:
    return yaml.safe_load(text.split("---\n", 2)[1])


def test_a_data_card_says_what_is_known_and_what_nobody_has_answered() -> None:
    text = data_card.as_markdown(data()).replace("\\", "")
    for said in (
        "1,200 sentences, 1,000 of them done, with 42 spans of 2 labels.",
        "## Intended use\n\nFind names.\n\nIn news.",
        "| train | 1,000 | 900 |",
        "- LOC: Places; for example: Oslo; but not: Norse",
        "- Travel: not described yet",
        "They went by a guideline, version 3.",
        "- 5 groups of sentences that are the same or nearly: 7 more than needed.",
        "- 2 groups of them in several splits: what is there is easy.",
        "Fewer than 20 spans, so that little can be learned: Travel (2).",
        "- Nobody has answered yet: Out of scope, Where the texts come from.",
    ):
        assert said in text, said
    assert "## Out of scope" not in text
    assert "They were not looked for" in data_card.as_markdown(replace(data(), duplicates=None))


@pytest.mark.parametrize("name", ["Travel", *HOSTILE])
def test_the_hub_reads_a_data_card_whatever_it_is_called(name: str) -> None:
    text = data_card.as_markdown(data(name))
    read = DatasetCard(text, ignore_metadata_errors=False).data
    assert isinstance(read, DatasetCardData)
    known: Any = read
    assert (known.pretty_name, known.license, known.language) == (name, "other", ["en", "zh"])
    assert (known.task_categories, known.size_categories) == (
        ["token-classification"],
        ["1K<n<10K"],
    )
    assert front(text)["license_name"] == "No: it is ours"
    html = data_card.as_html(data(name)).partition("<main>")[2]
    assert "<script" not in html and "<b>None" not in html and "&lt;b&gt;None" in html


@pytest.mark.parametrize(
    ("documents", "size"), [(999, "n<1K"), (1_000, "1K<n<10K"), (2 * 10**7, "10M<n<100M")]
)
def test_sizes_have_the_hubs_names(documents: int, size: str) -> None:
    known = data()
    told = replace(known, progress=replace(known.progress, documents=documents))
    assert front(data_card.as_markdown(told))["size_categories"] == [size]


def test_a_model_card_says_what_was_answered_how_sure_it_is_and_what_goes_wrong() -> None:
    bare = subject()
    sure = {"micro": [0.5, 0.9], "labels": {"LOC": [0.4, 0.95]}}
    report = {**bare.report, "test": {**bare.report["test"], "intervals": sure}}
    told = replace(
        bare,
        report=report,
        asked=asked.sections(GIVEN),
        front=asked.front(GIVEN),
        agreement=["2 people: Fleiss' κ 0.9."],
    )
    text, html = card.render(told), model_card.as_html(told)
    read: Any = ModelCard(text, ignore_metadata_errors=False).data
    assert (read.license, read.language, len(read.eval_results)) == ("other", ["en", "zh"], 8)
    for said in (text.replace("\\", ""), html):
        for words in ("Find names.", "[0.400, 0.950]", "Fleiss", "Nobody has answered yet: Out of"):
            assert words in said, words
        assert "What goes wrong on test: " in said
    assert "<b>None" not in html and "<b>None" not in text
    silent = card.render(bare)
    assert "license" not in front(silent) and "Nobody has answered yet: license" in silent


def _documents() -> Iterator[Any]:
    for number, text in enumerate(("Ada met Bob", "Ada met Bob !", "Oslo is far away")):
        split = Split.TEST if number else Split.TRAIN
        yield tiny.document(text, (0, 3, "person"), split=split, status=Status.DONE)


def test_it_is_read_from_a_project(db: Database, project: int) -> None:
    documents.add_documents(db, project, list(_documents()), "ada")
    known = projects.get_project(db, project)
    found = reading.of_project(db, known)
    assert (found.annotators, found.agreement, found.guideline) == (1, [], 0)
    assert (found.progress.spans, found.pipeline) == (3, "token-classification")
    assert found.duplicates and found.duplicates.documents == 3
    first = documents.list_ids(db, project)[0]
    for who in ("bob", "ada"):
        own = journal.open_annotation(db, first, who)
        edit = {"kind": "status", "status": "done", "seq": 1, "base_revision": own.revision}
        journal.apply_operations(db, project, first, who, who, [edit])
        (said,) = reading.of_project(db, known).agreement
        if who == "bob":
            assert said.startswith("No document was finished by two people"), "ada imported it"
    assert said.startswith("2 people, 1 document that two or more finished")
