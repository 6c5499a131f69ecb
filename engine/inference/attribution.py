"""Words that pushed a decision: gradient × input, word by word.

How much the answer's logit, less the mean of all others', would lose without a word, as far as
the gradient at its word-pieces' vectors tells (Shrikumar et al. 2016, "Not Just a Black Box";
compared for texts by Atanasova et al. 2020, "A Diagnostic Study of Explainability Techniques for
Text Classification"). Where every label is a question of its own, there are no others to
subtract. Only where a model answers once for a text; a model that answers for each word says by
itself which words it means. A worker module: torch lives here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from engine.encoding.batches import Batch, collate
from engine.encoding.examples import Window, places
from engine.encoding.tokens import tokenize
from engine.inference.model_client import Pushes
from engine.inference.pipeline import Predictor
from engine.models import token_types
from storage.types import Document

BATCH = 16


def attribute(
    predictor: Predictor, documents: Sequence[Document], labels: Sequence[Sequence[str]]
) -> list[list[Pushes]]:
    """Return for each document what pushed towards each of its ``labels``, in their order.

    Documents have their tokens. A label that the model does not know is left out; so are all
    where the model answers for each word.
    """
    known = predictor.loaded.head.outputs(predictor.labels)
    found: list[list[Pushes]] = []
    for document, asked in zip(documents, labels, strict=True):
        windows, tokens = _read(predictor, document)
        wanted = [name for name in asked if name in known] if windows else []
        found.append([_of(predictor, document, windows, tokens, known.index(n), n) for n in wanted])
    return found


def _read(predictor: Predictor, document: Document) -> tuple[Sequence[Window], list[list[int]]]:
    """Return the document's windows, and the token behind each of their pieces; -1 for none.

    No window where the model answers for each word.
    """
    loaded, length, stride = predictor.loaded, predictor.length, predictor.stride
    windows = loaded.head.encode([document], loaded.pieces, predictor.labels, length, stride)
    if any(window.places for window in windows):
        return [], []
    return windows, places(document, loaded.pieces, length, stride)


def _of(
    predictor: Predictor,
    document: Document,
    windows: Sequence[Window],
    tokens: Sequence[Sequence[int]],
    output: int,
    label: str,
) -> Pushes:
    count = len(document.tokens)
    more = len(tokenize(document.second_text)) if document.second_text else 0
    sums = np.zeros(count + more)
    for at in range(0, len(windows), BATCH):
        part = windows[at : at + BATCH]
        batch = collate(part, predictor.loaded.padding).to(predictor.device)
        pushed = _push(predictor, batch, output)
        for window, row, behind in zip(part, pushed, tokens[at : at + BATCH], strict=True):
            kept = np.array(behind) >= 0
            np.add.at(sums, np.array(behind)[kept], window.share * row[: len(behind)][kept])
    return Pushes(label, tuple(sums[:count].tolist()), tuple(sums[count:].tolist()))


def _push(predictor: Predictor, batch: Batch, output: int) -> np.ndarray:
    """Return gradient × input of an output, float64 of shape (windows, pieces)."""
    model = predictor.loaded.model
    types = token_types.given(model, batch)
    given = model.get_input_embeddings()(batch.pieces).detach().requires_grad_(True)
    with torch.enable_grad():
        logits = model(inputs_embeds=given, attention_mask=batch.mask, **types).logits.float()
        (gradient,) = torch.autograd.grad(_margin(model, logits, output).sum(), given)
    return (gradient * given).sum(dim=-1).detach().double().cpu().numpy()


def _margin(model: torch.nn.Module, logits: torch.Tensor, output: int) -> torch.Tensor:
    several = getattr(model.config, "problem_type", "") == "multi_label_classification"
    if several or logits.shape[-1] == 1:
        return logits[:, output]
    others = (logits.sum(dim=-1) - logits[:, output]) / (logits.shape[-1] - 1)
    return logits[:, output] - others
