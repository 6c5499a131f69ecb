"""Which slices there are, each with a name, a title, a sentence, and who is in it.

A slice is of documents, then it holds all their marks, or of marks. What needs a model or
vectors, a look into the run finds: such a slice has no test here, and rows once that look ended.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import itemgetter

from engine.evaluation.slices import predicates as text
from engine.evaluation.slices.train import Said, Train, size, text_key
from storage import facts
from storage.types import Document

# Names that people gave to searches of their own stand behind this.
OWN = "own-"
# A string that train has marked so often is known well enough.
RARELY = 2
# A label is rare where train has it less than this share of what labels have on average.
RARE = 0.25

Held = Callable[[Document, Train], bool]
Marked = Callable[[Said, Train], bool]


@dataclass(frozen=True, slots=True)
class Slice:
    """A group. One of the two tests says who is in it; neither: another run finds it out."""

    name: str
    title: str
    about: str
    document: Held | None = None
    mark: Marked | None = None
    ranges: bool = False
    """Only where marks have a range: else it would say of texts what another one says."""


_KNOWN: dict[str, Slice] = {}


def register(found: Slice) -> None:
    """Make a slice known; its name stays what stored rows call it."""
    if _KNOWN.setdefault(found.name, found) != found:
        raise ValueError(f"There are two slices named '{found.name}'.")
    facts.name_slice(found.name, found.title)


def every() -> Iterator[Slice]:
    """Yield all slices in the order in which they were registered."""
    yield from _KNOWN.values()


def computed() -> list[str]:
    """Return the names of those of which a test says who is in them."""
    return [each.name for each in every() if each.document or each.mark]


def _of_text(test: Callable[[str], bool]) -> Held:
    return lambda document, _: test(document.text) or test(document.second_text or "")


def _of_words(test: Callable[[str], bool]) -> Marked:
    return lambda said, _: test(said.words)


def _rare_label(said: Said, train: Train) -> bool:
    marks, labels = sum(train.labels.values()), len(train.labels)
    return train.labels.get(said.mark.label, 0) * labels < RARE * marks


def _several_words(said: Said, _: Train) -> bool:
    tokens, mark = said.document.tokens, said.mark
    behind = bisect_right(tokens, mark.start, key=itemgetter(0))
    return behind < len(tokens) and tokens[behind][0] < mark.end


def _first(said: Said, _: Train) -> bool:
    return not any(map(str.isalnum, said.document.text[: said.mark.start]))


TEXTS = (
    Slice(
        "short-text",
        "Very short text",
        "As few words as the shortest twentieth of the training documents, or fewer.",
        lambda document, train: size(document) <= train.documents.short,
    ),
    Slice(
        "long-text",
        "Very long text",
        "As many words as the longest twentieth of the training documents, or more.",
        lambda document, train: size(document) >= train.documents.long,
    ),
    Slice(
        "copied-text",
        "Same text in training",
        "The model has learned from the very same text: here it may know by heart.",
        lambda document, train: text_key(document) in train.texts,
    ),
    Slice(
        "capitals-text",
        "Text in capitals",
        "Every letter of the text is a capital.",
        _of_text(text.all_capitals),
    ),
    Slice(
        "no-capital-text",
        "Text without capitals",
        "No letter of the text is a capital, in a script that has them.",
        _of_text(text.no_capital),
    ),
    Slice("digit-text", "Text with digits", "A digit is in the text.", _of_text(text.has_digit)),
    Slice("emoji-text", "Text with emoji", "An emoji is in the text.", _of_text(text.has_emoji)),
    Slice(
        "address-text",
        "Text with a link",
        "A web or e-mail address is in the text.",
        _of_text(text.has_address),
    ),
    Slice(
        "hashtag-text", "Text with a hashtag", "A #hashtag is in it.", _of_text(text.has_hashtag)
    ),
    Slice(
        "mention-text", "Text with a mention", "An @mention is in it.", _of_text(text.has_mention)
    ),
    Slice(
        "foreign-text",
        "Text in another script",
        "A letter in it is not Latin: Chinese, Cyrillic, Arabic …",
        _of_text(text.foreign),
    ),
)
MARKS = (
    Slice(
        "unseen",
        "Unseen in training",
        "Nothing with these words is marked in the training documents.",
        mark=lambda said, _: not said.known,
        ranges=True,
    ),
    Slice(
        "rare-string",
        "Rare string",
        "The training documents have these words marked only once or twice.",
        mark=lambda said, _: 1 <= sum(said.known.values()) <= RARELY,
        ranges=True,
    ),
    Slice(
        "ambiguous",
        "Several labels in training",
        "The training documents have these words marked with different labels.",
        mark=lambda said, _: len(said.known) > 1,
        ranges=True,
    ),
    Slice(
        "rare-label",
        "Rare label",
        "Its label is less than a quarter as frequent in training as labels are on average.",
        mark=_rare_label,
    ),
    Slice(
        "short",
        "Very short",
        "As few characters as the shortest twentieth of what is marked in training, or fewer.",
        mark=lambda said, train: len(said.words) <= train.marks.short,
        ranges=True,
    ),
    Slice(
        "long",
        "Very long",
        "As many characters as the longest twentieth of what is marked in training, or more.",
        mark=lambda said, train: len(said.words) >= train.marks.long,
        ranges=True,
    ),
    Slice(
        "words",
        "Several words",
        "It goes over more than one word.",
        mark=_several_words,
        ranges=True,
    ),
    Slice(
        "capitals",
        "All capitals",
        "All its letters are capitals, and there are two or more.",
        mark=_of_words(text.all_capitals),
        ranges=True,
    ),
    Slice(
        "no-capital",
        "No capital",
        "None of its letters is a capital, in a script that has them.",
        mark=_of_words(text.no_capital),
        ranges=True,
    ),
    Slice(
        "digit",
        "Contains digits",
        "A digit of any script is in it.",
        mark=_of_words(text.has_digit),
        ranges=True,
    ),
    Slice(
        "emoji",
        "Contains emoji",
        "An emoji is in it.",
        mark=_of_words(text.has_emoji),
        ranges=True,
    ),
    Slice(
        "joined",
        "Hyphen or dot inside",
        "A hyphen, dot, slash, apostrophe or “&” joins parts of it.",
        mark=_of_words(text.joined),
        ranges=True,
    ),
    Slice(
        "foreign",
        "Another script",
        "A letter in it is not Latin: Chinese, Cyrillic, Arabic …",
        mark=_of_words(text.foreign),
        ranges=True,
    ),
    Slice("first", "Begins the text", "No word stands before it.", mark=_first, ranges=True),
)
INSPECTED = (
    Slice(
        "no-neighbour",
        "No close neighbour",
        "Its text is less like any training text than nineteen of twenty of those are like "
        "another one.",
    ),
    Slice(
        "other-neighbours",
        "Neighbours say otherwise",
        "More than half of the ten marks in training that are most like it have another label.",
    ),
    Slice(
        "plausible",
        "Several plausible labels",
        "In its place a second label is at least half as likely as the first.",
    ),
)
for _slice in (*MARKS, *TEXTS, *INSPECTED):
    register(_slice)
