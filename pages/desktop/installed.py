"""``whetstone``, and ``python -m whetstone``: an installed Whetstone.

The wheel has this file beside its rooms, as ``whetstone/__main__.py`` (see pyproject.toml): they
lie in its folder and call each other by their own names, as in a checkout.
"""

import sys
from pathlib import Path


def main() -> int:
    """Do what was asked in a shell and return the exit code."""
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    from pages.desktop import program

    return program.main()


if __name__ == "__main__":
    sys.exit(main())
