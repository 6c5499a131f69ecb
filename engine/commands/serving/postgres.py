"""``postgres``: the home's own server, for several people: started, stopped."""

from __future__ import annotations

import typer

from engine.commands.common.terminal import AsJson, answer, note
from engine.system import shell
from storage.engines import own_server

postgres = typer.Typer(no_args_is_help=True, help="A PostgreSQL server of the home's own.")


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(postgres, name="postgres")


@postgres.command("start")
def start(as_json: AsJson = False) -> None:
    """Start it, made at the first time, and print what WHETSTONE_DB must be. It goes on running."""
    server = own_server.find()
    server.start()
    note(f"PostgreSQL's data are in {server.folder}; {shell.ENGINE} postgres stop stops it.")
    answer({"url": server.url, "folder": str(server.folder)}, as_json, server.url)


@postgres.command("stop")
def stop(as_json: AsJson = False) -> None:
    """Stop it; what it holds stays."""
    server = own_server.find()
    ran = server.stop()
    text = "PostgreSQL is stopped." if ran else "PostgreSQL did not run."
    answer({"stopped": ran, "folder": str(server.folder)}, as_json, text)
