"""The image that serves models, as far as it can be seen without a daemon that builds it."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from tests.test_requirements import asked, name
from tests.test_rooms import ROOMS, modules, reachable

ROOT = Path(__file__).resolve().parents[1]
DOCKER = ROOT / "docker"
DOCKERFILE = DOCKER / "Dockerfile"
SERVING = (
    *("engine.commands", "engine.serving", "engine.inference", "storage.engines"),
    *(f"engine.tasks.{task}.head" for task in ("spans", "classification", "pairs")),
)


def instructions() -> list[tuple[str, str]]:
    text = DOCKERFILE.read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split()[0], line.partition(" ")[2]) for line in lines if line[0] != " "]


def test_hadolint_has_nothing_to_say() -> None:
    linter = Path(sys.executable).parent / "hadolint"
    found = subprocess.run([linter, DOCKERFILE], capture_output=True, text=True)
    assert (found.returncode, found.stdout) == (0, ""), found.stdout


def test_what_is_copied_is_there_and_sent_to_the_builder() -> None:
    ignored = (DOCKER / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    sent = {line[1:].rstrip("/") for line in ignored if line.startswith("!")}
    copied = {
        source.rstrip("/")
        for kind, rest in instructions()
        if kind == "COPY"
        for source in rest.split()[:-1]
    }
    assert "*" in ignored
    assert copied == sent
    assert all((ROOT / source).exists() for source in copied)


def test_nobody_is_root_there_and_health_is_asked() -> None:
    found = dict(instructions())
    assert found["USER"] == "10001"
    assert "/healthz" in found["HEALTHCHECK"]
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", found["FROM"])


def test_what_is_installed_is_in_the_lock_and_all_that_serving_imports() -> None:
    needed = asked((DOCKER / "serving.txt").read_text("utf-8").splitlines())
    assert needed <= asked((ROOT / "requirements.lock").read_text("utf-8").splitlines())
    # The client is for others, who have httpx.
    starts = [each for each in modules() if each.startswith(SERVING) and ".client" not in each]
    reached = {module.split(".")[0] for start in starts for module in reachable(start)}
    owners = metadata.packages_distributions()
    used = {name(each) for module in reached - {*ROOMS} for each in owners.get(module, [])}
    assert {"torch", "starlette", "sqlalchemy"} <= used
    assert used <= closure(needed)


def closure(names: set[str]) -> set[str]:
    """Return distributions with all that they need themselves, extras left out."""
    found: set[str] = set()
    waiting = [*names, "psycopg-binary"]
    while waiting:
        each = waiting.pop()
        if each in found:
            continue
        found.add(each)
        try:
            required = metadata.requires(each) or []
        except metadata.PackageNotFoundError:
            # Another platform's.
            continue
        waiting += [name(line) for line in required if "extra ==" not in line]
    return {each.replace("_", "-") for each in found}
