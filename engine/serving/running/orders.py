"""What a service is told when it is started, by its command and again after every restart."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

PORT = 8600
PER_SECOND, WAITING, BUDGET = 1_000.0, 2_000, 0.1


@dataclass(frozen=True, slots=True)
class Service:
    """Which model to serve, where, and to whom."""

    project_id: int
    run_id: int | None = None
    """Serve this run for ever; None: the project's live version."""
    host: str = "127.0.0.1"
    port: int = PORT
    int8: bool = False
    per_second: float = PER_SECOND
    """Requests a second of one key."""
    waiting: int = WAITING
    """Texts that may wait."""
    budget: float = BUDGET
    """Seconds that a batch may take."""
    origins: tuple[str, ...] = ()
    """Other sites whose pages may ask from a browser."""

    def to_json(self) -> str:
        """Return it as a process is given it."""
        return json.dumps(asdict(self))

    @classmethod
    def of_json(cls, text: str) -> Service:
        """Return it again."""
        fields: dict[str, Any] = json.loads(text)
        return cls(**{**fields, "origins": tuple(fields["origins"])})
