"""A trained model as a component of spaCy's, with the marks that Whetstone finds. No torch."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc, SpanGroup
from spacy.tokens import Span as Stretch
from spacy.util import filter_spans, load_model_from_init_py, minibatch, registry
from spacy.vocab import Vocab

from engine.encoding.tokens import tokenize
from engine.encoding.word_pieces import readable
from engine.packaging.runners.onnx_runtime import Model
from engine.packaging.runners.reader import document_of

# What a package registers these by, and loads itself with (see ``engine.packaging.sources``).
__all__ = ["Language", "load_model_from_init_py", "marks_of", "registry", "words_of"]
SPACES = re.compile(r"( ?)(.*)", re.DOTALL)


class Words:
    """A tokenizer of spaCy's with the words that the model reads, so that marks lie on them."""

    def __init__(self, vocab: Vocab) -> None:
        """Use a pipeline's vocabulary."""
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        """Return a text's words; other white space than one blank is a word, as spaCy has it."""
        words: list[str] = []
        blanks: list[bool] = []
        text, end = readable(text), 0
        for start, until in (*tokenize(text), (len(text), len(text))):
            blank, more = _split(text[end:start], after_word=bool(words))
            if blank:
                blanks[-1] = True
            for word in filter(None, (more, text[start:until])):
                words.append(word)
                blanks.append(False)
            end = until
        return Doc(self.vocab, words, blanks)

    def to_bytes(self, **_: Any) -> bytes:
        """Return nothing: there is nothing to keep."""
        return b""

    def from_bytes(self, data: bytes, **_: Any) -> Words:
        """Return it as it is."""
        return self

    def to_disk(self, path: Path, **_: Any) -> None:
        """Write nothing."""

    def from_disk(self, path: Path, **_: Any) -> Words:
        """Return it as it is."""
        return self


class Marks:
    """A component that marks documents.

    Marks of words are ``doc.ents``, and ``doc.spans[name]`` with their scores under
    ``attrs["scores"]``; those that end within words of another tokenizer's only stand there,
    with these words whole. Of whole texts ``doc.cats`` has the probability of every label. What
    the model decides, spans or the labels that are given, is in ``doc.user_data[name]``.
    """

    def __init__(self, name: str) -> None:
        """Know its own name; the model comes from a folder."""
        self.name = name
        self._model: Model | None = None
        self._folder: Path | None = None

    def __call__(self, doc: Doc) -> Doc:
        """Mark one document."""
        return next(self.pipe([doc]))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 64) -> Iterator[Doc]:
        """Mark documents, some at a time."""
        if self._model is None:
            raise ValueError("This component has no model yet: load the pipeline by spacy.load.")
        for docs in minibatch(stream, batch_size):
            texts = [document_of(doc.text) for doc in docs]
            scores = self._model.score(texts)
            decided = self._model.decode(texts, scores)
            for doc, marks, rows in zip(docs, decided, scores, strict=True):
                doc.user_data[self.name] = marks
                if self._model.whole:
                    doc.cats.update(zip(self._model.labels, np.exp(rows[0]).tolist(), strict=True))
                else:
                    self._set(doc, marks)
                yield doc

    def to_disk(self, path: Path, exclude: Iterable[str] = ()) -> None:
        """Copy the model's folder."""
        if self._folder:
            shutil.copytree(self._folder, path, dirs_exist_ok=True)

    def from_disk(self, path: Path, exclude: Iterable[str] = ()) -> Marks:
        """Load the model of a folder."""
        self._folder, self._model = Path(path), Model(path)
        return self

    def _set(self, doc: Doc, marks: list[dict[str, Any]]) -> None:
        spans = [(mark, _lay(doc, mark, "strict")) for mark in marks]
        doc.ents = filter_spans([*(span for _, span in spans if span), *doc.ents])
        found = [span or _lay(doc, mark, "expand") for mark, span in spans]
        scores = {"scores": [mark["score"] for mark in marks]}
        doc.spans[self.name] = SpanGroup(doc, name=self.name, attrs=scores, spans=found)


def words_of() -> Callable[[Language], Words]:
    """Return what makes the tokenizer of a pipeline."""
    return lambda nlp: Words(nlp.vocab)


def marks_of(nlp: Language, name: str) -> Marks:
    """Make the component of a pipeline."""
    return Marks(name)


def _split(gap: str, after_word: bool) -> tuple[str, str]:
    """Return the blank that belongs to the word before a gap, and the rest of it."""
    found = SPACES.fullmatch(gap)
    assert found, "it fits everything"
    return (found[1], found[2]) if after_word else ("", gap)


def _lay(doc: Doc, mark: dict[str, Any], mode: str) -> Stretch | None:
    return doc.char_span(mark["start"], mark["end"], mark["label"], alignment_mode=mode)
