"""A stand-in for the worker: ``python stand_in.py ORDER FOLDER``, a process within 30 ms.

It takes part as the worker does, over the folder alone: it holds the lock that it inherited,
writes events, and hears the wish to stop. ORDER says how it ends: "live" never does by
itself, "lie" says that it is done and leaves no report, and a folder of a finished run is
what it leaves as its own results. Standard library only: torch takes seconds to load.
"""

import json
import os
import shutil
import sys
import time
from pathlib import Path

RESULTS = ("report.json", "usage.json", "pairs.parquet", "predictions.parquet")


def main(order: str, folder: Path) -> None:
    attempt = json.loads((folder / "spec.json").read_text())["attempt"]

    def tell(kind: str, **values: object) -> None:
        event = {"at": "2026-01-01T00:00:00+00:00", "attempt": attempt, "kind": kind, **values}
        with open(folder / "events.jsonl", "a") as events:
            events.write(json.dumps(event) + "\n")

    tell("state", state="running", message="", pid=os.getpid())
    tell("progress", phase="training", step=1, steps=9, epoch=1, epochs=1)
    while order == "live" and not (folder / "cancel").is_file():
        time.sleep(0.02)
    if order == "live":
        tell("state", state="cancelled", message="Cancelled.")
        return
    for name in RESULTS if order != "lie" else ():
        shutil.copy(Path(order) / name, folder)
    tell("state", state="done", message="Done.")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
