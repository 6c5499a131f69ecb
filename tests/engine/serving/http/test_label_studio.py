"""Label Studio as a client of the service: by what it sends, and by itself.

The requests are those that Label Studio 1.23.2 sent, with the texts of these tests.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.testclient import TestClient

from engine.serving.application import build
from engine.serving.http.limits import Limits
from engine.serving.models.local import Local
from engine.serving.models.process import Order
from engine.serving.models.switching import Fixed
from tests.engine.folders import wait_for
from tests.engine.serving import runs
from tests.workers.ports import free_port

CONFIG = (
    '<View><Labels name="tags" toName="it"><Label value="person"/></Labels>'
    '<Text name="it" value="$words"/></View>'
)
CHOICES = '<View><Choices name="{n}" toName="b"><Choice value="person"/><Choice value="place"/>'
PAIRS = CHOICES + '</Choices><Text name="a" value="$right"/><Text name="b" value="$left"/></View>'
TEXT = " ".join(["\U0001f469\u200d\U0001f680", *runs.texts(30)])


def application(folder: Path, task: str = "spans", **options: Any):
    described = runs.describe(7, task, digest="0123456789abcdef")
    return build(Fixed(Local(Order(folder), described, lanes=1)), **options)


def asking(*tasks: dict, config: str = CONFIG) -> dict:
    rows = [{"id": n, "project": 1, "data": data, "meta": {}} for n, data in enumerate(tasks, 1)]
    params = {"login": None, "password": None, "context": None}
    return {"tasks": rows, "project": "1.1764367811", "label_config": config, "params": params}


@pytest.fixture(scope="module")
def folder(bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return runs.make(tmp_path_factory.mktemp("run") / "1", bert)


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with TestClient(application(folder)) as client:
        yield client


def test_it_connects_and_learns_what_the_model_is_called(client) -> None:
    assert client.get("/label-studio/health").json()["status"] == "UP"
    setup = client.post("/label-studio/setup", json={"project": "1.1", "schema": CONFIG})
    assert setup.json()["model_version"] == "p, run 7 (01234567)"
    assert client.post("/label-studio/webhook", json={"action": "PROJECT_UPDATED"}).is_success


def test_spans_are_answered_where_its_configuration_wants_them(client) -> None:
    asked = asking({"words": TEXT}, {"words": " "}, {"other": 3}, {"words": TEXT})
    results = client.post("/label-studio/predict", json=asked).json()["results"]
    ours = client.post("/predict", json={"text": TEXT}).json()["results"][0]["spans"]
    wanted = [each for each in ours if each["label"] == "person"]
    assert wanted and len(wanted) < len(ours), "what the configuration lacks is left out"
    for region, span in zip(results[0]["result"], wanted, strict=True):
        assert region["value"] == {
            "start": span["start"],
            "end": span["end"],
            "text": span["text"],
            "labels": ["person"],
        }
        assert (region["from_name"], region["to_name"], region["type"]) == ("tags", "it", "labels")
    assert [each["result"] == [] for each in results] == [False, True, True, False]
    assert {each["model_version"] for each in results} == {"p, run 7 (01234567)"}


@pytest.mark.parametrize("task", ["classes", "pairs"])
def test_labels_of_whole_texts_are_choices(task: str, bert: Path, tmp_path: Path) -> None:
    folder = runs.make(tmp_path / "run", bert, task=task)
    data = {"left": TEXT, "right": "Paris"}
    with TestClient(application(folder, task)) as client:
        asked = asking(data, config=PAIRS.format(n="kind"))
        (found,) = client.post("/label-studio/predict", json=asked).json()["results"]
        own = {"text": TEXT} | ({"second_text": "Paris"} if task == "pairs" else {})
        given = client.post("/predict", json=own).json()["results"][0]["labels"]
    choices = [each["label"] for each in given]
    assert [each["value"]["choices"] for each in found["result"]] == ([choices] if choices else [])


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("<View/>", "no <Labels>"),
        ("<View>", "no XML"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><View/>', "declares entities"),
        (CONFIG.replace('"it"', '"that"', 1), "no <Labels>"),
    ],
)
def test_a_configuration_that_does_not_fit_is_said_to(client, config: str, said: str) -> None:
    found = client.post("/label-studio/predict", json=asking({"words": TEXT}, config=config))
    assert found.status_code == 422 and said in found.json()["error"]


def test_a_password_is_the_key(folder: Path) -> None:
    class Keyed:
        async def enter(self, request):
            if request.headers.get("authorization") != "Bearer wst_1":
                raise PermissionError("No key.")
            return "shop"

    with TestClient(application(folder, door=Keyed())) as client:
        url = "/label-studio/health"
        assert client.get(url).status_code == 401
        assert client.get(url, auth=("any", "wst_2")).status_code == 401
        assert client.get(url, headers=[(b"authorization", b"Basic \xe4")]).status_code == 401
        assert client.get(url, auth=("any", "wst_1")).is_success
        asked = asking({"words": TEXT})
        found = client.post("/label-studio/predict", json=asked, auth=("any", "wst_1"))
        assert found.json()["results"][0]["result"]


def test_more_tasks_than_texts_are_taken_are_refused(folder: Path) -> None:
    with TestClient(application(folder, limits=Limits(texts=2))) as client:
        asked = asking(*[{"words": "Ada"}] * 3)
        assert client.post("/label-studio/predict", json=asked).status_code == 413


@pytest.fixture
def served(folder: Path) -> Iterator[str]:
    """The address of the service on a port of its own."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(application(folder), port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_for(lambda: server.started)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def label_studio(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """A function that asks a Label Studio of its own, installed from the package registry."""
    home = tmp_path / "label-studio"
    packages = home / "packages"
    subprocess.run([sys.executable, "-m", "venv", packages], check=True)
    install = [sys.executable, "-m", "uv", "pip", "install", "-q", "--python"]
    subprocess.run([*install, packages / "bin" / "python", "label-studio==1.23.2"], check=True)
    port, token = free_port(), "0123456789" * 4
    told = {
        "LABEL_STUDIO_BASE_DATA_DIR": str(home / "data"),
        "LABEL_STUDIO_USERNAME": "ada@example.org",
        "LABEL_STUDIO_PASSWORD": "a long password",
        "LABEL_STUDIO_USER_TOKEN": token,
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        # By itself it asks no backend on its own computer.
        "ML_BLOCK_LOCAL_IP": "false",
        "SSRF_PROTECTION_ENABLED": "false",
        "COLLECT_ANALYTICS": "False",
        "LATEST_VERSION_CHECK": "False",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
    }
    start = [str(packages / "bin" / "label-studio"), "start", "--no-browser", "--port", str(port)]
    log = (tmp_path / "label-studio.log").open("w")
    process = subprocess.Popen(start, env=os.environ | told, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=address, headers={"Authorization": f"Token {token}"}) as client:

        def ask(method: str, url: str, **options: Any) -> Any:
            answer = client.request(method, url, timeout=60, **options)
            assert answer.is_success, answer.text
            return answer.json()

        def is_up() -> bool:
            try:
                return client.get("/health").is_success
            except httpx.TransportError:
                return False

        wait_for(is_up)
        yield ask
    process.kill()
    process.wait()


@pytest.mark.long
def test_label_studio_itself_stores_our_spans_as_its_predictions(label_studio, served) -> None:
    made = {"title": "Travel", "label_config": CONFIG.replace('value="person"', 'value="place"')}
    project = label_studio("POST", "/api/projects/", json=made)["id"]
    texts = [TEXT, *runs.texts(12)]
    rows = [{"words": text} for text in texts]
    label_studio("POST", f"/api/projects/{project}/import", json=rows)
    backend = {"url": f"{served}/label-studio", "project": project, "title": "Whetstone"}
    connected = label_studio("POST", "/api/ml/", json=backend)
    assert connected["state"] == "CO" and connected["model_version"] == "p, run 7 (01234567)"
    listed = label_studio("GET", f"/api/tasks/?project={project}&fields=all&page_size=100")
    ids = {task["data"]["words"]: task["id"] for task in listed["tasks"]}
    label_studio(
        "POST",
        f"/api/dm/actions?id=retrieve_tasks_predictions&project={project}",
        json={"selectedItems": {"all": True, "excluded": []}},
    )
    ours = httpx.post(f"{served}/predict", json={"texts": texts}).json()["results"]
    found = 0
    for text, result in zip(texts, ours, strict=True):
        (stored,) = label_studio("GET", f"/api/tasks/{ids[text]}/")["predictions"]
        wanted = [each for each in result["spans"] if each["label"] == "place"]
        values = [(each["value"]["start"], each["value"]["end"]) for each in stored["result"]]
        assert values == [(each["start"], each["end"]) for each in wanted]
        found += len(values)
    assert found > 5
