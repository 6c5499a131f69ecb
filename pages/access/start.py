"""``python -m pages.access.start``: ``streamlit run app.py``, for this computer or for others, too.

Where nothing is said it is as chosen on Settings (Other computers). What else is said goes on to
Streamlit (``--server.sslCertFile`` …).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from storage.accounts import reach

APP = Path(__file__).parents[2] / "app.py"
EVERYWHERE = "0.0.0.0"
PORT = 8501


@dataclass(frozen=True, slots=True)
class Asked:
    """Where to listen (no host: as chosen on Settings), and what Streamlit is told besides."""

    host: str
    port: int
    rest: tuple[str, ...] = ()


def read(arguments: Sequence[str], prog: str, about: str) -> Asked:
    """Return what was asked for in a shell."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog, description=about, formatter_class=raw)
    parser.add_argument("--host", default="", help="the address to listen on; 0.0.0.0 is all")
    parser.add_argument("--port", default=PORT, type=int)
    asked, rest = parser.parse_known_args(arguments)
    return Asked(asked.host, asked.port, tuple(rest))


def command(asked: Asked) -> list[str]:
    """Return Streamlit's own command for what was asked."""
    address = asked.host or (EVERYWHERE if reach.read().others else "")
    # Streamlit's greeting would ask the internet for this computer's address.
    told = ["--server.address", address, "--logger.hideWelcomeMessage", "true"] if address else []
    fixed = ["--server.port", str(asked.port), "--server.fileWatcherType", "none"]
    return ["streamlit", "run", str(APP), *fixed, *told, *asked.rest]


def serve(asked: Asked) -> None:
    """Serve until somebody ends it."""
    from streamlit.web import cli

    sys.argv = command(asked)
    cli.main()


if __name__ == "__main__":
    serve(read(sys.argv[1:], "python -m pages.access.start", __doc__ or ""))
