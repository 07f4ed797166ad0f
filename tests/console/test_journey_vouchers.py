"""In a real browser, against the real server and the pretend SUNAT: vouchers looked for, issued, changed and voided by
hand, on a telephone and at a desk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from sunat.sandbox.exchange import Operation
from sunat.sandbox.faults import Rule
from tests.support.browser import SIZES, browser, visiting
from tests.support.people import somebody
from tests.support.world import Tenancy, World, world

__all__ = ["browser"]

@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world("sqlite", tmp_path_factory.mktemp("console")) as made:
        yield made


def open_shop(installation: World) -> Tenancy:
    made = installation.open()
    somebody(installation.office, made.account_id)
    return made


def fill_line(page: Page, place: int, description: str, quantity: str, price: str) -> None:
    line = page.get_by_role("group", name=f"Línea {place + 1}", exact=True)
    line.get_by_label("Descripción").fill(description)
    line.get_by_label("Cantidad").fill(quantity)
    line.get_by_label("Precio unitario").fill(price)


@pytest.mark.parametrize("size", SIZES)
def test_from_the_sale_to_the_credit_note(
    browser: Browser, installation: World, tmp_path: Path, size: str
) -> None:
    shop = open_shop(installation)
    with visiting(browser, installation.url, tmp_path, size) as visitor:
        page = visitor.page
        visitor.sign_in(shop.ruc)
        visitor.open("/console/vouchers")
        expect(page.get_by_text("Todavía no hay comprobantes.")).to_be_visible()
        page.get_by_role("link", name="Emitir el primero").click()
        expect(page.get_by_role("heading", name="Emitir factura")).to_be_visible()
        visitor.look("issue-empty")

        page.get_by_label("Número", exact=True).fill("20987654325")
        expect(page.locator("#f-customer_number-wrong")).to_contain_text("Un dígito del RUC está mal")
        fill_line(page, 0, "CAFÉ ORGÁNICO 1 KG", "2", "59.00")
        expect(page.locator("#line-0-total")).to_have_text(re.compile("118.00"))
        visitor.look("issue-finding")
        page.get_by_label("Número", exact=True).fill("20987654326")
        page.get_by_label("Nombre o razón social").fill("CLIENTE DE PRUEBA S.A.")
        expect(page.locator("#sum")).to_contain_text("118.00")
        expect(page.locator("#f-customer_number-wrong")).to_have_count(0)
        page.get_by_role("button", name="Agregar línea").click()
        expect(page.get_by_role("group", name="Línea 2", exact=True).get_by_label("Descripción")).to_be_focused()
        fill_line(page, 1, "TAZA", "1", "20")
        expect(page.locator("#sum")).to_contain_text("138.00")
        visitor.look("issue-filled")
        page.get_by_role("button", name="Emitir factura").dblclick()

        expect(page.get_by_role("heading", name="F001-1")).to_be_visible()
        expect(page.locator(".standing .state")).to_have_text("Aceptado")
        expect(page.locator(".timeline")).to_contain_text("SUNAT lo aceptó")
        if size == "desktop":
            expect(page.locator("iframe.paper")).to_be_visible()
        visitor.look("voucher-accepted")
        with page.expect_download() as download:
            page.get_by_role("link", name="XML firmado").click()
        assert download.value.suggested_filename == f"{shop.ruc}-01-F001-1.xml"
        with page.expect_download() as download:
            page.get_by_role("link", name="CDR (constancia)").click()
        assert download.value.suggested_filename == f"R-{shop.ruc}-01-F001-1.xml"

        page.get_by_role("link", name="Nota de crédito").click()
        expect(page.get_by_label("Comprobante que modifica")).to_have_value("F001-1")
        expect(page.locator("#sum")).to_contain_text("138.00")
        page.get_by_role("button", name="Quitar línea 1").click()
        expect(page.locator("[name='lines.0.description']")).to_have_value("TAZA")
        page.get_by_label("Motivo").select_option("07")
        page.get_by_label("Sustento").fill("Devolución de la taza")
        expect(page.locator("#sum")).to_contain_text("20.00")
        visitor.look("issue-credit-note")
        page.get_by_role("button", name="Emitir nota de crédito").click()
        expect(page.get_by_role("heading", name="FC01-1")).to_be_visible()
        expect(page.locator(".standing .state")).to_have_text("Aceptado")
        page.get_by_role("link", name="F001-1").click()
        expect(page.get_by_role("heading", name="F001-1")).to_be_visible()
        expect(page.get_by_role("link", name="FC01-1")).to_be_visible()

        visitor.open("/console/vouchers")
        page.get_by_role("searchbox").fill("cliente de prueba")
        page.get_by_role("button", name="Buscar").first.click()
        expect(page.get_by_role("link", name="F001-1", exact=True)).to_be_visible()
        visitor.look("vouchers")
        page.get_by_text("Más filtros").click()
        page.get_by_label("Estado").select_option("rejected")
        page.get_by_role("button", name="Buscar").last.click()
        expect(page.get_by_text("Ningún comprobante coincide.")).to_be_visible()
        visitor.look("vouchers-none")


def passing(installation: World, page: Page, word: str) -> None:
    """Lets time pass, a few seconds at a time, until the voucher on the page stands so; it is kept fresh by itself."""
    for _ in range(60):
        installation.clock.advance(timedelta(seconds=5))
        page.wait_for_timeout(500)
        if page.locator(".standing .state").inner_text() == word:
            break
    expect(page.locator(".standing .state")).to_have_text(word)


@pytest.mark.parametrize("size", SIZES)
def test_a_bad_day(browser: Browser, installation: World, tmp_path: Path, size: str) -> None:
    """SUNAT refuses one without a CDR and does not hold it: it is corrected under its number, and voided afterwards."""
    shop = open_shop(installation)
    installation.sandbox.plan.add(Rule(
        modes=("rule-as-exception",), operations=(Operation.SEND_BILL,), ruc=shop.ruc, times=1,
    ))
    with visiting(browser, installation.url, tmp_path, size) as visitor:
        page = visitor.page
        visitor.sign_in(shop.ruc)
        visitor.open("/console/issue?kind=boleta")
        fill_line(page, 0, "PAN", "10", "1.50")
        expect(page.locator("#sum")).to_contain_text("15.00")
        page.get_by_role("button", name="Emitir boleta").click()
        expect(page.get_by_role("heading", name="B001-1")).to_be_visible()
        passing(installation, page, "Detenido")
        expect(page.locator(".timeline")).to_contain_text("SUNAT dijo")
        visitor.look("voucher-held")
        page.get_by_role("link", name="Corregir", exact=True).click()
        expect(page.get_by_text("Corrige B001-1")).to_be_visible()
        page.get_by_label("Precio unitario").fill("1.60")
        expect(page.locator("#sum")).to_contain_text("16.00")
        page.get_by_role("button", name="Corregir y enviar").click()
        expect(page.get_by_role("heading", name="B001-1")).to_be_visible()
        passing(installation, page, "Aceptado")
        page.get_by_role("link", name="Dar de baja").click()
        expect(page.get_by_text("quedan 7 días")).to_be_visible()
        visitor.look("void")
        page.get_by_label("Motivo").fill("Error en el precio")
        page.get_by_role("button", name="Sí, dar de baja").click()
        expect(page.locator(".timeline")).to_contain_text("Se pidió la baja")
        expect(page.locator(".timeline")).to_contain_text("Error en el precio")
        visitor.look("voucher-voiding")
