"""A bi-encoder in the folder format of sentence-transformers, which loads it by itself."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import torch

from engine.models import loading
from engine.models.loading import Loaded

# What sentence-transformers reads of a text at most, in word-pieces.
LONGEST = 512
MODULES = ("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize")


def save(loaded: Loaded, model: torch.nn.Module, folder: Path) -> None:
    """Write the encoder, its tokenizer, and what makes a vector of its output."""
    loading.save(replace(loaded, model=model), folder)
    width = model.config.hidden_size
    pooling = {"word_embedding_dimension": width, "pooling_mode_mean_tokens": True}
    _write(folder / "1_Pooling" / "config.json", pooling)
    (folder / "2_Normalize").mkdir()
    longest = {"max_seq_length": min(LONGEST, loaded.longest), "do_lower_case": False}
    _write(folder / "sentence_bert_config.json", longest)
    _write(folder / "config_sentence_transformers.json", {"similarity_fn_name": "cosine"})
    modules = [
        {
            "idx": number,
            "name": str(number),
            "path": path,
            "type": f"sentence_transformers.models.{name}",
        }
        for number, (name, path) in enumerate(MODULES)
    ]
    _write(folder / "modules.json", modules)


def _write(path: Path, value: object) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(value, indent=2), encoding="utf-8")
