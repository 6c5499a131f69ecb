"""Texts made to keep a program busy (fault 30): whatever looks at a text ends with it soon.

What took quadratic time would take minutes here, and what took exponential time for ever: the
child that looks is ended then.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable
from itertools import pairwise

import pytest

from engine.corpus import dictionary, near_duplicates, negatives, phrase_matcher
from engine.encoding.tokens import tokenize
from engine.evaluation.slices import predicates
from engine.formats.common import json_values
from pages.widgets.common.errors import literal
from storage.errors import InputError
from storage.finding import expressions
from storage.folding import fold_document

LENGTH = 100_000
ALONE = (*"a1 \n.-'#@_İß漢", "\u0301", "\u200d", "👩")
TURNS = ("a.", "a-", "1.", "a'", "#1", "a@", "a+", "n't ", "no_", "👩\u200d", "e\u0301", "a b")
TEXTS = {ascii(unit): unit * (LENGTH // len(unit)) for unit in ALONE + TURNS}
# Those that once took minutes.
WORST = tuple(ascii(unit) for unit in ("a", "a.", "1.", "\u0301"))
PREDICATES = (
    *(predicates.has_digit, predicates.has_emoji, predicates.has_address, predicates.has_hashtag),
    *(predicates.has_mention, predicates.all_capitals, predicates.joined, predicates.foreign),
)
# What people type where an expression is taken, and what is known to blow up elsewhere.
EXPRESSIONS = ("(a+)+$", "(a|aa)+$", "(a*)*b", "(.*a){12}", r"(\w+\s?)+$", "a", ".", r"\w+", "^$")


def look(text: str) -> None:
    """Do all that the program does to a text of its own accord, and at a click."""
    tokens = tokenize(text)
    assert all(one[1] <= other[0] for one, other in pairwise(tokens))
    near_duplicates.pieces_of(text)
    negatives.words(text)
    fold_document(text, "name", None)
    literal(text)
    for predicate in PREDICATES:
        predicate(text)
    phrase_matcher.find(text, text[:50])
    phrase_matcher.find(text, "Ada", whole_words=False, match_case=False)


def label(text: str) -> None:
    """Look for strings that stand at every place."""
    for needle in (text[:1], text[:50]):
        phrase_matcher.find(text, needle)
        phrase_matcher.find(text, needle, whole_words=False, match_case=False)
    entries = [dictionary.Entry(text[:size], "A") for size in (1, 2, 50) if text[:size].strip()]
    if entries:
        dictionary.Dictionary(entries).spans(text)


def search(text: str) -> None:
    """Look for what people type where an expression is taken."""
    for expression in EXPRESSIONS:
        try:
            expressions.matching(expression, [(1, text)], budget=0.02)
        except InputError as error:
            assert "takes too long" in str(error)


def test_a_key_that_is_there_twice_is_found_among_very_many() -> None:
    keys = ", ".join(f'"{number}": 1' for number in range(60_000))
    with pytest.raises(InputError, match="is there twice"):
        json_values.parse(f'{{{keys}, "59999": 2}}')


def within(seconds: int, work: Callable[[str], None], names: Iterable[str]) -> list[str]:
    """Look at texts in a child that is ended after so many seconds; return those that are left."""
    left, mine = multiprocessing.get_context("fork").Pipe(duplex=False)

    def run() -> None:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(seconds)
        for name in names:
            work(TEXTS[name])
            mine.send(name)
        os._exit(0)

    child = multiprocessing.get_context("fork").Process(target=run)
    child.start()
    mine.close()
    done = set()
    while True:
        try:
            done.add(left.recv())
        except EOFError:
            break
    child.join()
    return [name for name in names if name not in done]


@pytest.mark.parametrize(
    "names",
    [WORST, pytest.param(tuple(TEXTS), marks=pytest.mark.long)],
    ids=["the worst", "every one"],
)
@pytest.mark.parametrize("work", [look, search, pytest.param(label, marks=pytest.mark.long)])
def test_every_text_is_done_with(work: Callable[[str], None], names: tuple[str, ...]) -> None:
    assert within(240, work, names) == []
