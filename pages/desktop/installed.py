"""``whetstone``, and ``python -m whetstone``: an installed Whetstone, or a checkout from anywhere.

The wheel has this file beside its rooms, as ``whetstone/__main__.py`` (see pyproject.toml): they
lie in its folder and call each other by their own names, as in a checkout.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOMS = HERE if (HERE / "pages").is_dir() else HERE.parents[1]


def main() -> int:
    """Do what was asked in a shell and return the exit code."""
    sys.path.insert(0, str(ROOMS))
    from pages.desktop import program

    return program.main()


if __name__ == "__main__":
    sys.exit(main())
