"""What is counted, as Prometheus reads it. Each application has its own counters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
SIZES = (1, 2, 4, 8, 16, 32, 64)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Counters of an application."""

    def __init__(self) -> None:
        self.others: Sequence[Metric] = ()
        """What others that answer for the same service have counted: it is told with this."""
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

    def counted(self) -> list[Metric]:
        """Return what was counted here."""
        return list(self._registry.collect())

    def text(self) -> bytes:
        """Return all of it, with what others have counted."""
        return generate_latest(_Sum([self.counted(), self.others]))


class _Sum(Collector):
    """What several applications have counted, as if one had."""

    def __init__(self, many: Iterable[Sequence[Metric]]) -> None:
        self._many = many

    def collect(self) -> Iterator[Metric]:
        """Yield every metric once."""
        yield from add(self._many)


def add(many: Iterable[Sequence[Metric]]) -> list[Metric]:
    """Return what several applications have counted, added up; of moments the earliest."""
    metrics: dict[str, Metric] = {}
    values: dict[str, dict[tuple, float]] = {}
    for metric in (metric for counted in many for metric in counted):
        metrics.setdefault(metric.name, metric)
        sums = values.setdefault(metric.name, {})
        for sample in metric.samples:
            key = sample.name, tuple(sample.labels.items())
            join = min if sample.name.endswith("_created") else float.__add__
            sums[key] = join(sums[key], sample.value) if key in sums else float(sample.value)
    return [_metric(metrics[name], sums) for name, sums in values.items()]


def _metric(like: Metric, sums: dict[tuple, float]) -> Metric:
    made = Metric(like.name, like.documentation, like.type)
    made.samples = [Sample(name, dict(labels), value) for (name, labels), value in sums.items()]
    return made
