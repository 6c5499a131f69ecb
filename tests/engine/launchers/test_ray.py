"""Runs on a Ray cluster: the same bits as here, wherever the folder lies, and an end when asked."""

from __future__ import annotations

import ast
import builtins
import re
import shutil
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from engine.configuration.settings import Settings
from engine.launchers import Cluster, Launcher, Local, Ray, base, needs, ray
from engine.runs import spec
from storage.errors import TrainingError
from tests.engine.folders import kinds, prepare, states, wait_for

SHORT = Settings(epochs=2, learning_rate=5e-3, max_length=48, stride=16, threads=1, device="cpu")
LONG = replace(SHORT, epochs=1000)
NOBODY = "http://127.0.0.1:9"


def is_gone(launcher: Launcher, folder: Path) -> bool:
    """Tell whether the worker is gone; out of reach for a moment is not gone."""
    try:
        return not launcher.is_alive(folder)
    except TrainingError:
        return False


def finish(launcher: Launcher, folder: Path) -> None:
    """Wait until the worker is gone, and bring home what it left."""
    wait_for(lambda: is_gone(launcher, folder), 300)
    launcher.fetch(folder, whole=True)
    assert states(folder)[-1][0] == "done", (states(folder), launcher.last_words(folder))


def run(launcher: Launcher, folder: Path) -> None:
    launcher.start(folder, spec.read(folder), ())
    finish(launcher, folder)


def weights(folder: Path) -> str:
    return sha256((folder / "model" / "model.safetensors").read_bytes()).hexdigest()


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test job may take longer to begin than a person would wait."""
    monkeypatch.setattr(ray, "TEST_SECONDS", 300.0)


@pytest.fixture(scope="module")
def here(bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that was trained by one process of this computer."""
    folder = prepare(tmp_path_factory.mktemp("runs") / "here", bert, SHORT)
    run(Local(), folder)
    return folder


@pytest.mark.long
def test_a_test_job_says_what_the_cluster_has(ray_address: str, tmp_path: Path) -> None:
    said = Ray(Cluster(ray_address)).test(tmp_path)
    assert said.startswith(f"Connected to {ray_address}. A test job ran there with Python 3.")


@pytest.mark.long
def test_a_home_that_the_cluster_does_not_see_is_named(ray_address: str) -> None:
    with pytest.raises(TrainingError, match="test job failed: /nowhere is not visible"):
        Ray(Cluster(ray_address)).test(Path("/nowhere"))


@pytest.mark.slow
@pytest.mark.long
def test_a_worker_on_ray_gives_the_same_bits(
    ray_address: str, here: Path, bert: Path, tmp_path: Path
) -> None:
    folder = prepare(tmp_path / "there", bert, SHORT)
    run(Ray(Cluster(ray_address)), folder)
    assert weights(folder) == weights(here)


@pytest.mark.long
def test_a_folder_on_storage_comes_home_whole_with_the_same_bits(
    ray_address: str, here: Path, bert: Path, tmp_path: Path
) -> None:
    folder = prepare(tmp_path / "there", bert, SHORT)
    launcher = Ray(Cluster(ray_address, storage=f"file://{tmp_path}/storage"))
    launcher.start(folder, spec.read(folder), ())
    place = base.read(folder).place
    # Proof that the worker did not simply take the folder here.
    hidden = folder.rename(tmp_path / "away")
    wait_for(lambda: (Path(place.removeprefix("file://")) / "report.json").exists(), 300)
    assert not folder.exists()
    hidden.rename(folder)
    finish(launcher, folder)
    assert weights(folder) == weights(here)
    assert (folder / "predictions.parquet").is_file() and (folder / "report.json").is_file()
    assert list((tmp_path / "storage").iterdir()) == [], "the storage is left as it was"


@pytest.mark.long
def test_a_run_on_storage_stops_when_asked(ray_address: str, bert: Path, tmp_path: Path) -> None:
    folder = prepare(tmp_path / "there", bert, LONG)
    launcher = Ray(Cluster(ray_address, storage=f"file://{tmp_path}/storage"))
    launcher.start(folder, spec.read(folder), ())

    def trains() -> bool:
        launcher.fetch(folder, whole=False)
        return bool(kinds(folder, "progress"))

    wait_for(trains, 300)
    launcher.ask_to_stop(folder, "")
    wait_for(lambda: is_gone(launcher, folder))
    launcher.fetch(folder, whole=True)
    assert states(folder)[-1][0] == "cancelled"


@pytest.mark.long
def test_a_job_that_waits_lives_until_it_is_ended(
    ray_address: str, bert: Path, tmp_path: Path
) -> None:
    folder = prepare(tmp_path / "there", bert, replace(LONG, threads=64))
    launcher = Ray(Cluster(ray_address))
    launcher.start(folder, spec.read(folder), ())
    assert launcher.is_alive(folder)
    launcher.kill(folder, None)
    assert not launcher.is_alive(folder), "Ray itself would let it wait on"
    assert states(folder) == []


@pytest.mark.long
def test_two_workers_of_ray_train_come_close_to_one_process(
    ray_address: str, bert: Path, tmp_path: Path
) -> None:
    from safetensors.torch import load_file

    even = replace(SHORT, dropout=0.0)
    one, two = prepare(tmp_path / "one", bert, even), prepare(tmp_path / "two", bert, even)
    spec.write(two, replace(spec.read(two), settings=replace(even, processes=2)))
    run(Local(), one)
    run(Ray(Cluster(ray_address)), two)
    alone, shared = (load_file(folder / "model" / "model.safetensors") for folder in (one, two))
    assert alone.keys() == shared.keys()
    for name, tensor in alone.items():
        assert (tensor - shared[name]).abs().max() < 1e-5, name
    assert not (two / "ray").exists()


@pytest.mark.long
def test_a_job_that_the_cluster_lost_counts_as_never_started(
    ray_address: str, tmp_path: Path
) -> None:
    base.write(tmp_path, base.Launch(1, "ray", address=ray_address, job="whetstone-never-was"))
    assert not Ray(Cluster(ray_address)).is_alive(tmp_path)
    assert base.read(tmp_path) is None


@pytest.mark.parametrize("address", [NOBODY, "localhost:8265", "ray://head:10001"])
def test_a_cluster_out_of_reach_is_a_sentence(address: str, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="cannot be used .* check the address in Settings"):
        Ray(Cluster(address)).test(tmp_path)


def test_a_cluster_out_of_reach_does_not_make_its_runs_dead(tmp_path: Path) -> None:
    base.write(tmp_path, base.Launch(1, "ray", address=NOBODY, job="whetstone-1-1-a"))
    with pytest.raises(TrainingError):
        Ray(Cluster(NOBODY)).is_alive(tmp_path)
    assert base.read(tmp_path) is not None


def test_without_ray_the_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real = builtins.__import__

    def absent(name: str, *rest: Any, **named: Any) -> object:
        if name.startswith("ray"):
            raise ImportError(name)
        return real(name, *rest, **named)

    monkeypatch.setattr(ray, "knock", lambda address: None)
    monkeypatch.setattr(builtins, "__import__", absent)
    ray._client.cache_clear()
    with pytest.raises(TrainingError, match=r"pip install 'ray\[default,train\]'"):
        Ray(Cluster(NOBODY)).test(tmp_path)


def test_a_run_that_was_not_taken_leaves_nothing_on_the_storage(bert: Path, tmp_path: Path) -> None:
    folder = prepare(tmp_path / "there", bert, SHORT)
    with pytest.raises(TrainingError, match="cannot be used"):
        Ray(Cluster(NOBODY, storage=f"file://{tmp_path}/storage")).start(
            folder, spec.read(folder), ()
        )
    assert list((tmp_path / "storage").iterdir()) == []
    shutil.rmtree(folder)


def test_all_cores_are_those_of_this_computer_shared_by_the_processes(
    bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.system.environment.cores", lambda: 8)
    asked = spec.read(prepare(tmp_path, bert, replace(SHORT, threads=0)))
    assert needs.fixed(asked).settings.threads == 8
    shared = replace(asked, settings=replace(asked.settings, processes=2))
    assert needs.fixed(shared).settings.threads == 4
    pinned = replace(asked, environment={"threads": 3, "cpu_capability": "AVX2"})
    assert needs.fixed(pinned).settings.threads == 3
    variables = needs.variables(needs.fixed(pinned))
    assert variables["OMP_NUM_THREADS"] == variables["MKL_NUM_THREADS"] == "3"
    assert variables["ATEN_CPU_CAPABILITY"] == "avx2"


def test_a_gpu_is_asked_for_where_the_run_or_the_cluster_says_so(
    bert: Path, tmp_path: Path
) -> None:
    asked = spec.read(prepare(tmp_path, bert, SHORT))
    with_gpu, without = Cluster(gpu=True), Cluster()

    def wants(device: str, cluster: Cluster) -> bool:
        settings = replace(SHORT, device=device)
        return needs.wants_gpu(replace(asked, settings=settings), cluster)

    assert wants("cuda", without) and wants("cuda", with_gpu) and wants("auto", with_gpu)
    assert not (wants("auto", without) or wants("cpu", with_gpu))


def test_ray_is_imported_where_it_belongs_and_only_when_it_is_needed() -> None:
    root = Path(ray.__file__).parents[2]
    for room in ("engine", "pages", "storage"):
        for path in (root / room).rglob("*.py"):
            source = path.read_text(encoding="utf-8")
            tree = ast.parse(source if re.search(r"\bray\b", source) else "")
            found = [node for node in ast.walk(tree) if _imports_ray(node)]
            at_once = [node for node in tree.body if _imports_ray(node)]
            assert not at_once, path
            ours = path == Path(ray.__file__) or path.parent.name == "scaling"
            assert not found or ours, path


def _imports_ray(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return any(alias.name.split(".")[0] == "ray" for alias in node.names)
    return isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "ray"
