"""Record what one version's own code answers to the calls.

Run it inside a checkout of that version, with its own code on the path:

    git archive COMMIT | tar -x -C CHECKOUT
    cd CHECKOUT && PYTHONPATH=. python …/tests/engine/commands/recorded/make.py 0.4

0.4 is 63fa6d9. Its answers are never recorded again: scripts that people have rely on them.
Calls that a later version adds get a file of its own.
"""

from __future__ import annotations

import json
import os
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOMES = HERE.parents[2] / "fixtures" / "homes"


def record(version: str) -> None:
    """Make all calls in a home of this version and write down the answers."""
    from calls import LONG, READING, TRAINING, WRITING, answer, prepare

    from tests.engine import tiny

    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        os.environ |= {"WHETSTONE_HOME": f"{place}/home", "HF_HUB_OFFLINE": "1"}
        with tarfile.open(HOMES / f"{version}.tar.xz") as archive:
            archive.extractall(place, filter="data")
        tiny.save_base(Path("base"))
        prepare()
        # What goes back to a backup comes last: the database then knows nothing of the rest.
        calls = (*READING, *TRAINING, *LONG, *WRITING)
        answers = {each.name: answer(each) for each in calls}
    lines = (f"{json.dumps(name)}: {json.dumps(of)}" for name, of in answers.items())
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    (HERE / f"{version}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    record(sys.argv[1])
