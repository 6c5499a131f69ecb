"""A stand-in for the worker: ``python stand_in.py ORDER FOLDER``, a process within 30 ms.

It takes part as the worker does, over the folder alone: it holds the lock that it inherited,
writes events, and hears the wish to stop. ORDER says how it ends. "live" waits: until it is
cancelled, or until FOLDER/go names a finished run's folder, whose results it then leaves as
its own. Any other ORDER is such a folder. Standard library only: torch takes seconds to load.
"""

import json
import os
import shutil
import sys
import time
from pathlib import Path


def main(order: str, folder: Path) -> None:
    attempt = json.loads((folder / "spec.json").read_text())["attempt"]

    def tell(kind: str, **values: object) -> None:
        event = {"at": "2026-01-01T00:00:00+00:00", "attempt": attempt, "kind": kind, **values}
        with open(folder / "events.jsonl", "a") as events:
            events.write(json.dumps(event) + "\n")

    tell("state", state="running", message="", pid=os.getpid())
    tell("progress", phase="training", step=1, steps=9, epoch=1, epochs=1)
    while order == "live":
        time.sleep(0.02)
        if (folder / "cancel").is_file():
            tell("state", state="cancelled", message="Cancelled.")
            return
        if (folder / "go").is_file():
            order = (folder / "go").read_text()
    for path in Path(order).iterdir():
        if path.is_file() and not (folder / path.name).exists():
            shutil.copy(path, folder)
    tell("state", state="done", message="Done.")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
