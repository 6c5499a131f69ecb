"""What somebody starts from who has no version of a document yet."""

from __future__ import annotations

from enum import StrEnum


class Start(StrEnum):
    """What is there when a document is opened for the first time."""

    OPEN = "open"
    """The labels that count by now, whoever gave them."""
    BARE = "bare"
    """The text alone."""
    SUGGESTIONS = "suggestions"
    """The text, and what a model suggests."""

    @property
    def is_blind(self) -> bool:
        """Whether nobody is shown what others labelled."""
        return self is not Start.OPEN
