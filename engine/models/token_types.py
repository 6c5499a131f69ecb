"""Token types: which text a piece is of, or the shape of its word, as the model is told it."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file

from engine.encoding.batches import Batch
from engine.encoding.shapes import SHAPES

EMBEDDING = "token_type_embeddings"
SHAPES_FILE = Path(__file__).parent / "shapes.safetensors"
"""``rows``, what words' shapes are to the bundled encoder, and ``first``, the row that all of them
were at first. Made by tests/benchmarks/shapes.py; runs half done go on with them, so others would
need another name."""


def given(model: torch.nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
    """Return what a forward pass is told of a batch's segments besides its pieces, by name."""
    # Models of one type of text, such as RoBERTa's kind, know the border by its pieces alone.
    if batch.segments.numel() and getattr(model.config, "type_vocab_size", 0) > 1:
        return {"token_type_ids": batch.segments}
    return {}


def widen(model: torch.nn.Module) -> bool:
    """Give a model a token type for each shape of a word, all like its first one; in place.

    Returns False, and leaves the model as it is, where it has no token types, or only one.
    """
    known = getattr(model.config, "type_vocab_size", 0) or 0
    for parent in model.modules():
        old = getattr(parent, EMBEDDING, None)
        if isinstance(old, torch.nn.Embedding) and known == old.num_embeddings > 1:
            rows = old.weight.detach()[:1].repeat(len(SHAPES), 1)
            setattr(parent, EMBEDDING, torch.nn.Embedding.from_pretrained(rows, freeze=False))
            model.config.type_vocab_size = len(SHAPES)
            return True
    return False


def teach(model: torch.nn.Module) -> bool:
    """Give a model that was widened the shapes that came with the program; in place.

    Returns False, and leaves it as it is, where they are another base model's.
    """
    known = load_file(SHAPES_FILE)
    for name, parameter in model.named_parameters():
        if is_shapes(name, parameter) and torch.equal(parameter[0].detach(), known["first"]):
            with torch.no_grad():
                parameter.copy_(known["rows"])
            return True
    return False


def learn(model: torch.nn.Module, learning: bool) -> None:
    """Let words' shapes learn, or leave them as they are from now on."""
    for name, parameter in model.named_parameters():
        if is_shapes(name, parameter):
            parameter.requires_grad_(learning)


def is_shapes(name: str, parameter: torch.nn.Parameter) -> bool:
    """Tell whether a parameter of this name holds words' shapes."""
    return EMBEDDING in name.split(".") and len(parameter) == len(SHAPES)
