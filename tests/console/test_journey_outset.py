"""In a real browser: signing in, the frame, the language, signing out, on a telephone and at a desk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import SIZES, browser, visiting
from tests.support.people import somebody
from tests.support.world import Tenancy, World, body_of, world

__all__ = ["browser"]


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world("sqlite", tmp_path_factory.mktemp("console"), delivers=False) as made:
        yield made


@pytest.fixture(scope="module")
def shop(installation: World) -> Tenancy:
    made = installation.open()
    somebody(installation.office, made.account_id)
    return made


@pytest.mark.parametrize("size", SIZES)
def test_in_and_out(browser: Browser, installation: World, shop: Tenancy, tmp_path: Path, size: str) -> None:
    with visiting(browser, installation.url, tmp_path, size, expected=("401",)) as visitor:
        page = visitor.page
        visitor.open("/console")
        expect(page.get_by_role("heading", name="Entrar")).to_be_visible()
        visitor.look("sign-in")
        visitor.sign_in(shop.ruc, password="not the password")
        expect(page.get_by_role("alert")).to_contain_text("no son correctos")
        expect(page.get_by_label("RUC")).to_have_value(shop.ruc)
        visitor.look("sign-in-wrong")
        visitor.sign_in(shop.ruc)
        expect(page.get_by_role("heading", name="Hoy", level=1)).to_be_visible()
        page.get_by_role("link", name="English").click()
        expect(page.get_by_role("heading", name="Today", level=1)).to_be_visible()
        assert page.evaluate("document.documentElement.lang") == "en"
        page.get_by_role("link", name="Español").click()
        expect(page.get_by_role("heading", name="Hoy", level=1)).to_be_visible()
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Ir al contenido")).to_be_focused()
        page.get_by_role("button", name="Salir").click()
        expect(page.get_by_text("Ha salido.")).to_be_visible()
        visitor.open("/console")
        expect(page.get_by_role("heading", name="Entrar")).to_be_visible()


@pytest.mark.parametrize("size", SIZES)
def test_today_stays_fresh(browser: Browser, installation: World, tmp_path: Path, size: str) -> None:
    """A voucher that is issued meanwhile shows up by itself."""
    made = installation.open()
    somebody(installation.office, made.account_id)
    for number in range(9):
        made.till.issued(body_of(made, issue_date=date(2026, 11, 20) - timedelta(days=number % 3)))
    with visiting(browser, installation.url, tmp_path, size) as visitor:
        visitor.sign_in(made.ruc)
        expect(visitor.page.get_by_role("heading", name="Qué hacer hoy")).to_be_visible()
        number_issued = visitor.page.locator(".tile-number").first
        expect(number_issued).to_have_text("3")
        visitor.look("today")
        made.till.issued(body_of(made))
        expect(number_issued).to_have_text("4")
