"""Every format tells of every report: of old versions, of other tasks, of one split, of little."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from engine.exports import contents
from engine.exports.formats import FORMATS
from engine.exports.subject import Part, Subject, count
from engine.tasks.spans.metrics import levels
from storage.types import Document, Match, Span, Split
from tests.engine.exports.subjects import HOSTILE, scores, subject
from tests.engine.tasks.parity import Parity, match

FIXTURES = Path(__file__).parents[2] / "fixtures" / "runs"
OLD = sorted(FIXTURES.glob("*.tar.xz"))
TEXTS = sorted(name for name, form in FORMATS.items() if form.is_text)
ALL = pytest.mark.parametrize("form", TEXTS)


def told(form: str, about: Subject) -> str:
    text = FORMATS[form].render(about)
    assert isinstance(text, str)
    return text


def report_of(path: Path) -> dict[str, Any]:
    with tarfile.open(path) as archive:
        file = archive.extractfile("whole/report.json")
        assert file
        return json.load(file)


@ALL
@pytest.mark.parametrize("path", OLD, ids=lambda path: path.stem)
def test_reports_of_earlier_versions_are_told(form: str, path: Path) -> None:
    report = levels.upgraded(report_of(path))
    text = told(form, Subject("Run 1", report, "token-classification"))
    assert "person" in text and "place" in text


@ALL
def test_other_tasks_bring_their_own_figures(form: str) -> None:
    documents = [Document("a b", spans=(Span(0, 0, "even"),), id=n) for n in range(3)]
    found = [[Span(0, 0, label)] for label in ("even", "even", "odd")]
    matches: list[Match] = [
        match(document, *document.spans, *spans)
        for document, spans in zip(documents, found, strict=True)
    ]
    scored = Parity().score(documents, found, matches, {})
    text = told(form, Subject("Run 1", {"test": scored}, Parity.pipeline_tag))
    assert "even" in text and "Entity" not in text


@ALL
def test_a_report_of_little_more_than_its_scores_is_told(form: str) -> None:
    text = told(form, Subject("Run 1", {"dev": scores(("A",), 4)}, "token-classification"))
    assert text.endswith("\n") and "None" not in text


@ALL
def test_the_same_report_is_told_in_the_same_words(form: str) -> None:
    assert told(form, subject(HOSTILE)) == told(form, subject(HOSTILE))


def test_json_holds_the_report_and_the_counts_of_the_data() -> None:
    about = subject()
    found = json.loads(told("json", about))
    counts, slices = found.pop("counts"), found.pop("slices")
    assert (found, slices) == (about.report, {})
    assert counts["train"] == {"documents": 67, "marks": {"LOC": 3, "PER": 3}}


def test_precision_is_counted_over_what_was_predicted_and_accuracy_over_tokens() -> None:
    found = scores(("A", "B"))
    head = {figure.name: figure for figure in contents.headline(found)}
    micro = found["tables"][0]["averages"]["micro"]
    assert (head["f1"].support, head["recall"].support) == (micro["support"],) * 2
    assert head["precision"].support == micro["predicted"] != micro["support"]
    assert (head["accuracy"].support, head["accuracy"].unit) == (2000, "tokens")


def test_the_mistakes_are_those_of_the_table() -> None:
    found = scores(("A", "B", "C"))
    confusion = found["confusion"]
    wrong = sum(map(sum, confusion["counts"])) - sum(confusion["exact"])
    assert sum(number for _, number in contents.mistakes(found)) == wrong


def test_data_are_counted_by_split() -> None:
    one = Document("a b", spans=(Span(0, 1, "A"), Span(2, 3, "A")), split=Split.TEST)
    none = Document("a", split=None)
    assert count([one, none, none]) == {"train": Part(2, {}), "test": Part(1, {"A": 2})}


def test_a_browser_keeps_bytes_of_every_format_also_of_old_and_of_foreign_runs() -> None:
    old = [levels.upgraded(report_of(path)) for path in OLD]
    for told in (
        subject(size=20),
        *(Subject("Run 1", each, "text-classification") for each in old),
    ):
        assert all(form.download(told) for form in FORMATS.values())


def test_what_is_no_text_is_said() -> None:
    assert {name for name, form in FORMATS.items() if not form.is_text} == {"png", "tensorboard"}
