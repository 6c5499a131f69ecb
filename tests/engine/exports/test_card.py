"""The model card: the Hugging Face hub's own library reads it, whatever the project is called."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml
from huggingface_hub import ModelCard
from hypothesis import given
from hypothesis import strategies as st

from engine.exports import card
from engine.exports.subject import Subject
from tests.engine.exports.subjects import HOSTILE, MANY, subject


def front(told: Subject) -> dict[str, Any]:
    """Return the front matter as YAML's own reader has it."""
    _, found, _ = card.render(told).split("---\n", 2)
    return yaml.safe_load(found)


def test_the_hub_reads_the_figures() -> None:
    told = subject(project="Travel: 旅行")
    data: Any = ModelCard(card.render(told)).data
    assert (data.library_name, data.pipeline_tag) == ("transformers", "token-classification")
    assert data.base_model == "sentence-transformers/all-MiniLM-L6-v2"
    assert data.metrics == ["f1", "precision", "recall", "accuracy"]
    assert data.eval_results is not None and data.model_name == "travel-run-7"
    found = {(r.dataset_split, r.metric_type): r for r in data.eval_results}
    assert len(found) == 2 * 4
    for split in ("dev", "test"):
        head = told.report[split]["headline"]
        f1, accuracy = found[split, "f1"], found[split, "accuracy"]
        assert f1.metric_value == pytest.approx(head["value"], abs=5e-5)
        assert f1.metric_name == f"Entity F1 (over {head['support']} spans)"
        assert accuracy.metric_name == "Token accuracy (over 2,000 tokens)"
        assert (f1.dataset_name, f1.dataset_revision) == ("Travel: 旅行", "ab" * 32)


@pytest.mark.parametrize("project", HOSTILE)
def test_a_hostile_name_stays_a_name(project: str) -> None:
    (index,) = front(subject(project=project))["model-index"]
    assert {result["dataset"]["name"] for result in index["results"]} == {project}


@given(st.text(min_size=1))
def test_any_text_is_read_back(text: str) -> None:
    assert yaml.safe_load(f"a: {card._scalar(text)}") == {"a": text}


@pytest.mark.parametrize("value", [1, 0.5, True, None, "no", "null", "", "1e3", "0x1"])
def test_scalars_keep_their_type(value: object) -> None:
    assert yaml.safe_load(card._scalar(value)) == value


def test_a_base_model_in_a_folder_is_named_and_its_path_is_not() -> None:
    told = subject(base="/home/ada/secret/my-bert")
    assert "base_model" not in front(told)
    assert "my-bert" in card.render(told) and "secret" not in card.render(told)
    assert front(subject(base="google-bert/bert-base-cased"))["base_model"].startswith("google")


def test_it_says_what_was_learned_and_what_the_figures_do_not_hold_for() -> None:
    text = card.render(subject(("LOC", "PER"), shared_with_train={"test": 3}))
    assert "| LOC | 3 | 3 | 3 |" in text and "| documents | 67 | 67 | 67 |" in text
    assert "- torch: 2.13.0" in text and "- learning\\_rate: 0.0001" in text
    assert "- 3 of 200 test documents are also in train, and easy." in text
    rare = card.render(subject(MANY)).partition("## Limits")[2]
    assert "Fewer than 20 on test, so that their figures say little:" in rare


def test_it_says_that_a_pipeline_gives_no_shapes_where_the_model_reads_them() -> None:
    told = subject()
    shaped = replace(told, report={**told.report, "word_shapes": True})
    assert "`word_shapes`" in card.render(shaped) and "`word_shapes`" not in card.render(told)
