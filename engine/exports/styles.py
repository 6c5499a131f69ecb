"""The picture's rules with every colour written out, for programs that know no variables of CSS.

Editors of SVG, office programs and what makes pixels of it read SVG 1.1 with CSS 2: they draw
black what a variable should colour. The rules stand in ``drawing.css`` once.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

STYLE = Path(__file__).with_name("drawing.css")
DARK = "@media screen and (prefers-color-scheme: dark)"
_VARIABLE = re.compile(r"(--[\w-]+):\s*([^;]+);")
_USED = re.compile(r"var\((--[\w-]+)\)")
_RULE = re.compile(r"^(\.[^{]+)\{([^}]*)\}$", re.MULTILINE)


@cache
def with_variables() -> str:
    """Return the rules as they are, for a page of HTML."""
    return STYLE.read_text(encoding="utf-8")


@cache
def written_out() -> str:
    """Return the rules for a file of its own: light ones, then dark ones for who asks for them."""
    light, dark, rules = _parts()
    return f"{_font()}\n{_filled(rules, light)}\n{DARK} {{\n{_filled(rules, dark)}\n}}\n"


@cache
def still(font: str) -> str:
    """Return the light rules for a picture that nobody points at, in a typeface by its name."""
    light, _, rules = _parts()
    kept = [rule for rule in rules if ":hover" not in rule]
    return f'.cm {{ font-family: "{font}", sans-serif }}\n{_filled(kept, light)}\n'


def _parts() -> tuple[dict[str, str], dict[str, str], list[str]]:
    """Return the variables of the light and of the dark page, and the rules that use them."""
    before, _, after = with_variables().partition(DARK)
    within, _, rest = after.partition("\n}\n")
    rules = [match[0] for match in _RULE.finditer(rest)]
    return dict(_VARIABLE.findall(before)), dict(_VARIABLE.findall(within)), rules


def _font() -> str:
    (family,) = re.findall(r"font-family:[^;]+;", with_variables())
    return f".cm {{ {family} }}"


def _filled(rules: list[str], colors: dict[str, str]) -> str:
    return "\n".join(_USED.sub(lambda match: colors[match[1]], rule) for rule in rules)
