"""A bi-encoder: texts as vectors of length 1, near each other where the texts belong together.

A text's vector is the mean over its word-pieces in the last layer, special ones included
(Reimers and Gurevych 2019, "Sentence-BERT"), which is what sentence-transformers computes from
the same folder. Where that cuts a long text off, here all of it is read, in windows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from engine.configuration import bases
from engine.encoding.tokens import tokenize
from engine.inference.encoder import Encoder
from engine.models import loading
from engine.runs import checkpoints
from engine.runs.files import RETRIEVER
from storage.errors import ModelError
from storage.types import Document, Token

POOLING = Path("1_Pooling") / "config.json"
# Texts that are cut into pieces and sorted by length together; memory grows with it alone.
CHUNK = 4096

Pause = Callable[[], None]


class Retriever:
    """Turns texts into vectors whose inner product says how well they fit."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    @property
    def width(self) -> int:
        """The length of a vector."""
        return self._encoder.width

    def embed(self, texts: Sequence[str], pause: Pause = lambda: None) -> np.ndarray:
        """Return float32 vectors of shape (texts, width), each of length 1; zeros without a word.

        ``pause`` is called after every batch and may raise.
        """
        found = np.zeros((len(texts), self.width), dtype=np.float32)
        at = 0
        for chunk in self._chunks(texts):
            found[at : at + len(chunk)] = self._encoder.embed(chunk, pause)
            at += len(chunk)
        return found

    def words(self, texts: Sequence[str]) -> list[tuple[tuple[Token, ...], np.ndarray]]:
        """Return each text's tokens, and what they mean there: float32 (tokens, width)."""
        documents = [Document(text, tokenize(text)) for text in texts]
        vectors = self._encoder.read(documents)[1]
        return [(each.tokens, found) for each, found in zip(documents, vectors, strict=True)]

    def _chunks(self, texts: Sequence[str]) -> Iterator[list[Document]]:
        documents = (Document(text, tokenize(text)) for text in texts)
        while chunk := list(islice(documents, CHUNK)):
            yield chunk


def find(run_folder: Path) -> Path | None:
    """Return the folder of the bi-encoder that a run has trained; None where it left that out."""
    folder = Path(run_folder) / RETRIEVER
    return folder if folder.is_dir() else None


def load(folder: Path | None, device: str = "auto") -> Retriever:
    """Load a bi-encoder from a folder in sentence-transformers' format; None: the bundled one.

    Raises:
        ModelError: it is damaged, or made to be read in another way than by its mean.
        InputError: the device is not there.
    """
    if folder is None:
        folder = bases.fetch(bases.BUNDLED)
    elif (folder / checkpoints.MANIFEST).exists():
        checkpoints.verify(folder)
    _check_pooling(folder)
    return Retriever(Encoder(folder, loading.choose_device(device)))


def _check_pooling(folder: Path) -> None:
    """Raise ModelError where the folder asks for another pooling than the mean."""
    if not (folder / POOLING).exists():
        return
    asked = json.loads((folder / POOLING).read_text(encoding="utf-8"))
    modes = [name for name, on in asked.items() if name.startswith("pooling_mode_") and on is True]
    modes += [asked["pooling_mode"]] if isinstance(asked.get("pooling_mode"), str) else []
    if any("mean" not in mode or "sqrt" in mode for mode in modes):
        raise ModelError(
            f"The encoder in {folder} is not read by the mean of its pieces ({', '.join(modes)}); "
            f"choose one that is, or the bundled one."
        )
