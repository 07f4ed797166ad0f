"""The message itself: what it holds survives the way, and nothing of anybody's text becomes a header or markup."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses
from typing import Any

import pytest

from app.mail.letters import Enclosure, Letter, written

PLAIN = Letter(
    sender="facturas@example.com", name="EMPRESA S.A.C.", recipient="cliente@example.com", subject="Factura F001-1",
    message_id="<1.abc@example.com>", moment=datetime(2026, 11, 20, 15, tzinfo=UTC),
    paragraphs=["Le enviamos su factura."], facts={"Total": "S/ 118.00"},
    enclosures=[Enclosure(name="a.pdf", subtype="pdf", content=bytes(range(256)))],
)


def read(**changes: Any) -> EmailMessage:
    return message_from_bytes(written(replace(PLAIN, **changes)), policy=default)  # type: ignore[return-value, arg-type]


def test_all_of_it_arrives() -> None:
    raw = written(replace(PLAIN, reply_to="ventas@example.com", link="https://example.com/v?a=1&b=2", footer="Ñ\nfin"))
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    message = message_from_bytes(raw, policy=default)
    assert message["Message-ID"] == "<1.abc@example.com>"
    assert message["Reply-To"] == "ventas@example.com"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == PLAIN.moment
    text = message.get_body(("plain",)).get_content()  # type: ignore[attr-defined]
    markup = message.get_body(("html",)).get_content()  # type: ignore[attr-defined]
    assert "Total: S/ 118.00" in text
    assert text.rstrip().endswith("Ñ\r\nfin")
    assert 'href="https://example.com/v?a=1&amp;b=2"' in markup
    assert "src=" not in markup
    (file,) = message.iter_attachments()  # type: ignore[attr-defined]
    assert (file.get_filename(), file.get_content_type()) == ("a.pdf", "application/pdf")
    assert file.get_content() == bytes(range(256))


@pytest.mark.parametrize("name", [
    "ÑANDÚ, \"EL\" S.A.C.", "A" * 90, "UNO, DOS, TRES, CUATRO, CINCO, SEIS, SIETE, OCHO, NUEVE, DIEZ, ONCE, DOCE Y MÁS",
    "LARGA, RAZON SOCIAL CON MUCHAS PALABRAS Y UNA COMA AL PRINCIPIO PARA QUE SE DOBLE LA LINEA SIN MAS S.A.",
    "<otro@example.org>", "a@b.pe, c@d.pe",
])
def test_a_name_stays_a_name(name: str) -> None:
    told = message_from_bytes(written(replace(PLAIN, name=name)))["From"]
    ((words, address),) = getaddresses([told])
    assert (str(make_header(decode_header(words))), address) == (name[:100], "facturas@example.com")
    assert all(len(word) <= 76 for word in told.split() if word.startswith("=?"))


def test_a_text_never_becomes_a_header_or_markup() -> None:
    evil = "x\r\nBcc: robado@example.org\r\n\r\n<script>alert(1)</script>\0\x1b"
    message = read(
        name=evil, subject=evil, paragraphs=[evil], facts={"Total": evil}, footer=evil, link=f"https://e.pe/{evil}",
    )
    assert message["Bcc"] is None
    assert message["Subject"] == "x Bcc: robado@example.org <script>alert(1)</script>"
    assert "<script>" not in message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert len(read(subject="ñ" * 900)["Subject"]) == 200


def test_an_address_that_is_none_is_never_written() -> None:
    with pytest.raises(ValueError, match=r"."):
        written(replace(PLAIN, recipient="a@b.pe\r\nBcc: c@d.pe"))
