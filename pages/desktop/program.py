"""``whetstone``: start the server and open the browser; or another of its commands.

whetstone                  start, and open the browser (--host, --port, Streamlit's options)
whetstone window           the same in a window of its own
whetstone install-icon     put it among this desktop's programs; remove-icon takes it away
whetstone engine …         the commands: import, train, report … (--help)
"""

from __future__ import annotations

import sys
import webbrowser
from collections.abc import Callable, Sequence

from pages.access import start
from pages.desktop import icon, window
from storage.errors import WhetstoneError


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what was asked and return the exit code."""
    asked = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if asked and (command := COMMANDS.get(asked[0])):
            return command(asked[1:])
        return serve(asked)
    except WhetstoneError as error:
        print(error, file=sys.stderr)
        return 1


def serve(arguments: Sequence[str]) -> int:
    """Serve until somebody ends it; where this computer's Whetstone runs already, show that."""
    asked = start.read(arguments, prog="whetstone", about=__doc__ or "")
    if not asked.host and window.answers(asked.port):
        webbrowser.open(window.address(asked.port))
        return 0
    if icon.is_first_start():
        print(icon.install())
    start.serve(asked)
    return 0


def engine(arguments: Sequence[str]) -> int:
    """Run one command of the engine."""
    from engine import commands

    return commands.main(arguments)


def install_icon(_: Sequence[str]) -> int:
    """Put Whetstone among the desktop's programs."""
    print(icon.install())
    return 0


def remove_icon(_: Sequence[str]) -> int:
    """Take it away again."""
    print(icon.remove())
    return 0


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "engine": engine,
    "window": window.main,
    "install-icon": install_icon,
    "remove-icon": remove_icon,
}
