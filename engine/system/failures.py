"""What counts as a failure that can be told, also where a library in Rust breaks off."""

from __future__ import annotations


def is_failure(error: BaseException) -> bool:
    """Tell whether something failed; else the process itself was asked to end."""
    # What fails within Rust in an unforeseen way derives from BaseException.
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"
