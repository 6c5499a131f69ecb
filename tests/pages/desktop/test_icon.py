"""The icon: what a click on it starts, when it is made, and that it goes and stays away."""

from __future__ import annotations

import io
import plistlib
import shlex
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest
from PIL import Image

from engine.system import shell
from pages.desktop import icon, program
from storage.errors import StorageError
from tests.browser.server import ROOT


@pytest.fixture(autouse=True)
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's folder, on a desktop."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", "")
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "GNOME")
    return tmp_path


def entry(desktop: Path) -> Path:
    return desktop / ".local" / "share" / "applications" / "whetstone.desktop"


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has no such menu")
def test_a_linux_desktop_gets_an_entry_and_its_picture(
    desktop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert program.main(["install-icon"]) == 0
    assert str(entry(desktop)) in capsys.readouterr().out
    read = ConfigParser(interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read(entry(desktop))
    said = read["Desktop Entry"]
    assert (said["Type"], said["Name"], said["Icon"]) == ("Application", "Whetstone", "whetstone")
    # This environment has pywebview: a window, and no terminal beside it.
    assert shlex.split(said["Exec"]) == icon.command()
    assert (icon.command()[-1], said["Terminal"]) == ("window", "false")
    picture = desktop / ".local/share/icons/hicolor/scalable/apps/whetstone.svg"
    assert picture.read_bytes().startswith(b"<svg")
    assert program.main(["remove-icon"]) == 0
    assert not entry(desktop).exists() and not picture.exists()


def test_what_a_click_starts_is_there_from_any_folder(desktop: Path) -> None:
    for command in (icon.command()[:-1], [sys.executable, "-m", "pages.desktop.installed"]):
        where = ROOT if "-m" in command else desktop
        done = subprocess.run([*command, "--help"], cwd=where, capture_output=True, text=True)
        assert done.returncode == 0 and "install-icon" in done.stdout, done.stderr


def test_a_path_with_signs_that_mean_something_starts_what_lies_there() -> None:
    assert icon._quoted(["/a b/$HOME", "100%"]) == '"/a b/\\\\$HOME" "100%%"'


def test_macos_gets_an_application(desktop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    icon.install()
    inside = desktop / "Applications" / "Whetstone.app" / "Contents"
    about = plistlib.loads((inside / "Info.plist").read_bytes())
    script = inside / "MacOS" / about["CFBundleExecutable"]
    assert script.read_text().endswith(f"exec {shlex.join(icon.command())}\n")
    assert script.stat().st_mode & 0o111
    drawn = Image.open(io.BytesIO((inside / "Resources" / "whetstone.icns").read_bytes()))
    assert drawn.format == "ICNS" and drawn.size == (512, 512)
    icon.remove()
    assert not inside.exists()


def test_an_installed_one_makes_it_once(desktop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not icon.is_first_start(), "a checkout puts nothing on anybody's desktop by itself"
    monkeypatch.setattr(shell, "IS_INSTALLED", True)
    assert icon.is_first_start()
    icon.install()
    assert not icon.is_first_start()
    icon.remove()
    assert not icon.is_first_start(), "who took it away does not want it"


def test_without_a_desktop_none_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "IS_INSTALLED", True)
    monkeypatch.delenv("XDG_CURRENT_DESKTOP")
    assert icon.is_first_start() == (sys.platform == "darwin")


def test_a_folder_that_cannot_be_made_is_said(desktop: Path) -> None:
    (desktop / ".local").write_text("in the way")
    (desktop / "Applications").write_text("in the way")
    with pytest.raises(StorageError, match="The icon was not made"):
        icon.install()
