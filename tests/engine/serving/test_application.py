"""The service's application over a real model in this process: answers, and refusals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from engine import tasks
from engine.inference import matcher
from engine.inference.matcher import Asked
from engine.inference.pipeline import predict
from engine.serving.application import build
from engine.serving.http.limits import Limits
from engine.serving.http.schemas import Told
from engine.serving.models.local import Local
from engine.serving.models.process import Order
from engine.serving.models.switching import Fixed
from storage.types import Document
from tests.engine import catalogued
from tests.engine.serving import runs

LIMITS = Limits(body=20_000, texts=50, length=2_000)


@pytest.fixture(scope="module")
def folder(bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return runs.make(tmp_path_factory.mktemp("run") / "1", bert)


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    yield from serving(folder)


def serving(folder: Path, task: str = "spans", limits: Limits = LIMITS) -> Iterator[TestClient]:
    models = Fixed(Local(Order(folder), runs.describe(7, task), lanes=2))
    with TestClient(build(models, limits=limits), raise_server_exceptions=False) as client:
        yield client


def marks(result: dict) -> list[tuple]:
    return [(s["start"], s["end"], s["label"]) for s in result["spans"]]


def test_a_text_and_several_are_answered_as_the_model_marks_them(client, folder: Path) -> None:
    texts = runs.texts()
    wanted = predict(folder, [Document(text) for text in texts])
    alone = client.post("/predict", json={"text": texts[0]})
    assert alone.status_code == 200
    together = client.post("/predict", json={"texts": texts}).json()
    assert marks(together["results"][0]) == marks(alone.json()["results"][0])
    for text, document, result in zip(texts, wanted, together["results"], strict=True):
        assert marks(result) == [(s.start, s.end, s.label) for s in document.spans]
        for span, known in zip(result["spans"], document.spans, strict=True):
            assert span["text"] == text[known.start : known.end]
            assert span["score"] == pytest.approx(known.score, abs=1e-5)
    assert sum(len(result["spans"]) for result in together["results"]) > 5
    assert together["model"]["run"] == 7
    Told.model_validate(together)


def test_offsets_count_in_utf_16_for_whoever_counts_so(client) -> None:
    text = "\U0001f469\u200d\U0001f467 Ada \U0001f600 went to Paris \U00020000\r\nsaid Grace"
    points = client.post("/predict", json={"text": text}).json()["results"][0]["spans"]
    units = client.post("/predict", json={"text": text, "offsets": "utf-16"})
    encoded = text.encode("utf-16-le")
    assert points
    for span, other in zip(points, units.json()["results"][0]["spans"], strict=True):
        cut = encoded[2 * other["start"] : 2 * other["end"]].decode("utf-16-le")
        assert cut == other["text"] == span["text"] == text[span["start"] : span["end"]]


@pytest.mark.parametrize("task", ["classes", "multilabel", "pairs"])
def test_labels_of_whole_texts_come_with_all_probabilities(
    task: str, bert: Path, tmp_path: Path
) -> None:
    folder = runs.make(tmp_path / "run", bert, task=task)
    two = tasks.get(task).fitting is not None
    text = runs.texts(1)[0]
    (wanted,) = predict(folder, [Document(text, second_text="Paris" if two else None)])
    for client in serving(folder, task):
        asked = {"text": text} | ({"second_text": "Paris"} if two else {})
        found = client.post("/predict", json=asked).json()
        (result,) = found["results"]
        assert [each["label"] for each in result["labels"]] == [s.label for s in wanted.spans]
        assert set(result["probabilities"]) == set(runs.LABELS)
        for given, span in zip(result["labels"], wanted.spans, strict=True):
            assert given["score"] == result["probabilities"][given["label"]]
            assert given["score"] == pytest.approx(span.score, abs=1e-5)
        assert all(0 <= chance <= 1 for chance in result["probabilities"].values())
        Told.model_validate(found)
        wrong = {"text": text} if two else {"text": text, "second_text": "Paris"}
        assert client.post("/predict", json=wrong).status_code == 422
        if two:
            pairs = [{"text": text, "second_text": "Paris"}] * 3
            results = client.post("/predict", json={"pairs": pairs}).json()["results"]
            assert [each["probabilities"] for each in results] == [
                pytest.approx(result["probabilities"])
            ] * 3


WRONG = {
    b"": 400,
    b"{": 400,
    b"\xff\xfe": 400,
    b"null": 422,
    b"[]": 422,
    b'"text"': 422,
    b"1e999": 422,
    b"NaN": 422,
    b"{}": 422,
    b'{"text": null}': 422,
    b'{"text": 1}': 422,
    b'{"text": ["a"]}': 422,
    b'{"texts": "a"}': 422,
    b'{"texts": []}': 422,
    b'{"texts": ["a", 1]}': 422,
    b'{"texts": [null]}': 422,
    b'{"text": ""}': 422,
    b'{"text": " \\n"}': 422,
    b'{"text": "a\\u0000b"}': 422,
    b'{"text": "\\ud800"}': 400,
    b'{"text": "a", "texts": ["b"]}': 422,
    b'{"text": "a", "offsets": "bytes"}': 422,
    b'{"text": "a", "top": 0}': 422,
    b'{"text": "a", "\\u202e<b>": 1}': 422,
    b'{"second_text": "a"}': 422,
    b'{"texts": ["a"], "second_text": "b"}': 422,
    b'{"pairs": [{"text": "a"}]}': 422,
    b'{"query": "a"}': 409,
    b'{"texts": [' + b'"a",' * 50 + b'"a"]}': 413,
    b'{"text": "' + b"a" * 2_001 + b'"}': 413,
    b'{"text": "' + b"a" * 20_000 + b'"}': 413,
    b"[" * 10_000: 400,
    b'{"a":' * 3_000: 400,
}


@pytest.mark.parametrize("body", WRONG, ids=lambda body: body[:24].decode("latin-1"))
def test_what_is_no_question_is_refused_in_one_sentence(client, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    answer = client.post("/predict", content=body, headers=headers)
    assert answer.status_code == WRONG[body], answer.text
    assert list(answer.json()) == ["error"]
    said = answer.json()["error"]
    assert 10 < len(said) < 300 and "\n" not in said and "\u202e" not in said


def test_only_json_is_read_and_only_addresses_that_there_are(client) -> None:
    assert client.post("/predict", content=b'{"text": "a"}').status_code == 415
    wrong = client.get("/predict")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
    assert client.get("/nothing").status_code == 404
    assert "error" in client.get("/nothing").json()


def test_it_says_how_it_is_and_counts(client) -> None:
    assert client.get("/healthz").json()["model"]["run"] == 7
    before = client.get("/metrics").text
    client.post("/predict", json={"text": "Ada"})
    after = client.get("/metrics").text
    assert before != after
    assert 'whetstone_texts_total{run="7"}' in after
    assert "whetstone_waiting_texts 0.0" in after


def test_its_own_description_says_what_there_is_and_loads_nothing_from_elsewhere(client) -> None:
    told = client.get("/openapi.json").json()
    assert set(told["paths"]) == {"/predict", "/healthz", "/metrics"}
    named: set[str] = set()
    json.dumps(told)

    def look(value) -> None:
        if isinstance(value, dict):
            named.update(v for k, v in value.items() if k == "$ref")
            list(map(look, value.values()))
        elif isinstance(value, list):
            list(map(look, value))

    look(told)
    assert {name.rpartition("/")[2] for name in named} <= set(told["components"]["schemas"])
    page = client.get("/docs")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "://" not in page.text.replace("http://HOST:PORT", "")
    assert "second_text" in page.text and "`" not in page.text


def test_who_asks_too_often_is_told_to_wait(folder: Path) -> None:
    for client in serving(folder, limits=Limits(per_second=0.1, at_once=2)):
        answers = [client.post("/predict", json={"text": "Ada"}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert int(answers[2].headers["retry-after"]) >= 1


def test_queries_are_answered_by_the_catalogue_the_best_first(bert: Path, tmp_path: Path) -> None:
    trained = catalogued.train(tmp_path / "run", bert)
    shelf = catalogued.prepare(tmp_path / "shelf", trained)
    catalogued.make(shelf)
    local = Local(Order(trained, catalogue=shelf), runs.describe(7, "pairs", matches=True), 2)
    known = list(matcher.load(shelf).stream(["Ada went to Ulm"], Asked(top=3)))[0]
    with TestClient(build(Fixed(local))) as client:
        found = client.post("/predict", json={"queries": ["Ada went to Ulm", "Ulm"], "top": 3})
        first, second = found.json()["results"]
        assert [each["id"] for each in first["matches"]] == [each.id for each in known.answers]
        assert first["good"] == known.good
        assert len(second["matches"]) == 3
        Told.model_validate(found.json())
        pair = {"text": "Ada", "second_text": "Ulm"}
        assert "labels" in client.post("/predict", json=pair).json()["results"][0]
