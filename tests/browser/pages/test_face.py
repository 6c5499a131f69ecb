"""The face in a real browser: typefaces, both themes, the menu, the tab."""

from __future__ import annotations

import pytest

from storage.corpus import projects
from storage.database.connection import Database
from tests.browser.conftest import Launch, Visitor
from tests.browser.expecting import expect
from tests.browser.server import ROOT, AppServer
from tests.browser.tagging import resize, settle
from tests.pages.frame.test_theme import TEXT, contrast

pytestmark = pytest.mark.browser
# The colour that is really seen: the element's own over all that lies beneath it.
SEEN = """element => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const paint = color => { canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); };
  const read = () => '#' + [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3)
    .map(value => value.toString(16).padStart(2, '0')).join('');
  const chain = [];
  for (let at = element; at; at = at.parentElement) chain.unshift(at);
  paint('white');
  chain.forEach(at => paint(getComputedStyle(at).backgroundColor));
  const ground = read();
  paint(getComputedStyle(element).color);
  return [read(), ground];
}"""


@pytest.fixture(scope="module")
def server(launch: Launch, tmp_path_factory: pytest.TempPathFactory) -> AppServer:
    """A server whose only project is empty."""
    folder = tmp_path_factory.mktemp("face") / "home"
    folder.mkdir()
    db = Database.open(f"sqlite:///{folder / 'whetstone.db'}")
    projects.create_project(db, "Häfen *2026*")
    db.close()
    return launch(ROOT / "app.py", folder)


@pytest.mark.parametrize("mode", [pytest.param("light", marks=pytest.mark.long), "dark"])
def test_a_selected_choice_can_be_read_and_all_stand_in_one_row_of_a_narrow_screen(
    server: AppServer, visitor: Visitor, mode: str
) -> None:
    page = visitor.open(f"{server.url}/data", color_scheme=mode)
    choice = page.locator("[data-variant='segmented_control'][data-selected]").first
    expect(choice).to_be_visible()
    # Colours fade in.
    settle(choice)
    ink, ground = choice.evaluate(SEEN)
    assert contrast(ink, ground) >= TEXT
    resize(page, 390, 844)
    export, first = (page.get_by_role("radio", name=name) for name in ("Export", "Import"))
    settle(export)
    assert export.bounding_box()["y"] == first.bounding_box()["y"]


def test_typefaces_the_title_and_the_menu_are_ours(server: AppServer, visitor: Visitor) -> None:
    page = visitor.open(server.url)
    expect(page).to_have_title("Home · Häfen *2026* · Whetstone")
    heading = page.get_by_role("heading", name="Home", level=1)
    expect(heading).to_be_visible()
    assert heading.evaluate("e => getComputedStyle(e).fontFamily").startswith("Literata")
    page.wait_for_function(
        """(names) => names.every((name) => [...document.fonts].some(
            ({status, family}) => status === "loaded" && family.replaceAll('"', "") === name))""",
        arg=["Literata", "Commissioner"],
    )
    page.get_by_role("button", name="Main menu").click()
    menu = page.get_by_test_id("stMainMenuPopover")
    for name in ("System", "Light", "Dark"):
        expect(menu.get_by_role("menuitemradio", name=name)).to_be_visible()
    expect(menu.get_by_role("menuitem")).to_have_text(["About"])
    expect(menu.get_by_text("Streamlit")).to_be_hidden()
    menu.get_by_role("menuitemradio", name="Dark").click()
    expect(page.get_by_test_id("stApp")).to_have_css("color-scheme", "dark")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stAppDeployButton")).to_have_count(0)
