"""Registers: files in every layout, taken in whole or not at all, one edition in place of another."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.almanac import loading
from app.almanac.loading import Edition, Loaded, load
from app.almanac.models import RegisterMemberRecord, RegisterRecord, RucStateRecord
from app.almanac.register_files import BadLine, Row, opened, read_register
from app.almanac.standing import look_up
from app.db import Database
from app.problems import Malformed, Refused

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
DAY = date(2026, 11, 17)
ROWS = (
    "20100000001|COMPAÑÍA \"UNO\" S.A.|ACTIVO|HABIDO|150101|AV.|\n"
    "20100000002|DOS|BAJA DE OFICIO|NO HABIDO|150101|AV.|\n"
    "10000000003|TRES|ACTIVO|NO HALLADO|-|-|\n"
)
HEADER = "RUC|NOMBRE O RAZÓN SOCIAL|ESTADO DEL CONTRIBUYENTE|CONDICIÓN DE DOMICILIO|UBIGEO|TIPO DE VÍA|\n"


def written(folder: Path, content: str | bytes, name: str = "padron.txt") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("iso-8859-1"))
    return path


def rows_of(kind: str, path: Path) -> list[Row | BadLine]:
    with opened(path) as source:
        return list(read_register(kind, source, progress=lambda _: None))


def taken(database: Database, path: Path, *, kind: str = "ruc-state", as_of: date = DAY, **how: Any) -> Loaded:
    edition = Edition(kind=kind, as_of=as_of, path=path, actor="test")
    return load(database, edition, now=lambda: NOW, progress=lambda _: None, **how)


def states(database: Database, *rucs: str) -> list[tuple[str, str] | None]:
    with database.read() as session:
        found = look_up(session, rucs)
        return [(row.state, row.condition) if (row := found.state_of(ruc)) else None for ruc in rucs]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Batches of two, so that a few lines make several."""
    monkeypatch.setattr(loading, "_BATCH", 2)
    monkeypatch.setattr(loading, "_BREATH", 0)
    return


def test_sunats_own_layout_packed_and_unpacked(tmp_path: Path) -> None:
    expected = [
        Row(ruc=20100000001, state="ACTIVO", condition="HABIDO"),
        Row(ruc=20100000002, state="BAJA DE OFICIO", condition="NO HABIDO"),
        Row(ruc=10000000003, state="ACTIVO", condition="NO HALLADO"),
    ]
    plain = written(tmp_path, HEADER + ROWS)
    assert rows_of("ruc-state", plain) == expected
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(plain, "padron_reducido_ruc.txt")
    assert rows_of("ruc-state", written(tmp_path, packed.getvalue(), "padron.zip")) == expected
    nameless = packed.getvalue().replace(b"padron_reducido", b"\0adron_reducido")
    assert rows_of("ruc-state", written(tmp_path, nameless, "sin-nombre.zip")) == expected
    agents = "Ruc|Nombre/Razon|A partir del|Resolucion|\n20100000001|UNO|01/06/2002|R.S. 037-2002|\n"
    assert rows_of("retention-agents", written(tmp_path, agents)) == [
        Row(ruc=20100000001, valid_from=date(2002, 6, 1))
    ]


def test_our_own_layout_in_either_encoding(tmp_path: Path) -> None:
    ours = "\ufeffruc;state;condition\r\n20100000001;activo;habido\r\n\r\n".encode()
    assert rows_of("ruc-state", written(tmp_path, ours)) == [Row(ruc=20100000001, state="ACTIVO", condition="HABIDO")]
    listed = 'name,ruc,from,until\n"UNO, S.A.",20100000001,2026-01-01,31/12/2026\n"DOS",20100000002,,\n'
    assert rows_of("reduced-rate", written(tmp_path, listed)) == [
        Row(ruc=20100000001, valid_from=date(2026, 1, 1), valid_until=date(2026, 12, 31)), Row(ruc=20100000002),
    ]
    assert rows_of("perception-agents", written(tmp_path, "ruc\n20100000001\n")) == [Row(ruc=20100000001)]


@pytest.mark.parametrize(
    "line",
    [
        "2010000000|CORTO|ACTIVO|HABIDO|-|-|", "x|y", "30100000001|OTRO|ACTIVO|HABIDO|-|-|",
        "20100000009|BARRA | EN EL NOMBRE|ACTIVO|HABIDO|-|-|", "20100000009|VACIO||HABIDO|-|-|",
        "20100000009|LARGO|" + "A" * 61 + "|HABIDO|-|-|", "٢0100000001|ARABE|ACTIVO|HABIDO|-|-|",
    ],
)
def test_a_bad_line_is_named_and_nothing_is_taken(database: Database, tmp_path: Path, line: str) -> None:
    path = written(tmp_path, (HEADER + ROWS + line + "\n").encode())
    with pytest.raises(Refused) as caught:
        taken(database, path)
    assert caught.value.items[0].message.es.startswith("Línea 5: ")
    assert states(database, "20100000001") == [None]
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(RucStateRecord)) == 0
    done = taken(database, path, skip_bad=True)
    assert (done.lines, done.bad) == (3, 1)
    assert states(database, "20100000001") == [("ACTIVO", "HABIDO")]


@pytest.mark.parametrize(
    ("kind", "content", "problem"),
    [
        ("ruc-state", "ruc,state\n20100000001,ACTIVO\n", Refused), ("ruc-state", "", Refused),
        ("retention-agents", "name\nUNO\n", Refused), ("retention-agents", "ruc\n", Refused),
        ("ruc-state", HEADER, Refused), ("ruc-state", b"PK\x03\x04 no zip", Malformed),
    ],
)
def test_what_is_no_register(
    database: Database, tmp_path: Path, kind: str, content: str | bytes, problem: type[Exception]
) -> None:
    with pytest.raises(problem):
        taken(database, written(tmp_path, content), kind=kind)
    with database.read() as session:
        assert session.scalar(select(func.count()).where(RegisterRecord.state == "current")) == 0


def test_a_zip_with_two_files_is_not_guessed(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", "ruc\n")
        archive.writestr("b.txt", "ruc\n")
    with pytest.raises(Refused), opened(written(tmp_path, packed.getvalue())):
        pass


def test_an_edition_takes_the_place_of_the_former(database: Database, tmp_path: Path) -> None:
    first = written(tmp_path, HEADER + ROWS)
    dry = taken(database, first, dry_run=True)
    assert (dry.lines, dry.states["ACTIVO/HABIDO"]) == (3, 1)
    assert states(database, "20100000001") == [None]
    done = taken(database, first)
    assert (done.lines, done.repeated, done.unchanged) == (3, 0, False)
    assert taken(database, first).unchanged
    second = written(tmp_path, HEADER + "20100000001|UNO|SUSPENSION TEMPORAL|HABIDO|-|-|\n" * 2, "otro.txt")
    with pytest.raises(Refused) as older:
        taken(database, second, as_of=DAY - timedelta(days=1))
    assert older.value.code == "REGISTER_OLDER"
    done = taken(database, second, as_of=DAY + timedelta(days=1))
    assert (done.lines, done.repeated) == (1, 1)
    assert states(database, "20100000001", "20100000002") == [("SUSPENSION TEMPORAL", "HABIDO"), None]
    with database.read() as session:
        rows = session.execute(select(RegisterRecord.state, RegisterRecord.lines).order_by(RegisterRecord.id)).all()
        assert [tuple(row) for row in rows] == [("replaced", 3), ("current", 1)]
        assert session.scalar(select(func.count()).select_from(RucStateRecord)) == 1


def test_a_load_that_broke_off_is_cleared_by_the_next(database: Database, tmp_path: Path) -> None:
    with database.write() as session:
        row = RegisterRecord(
            kind="ruc-state", as_of=DAY, sha256="0" * 64, created_at=NOW, touched_at=NOW - timedelta(hours=1)
        )
        session.add(row)
        session.flush()
        session.add_all(
            RucStateRecord(register_id=row.id, ruc=20100000000 + each, state=0, condition=0) for each in range(5)
        )
    assert states(database, "20100000001") == [None]
    taken(database, written(tmp_path, HEADER + ROWS))
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(RucStateRecord)) == 3


def test_a_register_with_days_counts_on_those_days(database: Database, tmp_path: Path) -> None:
    listed = "ruc,from,until\n20100000001,2026-01-01,2026-06-30\n20100000001,2026-09-01,\n20100000002,,\n"
    taken(database, written(tmp_path, listed), kind="reduced-rate")
    with database.read() as session:
        found = look_up(session, ["20100000001", "20100000002", "20100000003", "-"])
        on = [date(2025, 12, 31), date(2026, 6, 30), date(2026, 7, 1), date(2027, 1, 1)]
        assert [found.listed("reduced-rate", "20100000001", day) for day in on] == [False, True, False, True]
        assert found.listed("reduced-rate", "20100000002", on[0]) is True
        assert found.listed("reduced-rate", "20100000003", on[0]) is False
        assert found.listed("retention-agents", "20100000001", on[0]) is None
        assert session.scalar(select(func.count()).select_from(RegisterMemberRecord)) == 3


def test_a_large_register_takes_little_memory(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "_BATCH", 5000)
    path = tmp_path / "grande.csv"
    with path.open("w", encoding="ascii") as file:
        file.write("ruc,state,condition\n")
        file.writelines(f"{20000000000 + each},ACTIVO,HABIDO\n" for each in range(30_000))
    tracemalloc.start()
    try:
        done = taken(database, path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert done.lines == 30_000
    assert peak < 16 * 1024 * 1024
    assert states(database, "20000029999", "20000030000") == [("ACTIVO", "HABIDO"), None]
