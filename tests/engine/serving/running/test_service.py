"""The service for real: promoted to, killed, closed by keys, ended; nothing asked is lost."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from engine.runner import folder_of
from engine.serving import promoting
from engine.serving.client import Client, ServiceError
from engine.serving.running import places
from engine.serving.running.places import Place
from storage.corpus import projects
from storage.database.connection import Database
from storage.runs import runs as stored
from storage.serving import keys
from storage.types import Stage
from tests.engine.folders import wait_for
from tests.engine.serving.running.asking import answering, asking, check, two_versions
from tests.engine.serving.running.served import FORKING, ITSELF, Service, promotable, serving

WORKER, SERVICE = "engine.serving.models.worker", "engine.serving.running.service"


@pytest.mark.parametrize(
    "whole", [pytest.param(False, id="short"), pytest.param(True, marks=pytest.mark.long)]
)
def test_promotions_and_kills_lose_nothing_and_each_answer_is_of_the_version_it_names(
    db: Database, home: Path, bert: Path, tmp_path: Path, whole: bool
) -> None:
    first, second, known = two_versions(db, home, bert)
    program, pause = (ITSELF, 0.0) if whole else (FORKING, 0.02)
    with serving(tmp_path / "log", "--project", "p", program=program) as service:
        with asking(service.url, list(known[first]), pause) as answers:
            service.wait_for_run(first)
            promoting.promote(db, second, Stage.LIVE)
            wait_for(lambda: second in answering(answers))
            kill(service, SERVICE if whole else FORKING)
            if whole:
                service.wait_for_run(second)
                kill(service, WORKER)
                service.wait_for_run(second)
            promoting.rollback(db, 1)
            service.wait_for_run(first)
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(60) == 0
        assert "Traceback" not in service.said()
    check(answers, known)


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
        assert places.running(db.url, 1) == [Place(1, run, service.url)]
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
