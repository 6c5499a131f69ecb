"""A finished run's model on new documents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from engine import checkpoints, models, spec
from engine.examples import encode
from engine.fitting import MODEL
from engine.inference import score_tokens, to_predictions
from engine.tokens import tokenize
from storage.types import Document

CHUNK = 2048


def predict(run_folder: Path, documents: Iterable[Document]) -> list[Document]:
    """Return the documents with the spans that the run's model predicts, in their order.

    Raises ModelError where the run has no complete model.
    """
    folder = checkpoints.verify(Path(run_folder) / MODEL)
    loaded, labels = models.load_trained(folder)
    settings = spec.read(run_folder).settings
    device = models.choose_device("auto")
    loaded.model.to(device)
    documents = [_bare(document) for document in documents]
    length = min(settings.max_length, loaded.longest)
    done: list[Document] = []
    # In chunks, since the tag scores of a large corpus would not fit into memory at once.
    for start in range(0, len(documents), CHUNK):
        chunk = documents[start : start + CHUNK]
        windows = encode(chunk, loaded.pieces, labels, length, settings.stride)
        lengths = [len(document.tokens) for document in chunk]
        scores = score_tokens(loaded.model, windows, lengths, loaded.padding, device)
        found = to_predictions(chunk, scores, labels)
        done += [replace(d, spans=spans) for d, spans in zip(chunk, found, strict=True)]
    return done


def _bare(document: Document) -> Document:
    """Return the document without its spans, and with tokens if it came without."""
    tokens = document.tokens or tokenize(document.text)
    return replace(document, spans=(), tokens=tokens)
