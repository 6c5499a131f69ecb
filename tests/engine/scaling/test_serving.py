"""Ray Serve on two nodes: the same answers, versions that follow each other, and a good end."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from engine.scaling import connecting
from engine.serving import promoting
from storage.database.connection import Database
from storage.types import Stage
from tests.engine.folders import wait_for
from tests.engine.serving.running.asking import asking, check, two_versions
from tests.engine.serving.running.served import ITSELF, serving

pytestmark = pytest.mark.long


def test_two_nodes_answer_as_one_model_and_a_promotion_loses_nothing(
    two_nodes: str, db: Database, home: Path, bert: Path, tmp_path: Path
) -> None:
    first, second, known = two_versions(db, home, bert)
    asked = "--project", "p", "--ray", two_nodes, "--replicas", 2
    with serving(tmp_path / "log", *asked, program=ITSELF) as service:
        with asking(service.url, list(known[first])) as answers:
            service.wait_for_run(first)
            promoting.promote(db, second, Stage.LIVE)
            # Of both replicas: whoever is asked.
            wait_for(lambda: {service.run() for _ in range(20)} == {second}, 120)
        assert running(two_nodes) == (2, 2)
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(120) == 0, service.said()
        assert "Traceback" not in service.said()
    check(answers, known)


def running(address: str) -> tuple[int, int]:
    """Return how many replicas answer, and on how many nodes the service's address is heard."""
    with connecting.connected(address, 0, "serve"):
        from ray import serve

        status = serve.status()
        (app,) = status.applications.values()
        return app.deployments["models"].replica_states["RUNNING"], len(status.proxies)
