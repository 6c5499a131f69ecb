"""One reader under libFuzzer: what it is given changes so that it takes new branches.

    python -m tests.fuzzing.reader spans/conll CORPUS [libFuzzer's flags …]

Ends with a traceback and a file of its input at the first crash or broken promise (those of
`survives`: nothing wrong comes in, and where nothing comes in somebody says why).
"""

from __future__ import annotations

import sys
import warnings

import atheris

# Before the modules are imported by anything else.
with atheris.instrument_imports(include=["engine.formats", "engine.corpus"]):
    from tests.engine.formats.test_fuzzing import survives
    from tests.fuzzing.inputs import packing, seeds


def fuzz(argv: list[str]) -> None:
    task, name = argv[1].split("/")
    known = packing(next(seeds(task, name)))
    # As a person sees none of them: libraries warn of odd dates and the like.
    warnings.simplefilter("ignore")
    atheris.Setup([argv[0], *argv[2:]], lambda data: survives(task, name, known.pack(data)))
    atheris.Fuzz()


if __name__ == "__main__":
    fuzz(sys.argv)
