"""The tagger's modules in a blank page of a real browser, to be called from Python."""

from __future__ import annotations

import random
from pathlib import PurePosixPath

from playwright.sync_api import Page, Route

from pages.routes import assets

SITE = "https://tagger.test/"
PIECES = "a b\n\t .é…中文字עברم👩‍🚒👨‍👩‍👧‍👦🇧🇷👍🏽e\u0301\u202e\u2028𝒳\u200d\u00ad"


def serve(route: Route) -> None:
    """Answer every request with a module as it lies in its folder, or with an empty page."""
    name = route.request.url.removeprefix(SITE)
    kind = assets.TYPES.get(PurePosixPath(name).suffix)
    if kind:
        route.fulfill(path=assets.FOLDER / name, content_type=kind)
    else:
        route.fulfill(body="<!doctype html><title>modules</title>", content_type="text/html")


def run(page: Page, module: str, body: str, given: object = None):
    """Run a function body with the module as ``m`` and Python's data as ``given``."""
    return page.evaluate(
        f"async (given) => {{ const m = await import('/{module}.js'); {body} }}", given
    )


def random_text(seed: int, longest: int = 60) -> str:
    """Return a text of many scripts, emoji and invisible characters."""
    chance = random.Random(seed)
    return "".join(chance.choice(PIECES) for _ in range(chance.randrange(1, longest)))
