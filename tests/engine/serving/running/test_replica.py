"""Replicas side by side, here in one process: each follows the project, and counts for all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client.metrics_core import Metric
from starlette.testclient import TestClient

from engine.serving import promoting
from engine.serving.http import metrics
from engine.serving.running import replica
from engine.serving.running.orders import Service
from engine.serving.running.replica import Counts
from storage.database.connection import Database
from storage.serving import keys
from storage.types import Stage
from tests.engine.folders import wait_for
from tests.engine.serving import runs
from tests.engine.serving.running.asking import marked, spans
from tests.engine.serving.running.served import promotable

HOST = "http://127.0.0.1"


@contextmanager
def replicas(service: Service, count: int = 2) -> Iterator[list[TestClient]]:
    """Let so many replicas answer while the block runs."""
    counts = Counts()

    def exchange(name: str) -> replica.Exchange:
        return lambda counted: counts.exchange(name, counted)

    made = [
        TestClient(replica.application(service, replica.place(), count, exchange(str(n))), HOST)
        for n in range(count)
    ]
    for client in made:
        client.__enter__()
    try:
        yield made
    finally:
        for client in made:
            client.__exit__(None, None, None)


def test_each_replica_answers_as_the_model_does_and_follows_what_goes_live(
    db: Database, home: Path, bert: Path
) -> None:
    first, second = promotable(db, home, bert)
    promoting.promote(db, first, Stage.LIVE)
    texts = runs.texts(6)
    with replicas(Service(1)) as clients:
        for client in clients:
            # At once: a replica has its model before it takes requests.
            assert client.get("/healthz").json()["model"]["run"] == 1
            assert told(client, texts) == marked(db, first, texts)
        promoting.promote(db, second, Stage.LIVE)
        asked = 0
        for client in clients:
            while (answer := client.post("/predict", json={"texts": texts})).json():
                assert answer.status_code == 200, "whoever asks meanwhile is answered"
                asked += 1
                if answer.json()["model"]["run"] == 2:
                    break
            assert told(client, texts) == marked(db, second, texts)
        # What one was asked is told by the other, too.
        count = asked + 4
        wait_for(lambda: all(requests(client) == count for client in clients))


def test_replicas_let_in_who_has_a_key_and_share_what_one_may_ask(
    db: Database, home: Path, bert: Path
) -> None:
    promoting.promote(db, promotable(db, home, bert, 1)[0], Stage.LIVE)
    _, secret = keys.issue(db, 1, "shop")
    bearer = {"Authorization": f"Bearer {secret}"}
    with replicas(Service(1, per_second=2.0)) as clients:
        for client in clients:
            assert client.post("/predict", json={"text": "Ada"}).status_code == 401
            answers = [client.post("/predict", json={"text": "Ada"}, headers=bearer)] * 1
            answers += [client.post("/predict", json={"text": "x"}, headers=bearer) for _ in "abc"]
            assert [each.status_code for each in answers][:2] == [200, 200]
            # Two at once and one a second, of two replicas' four and two.
            refused = [each for each in answers if each.status_code == 429]
            assert refused and int(refused[0].headers["Retry-After"]) >= 1


def test_a_replica_without_a_model_says_why(db: Database, home: Path, bert: Path) -> None:
    promotable(db, home, bert, 1)
    with replicas(Service(1), 1) as (client,):
        health = client.get("/healthz")
        assert health.status_code == 503 and "promote" in health.json()["trouble"]


def test_counts_are_added_up_and_nothing_waits_with_who_is_gone(monkeypatch) -> None:
    counts, now = Counts(), [0.0]
    monkeypatch.setattr(replica.time, "monotonic", lambda: now[0])
    one, two = made(3, waiting=5), made(4, waiting=7)
    assert counts.exchange("one", one) == []
    assert samples(counts.exchange("two", two)) == samples(one)
    assert samples(metrics.add([one, two]))["whetstone_waiting_texts"] == 12
    now[0] = replica.SILENT
    left = samples(counts.exchange("two", two))
    assert left["whetstone_texts_total"] == 3 and "whetstone_waiting_texts" not in left


def made(texts: int, waiting: int) -> list[Metric]:
    counted = metrics.Metrics()
    counted.texts.labels("7").inc(texts)
    counted.batch(texts, 0.1)
    counted.watch(lambda: waiting)
    return counted.counted()


def samples(counted: list[Metric]) -> dict[str, float]:
    """Return values by name, those of moments left out."""
    found = [sample for metric in counted for sample in metric.samples]
    return {each.name: each.value for each in found if not each.name.endswith("_created")}


def requests(client: TestClient) -> int:
    found = re.search(r'whetstone_requests_total{status="200"} (\S+)', client.get("/metrics").text)
    return int(float(found[1])) if found else 0


def told(client: TestClient, texts: list[str]) -> dict[str, list[tuple]]:
    answer = client.post("/predict", json={"texts": texts}).json()
    found = [spans(result["spans"]) for result in answer["results"]]
    return dict(zip(texts, found, strict=True))
