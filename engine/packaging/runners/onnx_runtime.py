"""A trained model on onnxruntime, with the marks that Whetstone finds. No torch."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from engine.encoding.batches import by_budget
from engine.packaging.runners.reader import Reader, Text, document_of
from storage.types import Document

BUDGET = 4096
"""So many padded pieces go through the model at once."""


class Model:
    """The model of a folder that holds ``model.onnx``, ``config.json`` and a tokenizer."""

    def __init__(self, folder: str | Path = "", threads: int = 0) -> None:
        """Load it from a folder, else from the one of this file; 0 threads: every core."""
        place = Path(folder or Path(__file__).parent)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        graph = str(place / "model.onnx")
        providers = ["CPUExecutionProvider"]
        self._session = onnxruntime.InferenceSession(graph, options, providers=providers)
        config, settings = _read(place / "config.json"), _read(place / "tokenizer_config.json")
        tokenizer = Tokenizer.from_file(str(place / "tokenizer.json"))
        self._reader = Reader.of(config, tokenizer, settings)

    @property
    def labels(self) -> list[str]:
        """The labels that it knows."""
        return self._reader.labels

    @property
    def whole(self) -> bool:
        """Whether it labels texts as a whole."""
        return self._reader.decides.whole

    def predict(self, texts: Sequence[Text]) -> list[list[dict[str, Any]]]:
        """Return each text's marks: "start" and "end" in code points, "label", "score", "text".

        What is labelled as a whole has "label" and "score". A pair of texts is a tuple.
        """
        documents = [document_of(text) for text in texts]
        return self.decode(documents, self.score(documents))

    def decode(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray]
    ) -> list[list[dict[str, Any]]]:
        """Return the marks that documents' scores mean."""
        return self._reader.decode(documents, scores)

    def chances(self, texts: Sequence[Text]) -> list[np.ndarray]:
        """Return each text's probabilities, (tokens or 1, outputs)."""
        return [np.exp(each) for each in self.score([document_of(text) for text in texts])]

    def score(self, documents: Sequence[Document]) -> list[np.ndarray]:
        """Return each document's log-probabilities, (tokens or 1, outputs)."""
        windows = self._reader.windows(documents)
        logits: list[Any] = [None] * len(windows)
        for some in by_budget([len(window.pieces) for window in windows], BUDGET):
            given = self._reader.collate([windows[at] for at in some])
            (found,) = self._session.run(["logits"], given)
            for row, at in enumerate(some):
                logits[at] = found[row]
        return self._reader.score(documents, windows, logits)


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def main() -> None:
    """Print the marks of the texts that stand in the command as JSON."""
    print(json.dumps(Model().predict(sys.argv[1:]), ensure_ascii=False, indent=1))
