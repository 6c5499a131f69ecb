"""Words to word-pieces, on a ``tokenizers.Tokenizer`` alone.

Documents are cut into their own tokens first, so that no piece crosses a token border.
A token gets the space (or the sign for it) that the tokenizer expects in front of a word
exactly when white space precedes it in the text, or when the text begins with it: the
pieces are then those of the raw text, and byte-level and Unigram vocabularies meet words
in the form they were pre-trained on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from tokenizers import Tokenizer

from storage.types import Document

_HALVES = re.compile("[\ud800-\udfff]")
# So many documents are handed to the tokenizer, which works on them side by side.
AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Pieces:
    """A tokenizer made ready: no truncation, no padding, its own special pieces known."""

    tokenizer: Tokenizer
    marker: str
    """What stands for the space in front of a word: "", " " (ByteLevel) or "▁" (Metaspace)."""
    prefix: tuple[int, ...]
    suffix: tuple[int, ...]
    unknown: int
    """The piece of a token that yields none (zero-width characters), so that it has a place."""
    between: tuple[int, ...] = ()
    """What stands between two texts that are read together."""
    second: int = 0
    """The type (``token_type_ids``) of the pieces of a second text."""
    shapes: bool = False
    """Whether the type of each piece of a text alone is its word's shape (see ``shapes``)."""

    @property
    def specials(self) -> int:
        """Number of special pieces that every window spends."""
        return len(self.prefix) + len(self.suffix)


def prepare(tokenizer: Tokenizer) -> Pieces:
    """Copy a tokenizer and make it ready to cut words; the original stays as it is."""
    settings = json.loads(tokenizer.to_str())
    # all-MiniLM's file pads and truncates everything to 128 pieces, silently.
    settings["truncation"] = settings["padding"] = None
    marker = _find_marker(settings.get("pre_tokenizer"))
    ready = Tokenizer.from_str(json.dumps(settings))
    bare = ready.encode("a", add_special_tokens=True)
    special = bare.special_tokens_mask
    first = special.index(0) if 0 in special else len(special)
    last = len(special) - special[::-1].index(0) if 0 in special else len(special)
    unknown = _find_unknown(ready, settings)
    between, second = _find_between(ready)
    # A text that says "[SEP]" means these five characters.
    ready.encode_special_tokens = True
    return Pieces(
        ready, marker, tuple(bare.ids[:first]), tuple(bare.ids[last:]), unknown, between, second
    )


def _find_marker(node: dict | None) -> str:
    """Find the space sign of a pre-tokenizer tree, and stop Metaspace from adding its own."""
    if node is None:
        return ""
    if node["type"] == "Sequence":
        found = [_find_marker(child) for child in node["pretokenizers"]]
        return next((marker for marker in found if marker), "")
    if node["type"] == "ByteLevel":
        node["add_prefix_space"] = False
        return " "
    if node["type"] == "Metaspace":
        node["prepend_scheme"] = "never"
        return node["replacement"]
    return ""


def _find_between(tokenizer: Tokenizer) -> tuple[tuple[int, ...], int]:
    """Return the special pieces between two texts, and the type of the second one's pieces."""
    both = tokenizer.encode("a", "a", add_special_tokens=True)
    if 1 not in both.sequence_ids:
        return (), 0
    first = len(both.ids) - both.sequence_ids[::-1].index(0)
    second = both.sequence_ids.index(1)
    return tuple(both.ids[first:second]), both.type_ids[second]


def _find_unknown(tokenizer: Tokenizer, settings: dict) -> int:
    model = settings["model"]
    if isinstance(model.get("unk_id"), int):
        return model["unk_id"]
    for name in (model.get("unk_token"), "[UNK]", "<unk>", "<pad>", "[PAD]"):
        number = tokenizer.token_to_id(name) if name else None
        if number is not None:
            return number
    return 0


def cut(documents: Iterable[Document], pieces: Pieces) -> Iterator[list[list[int]]]:
    """Yield each document's tokens as lists of piece ids; a list may be empty.

    Documents are read some at a time, and so much of them is held.
    """
    source = iter(documents)
    while batch := list(islice(source, AT_ONCE)):
        inputs = [_words(document, pieces.marker) for document in batch]
        # encode_batch_fast is no choice here: it drops the word ids.
        encodings = pieces.tokenizer.encode_batch(
            inputs, is_pretokenized=True, add_special_tokens=False
        )
        for words, encoding in zip(inputs, encodings, strict=True):
            cut_words: list[list[int]] = [[] for _ in words]
            for piece, word in zip(encoding.ids, encoding.word_ids, strict=True):
                if word is not None:
                    cut_words[word].append(piece)
            yield cut_words


def readable(text: str) -> str:
    """Return a text as long as it was, with the sign for what is not known for half a surrogate.

    Half a pair is no character: it has no UTF-8, in which tokenizers read.
    """
    return _HALVES.sub("\ufffd", text)


def _words(document: Document, marker: str) -> list[str]:
    text = readable(document.text)
    return [
        (marker if start == 0 or text[start - 1].isspace() else "") + text[start:end]
        for start, end in document.tokens
    ]
