"""A real Chromium for journeys at the console: what it may not do (errors, other hosts), and what pages must be.

It is Debian's, or whatever CHASQUI_CHROMIUM names; without one these tests are skipped and the run says so aloud
(``./chasqui test`` installs it where it may). Pictures go to the folder that CHASQUI_PICTURES names, else to the test's
own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import playwright
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.people import PASSWORD

TELEPHONE: Final = {"width": 390, "height": 844}
DESKTOP: Final = {"width": 1280, "height": 900}
SIZES: Final = {"telephone": TELEPHONE, "desktop": DESKTOP}

_FLAGS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)
_PATIENCE: Final = 45_000
"""Milliseconds a page may take: the machine may be loaded."""

_GRAVE: Final = ("serious", "critical")


def chromium() -> str | None:
    """Where the browser is, if there is one."""
    named = os.environ.get("CHASQUI_CHROMIUM")
    return named or next((found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), None)


def driven() -> bool:
    """Whether the program that Playwright brings to drive a browser runs here."""
    node = Path(playwright.__file__).parent / "driver" / "node"
    return subprocess.run([node, "--version"], capture_output=True, check=False, timeout=60).returncode == 0


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for a module's journeys."""
    path = chromium()
    if path is None:
        pytest.skip("no Chromium here: the console was not walked in a browser (apt-get install chromium)")
    if not driven():
        pytest.skip("Playwright does not run here: the console was not walked in a browser (install libatomic1)")
    expect.set_options(timeout=_PATIENCE)
    with sync_playwright() as started:
        found = started.chromium.launch(executable_path=path, args=list(_FLAGS), timeout=_PATIENCE)
        try:
            yield found
        finally:
            found.close()


@dataclass(slots=True)
class Visitor:
    """Somebody at a browser. ``page`` is Playwright's; ``look`` checks and pictures where he stands."""

    page: Page
    url: str
    pictures: Path
    size: str
    troubles: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Opens an address of the installation."""
        self.page.goto(f"{self.url}{path}")

    def sign_in(self, ruc: str, username: str = "owner", password: str = PASSWORD) -> None:
        """Signs in, as `tests.support.people.somebody` may."""
        self.open("/console/sign-in")
        self.page.get_by_label("RUC").fill(ruc)
        self.page.get_by_label("Usuario").fill(username)
        self.page.get_by_label("Contraseña").fill(password)
        self.page.get_by_role("button", name="Entrar").click()
        self.page.wait_for_url("**/console**")

    def look(self, name: str) -> None:
        """Keeps a picture of the page and holds it to what pages must be: accessible, and not wider than the screen."""
        self.page.screenshot(path=self.pictures / f"{name}-{self.size}.png", full_page=True)
        found = Axe().run(self.page).response["violations"]
        grave = [
            f"{each['id']} ({each['impact']}): {each['help']}: {[node['html'][:160] for node in each['nodes'][:3]]}"
            for each in found if each["impact"] in _GRAVE
        ]
        assert grave == [], f"{name}: {grave}"
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name} is {wide} pixels wider than the {self.size}"


@contextmanager
def visiting(
    browser: Browser, url: str, folder: Path, size: str = "desktop", *, expected: tuple[str, ...] = ()
) -> Iterator[Visitor]:
    """A fresh visitor; in the end nothing may have gone wrong in the browser, and no other host been asked.

    ``expected`` are pieces of console messages that belong to the journey, such as a 403 that it provokes.
    """
    pictures = Path(os.environ.get("CHASQUI_PICTURES") or folder)
    pictures.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(viewport=SIZES[size], locale="es-PE", accept_downloads=True)  # type: ignore[arg-type]
    context.set_default_timeout(_PATIENCE)
    visitor = Visitor(page=context.new_page(), url=url, pictures=pictures, size=size)

    def note(message: Any) -> None:
        if message.type in ("error", "warning") and not any(piece in message.text for piece in expected):
            visitor.troubles.append(f"console: {message.text}")

    def watch(request: Any) -> None:
        host = urlsplit(request.url)
        if host.scheme in ("http", "https", "ws", "wss") and host.netloc != urlsplit(url).netloc:
            visitor.troubles.append(f"request to {request.url}")

    context.on("console", note)
    context.on("weberror", lambda error: visitor.troubles.append(f"script: {error.error}"))
    context.on("request", watch)
    try:
        yield visitor
    finally:
        context.close()
    assert visitor.troubles == []
