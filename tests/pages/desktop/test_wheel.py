"""The wheel: what is in it, and that it works from another folder in an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import urllib.request
import zipfile
from pathlib import Path

import pytest

from tests.browser.server import AppServer
from tests.engine.commands.conftest import SIZES, as_conll

ROOT = Path(__file__).resolve().parents[3]
# For those who read or change the sources.
FOR_MAKERS = {
    *("pages/pictures/report.png", "pages/pictures/tag.png", "pages/tagger/README.md"),
    "storage/migrations/script.py.mako",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as ``pip install .`` does."""
    place = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(place.glob("*.whl"))


@pytest.fixture(scope="module")
def clean(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment's programs: the wheel installed, its requirements those of these tests."""
    place = tmp_path_factory.mktemp("clean")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    pip = [sys.executable, "-m", "pip", "--python", str(place / "bin" / "python"), "install", "-q"]
    # What compiles all of it now is spared the hundredth of it that is run.
    subprocess.run([*pip, "--no-deps", "--no-index", "--no-compile", str(wheel)], check=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = place / "lib" / version / "site-packages"
    (packages / "tested.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return place / "bin"


def kept() -> set[str]:
    """Name the files of the program as they lie in a checkout."""
    rooms = (ROOT / room for room in ("engine", "pages", "storage"))
    found = [path for room in rooms for path in room.rglob("*") if path.is_file()]
    names = {path.relative_to(ROOT).as_posix() for path in found if path.suffix != ".pyc"}
    return names - {"pages/desktop/installed.py"} | {
        "__main__.py",
        "app.py",
        ".streamlit/config.toml",
    }


def test_the_wheel_holds_the_program_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = next(name for name in names if name.endswith("METADATA"))
        about = archive.read(metadata).decode()
    inside = {name.removeprefix("whetstone/") for name in names if name.startswith("whetstone/")}
    assert inside == kept() - FOR_MAKERS
    others = [name for name in names if not name.startswith("whetstone/")]
    assert {name.partition("/")[0] for name in others} == {metadata.partition("/")[0]}
    requirements = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    assert about.count("Requires-Dist: ") >= len(requirements) - 1
    assert "Requires-Dist: torch==2.13.0\n" in about


@pytest.mark.long
def test_an_installed_one_says_what_it_can_do_and_calls_itself_by_its_name(
    clean: Path, tmp_path: Path
) -> None:
    said = ask(clean, tmp_path, "--help")
    assert "usage: whetstone" in said and "install-icon" in said
    assert "whetstone engine" in ask(clean, tmp_path, "engine", "--help")


@pytest.mark.long
def test_an_installed_one_trains_and_serves_from_another_folder(
    clean: Path, tmp_path: Path, home: Path
) -> None:
    files = [tmp_path / f"{split}.conll" for split in SIZES]
    for seed, file in enumerate(files):
        file.write_text(as_conll(SIZES[file.stem], seed))
    ask(clean, tmp_path, "engine", "import", *files, "--project", "P")
    asked = ("--recipe", "quick", "--epochs", 1, "--device", "cpu", "--threads", 1)
    trained = ask(clean, tmp_path, "engine", "train", "--project", "P", *asked, "--json")
    assert json.loads(trained)["state"] == "done"
    server = Installed(clean / "whetstone", home)
    server.start()
    try:
        assert b"<title>" in fetch(f"{server.url}/report")
        # Only .streamlit/config.toml has typefaces served; it is found beside app.py.
        assert fetch(f"{server.url}/app/static/fonts/literata-latin.woff2")[:4] == b"wOF2"
    finally:
        server.end()


class Installed(AppServer):
    """``whetstone`` as a server, started from its home's folder."""

    def spawn(self, command: list[str], variables: dict[str, str], log: int) -> subprocess.Popen:
        asked = ["--port", str(self.port), "--server.headless", "true"]
        return subprocess.Popen(
            [str(self.script), *asked], cwd=self.home, env=variables, stdout=log, stderr=log
        )


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read()


def ask(clean: Path, place: Path, *arguments: object) -> str:
    """Run ``whetstone`` in another folder and return what it printed."""
    command = [str(clean / "whetstone"), *map(str, arguments)]
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=place, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
