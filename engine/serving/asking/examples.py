"""How to ask the service from a shell: one line for whoever copies it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

from engine import tasks

TEXT, SECOND = "Ada Lovelace went to Paris.", "She was in France."


def examples(url: str, key_hint: str, task: str) -> str:
    """Return a ``curl`` line that asks the service at an address about a text, or about a pair.

    ``key_hint`` stands for the key; empty where none is asked for.
    """
    return curl(url, key_hint, question(task))


def question(task: str) -> dict[str, str]:
    """Return what a model of a task can be asked."""
    return {"text": TEXT} | ({"second_text": SECOND} if tasks.get(task).fitting is not None else {})


def curl(url: str, key_hint: str, asked: Mapping[str, str]) -> str:
    """Return the line that posts this."""
    words = ["curl", f"{url.rstrip('/')}/predict", "-H", "Content-Type: application/json"]
    if key_hint:
        words += ["-H", f"Authorization: Bearer {key_hint}"]
    return shlex.join([*words, "-d", json.dumps(asked, ensure_ascii=False)])
