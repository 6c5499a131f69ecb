"""BERT's forward pass over flat rows: packed products, attention by length, no wasted answers.

The last layer goes on only for the rows that somebody asks for. A model is read this way where
it is one of transformers' own of BERT's or RoBERTa's kind, as it came from there (no adapters),
and says the same on a probe; any other is left to transformers.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from engine.encoding.batches import collate
from engine.encoding.examples import Window
from engine.inference.flat.products import Product, Rounded, Whole
from engine.inference.flat.rows import Rows
from engine.models.kernels import lacking
from engine.models.layers import find_layers

KINDS = "bert", "roberta", "xlm-roberta", "camembert"
TASKS = "ForTokenClassification", "ForSequenceClassification"
# How far logits may be off in float32, in parts of the largest.
TOLERANCE = 1e-4


class Flat:
    """A model that answers windows on a CPU as ``logits`` does, without padding."""

    def __init__(self, model: Any, product: type[Whole] | type[Rounded] = Whole) -> None:
        """Use ``flatten`` instead."""
        self._model, base = model, model.base_model
        self._embeddings = base.embeddings
        self.by_piece = type(model).__name__.endswith(TASKS[0])
        self._typed = getattr(model.config, "type_vocab_size", 0) > 1
        self._padding = None if model.config.model_type == "bert" else model.config.pad_token_id
        self._layers = [_Layer(layer, product) for layer in find_layers(model)]

    def answer(self, windows: Sequence[Window]) -> torch.Tensor:
        """Return logits (units, outputs), window after window, or (windows, outputs)."""
        rows = Rows.of(windows)
        states = self._embed(rows)
        for layer in self._layers[:-1]:
            states = layer(states, rows)
        asked = functional.pad(rows.answers, (0, lacking(len(rows.answers))))
        states = self._layers[-1](states, rows, asked)[: len(rows.answers)]
        found: torch.Tensor = self._head(states)
        return found.float()

    def states(self, rows: Rows) -> Iterator[torch.Tensor]:
        """Yield the states (rows, width) that the layers read, the lowest first, and the last."""
        states, count = self._embed(rows), len(rows.pieces)
        yield states[:count]
        for layer in self._layers:
            states = layer(states, rows)
            yield states[:count]

    @property
    def layers(self) -> int:
        """How many layers there are."""
        return len(self._layers)

    def _embed(self, rows: Rows) -> torch.Tensor:
        """Return the lowest states, and some rows of nothing behind them (see ``lacking``)."""
        parts, places = self._embeddings, self._positions(rows)
        states = parts.word_embeddings(rows.pieces).add_(parts.position_embeddings(places))
        types = rows.segments if self._typed and rows.segments.numel() else rows.places * 0
        states.add_(parts.token_type_embeddings(types))
        found: torch.Tensor = parts.LayerNorm(states)
        return functional.pad(found, (0, 0, 0, lacking(len(found))))

    def _positions(self, rows: Rows) -> torch.Tensor:
        """Return the number of each piece's position, as its kind of model counts them."""
        if self._padding is None:
            return rows.places
        # A text can hold what stands for padding, which RoBERTa's kind does not count.
        real = (rows.pieces != self._padding).numpy()
        before = np.cumsum(real)
        first = rows.starts
        lengths = np.diff(np.append(first, len(real)))
        counted = before - np.repeat(before[first] - real[first], lengths)
        return torch.from_numpy(counted * real + self._padding)

    def _head(self, states: torch.Tensor) -> Any:
        if self.by_piece:
            return self._model.classifier(states)
        first = states[:, None]
        pooler = self._model.base_model.pooler
        return self._model.classifier(first if pooler is None else pooler(first))


class _Layer:
    """Attention and what comes after it."""

    def __init__(self, layer: Any, product: type[Whole] | type[Rounded]) -> None:
        looks, after = layer.attention.self, layer.attention.output
        self._heads = looks.num_attention_heads
        self._looks: Product = product(looks.query, looks.key, looks.value)
        self._mixes: Product = product(after.dense)
        self._widens: Product = product(layer.intermediate.dense)
        self._narrows: Product = product(layer.output.dense)
        self._norms = after.LayerNorm, layer.output.LayerNorm

    def __call__(
        self, states: torch.Tensor, rows: Rows, asked: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Return the states above the layer: of all rows, or of those that are asked for."""
        seen = self._attend(states, rows)
        if asked is not None:
            states, seen = states[asked], seen[asked]
        states = self._norms[0](self._mixes(seen).add_(states))
        found: torch.Tensor = self._norms[1](self._narrows(self._widens.gelu(states)).add_(states))
        return found

    def _attend(self, states: torch.Tensor, rows: Rows) -> torch.Tensor:
        looks, seen = self._looks(states), torch.empty_like(states)
        for stretch in rows.stretches:
            shape = stretch.windows, stretch.length, 3, self._heads, -1
            query, key, value = looks[stretch.rows].view(shape).permute(2, 0, 3, 1, 4)
            found = functional.scaled_dot_product_attention(query, key, value)
            seen[stretch.rows] = found.transpose(1, 2).flatten(2).flatten(0, 1)
        seen[len(rows.pieces) :] = 0
        return seen


def flatten(model: torch.nn.Module, rounded: bool = False) -> Flat | None:
    """Return a copy of a model on the CPU, its products in int8 if ``rounded``.

    None where the model is of another kind, or there is no oneDNN here that packs products, or
    no processor for int8.
    The model does not train; later changes of its layers do not reach the copy.
    """
    if not (_is_packable() and _is_known(model)) or (rounded and not has_int8()):
        return None
    with torch.inference_mode():
        flat = Flat(model)
        if not _agrees(model, flat):
            return None
        return Flat(model, Rounded) if rounded else flat


def has_int8() -> bool:
    """Tell whether the processor sums int8 products exactly; on older ones they may overflow."""
    return bool(torch.cpu._is_vnni_supported())


def _is_packable() -> bool:
    return torch.backends.mkldnn.is_available() and platform.machine() in ("x86_64", "AMD64")


def _is_known(model: Any) -> bool:
    config, kind = model.config, type(model)
    plain = all(type(m) is torch.nn.Linear for m in _products(model))
    return (
        config.model_type in KINDS
        and kind.__module__.startswith("transformers.models.")
        and kind.__name__.endswith(TASKS)
        and config.hidden_act == "gelu"
        and not config.is_decoder
        and plain
    )


def _products(model: Any) -> list[torch.nn.Module]:
    """Return all of a model's layers that are, or stand for, matrix products."""
    return [m for m in model.modules() if hasattr(m, "in_features")]


def _agrees(model: Any, flat: Flat) -> bool:
    """See whether model and copy say the same of two windows of different lengths."""
    texts = (5, 6, 7, 8, 9, 10, 11), (12, 13, 14)
    places = (1, 2) if flat.by_piece else ()
    units = tuple(range(len(places) or 1))
    probe = [Window(n, pieces, units, places, units) for n, pieces in enumerate(texts)]
    batch = collate(probe, model.config.pad_token_id or 0)
    plain = model(input_ids=batch.pieces, attention_mask=batch.mask).logits.flatten(0, -2)
    plain = plain[torch.from_numpy(batch.answers())]
    off = float((flat.answer(probe) - plain).abs().max())
    return off <= TOLERANCE * max(1.0, float(plain.abs().max()))
