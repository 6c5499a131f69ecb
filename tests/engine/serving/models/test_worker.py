"""What a model's process does where its service is gone."""

from __future__ import annotations

import os
from typing import Any

from engine.serving.models.worker import Lanes


def test_an_answer_that_nobody_waits_for_any_more_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    unasked: Any = None
    with os.fdopen(writer, "wb", buffering=0) as answers:
        Lanes(unasked, answers, 0).say({"id": 1, "answers": []})
