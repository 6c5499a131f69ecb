"""What one types in a shell to speak to this Whetstone: a checkout, or an installed one.

Messages that send somebody to a shell name it.
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# A wheel holds the program and nothing that only its makers need.
IS_INSTALLED = not (ROOT / "pyproject.toml").exists()
ENGINE = "whetstone engine" if IS_INSTALLED else "python -m engine"
START = "whetstone" if IS_INSTALLED else "python -m pages.access.start"
