"""How texts are changed to see whether a model still finds what it found before.

Invariance tests (Ribeiro, Wu, Guestrin and Singh 2020, "Beyond Accuracy: Behavioral Testing of NLP
Models with CheckList"): a change that leaves the right marks what they are. What a change needs
from train, other mentions and sentences in which nothing is marked, comes from ``Known``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from engine.encoding.tokens import tokenize
from engine.evaluation.stress import words
from engine.evaluation.stress.changes import Edit, apply
from storage.types import Document, Span, Token

# Of a sentence that stands beside a text, in tokens.
NEUTRAL_TOKENS = range(3, 16)
# One typing error in so many words.
TYPOS = 10


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a text, with its tokens counted from its start."""

    text: str
    tokens: tuple[Token, ...]


@dataclass(slots=True)
class Known:
    """What train offers for changes, by script: mentions of each label, sentences without any."""

    mentions: dict[tuple[str, str], list[Piece]] = field(default_factory=lambda: defaultdict(list))
    sentences: dict[str, list[Piece]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, train: Iterable[Document]) -> Known:
        """Collect from documents that are done; every mention once."""
        known, seen = cls(), set()
        for document in train:
            for span in document.spans:
                mention = None if span.whole else _piece(document, span.start, span.end)
                if mention and (span.label, mention.text) not in seen:
                    seen.add((span.label, mention.text))
                    known.mentions[span.label, words.script(mention.text)].append(mention)
            if not document.spans and len(document.tokens) in NEUTRAL_TOKENS:
                sentence = _piece(document, document.tokens[0][0], document.tokens[-1][1])
                known.sentences[words.script(document.text)].extend(filter(None, [sentence]))
        return known


Change = Callable[[Document, Random, Known], Iterable[Edit]]


@dataclass(frozen=True, slots=True)
class Perturbation:
    """One way to change a text."""

    name: str
    """What rows and reports call it."""
    title: str
    about: str
    """A sentence for people."""
    edits: Change
    ranges: bool = False
    """It changes what marks cover: not for marks that stand for the whole document."""

    def change(self, document: Document, known: Known, seed: int = 0) -> Document | None:
        """Return the changed document; None where there is nothing to change in this way.

        The same seed changes the same document in the same way, whatever the others are.
        """
        random = Random(f"{seed} {self.name} {document.id} {document.text}")
        changed = apply(document, self.edits(document, random, known))
        return None if changed.text == document.text else changed


def of_task(marks_whole: bool) -> list[Perturbation]:
    """Return what can be tried on documents whose marks have ranges, or have none."""
    return [each for each in PERTURBATIONS if not (marks_whole and each.ranges)]


def _piece(document: Document, start: int, end: int) -> Piece | None:
    """Return a part whose borders are those of tokens; None for others."""
    inside = [(f - start, t - start) for f, t in document.tokens if f < end and t > start]
    text = document.text[start:end]
    whole = inside and inside[0][0] == 0 and inside[-1][1] == len(text)
    return Piece(text, tuple(inside)) if whole else None


def _case(turn: Callable[[str], str]) -> Change:
    def edits(document: Document, random: Random, known: Known) -> Iterator[Edit]:
        for start, end in document.tokens:
            word = document.text[start:end]
            turned = turn(word)
            # A sigma ends a word in another form: letters are turned in their word if they can be.
            signs = turned if len(turned) == len(word) else map(turn, word)
            for at, (before, after) in enumerate(zip(word, signs, strict=True), start):
                if before != after:
                    yield Edit(at, at + 1, after)

    return edits


def _titled(word: str) -> str:
    first = word[:1].upper()
    return first + word[1:] if len(first) == 1 else word


def _typos_beside(document: Document, random: Random, known: Known) -> Iterator[Edit]:
    free = [token for token in document.tokens if not _touches(document, *token)]
    yield from _typos(document, free, random, -(-len(free) // TYPOS))


def _typos_inside(document: Document, random: Random, known: Known) -> Iterator[Edit]:
    for span in _apart(document):
        mention = [t for t in document.tokens if span.start <= t[0] and t[1] <= span.end]
        yield from _typos(document, mention, random, 1)


def _typos(
    document: Document, tokens: Sequence[Token], random: Random, most: int
) -> Iterator[Edit]:
    """Misspell ``most`` of the tokens, those that are long enough."""
    made = 0
    for start, end in random.sample(tokens, len(tokens)):
        wrong = words.misspelt(document.text[start:end], random) if made < most else None
        if wrong:
            first, last, letters = wrong
            made += 1
            yield Edit(start + first, start + last, letters)


def _full_stop(document: Document, random: Random, known: Known) -> Iterator[Edit]:
    if not document.tokens:
        return
    start, end = document.tokens[-1]
    if document.text[start:end] in words.ENDS:
        if not _touches(document, start, end):
            yield _removed(document, start, end)
    elif document.text[end - 1].isalnum() and not _touches(document, end, end):
        stop = words.FULL_STOPS.get(words.script(document.text), ".")
        stop = f" {stop}" if words.stands_apart(document) else stop
        yield Edit(end, end, stop, ((len(stop) - 1, len(stop)),))


def _commas(document: Document, random: Random, known: Known) -> Iterator[Edit]:
    for start, end in document.tokens:
        if document.text[start:end] in words.COMMAS and not _touches(document, start, end):
            yield _removed(document, start, end)


def _removed(document: Document, start: int, end: int) -> Edit:
    """Take a sign away with the space before it; words that it kept apart stay apart."""
    text = document.text
    if end < len(text) and not text[end].isspace():
        apart = "" if start and (text[start - 1].isspace() or text[start] in "，、､") else " "
        return Edit(start, end, apart if start else "", ())
    while start and text[start - 1].isspace() and not _touches(document, start - 1, start):
        start -= 1
    return Edit(start, end, "", ())


def _contractions(document: Document, random: Random, known: Known) -> Iterator[Edit]:
    """Write out what is short and shorten what is written out."""
    starts = {start for start, _ in document.tokens}
    ends = {end for _, end in document.tokens}
    at = 0
    both = (*words.LONG_FORMS.finditer(document.text), *words.SHORT_FORMS.finditer(document.text))
    for found in sorted(both, key=lambda each: (each.start(), -each.end())):
        start, end = found.span()
        if start >= at and start in starts and end in ends and not _touches(document, start, end):
            form = words.other_form(found[0])
            yield Edit(start, end, form, words.tokens_like(document, form))
            at = end


def _other_mentions(document: Document, random: Random, known: Known) -> Iterator[Edit]:
    for span in _apart(document):
        own = _piece(document, span.start, span.end)
        if own is None:
            continue
        there = known.mentions.get((span.label, words.script(own.text)), ())
        others = [each for each in there if each.text.casefold() != own.text.casefold()]
        if others:
            other = random.choice(others)
            yield Edit(span.start, span.end, other.text, other.tokens)


def _numbers(document: Document, random: Random, known: Known) -> Iterator[Edit]:
    """Give every number another last digit: a year stays a year, a time mostly a time."""
    text = document.text
    for start, end in document.tokens:
        if not text[end - 1].isdecimal() or any(sign.isalpha() for sign in text[start:end]):
            continue
        digit = int(text[end - 1])
        alone = end - 1 == start
        others = [each for each in range(int(alone), 10) if each != digit]
        # The digits of a script stand side by side in Unicode.
        yield Edit(end - 1, end, chr(ord(text[end - 1]) - digit + random.choice(others)))


def _beside(after: bool) -> Change:
    def edits(document: Document, random: Random, known: Known) -> Iterator[Edit]:
        script = words.script(document.text)
        there = known.sentences.get(script, ())
        sentences = [each for each in there if each.text != document.text]
        sentence = random.choice(sentences) if sentences else _neutral(script)
        if sentence is None:
            return
        first = document.text if after else sentence.text
        # Without a sign between them two sentences would be read as one.
        stop = words.FULL_STOPS.get(script, ".") if first[-1:].isalnum() else ""
        space = "" if script == words.CJK else " "
        parts = (stop, space, sentence.text) if after else (sentence.text, stop, space)
        shift = len(stop) + len(space) if after else 0
        tokens = [(start + shift, end + shift) for start, end in sentence.tokens]
        at = 0 if after else len(sentence.text)
        tokens += [(at, at + len(stop))] if stop else []
        place = len(document.text) if after else 0
        yield Edit(place, place, "".join(parts), tuple(sorted(tokens)))

    return edits


def _neutral(script: str) -> Piece | None:
    sentence = words.NEUTRAL.get(script)
    return Piece(sentence, tokenize(sentence)) if sentence else None


def _apart(document: Document) -> list[Span]:
    """Return the marks with ranges that touch no other: each can be changed by itself."""
    spans = [span for span in document.spans if not span.whole]
    return [
        one
        for one in sorted(spans)
        if not any(other is not one and _meet(one, other) for other in spans)
    ]


def _meet(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _touches(document: Document, start: int, end: int) -> bool:
    """Tell whether a range has a place in common with a mark."""
    return any(span.start < end and start < span.end for span in document.spans)


PERTURBATIONS = (
    Perturbation("lower", "Small letters", "the whole text in small letters", _case(str.lower)),
    Perturbation("upper", "CAPITALS", "THE WHOLE TEXT IN CAPITALS", _case(str.upper)),
    Perturbation(
        "title", "Title Case", "Every Word With A Capital, As In A Heading", _case(_titled)
    ),
    Perturbation(
        "typo", "Typo beside it", "a typing error in one of ten of the other words", _typos_beside
    ),
    Perturbation(
        "typo inside", "Typo inside", "a typing error in the marked words", _typos_inside, True
    ),
    Perturbation(
        "full stop", "Full stop", "the full stop at the end added, or left out", _full_stop
    ),
    Perturbation("commas", "Commas", "all commas left out", _commas),
    Perturbation(
        "contractions", "Contractions", "do not for don't, and don't for do not", _contractions
    ),
    Perturbation(
        "mention",
        "Another in its place",
        "another name, or what else the label has in train, in the same place",
        _other_mentions,
        True,
    ),
    Perturbation("number", "Other numbers", "every number with another last digit", _numbers),
    Perturbation(
        "after",
        "Sentence after it",
        "a sentence in which nothing is marked comes after it",
        _beside(True),
    ),
    Perturbation(
        "before",
        "Sentence before it",
        "a sentence in which nothing is marked comes before it",
        _beside(False),
    ),
)
BY_NAME = {each.name: each for each in PERTURBATIONS}
