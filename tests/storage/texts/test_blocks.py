"""The file of texts: what is found in it is what every text by itself would say."""

import os

from hypothesis import given, settings
from hypothesis import strategies as st

from storage.texts import blocks

TEXTS = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12))


def found(wanted: str, texts: list[str]) -> list[int]:
    made = blocks.of_texts(enumerate(texts, start=1))
    return [int(id) for block in made for id in blocks.holding(block, wanted.encode())]


@given(TEXTS, st.text(st.sampled_from("abé東 "), min_size=1, max_size=4))
def test_a_text_is_found_exactly_where_it_stands(texts, wanted):
    texts += [f"x{wanted}y", wanted, wanted[1:], wanted + wanted]
    assert found(wanted, texts) == [n for n, text in enumerate(texts, 1) if wanted in text]


@settings(max_examples=30)
@given(TEXTS, st.sampled_from("ab e"))
def test_one_letter_is_found_exactly_where_it_stands(texts, wanted):
    texts += ["", wanted, "xyz"]
    assert found(wanted, texts) == [n for n, text in enumerate(texts, 1) if wanted in text]


def test_nothing_is_found_across_two_texts_or_beyond_the_last():
    assert found("ab", ["a", "b", "xa", "by", ""]) == []
    assert found("abc", ["ab", "c"]) == []
    assert found("long", ["lo"]) == []


def test_blocks_are_as_they_were_written_and_no_larger_than_they_should_be(tmp_path, monkeypatch):
    monkeypatch.setattr(blocks, "MOST", 3)
    texts = [(7 * n, f"text {n} é") for n in range(1, 9)]
    descriptor = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    at = 0
    for number, block in enumerate(blocks.of_texts(texts)):
        at = blocks.append(descriptor, at, block, bytes([number]) * 16).end
    headers = blocks.headers(descriptor)
    assert [header.documents for header in headers] == [3, 3, 2]
    assert [header.mark[0] for header in headers] == [0, 1, 2]
    assert [blocks.last_id(descriptor, header) for header in headers] == [21, 42, 56]
    read = [blocks.read(descriptor, header) for header in headers]
    assert [int(id) for block in read for id in block.ids] == [id for id, _ in texts]
    joined = b"".join(block.text.tobytes() for block in read).decode().split("\0")
    assert joined == [text for _, text in texts] + [""]
    # What was cut off in the middle, as by a kill, is no block.
    os.ftruncate(descriptor, headers[-1].end - 1)
    assert blocks.headers(descriptor) == headers[:2]
    os.close(descriptor)
