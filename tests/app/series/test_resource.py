"""``/V1/series``: what Invopop, Frihet, BeeL, Opterius and Koywe can do with a series, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from app.clock import FixedClock
from app.factory import app_of
from app.http import Office
from app.series.models import SeriesRecord
from tests.support.builders import OTHER_RUC, issue
from tests.support.web import Caller, account, key_for, office_on, operator

QUOTES = {"kind": "quotation", "name": "Cotizaciones", "code": "COT", "prefix": "COT-", "padding": 4}
ANY = {"If-Match": "*"}


def make(mine: Caller, **values: Any) -> dict[str, Any]:
    answer = mine("POST", "/V1/series", {**QUOTES, **values})
    assert answer.status_code == 201, answer.json
    return answer.json  # type: ignore[no-any-return]


def change(mine: Caller, made: dict[str, Any], **values: Any) -> Any:
    return mine("PATCH", f"/V1/series/{made['id']}", values, headers=ANY)


def entry(mine: Caller, made: dict[str, Any], **values: Any) -> Any:
    return mine("POST", f"/V1/series/{made['id']}/entries", values)


def code(mine: Caller, made: dict[str, Any], **values: Any) -> str:
    answer = entry(mine, made, **values)
    assert answer.status_code == 201, answer.json
    return str(answer.json["code"])


def series_of(mine: Caller, kind: str) -> list[dict[str, Any]]:
    return mine("GET", f"/V1/series?kind={kind}").json["series"]  # type: ignore[no-any-return]


def test_inv_01_only_a_name_is_needed_and_all_fields_come_back(mine: Caller) -> None:
    """INV-01: name, code, prefix, padding, start number, suffix, description."""
    bare = mine("POST", "/V1/series", {"kind": "other", "name": "Órdenes de la tienda 2"})
    assert bare.status_code == 201
    assert (bare.json["code"], bare.json["next_code"]) == ("RDENES-DE-LA-TIENDA-2", "1")
    full = make(mine, suffix="-S", description="Para clientes", start_number=7)
    asked = {**QUOTES, "suffix": "-S", "description": "Para clientes", "start_number": 7}
    assert {name: full[name] for name in asked} == asked
    assert full["next_code"] == "COT-0007-S"


def test_inv_05_the_first_entry_has_the_start_number(mine: Caller) -> None:
    made = make(mine, start_number=101)
    assert (made["start_number"], made["last_number"], made["next_number"]) == (101, 100, 101)
    assert code(mine, made) == "COT-0101"


def test_inv_08_put_with_an_id_of_ones_own_is_harmless_when_repeated(mine: Caller) -> None:
    first = mine("PUT", "/V1/series/quotes-1", QUOTES)
    again = mine("PUT", "/V1/series/quotes-1", QUOTES)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    assert first.headers["Location"] == "http://chasqui.test/V1/series/quotes-1"
    assert mine("PUT", "/V1/series/quotes-1", {**QUOTES, "code": "OTHER"}).json["code"] == "SERIES_ID_TAKEN"
    assert mine("PUT", "/V1/series/quotes-2", QUOTES).json["code"] == "SERIES_EXISTS"
    assert mine("PUT", f"/V1/series/{'a' * 64}", {**QUOTES, "code": "LONG"}).status_code == 201
    assert mine("PUT", f"/V1/series/{'a' * 65}", {**QUOTES, "code": "LONGER"}).status_code == 404


def test_inv_09_all_series_of_a_workspace_and_one(mine: Caller) -> None:
    made = make(mine)
    body = mine("GET", "/V1/series").json
    assert body["_embedded"]["series"] == body["series"]
    assert [row["code"] for row in body["series"]] == ["F001", "B001", "FC01", "FD01", "BC01", "BD01", "COT"]
    assert mine("GET", f"/V1/series/{made['id']}").json["code"] == "COT"
    page = mine("GET", "/V1/series?per_page=3&page=2&active=true").json
    assert [row["code"] for row in page["series"]] == ["FD01", "BC01", "BD01"]
    assert (page["page_count"], page["total_items"]) == (3, 7)
    assert mine("GET", "/V1/series?code=COT&kind=quotation").json["total_items"] == 1
    assert mine("GET", "/V1/series/nothing").status_code == 404


def test_inv_20_after_the_end_more_padding_or_another_series_goes_on(mine: Caller) -> None:
    """INV-19 and INV-20: a clear end, then it continues."""
    made = make(mine, padding=1, start_number=9)
    assert code(mine, made) == "COT-9"
    ended = entry(mine, made)
    assert (ended.status_code, ended.json["code"]) == (409, "SERIES_EXHAUSTED")
    shown = mine("GET", f"/V1/series/{made['id']}").json
    assert (shown["next_number"], shown["next_code"], shown["remaining"]) == (None, None, 0)
    assert change(mine, made, padding=2).status_code == 200
    assert code(mine, made) == "COT-10"
    assert change(mine, made, padding=1).json["code"] == "PADDING_SMALL"
    assert change(mine, made, overflow="grow", padding=1).status_code == 200
    assert code(mine, made) == "COT-11"


def test_inv_21_the_end_shows_before_it_comes(mine: Caller) -> None:
    made = make(mine, padding=3, last_number=989)
    assert (made["remaining"], made["near_end"]) == (10, False)
    code(mine, made)
    shown = mine("GET", f"/V1/series/{made['id']}").json
    assert (shown["remaining"], shown["near_end"]) == (9, True)


def test_inv_23_one_internal_series_may_serve_several_kinds_a_voucher_series_never(mine: Caller) -> None:
    shared = make(mine, kind="other", code="ALL")
    assert shared["kind"] == "other"
    for kind, series in (("01", "B001"), ("03", "F002"), ("07", "T001")):
        assert mine("POST", "/V1/series", {"kind": kind, "code": series}).json["code"] == "SERIES_FORMAT"


@pytest.mark.parametrize(("options", "clone", "expected"), [
    ({"suffix": "-2026", "code": "COT-2026"}, {"year": 2027, "start_number": 5}, ("COT-2027", "COT-0005-2027")),
    ({"suffix": "-2026"}, {"suffix": "-2027"}, ("COT-2027", "COT-0001-2027")),
    ({"prefix": "A2026/", "name": "Ventas 2026", "code": "V2026"}, {"year": 2027}, ("V2027", "A2027/0001")),
])
def test_inv_24_a_series_for_the_next_year_is_a_clone(
    mine: Caller, options: dict[str, Any], clone: dict[str, Any], expected: tuple[str, str]
) -> None:
    made = make(mine, **options)
    code(mine, made)
    answer = mine("POST", f"/V1/series/{made['id']}/clone", clone)
    assert answer.status_code == 201, answer.json
    assert (answer.json["code"], answer.json["next_code"]) == expected
    assert answer.json["default"] is False
    assert mine("POST", f"/V1/series/{made['id']}/clone", {"year": 2026}).json["code"] == "CLONE_SAME"


def test_a_voucher_series_is_cloned_under_a_code_of_its_own(mine: Caller) -> None:
    first = series_of(mine, "01")[0]
    path = f"/V1/series/{first['id']}/clone"
    assert mine("POST", path, {}).json["code"] == "CLONE_SAME"
    assert mine("POST", path, {"code": "F002"}).json["next_code"] == "F002-00000001"


def test_inv_25_an_update_keeps_entries_and_protects_the_counter(mine: Caller) -> None:
    """INV-25 and OPT-03: a changed prefix concerns the next number only."""
    made = make(mine)
    before = entry(mine, made).json
    assert change(mine, made, prefix="Q-", suffix="/A").status_code == 200
    assert code(mine, made) == "Q-0002/A"
    assert mine("GET", f"/V1/series/{made['id']}/entries/{before['id']}").json["code"] == "COT-0001"
    assert change(mine, made, last_number=1).json["code"] == "NUMBER_BACKWARDS"
    assert change(mine, made, last_number=9).json["code"] == "GAP_REASON"


def test_fri_01_several_series_count_for_themselves(mine: Caller) -> None:
    """FRI-01 and FRI-16: by activity, branch or kind of client, each with its own pattern and counter."""
    retail, wholesale = make(mine, code="R", prefix="R-"), make(mine, code="W", prefix="W-", padding=6)
    codes = [code(mine, row) for row in (retail, wholesale, retail, retail)]
    assert codes == ["R-0001", "W-000001", "R-0002", "R-0003"]


def test_fri_04_the_code_is_unique_and_fixed_for_ever_and_the_counter_starts_at_1(mine: Caller) -> None:
    """FRI-04 and BEE-11: duplicate code, 409."""
    made = make(mine)
    assert made["next_number"] == 1
    twice = mine("POST", "/V1/series", QUOTES)
    assert (twice.status_code, twice.json["errors"][0]["pointer"]) == (409, "/code")
    for name, value in (("code", "NEW"), ("kind", "order")):
        fixed = change(mine, made, **{name: value})
        assert (fixed.status_code, fixed.json["code"]) == (409, "SERIES_FIXED")
    assert change(mine, made, code="COT", name="Renamed").json["name"] == "Renamed"


def test_fri_05_the_number_of_series_has_a_limit(mine: Caller, services: Office, clock: FixedClock) -> None:
    for number in range(services.settings.series_limit - 6):
        make(mine, code=f"C{number}")
    full = mine("POST", "/V1/series", QUOTES)
    assert (full.status_code, full.json["code"]) == (409, "SERIES_LIMIT")
    patched = mine("PATCH", "/V1/document_types/96", {"document_sequence_code": "F999"})
    assert (patched.status_code, patched.json["code"]) == (409, "SERIES_LIMIT")
    assert office_on(services.database, clock).settings.series_limit == 10_000


def defaults(mine: Caller, kind: str) -> list[str]:
    return [row["code"] for row in series_of(mine, kind) if row["default"]]


def test_fri_06_exactly_one_default_and_setting_it_moves_it(mine: Caller, services: Office) -> None:
    """FRI-06, FRI-13, BEE-07: the first is default by itself; one at any time; the first remaining one is promoted."""
    first, second, third = make(mine, code="A"), make(mine, code="B"), make(mine, code="C", default_series=False)
    assert [row["default"] for row in (first, second, third)] == [True, False, False]
    assert [row["active"] for row in (first, second, third)] == [True, True, True]
    assert mine("POST", f"/V1/series/{third['id']}/default").json["default"] is True
    assert defaults(mine, "quotation") == ["C"]
    assert mine("DELETE", f"/V1/series/{third['id']}").status_code == 204
    assert defaults(mine, "quotation") == ["A"]
    assert change(mine, first, active=False).json["default"] is False
    assert defaults(mine, "quotation") == ["B"]
    assert mine("POST", f"/V1/series/{first['id']}/default").json["code"] == "SERIES_INACTIVE"
    assert change(mine, first, active=True).json["default"] is False
    assert change(mine, first, default=True).json["default"] is True
    assert defaults(mine, "quotation") == ["A"]
    assert change(mine, first, default=False).json["default"] is True, "a default is moved, never dropped"
    with pytest.raises(DBAPIError), services.database.write() as session:
        session.execute(update(SeriesRecord).where(SeriesRecord.kind == "quotation").values(is_default=True))


def test_bee_12_one_default_per_kind_and_a_call_that_ensures_them(mine: Caller, services: Office) -> None:
    made = make(mine)
    order = make(mine, kind="order", code="ORD", default=True)
    assert (made["default"], order["default"]) == (True, True)
    with services.database.write() as session:
        session.execute(update(SeriesRecord).values(is_default=False))
    ensured = mine("POST", "/V1/series/defaults").json["series"]
    assert [row["code"] for row in ensured] == ["F001", "B001", "FC01", "FD01", "BC01", "BD01", "COT", "ORD"]
    assert mine("POST", "/V1/series/defaults").json["series"] == ensured


def test_a_default_for_every_branch(mine: Caller) -> None:
    branch = mine("POST", "/V1/company_branches", {"name": "Sucursal", "establishment_code": "0001"}).json
    branch_id = branch["company_branch_id"]
    first, there = make(mine, code="A"), make(mine, code="B", branch=branch_id)
    assert (first["default"], there["default"], there["branch"]) == (True, True, branch_id)
    moved = change(mine, first, branch=branch_id).json
    assert (moved["branch"], moved["default"]) == (branch_id, False)
    assert change(mine, there, branch=first["branch"]).json["default"] is True
    assert defaults(mine, "quotation") == ["A", "B"]


def test_fri_11_a_changed_pattern_lets_the_counter_go_on(mine: Caller) -> None:
    made = make(mine, format="{YEAR}-{SEQ4}", last_number=49)
    assert made["counter_reset"] == "ANNUAL"
    assert code(mine, made) == "2026-0050"
    assert change(mine, made, format="FRIHET-{YEAR}-{SEQ4}", name="Frihet").status_code == 200
    assert code(mine, made) == "FRIHET-2026-0051"
    assert change(mine, made, counter_reset="MONTHLY").json["code"] == "FORMAT_RESET"
    assert change(mine, made, counter_reset="MONTHLY", format="{YEAR}{MONTH}-{NUM}").status_code == 200
    assert code(mine, made) == "202611-0052"


def test_fri_12_a_used_series_is_retired_not_deleted_and_its_numbers_stay(mine: Caller) -> None:
    made = make(mine)
    first = entry(mine, made).json
    refused = mine("DELETE", f"/V1/series/{made['id']}")
    assert (refused.status_code, refused.json["code"]) == (409, "SERIES_USED")
    assert change(mine, made, active=False).json["active"] is False
    assert entry(mine, made).json["code"] == "SERIES_INACTIVE"
    assert mine("GET", f"/V1/series/{made['id']}/entries/{first['id']}").json == {**first, "observations": []}
    unused = make(mine, code="NEVER")
    assert mine("DELETE", f"/V1/series/{unused['id']}").status_code == 204
    assert mine("GET", f"/V1/series/{unused['id']}").status_code == 404


def test_fri_14_the_next_number_is_shown_and_adjusted_when_moving_in(mine: Caller) -> None:
    made = make(mine, last_number=499)
    assert made["next_number"] == 500
    assert change(mine, made, last_number=500).json["next_number"] == 501
    assert code(mine, made) == "COT-0501"
    jumped = change(mine, made, last_number=600, reason="talonario perdido").json
    assert (jumped["next_number"], jumped["start_number"]) == (601, 501)
    gap = jumped["declared_gaps"][0]
    assert (gap["from_number"], gap["to_number"], gap["reason"], gap["author"]) == (
        502, 600, "talonario perdido", "key:1"
    )
    assert code(mine, made) == "COT-0601"


def test_opt_07_the_start_is_set_once_and_only_before_the_first(mine: Caller) -> None:
    made = make(mine, start_number=50)
    assert change(mine, made, start_number=10).json["next_number"] == 10
    code(mine, made)
    refused = change(mine, made, start_number=20)
    assert (refused.status_code, refused.json["code"]) == (409, "START_FIXED")
    assert change(mine, made, start_number=10, name="the same start").status_code == 200


def test_fri_20_fri_21_fri_22_branding_falls_back_field_by_field(mine: Caller) -> None:
    """FRI-20 to FRI-22: own fields, else the branch's, else the account's; whether there are own ones is told."""
    office = mine("GET", "/V1/company_branches").json["company_branches"][0]["company_branch_id"]
    account_id = mine("GET", "/V1/company_branches").json["company_branches"][0]["account_id"]
    assert mine("PUT", f"/V1/company_branches/{office}", {"branding": {"footer": "Gracias", "accent_color": "#112233"}})
    mine("PATCH", f"/V1/accounts/{account_id}", {"additional": {"pe_account": {
        "trade_name": "LA TIENDA", "branding": {"footer": "De la cuenta", "logo": "logo.png"},
    }}})
    made = make(mine, branding={"accent_color": "#00FF00"})
    assert made["branding"] == {
        "own": {"accent_color": "#00FF00"}, "overridden": True, "effective": {
            "logo": "logo.png", "trade_name": "LA TIENDA", "accent_color": "#00FF00", "footer": "Gracias",
            "template": None, "format": None,
        },
    }
    plain = change(mine, made, branding={"accent_color": None, "trade_name": ""}).json["branding"]
    assert (plain["own"], plain["overridden"], plain["effective"]["accent_color"]) == ({}, False, "#112233")
    assert mine("POST", "/V1/series", {**QUOTES, "code": "X", "branding": {"accent_color": "red"}}).status_code == 400


def test_fri_23_every_series_with_its_prefix_comes_as_csv(mine: Caller) -> None:
    make(mine)
    answer = mine("GET", "/V1/series/export")
    assert answer.mimetype == "text/csv"
    lines = answer.text.splitlines()
    assert lines[0].startswith("type,code,last_number,branch,name,prefix")
    assert lines[1] == "01,F001,0,0000,F001,,,,,,,"
    assert lines[-1] == "quotation,COT,0,0000,Cotizaciones,COT-,,4,stop,{PREFIX}{NUM}{SUFFIX},NEVER,"


def test_bee_01_a_key_is_needed(app: Flask, mine: Caller) -> None:
    for credential in (None, "chq_test_wrong", f"chq_test_{'a' * 43}"):
        answer = Caller(client=app.test_client(), credential=credential)("POST", "/V1/series", QUOTES)
        assert (answer.status_code, answer.json["code"]) == (401, "UNAUTHORIZED")
    assert mine("POST", "/V1/series", QUOTES).status_code == 201


@pytest.mark.parametrize(("field", "good", "bad"), [
    ("name", ["a", "a" * 100], ["", "a" * 101, 5, None]),
    ("code", ["A", "A" * 50, "A-Z_09"], ["", "A" * 51, "a", "A B", "Ñ", "A/"]),
    ("description", ["", "d" * 1000, None], ["d" * 1001]),
    ("format", ["{NUM}", "{NUM:12}"], ["", "{YEAR}", "{num}", "n" * 256]),
    ("counter_reset", ["NEVER"], ["WEEKLY", "never", ""]),
    ("padding", [0, 12], [-1, 13]),
    ("start_number", [1, 9999], [0, 10_000, 100_000_000]),
    ("prefix", ["", "p" * 50], ["p" * 51, "a\\b", "a:b", "a*", "\"", "ñ"]),
    ("overflow", ["stop", "grow"], ["wrap"]),
    ("chronological", ["off", "warn", "refuse"], ["maybe"]),
    ("kind", ["quotation", "order", "sale_note", "other"], ["invoice", "99", "RC", ""]),
])
def test_bee_02_every_bound_on_both_sides(mine: Caller, field: str, good: list[Any], bad: list[Any]) -> None:
    """BEE-02, BEE-05, OPT-10: bounds and alphabets; what a file name cannot hold is refused in a prefix."""
    for number, value in enumerate(good):
        assert mine("POST", "/V1/series", {**QUOTES, "code": f"G{number}", field: value}).status_code == 201, value
    for value in bad:
        answer = mine("POST", "/V1/series", {**QUOTES, "code": "BAD", field: value})
        assert answer.status_code in (400, 422), value
        assert answer.json["errors"][0]["pointer"] == f"/{field}"
    assert [row["code"] for row in mine("GET", "/V1/series?code=BAD").json["series"]] == []


def test_bee_06_initial_number_goes_from_1_to_999999(mine: Caller) -> None:
    for number, value in enumerate((1, 999_999)):
        made = mine("POST", "/V1/series", {**QUOTES, "padding": 6, "code": f"G{number}", "initial_number": value})
        assert made.json["next_number"] == value
    for value in (0, 1_000_000, "1", True, None):
        answer = mine("POST", "/V1/series", {**QUOTES, "code": "BAD", "initial_number": value})
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (400, "/initial_number")
    assert make(mine, padding=0, code="HIGH", start_number=99_999_999)["next_number"] == 99_999_999


def test_bee_08_bee_09_answers_have_the_content_of_the_references(mine: Caller) -> None:
    """BEE-08, BEE-09: content and status, not the envelope (decision 29)."""
    made = mine("POST", "/V1/series", QUOTES)
    assert {"id", "next_number", "created_at", "updated_at"} <= made.json.keys()
    assert made.json["created_at"] == "2026-11-20T10:00:00-05:00"
    assert made.headers["X-Request-Id"]
    wrong = mine("POST", "/V1/series", {"kind": "quotation", "name": "x" * 101, "padding": "many"})
    assert (wrong.status_code, wrong.json["code"]) == (400, "VALIDATION_ERROR")
    assert {item["pointer"] for item in wrong.json["errors"]} == {"/name", "/padding"}
    assert wrong.json["request_id"] == wrong.headers["X-Request-Id"]
    assert mine("POST", "/V1/series", data="{", headers={"Content-Type": "application/json"}).status_code == 400


def test_bee_10_next_number_is_coherent(mine: Caller) -> None:
    made = make(mine, start_number=30)
    for number in (30, 31, 32):
        assert mine("GET", f"/V1/series/{made['id']}").json["next_number"] == number
        assert entry(mine, made).json["number"] == number


def test_opt_08_a_number_is_never_given_twice_whatever_happens_to_the_series(mine: Caller) -> None:
    made = make(mine)
    first = code(mine, made)
    change(mine, made, active=False)
    change(mine, made, active=True)
    change(mine, made, prefix="X-")
    change(mine, made, prefix="COT-")
    assert (first, code(mine, made)) == ("COT-0001", "COT-0002")


def test_koy_02_koy_03_kinds_and_their_letters(mine: Caller) -> None:
    """KOY-02, KOY-03: F B FC FD BC BD T R P V L; the portal's series are nobody's."""
    for kind, name in (("01", "F777"), ("03", "B777"), ("07", "FC77"), ("08", "BD77"), ("09", "T001"), ("20", "R001"),
                       ("40", "P001"), ("31", "V001"), ("04", "L001")):
        made = mine("POST", "/V1/series", {"kind": kind, "code": name})
        assert (made.status_code, made.json["profile"]) == (201, "sunat")
        assert made.json["next_code"] == f"{name}-00000001"
    for kind, name in (("01", "E001"), ("03", "EB01"), ("09", "EG01"), ("09", "EG07")):
        assert mine("POST", "/V1/series", {"kind": kind, "code": name}).json["code"] == "SERIES_PORTAL"
    assert mine("POST", "/V1/series", {"kind": "01"}).json["code"] == "SERIES_FORMAT"


@pytest.mark.parametrize(("field", "value"), [
    ("prefix", "A"), ("suffix", "B"), ("padding", 8), ("overflow", "grow"), ("format", "{NUM}"),
    ("counter_reset", "ANNUAL"),
])
def test_sunats_profile_locks_the_form_of_the_number(mine: Caller, field: str, value: Any) -> None:
    answer = mine("POST", "/V1/series", {"kind": "01", "code": "F002", field: value})
    assert (answer.status_code, answer.json["code"]) == (422, "SERIES_LOCKED")
    f001 = series_of(mine, "01")[0]
    assert change(mine, f001, **{field: value}).json["code"] == "SERIES_LOCKED"
    assert change(mine, f001, name="Tienda", default=True).json["name"] == "Tienda"


def test_the_database_locks_sunats_profile_too(services: Office, mine: Caller) -> None:
    f001 = series_of(mine, "01")[0]
    for change_ in ("counter_reset = 'ANNUAL'", "overflow = 'grow'", "profile = 'internal'", "kind = '03'",
                    "public_id = 'x'", "period = '2026-01-01'"):
        with pytest.raises(DBAPIError), services.database.write() as session:
            session.execute(text(f"UPDATE series SET {change_} WHERE public_id = '{f001['id']}'"))


def test_optimistic_locking_by_etag(mine: Caller) -> None:
    made = mine("PUT", "/V1/series/q", QUOTES)
    tag = made.headers["ETag"]
    assert tag == '"1"'
    changed = mine("PATCH", "/V1/series/q", {"name": "B"}, headers={"If-Match": tag})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    stale = mine("PATCH", "/V1/series/q", {"name": "C"}, headers={"If-Match": tag})
    assert (stale.status_code, stale.json["code"]) == (412, "PRECONDITION_FAILED")
    assert mine("PATCH", "/V1/series/q", {"name": "C"}, headers={"If-Match": "what"}).status_code == 412
    assert mine("PATCH", "/V1/series/q", {"name": "C"}).status_code == 428
    mine("POST", "/V1/series/q/entries", {})
    assert mine("GET", "/V1/series/q").headers["ETag"] == '"2"', "counting is no change of the configuration"
    assert mine("DELETE", "/V1/series/q", headers={"If-Match": '"1"'}).status_code == 412
    assert mine("GET", "/V1/series/q").json["name"] == "B"


def test_preview_stores_nothing(mine: Caller) -> None:
    """The API side of INV-07: the next codes of a draft configuration."""
    before = mine("GET", "/V1/series").json["total_items"]
    seen = mine("POST", "/V1/series/preview", {
        **QUOTES, "format": "{PREFIX}{YEAR}{MONTH}-{NUM}", "date": "2027-01-31", "count": 3, "start_number": 9,
    }).json
    assert seen["codes"] == ["COT-202701-0009", "COT-202701-0010", "COT-202701-0011"]
    assert (seen["numbers"], seen["last_possible_number"]) == ([9, 10, 11], 9999)
    assert mine("POST", "/V1/series/preview", {"kind": "01", "code": "F009", "count": 1}).json["codes"] == [
        "F009-00000001"
    ]
    assert mine("POST", "/V1/series/preview", {**QUOTES, "format": "{YEAR}"}).json["code"] == "FORMAT"
    assert mine("POST", "/V1/series/preview", {**QUOTES, "padding": 1, "start_number": 8}).json["codes"] == [
        "COT-8", "COT-9"
    ]
    assert mine("GET", "/V1/series").json["total_items"] == before


def test_a_series_turns_the_year_by_itself(mine: Caller, clock: FixedClock) -> None:
    """FRI-10: 2026-0523 is followed on 1 January by 2027-0001, and what is shown agrees."""
    made = make(mine, format="{YEAR}-{SEQ4}", last_number=522)
    assert code(mine, made) == "2026-0523"
    clock.set(datetime(2027, 1, 1, 4, 59, tzinfo=UTC))
    assert mine("GET", f"/V1/series/{made['id']}").json["next_code"] == "2026-0524", "it is still 2026 in Lima"
    clock.advance(timedelta(minutes=1))
    assert mine("GET", f"/V1/series/{made['id']}").json["next_code"] == "2027-0001"
    assert code(mine, made) == "2027-0001"
    late = entry(mine, made, issue_date="2026-12-31")
    assert (late.status_code, late.json["code"]) == (409, "PERIOD_CLOSED")
    assert code(mine, made) == "2027-0002"


def test_tenants_and_branches_do_not_see_each_other(services: Office, app: Flask, mine: Caller) -> None:
    other = Caller(client=app.test_client(), credential=account(services, ruc=OTHER_RUC)[1])
    made = make(mine)
    path = f"/V1/series/{made['id']}"
    for method, where, body in (
        ("GET", path, None), ("PATCH", path, {"name": "x"}), ("DELETE", path, None),
        ("POST", f"{path}/clone", {"year": 2027}),
        ("POST", f"{path}/default", None), ("POST", f"{path}/entries", {}), ("GET", f"{path}/entries", None),
        ("PUT", f"{path}/entries/e", {}), ("GET", f"{path}/entries/e", None),
    ):
        assert other(method, where, body, headers=ANY).status_code == 404, (method, where)
    assert other("PUT", "/V1/series/q", QUOTES).status_code == 201
    branch = mine("POST", "/V1/company_branches", {"name": "Sucursal", "establishment_code": "0001"}).json
    bound = Caller(client=app.test_client(), credential=key_for(
        services, made["account_id"], branch_id=branch["company_branch_id"],
        scopes=("series:read", "series:write", "documents:write"),
    ))
    assert bound("GET", path).status_code == 404
    assert bound("GET", "/V1/series").json["total_items"] == 0
    assert bound("POST", "/V1/series", {**QUOTES, "code": "X", "branch": made["branch"]}).status_code == 403
    own = bound("POST", "/V1/series", {**QUOTES, "code": "X"}).json
    assert own["branch"] == branch["company_branch_id"]
    assert bound("PATCH", f"/V1/series/{own['id']}", {"branch": made["branch"]}, headers=ANY).status_code == 403
    boss = Caller(client=app.test_client(), credential=operator(services))
    assert boss("POST", "/V1/series", QUOTES).status_code == 403
    assert boss("POST", "/V1/series", {**QUOTES, "code": "OP", "account_id": made["account_id"]}).status_code == 201


def test_a_used_voucher_series_cannot_be_deleted(mine: Caller, services: Office) -> None:
    f001 = series_of(mine, "01")[0]
    with services.database.write() as session:
        row = session.scalars(select(SeriesRecord).where(SeriesRecord.code == "F001")).one()
        issue(session, row.id, services.clock.now())
    assert mine("DELETE", f"/V1/series/{f001['id']}").json["code"] == "SERIES_USED"
    shown = mine("GET", f"/V1/series/{f001['id']}").json
    assert (shown["used"], shown["last_index"], shown["next_number"]) == (True, 1, 2)


def test_inv_26_the_description_documents_series_and_entries_with_examples(services: Office) -> None:
    paths = app_of(services).test_client().get("/openapi.json").json["paths"]
    for path, method in (
        ("/V1/series", "post"), ("/V1/series/{series_id}", "put"), ("/V1/series/preview", "post"),
        ("/V1/series/{series_id}/clone", "post"), ("/V1/series/{series_id}/entries", "post"),
        ("/V1/series/{series_id}/entries/{entry_id}", "put"), ("/V1/series/import", "post"),
    ):
        content = paths[path][method]["requestBody"]["content"]["application/json"]
        assert content["example"]
        assert paths[path][method]["summary"]
    for path in ("/V1/series", "/V1/series/{series_id}", "/V1/series/{series_id}/entries"):
        assert paths[path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
