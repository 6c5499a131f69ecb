import json
import re
from collections import Counter
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "engine" / "corpus" / "sample" / "spans"
SPLITS = ("train", "dev", "test")
LABELS = {"PER", "ORG", "LOC", "MISC"}
# A regional flag, a pictograph or a joined family: enough to find the emoji written here.
EMOJI = re.compile("[\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff\u2600-\u27bf]")
OUTSIDE = re.compile(r"[\"“”'《(（$#]|(the|Dr|Mr|Mrs|President|Prof)\b\.? ")
HAN = re.compile("[\u4e00-\u9fff]")


def read(split):
    lines = (FOLDER / f"{split}.jsonl").read_text(encoding="utf-8").split("\n")
    assert lines.pop() == ""
    return [json.loads(line) for line in lines]


def labelled(split):
    return [row for row in read(split) if "label" in row]


def mentions(row):
    return [(row["text"][start:end], label) for start, end, label in row["label"]]


def count_languages(rows):
    return Counter("zh" if HAN.search(row["text"]) else "en" for row in rows)


def test_there_are_240_english_and_60_chinese_labelled_sentences():
    languages = count_languages(row for split in SPLITS for row in labelled(split))
    assert languages["en"] >= 240
    assert languages["zh"] >= 60


def test_sixteen_english_and_four_chinese_sentences_wait_for_the_user():
    waiting = [row for row in read("train") if "label" not in row]
    assert count_languages(waiting) == {"en": 16, "zh": 4}
    assert all(set(row) == {"text"} for row in waiting)


def test_the_sentences_to_tag_stand_first_in_train_and_nowhere_else():
    rows = read("train")
    assert all("label" not in row for row in rows[:20])
    assert all("label" in row for row in rows[20:])
    assert all("label" in row for split in ("dev", "test") for row in read(split))


def test_some_sentences_to_tag_have_an_emoji_in_front_of_a_name():
    waiting = [row["text"] for row in read("train")[:20]]
    assert sum(bool(EMOJI.match(text)) for text in waiting) >= 3
    assert sum(bool(EMOJI.search(text)) for text in waiting) >= 5


def test_train_holds_about_seventy_percent_and_dev_and_test_equal_parts():
    sizes = {split: len(labelled(split)) for split in SPLITS}
    total = sum(sizes.values())
    assert 0.65 <= sizes["train"] / total <= 0.75
    assert sizes["dev"] == pytest.approx(sizes["test"], abs=5)


@pytest.mark.parametrize("split", SPLITS)
def test_each_split_has_both_languages_and_every_label(split):
    rows = labelled(split)
    languages = count_languages(rows)
    assert languages["zh"] >= 10
    assert languages["en"] >= 40
    assert {label for row in rows for *_, label in row["label"]} == LABELS


def test_train_has_enough_of_each_label_to_learn_it():
    counts = Counter(label for row in labelled("train") for *_, label in row["label"])
    assert min(counts["PER"], counts["ORG"], counts["LOC"]) >= 90
    assert counts["MISC"] >= 60


@pytest.mark.parametrize("split", SPLITS)
def test_spans_lie_inside_the_text_in_order_without_overlap(split):
    for row in labelled(split):
        edge = 0
        for start, end, _ in row["label"]:
            assert edge <= start < end <= len(row["text"]), row
            edge = end


@pytest.mark.parametrize("split", SPLITS)
def test_spans_neither_start_nor_end_inside_a_word_or_at_a_space_or_emoji(split):
    for row in labelled(split):
        text = row["text"]
        for start, end, _ in row["label"]:
            assert text[start:end] == text[start:end].strip()
            assert not EMOJI.search(text[start:end]), row
            assert not re.search(r"[a-zA-Z]{2}", text[max(start - 1, 0) : start + 1]), row
            assert not re.search(r"[a-zA-Z]{2}", text[end - 1 : end + 1]), row


@pytest.mark.parametrize("split", SPLITS)
def test_possessives_quotes_and_titles_stay_outside_a_span(split):
    for row in labelled(split):
        for mention, _ in mentions(row):
            assert not OUTSIDE.match(mention), row
            assert not re.search(r"[\"“”'》)）,]$", mention), row
            assert not re.search(r"'s$", mention) or mention in ("St. Mary's", "Lord's"), row


def test_no_sentence_occurs_twice_in_or_across_splits():
    texts = [row["text"].casefold() for split in SPLITS for row in read(split)]
    repeated = [text for text, times in Counter(texts).items() if times > 1]
    assert repeated == []


def test_names_recur_between_train_and_test_though_sentences_do_not():
    known = {mention for row in labelled("train") for mention, _ in mentions(row)}
    asked = [mention for row in labelled("test") for mention, _ in mentions(row)]
    assert 0.2 <= sum(mention in known for mention in asked) / len(asked) <= 0.8


def test_between_four_and_twelve_percent_of_sentences_name_nothing():
    rows = [row for split in SPLITS for row in labelled(split)]
    assert 0.04 <= sum(not row["label"] for row in rows) / len(rows) <= 0.12


@pytest.mark.parametrize("name", ["Washington", "Chicago", "Amazon"])
def test_ambiguous_names_occur_with_several_labels(name):
    pairs = [pair for split in SPLITS for row in labelled(split) for pair in mentions(row)]
    assert len({label for mention, label in pairs if mention == name}) >= 2


@pytest.mark.parametrize("split", SPLITS)
def test_text_is_plain_utf8_without_escapes_or_stray_spaces(split):
    raw = (FOLDER / f"{split}.jsonl").read_text(encoding="utf-8")
    assert not re.search(r"\\u[0-9a-f]{4}", raw)
    for row in read(split):
        assert row["text"] == row["text"].strip()
        assert "  " not in row["text"]


def test_the_guidelines_explain_every_label_within_forty_lines():
    text = (FOLDER / "guidelines.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 40
    assert all(f"| {label} |" in text for label in LABELS)
