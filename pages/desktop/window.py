"""Whetstone in a window of its own: a server of this computer, and a web view that shows it.

With the window the server ends; trainings go on, as they do without a browser.
"""

from __future__ import annotations

import http.client
import logging
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from engine.system import shell
from pages.access import start
from storage import files, home
from storage.errors import InputError, StorageError

PICTURE = Path(__file__).resolve().parents[1] / "pictures" / "icon.svg"
LOG = "server.log"
SIZE = (1280, 860)
SMALLEST = (390, 600)
START_SECONDS = 120.0
END_SECONDS = 20.0
MOST_SAID = 10_000
WITHOUT = (
    'A window of its own needs pywebview: pip install "pywebview[qt]" beside Whetstone '
    "(macOS: pywebview). Without it, {} opens the same in a browser."
)
NO_TOOLKIT = (
    "Neither GTK's nor Qt's web view is installed: pip install \"pywebview[qt]\" brings one. "
    "Without it, {} opens the same in a browser."
)
NO_SCREEN = "There is no screen to open a window on (DISPLAY is not set): {} serves a browser."


def main(arguments: Sequence[str]) -> int:
    """Show Whetstone in a window until it is closed, and return the exit code.

    Raises InputError where this computer cannot open one, StorageError where the server ends.
    """
    asked = start.read(arguments, prog=f"{shell.START} window", about=__doc__ or "")
    webview = toolkit()
    with served(asked):
        show(webview, address(asked.port))
    return 0


def is_possible() -> bool:
    """Tell whether pywebview is installed; whether there is a screen is seen when it opens."""
    return find_spec("webview") is not None


def toolkit() -> ModuleType:
    """Return pywebview, ready to open a window; raises InputError where it cannot."""
    if not is_possible():
        raise InputError(WITHOUT.format(shell.START))
    if sys.platform == "linux" and not any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    ):
        raise InputError(NO_SCREEN.format(shell.START))
    import webview
    from webview.guilib import initialize

    # It logs a trace for each toolkit that is not there.
    logging.getLogger("pywebview").setLevel(logging.CRITICAL)
    try:
        initialize()
    except webview.WebViewException as error:
        raise InputError(NO_TOOLKIT.format(shell.START)) from error
    return webview


def show(webview: ModuleType, url: str) -> None:
    """Open the window, and return when it is closed."""
    webview.settings["ALLOW_DOWNLOADS"] = True
    webview.create_window(
        "Whetstone", url, width=SIZE[0], height=SIZE[1], min_size=SMALLEST, text_select=True
    )
    # Edits wait in its storage while the server does not answer: it must outlive the window.
    kept = files.make_folder(home.folder() / "window")
    webview.start(private_mode=False, storage_path=str(kept), icon=str(PICTURE))


@contextmanager
def served(asked: start.Asked) -> Iterator[None]:
    """Have a server at a port: the one that runs there, or one that ends with this."""
    if answers(asked.port):
        yield
        return
    log = home.folder() / LOG
    files.make_private(log)
    words = [sys.executable, "-m", "pages.access.start", "--port", str(asked.port)]
    words += ["--host", asked.host] if asked.host else []
    with log.open("wb") as out:
        server = subprocess.Popen(
            [*words, "--server.headless", "true", *asked.rest],
            cwd=shell.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        _wait(server, asked.port, log)
        yield
    finally:
        _end(server)


def address(port: int) -> str:
    """Return where this computer's browsers find the server of a port."""
    return f"http://localhost:{port}/"


def answers(port: int) -> bool:
    """Tell whether a server of this home listens at this computer's port."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            said = answer.read(MOST_SAID)
    except urllib.error.HTTPError as error:
        # Its database cannot be used, which every page says.
        said = error.read(MOST_SAID)
    except (OSError, http.client.HTTPException):
        return False
    mark = home.mark()
    return bool(mark) and f'"home":"{mark}"'.encode() in said


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers(port):
        if server.poll() is not None or time.monotonic() > deadline:
            raise StorageError(f"The server did not start; what it said is in {log}.")
        time.sleep(0.05)


def _end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        # A page that draws for ever holds nobody up.
        server.kill()
        server.wait()
