"""``python -m engine.runner.freezing.process RUN FOLDER``: freeze the documents of a run.

Prints the labels that the run is about, or in one sentence why it cannot train, as JSON. It ends
with the thread that started it.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from engine.runner.freezing import documents
from engine.system.parent import die_with_parent
from storage.database.connection import Database
from storage.engines.queries import uncollected
from storage.errors import WhetstoneError
from storage.runs import runs


def main(run_id: str, folder: str) -> None:
    """Freeze the documents of a run of this home."""
    die_with_parent()
    # Who tags meanwhile comes first.
    os.nice(5)
    db = Database.open()
    try:
        with uncollected():
            labels = documents.freeze(db, runs.get_run(db, int(run_id)), Path(folder))
        found: dict = {"labels": list(labels)}
    except WhetstoneError as error:
        found = {"lacks": str(error)}
    finally:
        db.close()
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
