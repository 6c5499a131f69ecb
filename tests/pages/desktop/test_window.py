"""A window of its own: the server behind it, and what is said where there can be none."""

from __future__ import annotations

import subprocess
import sys
import webbrowser
from importlib.util import find_spec
from pathlib import Path

import pytest

from pages.access import start
from pages.desktop import program, window
from storage import home as homes
from storage.errors import StorageError
from tests.browser.server import ROOT
from tests.workers.ports import free_port

linux = pytest.mark.skipif(sys.platform != "linux", reason="macOS has a web view of its own")


@linux
def test_without_a_screen_a_sentence_says_what_serves_a_browser(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert program.main(["window"]) == 1
    said = capsys.readouterr().err
    assert "no screen" in said and "python -m pages.access.start serves a browser" in said


@linux
@pytest.mark.skipif(
    any(map(find_spec, ("gi", "PyQt6", "PyQt5", "PySide6"))), reason="has a toolkit"
)
def test_without_a_toolkit_a_sentence_says_what_brings_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DISPLAY", ":99")
    assert program.main(["window"]) == 1
    assert 'pip install "pywebview[qt]" brings one' in capsys.readouterr().err


def test_without_pywebview_a_sentence_says_what_brings_it() -> None:
    code = "import sys; sys.modules['webview'] = None; from pages.desktop import program;"
    command = [sys.executable, "-c", f"{code} sys.exit(program.main(['window']))"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1 and "needs pywebview: pip install" in done.stderr


def test_the_window_brings_a_server_and_takes_it_with_it(
    new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = start.Asked("", free_port())
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    assert not window.answers(asked.port)
    with window.served(asked):
        assert window.answers(asked.port)
        with window.served(asked):
            assert window.answers(asked.port), "one that runs is shown"
        assert window.answers(asked.port), "and goes on"
        assert program.main(["--port", str(asked.port)]) == 0
        assert opened == [f"http://localhost:{asked.port}/"]
        monkeypatch.setenv("WHETSTONE_HOME", str(new_home.parent / "another"))
        assert not window.answers(asked.port), "another's server is not mine"
        monkeypatch.setenv("WHETSTONE_HOME", str(new_home))
    assert not window.answers(asked.port)


def test_a_server_that_does_not_start_leaves_what_it_said(new_home: Path) -> None:
    asked = start.Asked("", free_port(), ("--no.such.option", "1"))
    with pytest.raises(StorageError, match="did not start"), window.served(asked):
        pass
    assert "no.such.option" in (homes.folder() / window.LOG).read_text()
