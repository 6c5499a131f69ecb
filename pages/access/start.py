"""``python -m pages.access.start``: ``streamlit run app.py``, for this computer or for others, too.

Where nothing is said it is as chosen on Settings (Other computers). What else is said goes on to
Streamlit (``--server.sslCertFile`` …).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from storage.accounts import reach

APP = Path(__file__).parents[2] / "app.py"
EVERYWHERE = "0.0.0.0"


def command(arguments: Sequence[str]) -> list[str]:
    """Return Streamlit's own command for what was asked."""
    parser = argparse.ArgumentParser(prog="python -m pages.access.start", description=__doc__)
    parser.add_argument("--host", default="", help="the address to listen on; 0.0.0.0 is all")
    parser.add_argument("--port", default="8501")
    asked, rest = parser.parse_known_args(arguments)
    address = asked.host or (EVERYWHERE if reach.read().others else "")
    # Streamlit's greeting would ask the internet for this computer's address.
    told = ["--server.address", address, "--logger.hideWelcomeMessage", "true"] if address else []
    fixed = ["--server.port", asked.port, "--server.fileWatcherType", "none"]
    return ["streamlit", "run", str(APP), *fixed, *told, *rest]


def main() -> None:
    """Serve until somebody ends it."""
    from streamlit.web import cli

    sys.argv = command(sys.argv[1:])
    cli.main()


if __name__ == "__main__":
    main()
