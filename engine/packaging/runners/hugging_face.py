"""A trained model in transformers' own pipeline, with the marks that Whetstone finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from transformers.pipelines.base import ChunkPipeline

from engine.packaging.runners.reader import Reader, Text, document_of


class Pipeline(ChunkPipeline):
    """``transformers.pipeline(task, model=folder, pipeline_class=Pipeline)``.

    Answers a text with a list of marks: of words, ``entity_group``, ``score``, ``word``,
    ``start`` and ``end`` in code points; of whole texts, ``label`` and ``score``. A pair is
    given as ``{"text": …, "text_pair": …}``. Texts of any length are read whole.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        config, settings = self.model.config.to_dict(), self.tokenizer.init_kwargs
        self._reader = Reader.of(config, self.tokenizer.backend_tokenizer, settings)

    def _sanitize_parameters(self, **given: Any) -> tuple[dict, dict, dict]:
        if given:
            raise ValueError(f"This pipeline has no {', '.join(given)}: the model says it all.")
        return {}, {}, {}

    def preprocess(self, inputs: Any) -> Iterator[dict[str, Any]]:
        """Yield what the model reads of a text, window after window."""
        document = document_of(_text(inputs))
        windows = self._reader.windows([document])
        # Of a text without a word the model is asked nothing.
        for at, window in enumerate(windows or [None]):
            given = self._reader.collate([window]) if window else {}
            tensors = {name: torch.from_numpy(each) for name, each in given.items()}
            last = at + 1 >= len(windows)
            yield {**tensors, "document": document, "window": window, "is_last": last}

    def _forward(self, given: dict[str, Any]) -> dict[str, Any]:
        told = {name: given.pop(name) for name in ("document", "window", "is_last")}
        return {"logits": self.model(**given).logits if given else None, **told}

    def postprocess(self, answers: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the marks that the answers to a text's windows mean."""
        document, told = answers[0]["document"], [each for each in answers if each["window"]]
        logits = [each["logits"][0].float().numpy() for each in told]
        scores = self._reader.score([document], [each["window"] for each in told], logits)
        (found,) = self._reader.decode([document], scores)
        return [_named(mark) for mark in found]


def _text(inputs: Any) -> Text:
    return (inputs["text"], inputs["text_pair"]) if isinstance(inputs, dict) else inputs


def _named(mark: dict[str, Any]) -> dict[str, Any]:
    """Return a mark under the names that transformers gives it."""
    if "start" not in mark:
        return mark
    names = {"label": "entity_group", "text": "word"}
    return {names.get(name, name): value for name, value in mark.items()}
