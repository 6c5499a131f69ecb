"""Which matches are in which slice, and what train has to do with it."""

from __future__ import annotations

import pytest

from engine.encoding.tokens import tokenize
from engine.evaluation.slices import members, registry
from engine.evaluation.slices.registry import Slice
from engine.evaluation.slices.train import Train
from storage.facts import Filter
from storage.types import Document, ErrorKind, Match, Span


def marked(text: str, *labels: tuple[str, str], id: int = 1) -> Document:
    """Return a document with its words as tokens and these quotes marked."""
    spans = [Span(text.index(said), text.index(said) + len(said), label) for said, label in labels]
    return Document(text, tokenize(text), tuple(spans), id=id)


SENTENCES = [f"Someone saw {name} in the town there" for name in ("Ada", "Bob", "Eve", "Ute")]
TRAIN = Train.of(
    [
        *(marked(text, (text.split()[2], "PER")) for text in SENTENCES * 5),
        *[marked("Hi Al", ("Al", "PER"))] * 2,
        *[Document("So it goes on and on " * 3, tokenize("So it goes on and on " * 3))] * 2,
        marked("Paris and Paris Hilton came here", ("Paris", "LOC"), ("Paris Hilton", "PER")),
        marked("Hi Paris", ("Paris", "PER")),
        marked("Once more the NASA of all places was there, and then it was not", ("NASA", "ORG")),
    ]
)


def names(document: Document, match: Match, *, ranges: bool = True, train: Train = TRAIN) -> set:
    (found,) = members.of({1: document}, [match], train, ranges=ranges)
    assert len(found) == len(set(found))
    return set(found)


def of(text: str, said: str, label: str = "PER", train: Train = TRAIN) -> set[str]:
    document = marked(text, (said, label))
    missed = Match(1, document.spans[0], None, ErrorKind.MISSED)
    return names(document, missed, train=train)


@pytest.mark.parametrize(
    ("text", "said", "inside", "outside"),
    [
        ("They met ada today again now", "ada", {"no-capital"}, {"unseen", "rare-string", "first"}),
        ("Zoe met Ada today again now", "Zoe", {"unseen", "first"}, {"rare-string", "ambiguous"}),
        ("They met NASA today at noon", "NASA", {"rare-string", "capitals"}, {"unseen", "words"}),
        ("Hi Paris", "Paris", {"ambiguous", "rare-string", "short-text", "copied-text"}, {"short"}),
        ("They met Ada  Lovelace today", "Ada  Lovelace", {"unseen", "words", "long"}, {"joined"}),
        ("In 王五 2 the digits are", "王五", {"foreign", "foreign-text", "digit-text"}, {"digit"}),
        ("MEET B2 @ada #x 👍 www.a.org", "B2", {"digit", "short", "emoji-text"}, {"capitals"}),
        ("no capital is here, zoe", "zoe", {"no-capital-text"}, {"capitals-text", "short-text"}),
        ("ALL IS CAPITAL HERE, ZOE", "ZOE", {"capitals-text", "capitals"}, {"no-capital-text"}),
        (f"Ada {'and so on ' * 9}", "Ada", {"long-text", "first"}, {"short-text", "long"}),
    ],
)
def test_a_mark_is_in_the_slices_of_its_words_and_of_its_text(
    text: str, said: str, inside: set[str], outside: set[str]
) -> None:
    found = of(text, said)
    assert inside <= found
    assert not outside & found


def test_a_rare_label_is_one_that_train_hardly_has() -> None:
    assert "rare-label" in of("They met Ada today", "Ada", "ORG")
    assert "rare-label" in of("They met Ada today", "Ada", "MISC")
    assert "rare-label" not in of("They met Ada today", "Ada", "PER")


def test_the_gold_mark_decides_and_the_predicted_one_where_nothing_was_labelled() -> None:
    document = marked("They met ADA Lovelace here", ("ADA", "PER"))
    gold, longer = document.spans[0], Span(9, 21, "PER")
    assert "capitals" in names(document, Match(1, gold, longer, ErrorKind.BOUNDARY))
    assert "capitals" not in names(document, Match(1, None, longer, ErrorKind.SPURIOUS))


def test_a_label_of_a_whole_text_has_no_words_of_its_own() -> None:
    document = Document("NATO 5", tokenize("NATO 5"), (Span(0, 0, "yes"),), id=1)
    match = Match(1, document.spans[0], None, ErrorKind.MISSED)
    found = names(document, match, ranges=False)
    assert {"rare-label", "digit-text", "capitals-text"} <= found
    assert not {each.name for each in registry.every() if each.ranges} & found


def test_lengths_that_most_have_are_neither_short_nor_long() -> None:
    same = Train.of([marked("Ada met Bob", ("Ada", "PER"))] * 9)
    found = of("Ada met Bob", "Ada", train=same)
    assert not {"short", "long", "short-text", "long-text"} & found
    nothing = Train.of([])
    assert not {"short", "long", "short-text", "long-text"} & of("Ada", "Ada", train=nothing)


def test_slices_have_names_and_sentences_of_their_own() -> None:
    known = list(registry.every())
    for said in ("name", "title"):
        assert len({getattr(each, said) for each in known}) == len(known)
    assert all(each.about.endswith((".", "…")) for each in known)
    assert not any(each.name.startswith(registry.OWN) for each in known)
    assert Filter(slice="unseen").words == "Unseen in training"
    assert Filter(slice="own-7").words == "a slice of one's own"
    with pytest.raises(ValueError, match="two slices named 'unseen'"):
        registry.register(Slice("unseen", "Another", "Another."))
