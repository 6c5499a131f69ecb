"""Words to word-pieces: as pre-training saw them, none across a token border, none lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.configuration import bases
from engine.encoding.word_pieces import cut, prepare
from storage.types import Document
from tests.engine import tiny

MADE = {kind: make() for kind, make in tiny.KINDS.items()}
READY = {kind: prepare(tokenizer) for kind, tokenizer in MADE.items()}
every_kind = pytest.mark.parametrize("kind", sorted(READY))


def texts_of(kind: str, document: Document) -> list[list[str]]:
    (words,) = cut([document], READY[kind])
    return [[READY[kind].tokenizer.id_to_token(piece) for piece in word] for word in words]


def without_specials(kind: str, text: str) -> list[int]:
    return READY[kind].tokenizer.encode(text, add_special_tokens=False).ids


def test_special_pieces_are_found() -> None:
    assert (READY["wordpiece"].prefix, READY["wordpiece"].suffix) == ((2,), (3,))
    assert (READY["bytelevel"].prefix, READY["bytelevel"].suffix) == ((0,), (2,))
    assert {kind: ready.marker for kind, ready in READY.items()} == {
        "wordpiece": "",
        "bytelevel": " ",
        "unigram": "▁",
    }


def test_the_files_own_truncation_and_padding_are_switched_off_in_the_copy_only() -> None:
    original = tiny.wordpiece()
    ready = prepare(original)
    assert original.truncation and original.padding
    (words,) = cut([tiny.document("Paris " * 30)], ready)
    assert len(words) == 30
    assert all(words)


@pytest.mark.parametrize("text", tiny.CORPUS)
def test_byte_level_words_get_the_pieces_of_the_raw_text(text: str) -> None:
    (words,) = cut([tiny.document(text)], READY["bytelevel"])
    assert sum(words, []) == without_specials("bytelevel", " " + text)


@pytest.mark.parametrize("text", tiny.CORPUS)
def test_unigram_words_get_the_pieces_of_the_raw_text(text: str) -> None:
    original = MADE["unigram"]
    (words,) = cut([tiny.document(text)], READY["unigram"])
    assert sum(words, []) == original.encode(text, add_special_tokens=False).ids


def test_a_token_without_a_space_before_it_gets_no_space_sign() -> None:
    document = Document("(now) now", ((0, 1), (1, 4), (4, 5), (6, 9)))
    pieces = texts_of("bytelevel", document)
    assert pieces[0][0].startswith("Ġ")
    assert not pieces[1][0].startswith("Ġ")
    assert pieces[3][0].startswith("Ġ")


def test_a_prefix_space_inside_a_sequence_of_pre_tokenizers_is_found() -> None:
    from tokenizers import Regex, pre_tokenizers

    tokenizer = tiny.bytelevel()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r" ?[^\s]+"), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    assert prepare(tokenizer).marker == " "


@pytest.mark.parametrize("kind", ["wordpiece", "bytelevel"])
def test_a_special_sign_written_in_a_text_is_text(kind: str) -> None:
    ready = READY[kind]
    for sign in ("[SEP]", "</s>", "<mask>", "[MASK]"):
        (words,) = cut([tiny.document(f"a {sign} b")], ready)
        assert ready.tokenizer.token_to_id(sign) not in sum(words, [])


@every_kind
@given(text=st.text(max_size=40))
def test_every_piece_belongs_to_one_token_and_tokens_do_not_disturb_each_other(
    kind: str, text: str
) -> None:
    document = tiny.document(" ".join(text.split()))
    (words,) = cut([document], READY[kind])
    assert len(words) == len(document.tokens)
    for (start, end), word in zip(document.tokens, words, strict=True):
        alone = Document(document.text[start:end], ((0, end - start),))
        assert list(cut([alone], READY[kind])) == [[word]]


def test_the_bundled_models_file_gives_the_pieces_of_its_own_tokenizer() -> None:
    from tokenizers import Tokenizer

    from engine.models.loading import load_base

    folder = bases.resolve("bundled").folder
    from_file = prepare(Tokenizer.from_file(str(folder / "tokenizer.json")))
    loaded = load_base(folder, ["a"]).pieces
    documents = [tiny.document(text) for text in tiny.CORPUS]
    assert list(cut(documents, from_file)) == list(cut(documents, loaded))
    assert from_file.unknown == loaded.unknown == 100
