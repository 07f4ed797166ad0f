"""Series at the console: what everybody sees, what owners change, and what is said beside the field."""

from __future__ import annotations

import re
from base64 import b64decode
from io import BytesIO

from app.console.counting import Counted, counted
from app.series import operations
from app.series.models import SeriesRecord
from tests.support.builders import OTHER_RUC, issue
from tests.support.people import House, house
from tests.support.pictures import raster

__all__ = ["house"]


def series_id(house: House, code: str, kind: str = "01") -> str:
    with house.office.database.read() as session:
        found = operations.find(session, house.account_id, kind, code)
        assert found is not None
        return found.public_id


def use(house: House, code: str, kind: str = "01", count: int = 1) -> None:
    with house.office.database.write() as session:
        found = operations.find(session, house.account_id, kind, code)
        assert found is not None
        for _ in range(count):
            issue(session, found.id, house.clock.now())


def test_everybody_sees_where_series_stand_and_owners_may_change_them(house: House) -> None:
    use(house, "F001", count=3)
    for role, may in (("viewer", False), ("issuer", False), ("owner", True)):
        shown = house.desk(role).get("/console/series").text
        assert "F001-00000004" in shown
        assert "99,999,996" in shown
        assert ("Nueva serie" in shown) is may
    one = house.desk("viewer", username="two").get(f"/console/series/{series_id(house, 'F001')}").text
    assert "F001-00000004" in one
    assert "Cambiar" not in one


def test_a_series_is_created_with_its_numbers_shown_first(house: House) -> None:
    desk = house.desk()
    fields = {"kind": "01", "code": "f077", "last_number": "41", "chronological": "warn", "name": "Tienda"}
    coming = desk.post("/console/series/preview", fields, form_at="/console/series/new")
    assert re.findall(r"<code>(.*?)</code>", coming.text) == ["F077-00000042", "F077-00000043", "F077-00000044"]
    assert "<html" not in coming.text
    looked = desk.post("/console/series/new", {**fields, "only_look": "1"})
    assert "F077-00000042" in looked.text
    made = desk.post("/console/series/new", fields)
    assert made.status_code == 303, made.text
    assert "F077-00000042" in desk.get(made.headers["Location"]).text


def test_what_is_wrong_stands_beside_its_field_and_the_rest_is_kept(house: House) -> None:
    desk = house.desk()
    wrong = desk.post("/console/series/new", {"kind": "01", "code": "B001", "last_number": "7", "name": "Mía"})
    assert wrong.status_code == 422
    assert re.search(r'id="f-code-wrong"><p>La serie &#39;B001&#39; no corresponde', wrong.text)
    assert 'value="Mía"' in wrong.text
    taken = desk.post("/console/series/new", {"kind": "01", "code": "F001"})
    assert "ya está registrada" in taken.text
    assert "Debe ser un número" in desk.post("/console/series/new", {
        "kind": "01", "code": "F078", "last_number": "siete",
    }).text


def test_a_double_click_creates_one_series(house: House) -> None:
    desk = house.desk()
    fields = {"kind": "quotation", "code": "", "name": "Cotizaciones", "prefix": "COT-", "_key": "a" * 32}
    first, second = (desk.post("/console/series/new", fields) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    with house.office.database.read() as session:
        rows = session.query(SeriesRecord).filter_by(kind="quotation").all()
        assert len(rows) == 1


def test_changing_a_series_that_somebody_else_changed_is_told(house: House) -> None:
    desk, path = house.desk(), f"/console/series/{series_id(house, 'F001')}/edit"
    version = re.search(r'name="version" value="([0-9]+)"', desk.get(path).text)
    assert version is not None
    fields = {"name": "Principal", "chronological": "refuse", "version": version[1], "branch": ""}
    assert desk.post(path, fields).status_code == 303
    stale = desk.post(path, {**fields, "name": "Otra"})
    assert stale.status_code == 422
    assert "mientras usted la editaba" in stale.text
    assert 'value="Otra"' in stale.text


def test_the_last_number_of_a_used_series_needs_a_reason(house: House) -> None:
    use(house, "F001")
    desk, own = house.desk(), series_id(house, "F001")
    path = f"/console/series/{own}/number"
    assert re.search(r'id="f-reason-wrong"', desk.post(path, {"last_number": "50", "version": ""}).text)
    assert "solo avanza" in desk.post(path, {"last_number": "0", "reason": "x"}).text
    assert desk.post(path, {"last_number": "50", "reason": "Migración del sistema anterior"}).status_code == 303
    shown = desk.get(f"/console/series/{own}").text
    assert "2 a 50: Migración del sistema anterior" in shown
    assert "49 declarados" in desk.get("/console/series").text
    with house.office.database.read() as session:
        assert counted(session, "sandbox", house.ruc, [own]) == {own: Counted(declared=49, missing=0)}


def test_default_retire_delete_and_use_again(house: House) -> None:
    desk = house.desk()
    made = desk.post("/console/series/new", {"kind": "01", "code": "F002", "last_number": "0"}).headers["Location"]
    second = made.partition("?")[0]
    assert desk.post(f"{second}/default", form_at=second).status_code == 303
    assert "por defecto" in desk.get(second).text
    use(house, "F002")
    asked = desk.get(f"{second}/retire").text
    assert "ya tiene comprobantes" in asked
    assert desk.post(f"{second}/retire").status_code == 303
    assert "Retirada" in desk.get(second).text
    assert "F002" not in desk.get("/console/series").text
    assert "F002" in desk.get("/console/series?all=1").text
    assert desk.post(f"{second}/reactivate", form_at=second).status_code == 303
    third = desk.post("/console/series/new", {"kind": "01", "code": "F003"}).headers["Location"].partition("?")[0]
    assert desk.post(f"{third}/retire").headers["Location"].endswith("/series?done=deleted")
    assert desk.get(third).status_code == 404


def test_another_accounts_series_is_not_there(house: House) -> None:
    other = house.account(OTHER_RUC)
    with house.office.database.read() as session:
        found = operations.find(session, other, "01", "F001")
        assert found is not None
        strange = found.public_id
    desk = house.desk()
    for tail in ("", "/edit", "/number", "/look", "/retire"):
        assert desk.get(f"/console/series/{strange}{tail}").status_code == 404, tail
    assert desk.post(f"/console/series/{strange}/default", form_at="/console/series/new").status_code == 404


def test_the_look_is_shown_before_it_is_kept(house: House) -> None:
    desk, own = house.desk(), series_id(house, "F001")
    path = f"/console/series/{own}/look"
    fields = {"footer": "Gracias por su compra", "own_colour": "1", "accent_color": "#0b6e4f", "series": own}
    sample = desk.post("/console/look/preview", fields, form_at=path).text
    picture = re.search(r'src="data:image/png;base64,([^"]+)"', sample)
    assert picture is not None
    assert b64decode(picture[1]).startswith(b"\x89PNG")
    assert "aspecto propio" not in desk.get(path).text
    upload = {**fields, "picture": (BytesIO(raster()), "mi logo.png")}
    assert desk.post(path, upload).status_code == 303
    shown = desk.get(path).text
    assert "aspecto propio" in shown
    assert "mi-logo.png" in shown
    wrong = desk.post(path, {"picture": (BytesIO(b"no es una imagen"), "logo.png")})
    assert re.search(r'id="f-picture-wrong"', wrong.text)
    assert desk.post("/console/look", {"trade_name": "LA TIENDA"}).status_code == 303
    assert "heredado: LA TIENDA" in desk.get(path).text
