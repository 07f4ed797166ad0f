"""In a real browser, on a telephone and at a desk: series with their previews, the set-up, the books of a month."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app.console.works import FOLDER
from tests.support.browser import SIZES, Visitor, browser, visiting
from tests.support.people import somebody
from tests.support.pictures import raster
from tests.support.world import Tenancy, World, body_of, certificate_of, world

__all__ = ["browser"]


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world("sqlite", tmp_path_factory.mktemp("cabinet")) as made:
        yield made


@pytest.fixture
def shop(installation: World) -> Tenancy:
    made = installation.open()
    somebody(installation.office, made.account_id)
    issued = made.till.issued(body_of(made), wait=20)
    made.till.settled(issued["document_id"])
    return made


@pytest.fixture(params=SIZES)
def visitor(
    request: pytest.FixtureRequest, browser: Browser, installation: World, shop: Tenancy, tmp_path: Path
) -> Iterator[Visitor]:
    with visiting(browser, installation.url, tmp_path, request.param, expected=("422",)) as found:
        found.open("/console")
        found.sign_in(shop.ruc)
        yield found


def test_series_from_the_first_look_to_retiring_one(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.page
    visitor.open("/console/series")
    expect(page.get_by_text("F001-00000002")).to_be_visible()
    visitor.look("series")
    page.get_by_role("link", name="Nueva serie").click()
    page.get_by_label("Serie", exact=False).first.fill("B001")
    expect(page.locator("#coming")).to_contain_text("no corresponde")
    page.get_by_label("Serie", exact=False).first.fill("F055")
    page.get_by_label("Último número usado").fill("120")
    expect(page.locator("#coming")).to_contain_text("F055-00000121")
    visitor.look("series-new")
    page.get_by_role("button", name="Crear serie").click()
    expect(page.get_by_text("Serie creada.")).to_be_visible()
    visitor.look("series-one")
    page.get_by_role("link", name="Aspecto de los comprobantes").click()
    expect(page.locator("#sample img")).to_be_visible()
    before = page.locator("#sample img").get_attribute("src")
    page.get_by_label("Usar un color propio").check()
    page.get_by_label("Última línea").fill("Gracias por su compra")
    expect(page.locator("#sample img")).not_to_have_attribute("src", before or "")
    (tmp_path / "logo.png").write_bytes(raster())
    page.get_by_label("Subir otro logo").set_input_files(tmp_path / "logo.png")
    visitor.look("look")
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_text("aspecto propio")).to_be_visible()
    page.get_by_role("link", name="Cambiar el último número").click()
    page.get_by_label("Último número usado").fill("200")
    visitor.look("series-number")
    page.get_by_role("button", name="Cambiar el número").click()
    expect(page.get_by_text("F055-00000201")).to_be_visible()
    page.get_by_role("button", name="Hacerla la serie por defecto").click()
    expect(page.get_by_text("Ahora es la serie por defecto.")).to_be_visible()
    page.get_by_role("link", name="Eliminar o retirar").click()
    visitor.look("series-retire")
    page.get_by_role("button", name="Eliminar F055").click()
    expect(page.get_by_text("Serie eliminada.")).to_be_visible()


def test_the_set_up_from_issuer_to_doctor(visitor: Visitor, shop: Tenancy, tmp_path: Path) -> None:
    page = visitor.page
    visitor.open("/console/setup")
    visitor.look("setup")
    page.get_by_role("link", name="Emisor").click()
    page.get_by_label("Nombre comercial").fill("LA TIENDA")
    visitor.look("setup-issuer")
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_text("Guardado.")).to_be_visible()
    visitor.open("/console/setup/credentials")
    page.get_by_label("Usuario SOL secundario").fill("CHASQUI1")
    page.get_by_label("Clave SOL").fill("una clave secreta")
    visitor.look("setup-credentials")
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_text("Guardada; vacía queda igual")).to_be_visible()
    assert "una clave secreta" not in page.content()
    visitor.open("/console/setup/branches/new")
    page.get_by_label("Nombre").fill("Tienda del centro")
    page.get_by_label("Código de establecimiento").fill("0003")
    visitor.look("setup-branch")
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_role("link", name="Tienda del centro")).to_be_visible()
    visitor.look("setup-branches")
    visitor.open("/console/setup/certificates")
    (tmp_path / "firma.pem").write_bytes(certificate_of(shop.ruc).pem_with_key())
    page.get_by_label("Archivo PFX").set_input_files(tmp_path / "firma.pem")
    page.get_by_role("button", name="Subir un certificado").click()
    expect(page.get_by_text("quedan")).to_be_visible()
    visitor.look("setup-certificates")
    visitor.open("/console/setup/keys")
    page.get_by_label("Para qué es").fill("Caja 1")
    page.get_by_role("button", name="Crear clave").dblclick()
    expect(page.locator("#shown")).to_contain_text("chq_test_")
    visitor.look("setup-keys")
    visitor.open("/console/setup/keys")
    expect(page.get_by_text("Caja 1", exact=True)).to_have_count(1)
    assert page.locator("#shown").count() == 0
    visitor.open("/console/setup/webhooks")
    page.get_by_label("Dirección que recibe").fill("https://aviso.example.com/chasqui")
    page.get_by_role("button", name="Suscribir").click()
    expect(page.locator("#shown")).to_contain_text("whsec_")
    visitor.look("setup-webhooks")
    page.get_by_role("link", name="aviso.example.com").click()
    page.get_by_role("button", name="Enviar una prueba").click()
    expect(page.get_by_text("La prueba va en camino")).to_be_visible()
    expect(page.locator("#log")).to_contain_text("evt_")
    visitor.look("webhook")
    visitor.open("/console/setup/mail")
    page.get_by_label("Enviar cada comprobante").check()
    visitor.look("setup-mail")
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_text("Guardado.")).to_be_visible()
    visitor.open("/console/setup/doctor")
    visitor.look("doctor")
    page.get_by_role("button", name="Preguntar también a SUNAT").click()
    expect(page.get_by_text("Usuario SOL", exact=True)).to_be_visible()
    visitor.look("doctor-asked")


def test_the_books_of_a_month(visitor: Visitor, installation: World, shop: Tenancy, tmp_path: Path) -> None:
    page = visitor.page
    visitor.open("/console/books")
    visitor.look("books")
    page.get_by_label("Mes de emisión").fill("2026-11")
    page.get_by_role("button", name="Registro en Excel").click()
    expect(page.get_by_text("Listo")).to_be_visible()
    visitor.look("books-registry")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Descargar").click()
    assert taken.value.suggested_filename == "comprobantes-2026-11.xlsx"
    assert Path(taken.value.path()).read_bytes().startswith(b"PK")
    for button, told in (
        ("Archivo para el SIRE", "1 comprobantes"), ("Auditar el mes", "Conforme"), ("Reunir la evidencia", "1 compr"),
    ):
        visitor.open("/console/books")
        page.get_by_label("Mes de emisión").fill("2026-11")
        page.get_by_role("button", name=button).click()
        expect(page.get_by_text(told).first).to_be_visible()
    visitor.look("books-evidence")
    visitor.open("/console/books")
    page.get_by_label("Mes de emisión").fill("2026-11")
    (tmp_path / "propuesta.txt").write_text("esto no es una propuesta\n", encoding="utf-8")
    page.get_by_label("Propuesta de SUNAT").set_input_files(tmp_path / "propuesta.txt")
    page.get_by_role("button", name="Comparar").click()
    expect(page.get_by_role("alert")).to_contain_text("No se pudo")
    visitor.look("books-refused")
    assert (installation.office.settings.data_dir / FOLDER).stat().st_mode & 0o077 == 0
