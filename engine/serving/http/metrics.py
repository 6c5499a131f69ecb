"""What is counted, as Prometheus reads it. Each application has its own counters."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
SIZES = (1, 2, 4, 8, 16, 32, 64)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Counters of an application."""

    def __init__(self) -> None:
        own = self._registry = CollectorRegistry()
        requests = "Requests by answer's status; 499: whoever asked was gone before it."
        texts = "Texts that were answered."
        self.requests = Counter("whetstone_requests", requests, ["status"], registry=own)
        self.texts = Counter("whetstone_texts", texts, ["run"], registry=own)
        self.seconds = Histogram(
            "whetstone_request_seconds", "Time to an answer.", buckets=SECONDS, registry=own
        )
        self.batches = Histogram(
            "whetstone_batch_texts", "Texts in a batch.", buckets=SIZES, registry=own
        )
        self.computing = Histogram(
            "whetstone_batch_seconds", "Time of a batch.", buckets=SECONDS, registry=own
        )
        self._waiting = Gauge(
            "whetstone_waiting_texts", "Texts that wait for the model.", registry=own
        )

    def batch(self, size: int, seconds: float) -> None:
        """Count a batch."""
        self.batches.observe(size)
        self.computing.observe(seconds)

    def watch(self, waiting: Callable[[], int]) -> None:
        """Tell by this function how many texts wait."""
        self._waiting.set_function(waiting)

    def text(self) -> bytes:
        """Return all of it."""
        return generate_latest(self._registry)
