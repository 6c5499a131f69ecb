"""Whetstone among a desktop's programs: an entry of its menu on Linux, an application on macOS.

It is put there at the first start of an installed Whetstone, once: who takes it away keeps it away.
"""

from __future__ import annotations

import os
import plistlib
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from engine.system import shell
from pages.desktop import window
from storage import home
from storage.errors import StorageError

# In the home: what was put where, or that it was taken away.
MARK = "icon"
ENTRY = """\
[Desktop Entry]
Type=Application
Name=Whetstone
Comment=Label text, train a model on it, mend what it gets wrong
Exec={command}
Icon=whetstone
Terminal={terminal}
Categories=Office;Science;
StartupWMClass=Whetstone
"""
SCRIPT = "#!/bin/sh\nexec {command}\n"
# What macOS calls a picture of 512 by 512 pixels.
LARGE, PIXELS = b"ic09", 512


def is_first_start() -> bool:
    """Tell whether an installed Whetstone starts for the first time on somebody's desktop."""
    screen = sys.platform == "darwin" or os.environ.get("XDG_CURRENT_DESKTOP")
    return shell.IS_INSTALLED and bool(screen) and not (home.folder() / MARK).exists()


def install() -> str:
    """Put it among the programs and return where it is; raises StorageError where it cannot."""
    try:
        place = _on_macos() if sys.platform == "darwin" else _on_linux()
    except OSError as error:
        raise StorageError(f"The icon was not made: {error}.") from error
    (home.folder() / MARK).write_text(f"{place}\n", "utf-8")
    return f"Whetstone is among this desktop's programs: {place}. remove-icon takes it away."


def remove() -> str:
    """Take it away and return a sentence; the next start does not bring it back."""
    for path in (_entry(), _drawing()):
        path.unlink(missing_ok=True)
    shutil.rmtree(_bundle(), ignore_errors=True)
    (home.folder() / MARK).write_text("", "utf-8")
    return "Whetstone is no longer among this desktop's programs."


def command() -> list[str]:
    """Return what a click starts: the window where there can be one, else a browser's server."""
    script = shutil.which("whetstone", path=str(Path(sys.executable).parent))
    # A checkout has none.
    begin = [script] if script else [sys.executable, str(Path(__file__).with_name("installed.py"))]
    return [*begin, "window"] if window.is_possible() else begin


def _on_linux() -> Path:
    for path in (_entry(), _drawing()):
        path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(window.PICTURE, _drawing())
    # Without a window of its own a terminal shows that it runs, and closing that ends it.
    terminal = "false" if window.is_possible() else "true"
    _entry().write_text(ENTRY.format(command=_quoted(command()), terminal=terminal), "utf-8")
    if tool := shutil.which("update-desktop-database"):
        subprocess.run([tool, "-q", str(_entry().parent)], check=False)
    return _entry()


def _quoted(words: Sequence[str]) -> str:
    """Return a command as a desktop entry writes it."""
    signs = {ord(sign): f"\\\\{sign}" for sign in '"`$'}
    signs |= {ord("\\"): "\\\\\\\\", ord("%"): "%%"}
    return " ".join(f'"{word.translate(signs)}"' for word in words)


def _on_macos() -> Path:
    inside = _bundle() / "Contents"
    for name in ("MacOS", "Resources"):
        (inside / name).mkdir(parents=True, exist_ok=True)
    about = {
        "CFBundleName": "Whetstone",
        "CFBundleIdentifier": "org.whetstone.app",
        "CFBundleExecutable": "whetstone",
        "CFBundleIconFile": "whetstone.icns",
        "CFBundlePackageType": "APPL",
    }
    (inside / "Info.plist").write_bytes(plistlib.dumps(about))
    (inside / "Resources" / "whetstone.icns").write_bytes(_icns())
    script = inside / "MacOS" / "whetstone"
    script.write_text(SCRIPT.format(command=shlex.join(command())), "utf-8")
    script.chmod(0o755)
    return _bundle()


def _icns() -> bytes:
    """Return the picture in macOS's container of pictures."""
    import resvg_py

    png = bytes(resvg_py.svg_to_bytes(svg_path=str(window.PICTURE), width=PIXELS, height=PIXELS))
    part = LARGE + (len(png) + 8).to_bytes(4, "big") + png
    return b"icns" + (len(part) + 8).to_bytes(4, "big") + part


def _entry() -> Path:
    return _shared() / "applications" / "whetstone.desktop"


def _drawing() -> Path:
    return _shared() / "icons" / "hicolor" / "scalable" / "apps" / "whetstone.svg"


def _bundle() -> Path:
    return Path.home() / "Applications" / "Whetstone.app"


def _shared() -> Path:
    chosen = os.environ.get("XDG_DATA_HOME", "")
    return Path(chosen) if Path(chosen).is_absolute() else Path.home() / ".local" / "share"
