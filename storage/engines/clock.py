"""The time of day as the database writes it."""

from datetime import UTC, datetime


def now() -> str:
    """Return the present moment in UTC as ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
