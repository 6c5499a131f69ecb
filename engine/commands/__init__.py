"""The command line: one JSON object on stdout under --json, errors in one sentence.

Exit code 0 means success and nothing else does.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from copy import copy
from functools import cache

import typer
import typer.main

from engine.commands import (
    archiving,
    backing,
    checking,
    data,
    duplicating,
    intake,
    labelling,
    listing,
    matching,
    monitoring,
    predicting,
    searching,
    training,
    users,
)
from engine.commands.common import terminal
from engine.commands.evaluation import agreeing, comparing, drawing, reporting, scoring, suspecting
from engine.commands.knowledge import carding, guiding, noting, talking
from engine.commands.serving import exporting, keys, machines, postgres, promoting, serve
from engine.commands.suggesting import asking, coaching, passes
from engine.system import shell
from storage import files, home
from storage.errors import DamagedError, WhetstoneError

app = typer.Typer(
    name=shell.ENGINE,
    help="Label text, train a transformer on it, read the report.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
ROOMS = (
    *(intake, data, training, searching, passes, reporting, comparing, listing, predicting),
    *(scoring, drawing, suspecting, matching, monitoring, backing, checking, users, archiving),
    *(duplicating, labelling, asking, coaching, noting),
    *(guiding, carding, agreeing, postgres, talking),
    *(promoting, keys, machines, serve, exporting),
)
for room in ROOMS:
    room.register(app)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in arguments
    try:
        line = _built(next(iter(arguments), ""))
        return line(arguments, prog_name=shell.ENGINE, standalone_mode=False) or 0
    except DamagedError as error:
        terminal.fail(f"{error} ({backing.WAY_OUT})", as_json)
    except WhetstoneError as error:
        terminal.fail(str(error), as_json)
    except typer.TyperException as error:
        terminal.fail(f"{error.format_message()} See {shell.ENGINE} --help.", as_json)
    except (KeyboardInterrupt, typer.Abort):
        terminal.fail("Interrupted.", as_json)
    except Exception as error:
        # What nobody foresaw: the sentence goes to the person, the trace to a file.
        sentence = str(error) or "no message"
        terminal.fail(f"{type(error).__name__}: {sentence} ({_log(arguments)})", as_json)
    return 1


@cache
def _built(name: str) -> typer.main.TyperGroup:
    """Build the command line with the command of this name; with all, in 0.05 s, for any other."""
    asked = copy(app)
    found = [each for each in app.registered_commands if each.name == name]
    asked.registered_commands = found or app.registered_commands
    return typer.main.get_group(asked)


def _log(arguments: list[str]) -> str:
    """Write down the trace of the error that is being handled, and say where."""
    path = home.folder() / home.ERRORS
    if not files.is_writable(path):
        return "the home folder is read-only: nothing is written down"
    files.make_private(path)
    logging.basicConfig(filename=path, format="%(asctime)s %(message)s")
    logging.exception("python -m engine %s", " ".join(arguments))
    return f"the trace is in {path}"
