"""The service for real: promoted to, killed, closed by keys, ended; nothing asked is lost."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.inference.pipeline import predict
from engine.runner import folder_of
from engine.serving import promoting
from engine.serving.client import Client, ServiceError
from storage.corpus import projects
from storage.database.connection import Database
from storage.runs import runs as stored
from storage.serving import keys
from storage.types import Document, Stage
from tests.engine.folders import wait_for
from tests.engine.serving import runs
from tests.engine.serving.running.served import Service, promotable, serving

WORKER, SERVICE = "engine.serving.models.worker", "engine.serving.running.service"


@contextmanager
def asking(url: str, texts: list[str]) -> Iterator[list[dict]]:
    """Ask without pause from three threads while the block runs; collect answers.

    A tenth of all that they ask is malformed.
    """
    answers: list[dict] = []
    ended = threading.Event()

    def ask(at: int) -> None:
        client = Client(url, timeout=240, patience=240)
        while not ended.is_set():
            text = texts[at % len(texts)]
            asked = {"txt": text} if at % 10 == 0 else {"text": text}
            try:
                answers.append({"asked": asked, **client.ask(asked)})
            except ServiceError as error:
                answers.append({"asked": asked, "status": error.status, "error": str(error)})
            at += 1

    threads = [threading.Thread(target=ask, args=(3 * number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def answering(answers: list[dict]) -> set[int]:
    """Return which runs have answered."""
    return {each["model"]["run"] for each in answers if "model" in each}


def spans(found: list[dict]) -> list[tuple]:
    return [(each["start"], each["end"], each["label"]) for each in found]


@pytest.mark.parametrize(
    "whole", [pytest.param(False, id="short"), pytest.param(True, marks=pytest.mark.long)]
)
def test_promotions_and_kills_lose_nothing_and_each_answer_is_of_the_version_it_names(
    db: Database, home: Path, bert: Path, tmp_path: Path, whole: bool
) -> None:
    first, second = promotable(db, home, bert)
    promoting.promote(db, first, Stage.LIVE)
    texts = runs.texts(12)
    known = {run: dict(zip(texts, marked(db, run, texts), strict=True)) for run in (first, second)}
    with serving(tmp_path / "log", "--project", "p") as service:
        with asking(service.url, texts) as answers:
            service.wait_for_run(first)
            promoting.promote(db, second, Stage.LIVE)
            wait_for(lambda: second in answering(answers))
            kill(service, SERVICE)
            if whole:
                service.wait_for_run(second)
                kill(service, WORKER)
                service.wait_for_run(second)
            promoting.rollback(db, 1)
            service.wait_for_run(first)
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(60) == 0
        assert "Traceback" not in service.said()
    malformed = [each for each in answers if "txt" in each["asked"]]
    assert {each.get("status") for each in malformed} == {422}
    answered = [each for each in answers if "text" in each["asked"]]
    assert [each for each in answered if "error" in each] == []
    assert answering(answers) == {first, second}
    wrong = [
        each
        for each in answered
        if spans(each["results"][0]["spans"]) != known[each["model"]["run"]][each["asked"]["text"]]
    ]
    assert wrong == []


def marked(db: Database, run: int, texts: list[str]) -> list[list[tuple]]:
    """Return what the model of a run marks in each text."""
    folder = folder_of(stored.get_run(db, run))
    found = predict(folder, [Document(text) for text in texts])
    return [[(s.start, s.end, s.label) for s in document.spans] for document in found]


def kill(service: Service, module: str) -> None:
    """Kill the newest process of a module; whoever asks next is answered by another one."""
    process = service.below(module)[-1]
    process.kill()
    wait_for(lambda: process not in service.below(module))


def test_a_key_opens_one_project_until_it_is_revoked(
    db: Database, home: Path, bert: Path, tmp_path: Path
) -> None:
    (run,) = promotable(db, home, bert, 1)
    with serving(tmp_path / "log", "--run", run) as service:
        assert service.run() == run
        key, secret = keys.issue(db, 1, "shop")
        other = projects.create_project(db, "other", "spans")
        foreign = keys.issue(db, other.id, "shop")[1]

        def status(secret: str) -> int:
            try:
                Client(service.url, secret, timeout=240).predict("Ada")
            except ServiceError as error:
                assert secret not in str(error) or not secret
                return error.status
            return 200

        wait_for(lambda: status("") == 401)
        assert [status(each) for each in (secret, foreign, "wst_no", "Ada Lovelace")] == [
            *(200, 401, 401, 401)
        ]
        wait_for(lambda: keys.list_keys(db, 1)[0].used_at)
        # The last one: from the next request on it opens nothing, and neither does none.
        keys.revoke(db, key.id)
        assert [status(each) for each in (secret, "")] == [401, 401]
        assert secret not in service.said()


def test_where_others_could_come_a_key_is_there_first(db, home, bert, capsys) -> None:
    from engine.commands import main

    (run,) = promotable(db, home, bert, 1)
    assert main(["serve", "--run", str(run), "--host", "0.0.0.0", "--port", "0"]) == 1
    assert "keys add" in capsys.readouterr().err
    keys.revoke(db, keys.issue(db, 1, "shop")[0].id)
    assert main(["serve", "--run", str(run), "--host", "0.0.0.0", "--port", "0"]) == 1
    assert main(["serve", "--project", "p"]) == 1
    assert "No version" in capsys.readouterr().err
    assert main(["serve", "--project", "p", "--run", str(run)]) == 1
    assert main(["serve", "--run", str(run), "--port", "1", "--host", "203.0.113.1"]) == 1


@pytest.mark.long
def test_a_model_that_is_not_what_was_promoted_is_not_served(
    db: Database, home: Path, bert: Path, tmp_path: Path
) -> None:
    first, second = promotable(db, home, bert)
    promoting.promote(db, first, Stage.LIVE)
    with serving(tmp_path / "log", "--project", "p") as service:
        service.wait_for_run(first)
        promoting.promote(db, second, Stage.LIVE)
        folder = folder_of(stored.get_run(db, second)) / "model"
        weights = folder / "model.safetensors"
        weights.write_bytes(weights.read_bytes()[:-1] + b"x")
        wait_for(lambda: "damaged" in service.said() or service.run() == second)
        assert service.run() == first
