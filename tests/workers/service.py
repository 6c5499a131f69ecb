"""Services whose models' processes are forked: ``python -m tests.workers.service serve …``.

It is the command ``python -m engine``, and for its supervisor also the service that it starts.
"""

from __future__ import annotations

import sys

from engine.serving.models import process
from tests.workers import piped


def main(arguments: list[str]) -> int:
    process.spawn = piped.serve  # type: ignore[assignment]
    if arguments[0] == "serve":
        from engine.commands import main
        from engine.serving.running import supervisor

        supervisor.MODULE = "tests.workers.service"
        return main(arguments)
    from engine.serving.running import service

    service.main(arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
