"""The web process's one model server, for every page that asks a model."""

from __future__ import annotations

from functools import lru_cache

from engine.inference.model_client import ModelServer


@lru_cache(maxsize=1)
def server() -> ModelServer:
    """Return the model server; it starts at the first question."""
    return ModelServer()
