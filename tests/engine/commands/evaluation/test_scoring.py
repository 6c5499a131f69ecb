"""``score``: besides the report's figures, kinds of error and SemEval's degrees of two files."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.commands import main
from tests.engine.commands.conftest import Command, assert_fails

WORDS = ["Ada Lovelace saw Ulm", "Bank of England in New York , Paris and Rome"]
# A border and a label; one name split, two merged, one found.
GOLD = ["B-PER I-PER O B-LOC", "B-ORG I-ORG I-ORG O B-LOC I-LOC O B-LOC O B-LOC"]
PREDICTED = ["B-PER O O B-PER", "B-ORG O B-LOC O O B-LOC I-LOC I-LOC O B-LOC"]


@pytest.fixture
def both(tmp_path: Path) -> tuple[Path, Path]:
    """The same two sentences, labelled by a person and by a model."""
    return write(tmp_path / "gold.conll", GOLD), write(tmp_path / "predicted.conll", PREDICTED)


def write(path: Path, tags: list[str]) -> Path:
    blocks = (
        "".join(f"{word} {tag}\n" for word, tag in zip(words.split(), row.split(), strict=True))
        for words, row in zip(WORDS, tags, strict=True)
    )
    path.write_text("\n".join(blocks), encoding="utf-8")
    return path


def test_each_error_is_told_with_its_kind_and_its_spans(run: Command, both: tuple) -> None:
    found = run("score", *both).payload["error_kinds"]
    told = [
        (error["document"], error["kind"], error["border"], texts(error, "gold"))
        for error in found["errors"]
    ]
    assert told == [
        (0, "boundary", "too short", ["Ada Lovelace"]),
        (0, "type", None, ["Ulm"]),
        (1, "split", None, ["Bank of England"]),
        (1, "merged", None, ["New York", "Paris"]),
    ]
    predicted = [texts(error, "predicted") for error in found["errors"]]
    assert predicted == [["Ada"], ["Ulm"], ["Bank", "England"], ["York , Paris"]]
    assert found["errors"][2]["predicted"][1] == {"start": 8, "end": 15, "label": "LOC"}


def texts(error: dict, side: str) -> list[str]:
    words = WORDS[error["document"]]
    return [words[span["start"] : span["end"]] for span in error[side]]


def test_kinds_add_up_to_what_the_table_of_entities_calls_wrong(run: Command, both: tuple) -> None:
    payload = run("score", *both).payload
    found, entity = payload["error_kinds"], payload["entity"]
    exact = dict(zip(payload["confusion"]["labels"], payload["confusion"]["exact"], strict=True))
    for label, row in entity["labels"].items():
        kinds = found["labels"][label].values()
        assert sum(kind["gold"] for kind in kinds) == row["support"] - exact[label]
        assert sum(kind["predicted"] for kind in kinds) == row["predicted"] - exact[label]
    assert found["kinds"]["split"] == {"errors": 1, "gold": 1, "predicted": 2}
    assert found["kinds"]["missed"] == {"errors": 0, "gold": 0, "predicted": 0}
    assert found["borders"] == {"too long": 0, "too short": 1, "shifted": 0}


def test_the_degrees_of_semeval_are_told_of_all_and_of_each_label(
    run: Command, both: tuple
) -> None:
    payload = run("score", *both).payload
    found, entity = payload["semeval"], payload["entity"]
    assert found["all"]["partial"] == {
        **{"correct": 2, "incorrect": 0, "partial": 3, "missed": 1, "spurious": 1},
        **dict.fromkeys(("precision", "recall", "f1"), 3.5 / 6),
    }
    assert found["all"]["type"]["correct"] == 4
    for rows, strict in [
        (entity["micro"], found["all"]["strict"]),
        *((row, found["labels"][label]["strict"]) for label, row in entity["labels"].items()),
    ]:
        assert {name: rows[name] for name in ("precision", "recall", "f1")}.items() < strict.items()


def test_people_read_two_short_tables_more(both: tuple, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", *map(str, both)]) == 0
    out = " ".join(capsys.readouterr().out.split())
    kinds, _, degrees = out.partition("error kind")[2].partition("SemEval-2013")
    assert "merged 1 2 1" in kinds and "all 4 5 5" in kinds
    assert "partial 2 0 3 1 1 0.583 0.583 0.583" in degrees


def test_files_of_other_sentences_are_refused(run: Command, both: tuple, tmp_path: Path) -> None:
    other = tmp_path / "other.conll"
    other.write_text("Else O\n")
    assert_fails(run("score", both[0], other), "the same sentences in the same order")


def test_whole_texts_are_scored_by_their_task(run: Command, tmp_path: Path) -> None:
    gold, predicted = tmp_path / "gold.csv", tmp_path / "predicted.csv"
    gold.write_text("text,label\nhello,a/x\nbye,b\nhm,\n", encoding="utf-8")
    predicted.write_text("text,label\nhello,a/y\nbye,b\nhm,b\n", encoding="utf-8")
    found = run("score", gold, predicted, "--task", "classes").payload
    assert found["class"]["accuracy"] == 1 / 3
    assert found["class"]["labels"]["b"]["precision"] == 0.5
    assert found["parents"]["labels"]["a"]["f1"] == 1.0
    assert found["confusion"]["labels"] == ["a/x", "a/y", "b"]
    both = tmp_path / "both.jsonl"
    both.write_text('{"text": "hello", "labels": ["a", "b"]}\n', encoding="utf-8")
    several = run("score", both, both, "--task", "classes", "--multi").payload
    assert several["cooccurrence"]["counts"] == [[1, 1], [1, 1]]
    both.with_suffix(".csv").write_text("text,label\nhello,a/x\n", encoding="utf-8")
    short = run("score", gold, both.with_suffix(".csv"), "--task", "classes")
    assert_fails(short, "gold.csv has 3 documents and both.csv 1")
