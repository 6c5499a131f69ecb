"""The model server, for real: a process with a tiny model that labels, waits, and goes away."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import torch

from engine.configuration.settings import Settings
from engine.inference import model_client
from engine.inference.model_client import ROOT, ModelServer
from engine.inference.pipeline import predict
from engine.models import loading
from engine.runs import checkpoints, spec
from engine.runs.files import MODEL
from engine.runs.spec import RunSpec
from storage.errors import ModelError
from storage.types import Document
from tests.engine import tiny
from tests.workers import piped

LABELS = ("person", "place")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder whose model has a random head, so that it predicts all kinds of tags."""
    base = tiny.save_base(tmp_path_factory.mktemp("bert"))
    torch.manual_seed(3)
    loaded = loading.load_base(base, LABELS)
    with torch.no_grad():
        loaded.model.classifier.weight.normal_(0, 3)
    run = tmp_path_factory.mktemp("run")
    spec.write(run, RunSpec(1, 1, "p", LABELS, str(base), Settings(max_length=24, stride=8)))
    checkpoints.write_whole(run / MODEL, lambda draft: loading.save(loaded, draft))
    return run


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model_client, "spawn", piped.serve_models)
        server = ModelServer()
        yield server
        server.stop()


def documents() -> list[Document]:
    return [Document(text) for text in ("", "Ada met nobody in Paris.\nNobody.", "漢字と🎈")] + (
        tiny.corpus(5)
    )


def test_it_labels_as_the_model_does(server: ModelServer, folder: Path) -> None:
    found = server.label(folder, documents())
    expected = predict(folder, documents())
    assert [d.spans for d in found] == [d.spans for d in expected]
    assert any(d.spans for d in found)
    assert [d.text for d in found] == [d.text for d in documents()]
    for document, same in zip(found, expected, strict=True):
        scores = [span.score for span in same.spans]
        assert [span.score for span in document.spans] == pytest.approx(scores, abs=1e-4)


def test_the_next_question_is_answered_by_the_same_process(
    server: ModelServer, folder: Path
) -> None:
    server.warm(folder)
    server.label(folder, documents())
    before = server.process.pid
    threads = [threading.Thread(target=server.label, args=(folder, documents())) for _ in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.process.pid == before


def test_a_run_without_a_model_is_a_sentence_and_the_server_lives_on(
    server: ModelServer, folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=r"\w.*\."):
        server.label(tmp_path / "nothing", documents())
    before = server.process.pid
    assert server.label(folder, []) == []
    assert server.process.pid == before


def test_a_killed_server_is_started_again(folder: Path) -> None:
    server = ModelServer(
        [sys.executable, "-c", 'while input(): print(\'{"spans": [], "guesses": []}\', flush=True)']
    )
    assert server.label(folder, []) == []
    before = server.process
    before.kill()
    before.wait()
    assert server.label(folder, []) == []
    assert server.process.pid != before.pid
    server.stop()


@pytest.mark.parametrize("script", ["import time; time.sleep(10**6)", "print('{\"spa', end='')"])
def test_a_server_that_hangs_or_breaks_off_is_a_sentence(folder: Path, script: str) -> None:
    server = ModelServer([sys.executable, "-c", script], patience=1.0)
    with pytest.raises(ModelError, match="try it again"):
        server.label(folder, documents())
    assert server.process.wait(240) is not None


@pytest.mark.long
def test_it_goes_with_the_process_that_started_it(folder: Path) -> None:
    script = (
        "import os\nfrom pathlib import Path\n"
        "from engine.inference.model_client import ModelServer\n"
        f"server = ModelServer()\nserver.warm(Path({str(folder)!r}))\n"
        "while not server.process: pass\n"
        "print(server.process.pid, flush=True)\nos.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == -9
    orphan = int(done.stdout)
    try:
        psutil.Process(orphan).wait(240)
    except psutil.NoSuchProcess:
        return
    assert not psutil.pid_exists(orphan)


def test_it_goes_when_nobody_asks_any_more() -> None:
    script = (
        "import sys\nfrom engine.inference.model_server import serve\n"
        "serve(sys.stdin.buffer, sys.stdout.buffer, idle=0.1)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE)
    assert process.wait(240) == 0
    process.stdin.close()
