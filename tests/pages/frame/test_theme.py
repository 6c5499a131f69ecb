"""The theme: two palettes that can be read, typefaces that lie beside the pages."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from pages.widgets.common import colors

ROOT = Path(__file__).resolve().parents[3]
CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
THEME = CONFIG["theme"]
# WCAG 2.2, level AA: text, and the parts of a chart or a control.
TEXT, PARTS = 4.5, 3.0
FAMILIES = ("red", "orange", "yellow", "green", "blue", "violet", "gray")
MODES = pytest.mark.parametrize("mode", ["light", "dark"])


def luminance(color: str) -> float:
    values = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def grounds(mode: str) -> list[str]:
    """All surfaces that text can stand on."""
    palette = THEME[mode]
    surfaces = (palette, palette["sidebar"])
    return [s[f"{k}ackgroundColor"] for s in surfaces for k in ("b", "secondaryB")]


@MODES
@pytest.mark.parametrize("ink", ["textColor", "linkColor", *(f"{f}TextColor" for f in FAMILIES)])
def test_text_can_be_read_on_every_surface(mode: str, ink: str) -> None:
    assert min(contrast(THEME[mode][ink], ground) for ground in grounds(mode)) >= TEXT


def mixed(ink: str, ground: str, share: float) -> str:
    parts = zip(colors.parse(ink), colors.parse(ground), strict=True)
    red, green, blue = (round(a * share + b * (1 - share)) for a, b in parts)
    return colors.css((red, green, blue))


@MODES
def test_captions_can_be_read_which_are_text_at_60_percent(mode: str) -> None:
    ink = THEME[mode]["textColor"]
    assert min(contrast(mixed(ink, ground, 0.6), ground) for ground in grounds(mode)) >= TEXT


@pytest.mark.parametrize("theme", [colors.LIGHT, colors.DARK], ids=lambda theme: theme.name)
def test_previews_of_label_colors_know_the_theme(theme: colors.Theme) -> None:
    palette = THEME[theme.name]
    assert colors.css(theme.background) == palette["backgroundColor"]
    assert colors.css(theme.text) == palette["textColor"]


@MODES
@pytest.mark.parametrize("family", FAMILIES)
def test_notes_and_badges_can_be_read_in_every_color(mode: str, family: str) -> None:
    palette = THEME[mode]
    ground = palette[f"{family}BackgroundColor"]
    assert contrast(palette[f"{family}TextColor"], ground) >= TEXT
    assert contrast(palette["textColor"], ground) >= TEXT


@MODES
def test_buttons_tables_and_code_can_be_read(mode: str) -> None:
    palette = THEME[mode]
    assert contrast("#ffffff", palette["primaryColor"]) >= TEXT
    assert min(contrast(palette["primaryColor"], ground) for ground in grounds(mode)) >= PARTS
    header = palette["dataframeHeaderTextColor"], palette["dataframeHeaderBackgroundColor"]
    assert contrast(*header) >= TEXT
    assert contrast(palette["codeTextColor"], palette["codeBackgroundColor"]) >= TEXT


@MODES
def test_lines_of_a_chart_stand_out(mode: str) -> None:
    palette = THEME[mode]
    ground = palette["backgroundColor"]
    assert min(contrast(c, ground) for c in palette["chartCategoricalColors"]) >= PARTS
    steps = [luminance(color) for color in palette["chartSequentialColors"]]
    assert steps == sorted(steps, reverse=mode == "light"), "more is further from the paper"


def test_typefaces_are_files_of_ours_with_their_licence() -> None:
    faces = THEME["fontFaces"]
    files = {ROOT / "pages" / face["url"].removeprefix("app/") for face in faces}
    folder = ROOT / "pages" / "static" / "fonts"
    assert files == set(folder.glob("*.woff2"))
    assert {face["family"] for face in faces} == {"Literata", "Commissioner"}
    for family in ("literata", "commissioner"):
        assert "SIL Open Font License" in (folder / f"{family}-OFL.txt").read_text("utf-8")
    assert sum(file.stat().st_size for file in files) < 400_000


@pytest.mark.parametrize("name", ["Literata", "Commissioner"])
@pytest.mark.parametrize("letter", ["e", "ł", "ш", "λ", "—"])
def test_both_typefaces_have_latin_cyrillic_and_greek(name: str, letter: str) -> None:
    ranges = [f["unicodeRange"] for f in THEME["fontFaces"] if f["family"] == name]
    bounds = [r.strip().removeprefix("U+").split("-") for r in ",".join(ranges).split(",")]
    assert any(int(b[0], 16) <= ord(letter) <= int(b[-1], 16) for b in bounds)
