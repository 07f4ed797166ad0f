"""Mail addresses as callers write them."""

from __future__ import annotations

import pytest

from app.wire.mailboxes import MOST, Mailboxes, mailbox, mailboxes


@pytest.mark.parametrize(("text", "taken"), [
    ("Compras.Lima+sunat@Example.com", "Compras.Lima+sunat@Example.com"), (" a@b.pe ", "a@b.pe"),
    ("compras@ñandú.pe", "compras@xn--and-6ma2c.pe"), ("o'neill@example.co", "o'neill@example.co"),
    ("a@b", None), ("a@b..pe", None), ("a@-b.pe", None), (".a@b.pe", None), ("a..b@c.pe", None), ("@b.pe", None),
    ("a@", None), ("a@b.pe\r\nBcc: c@d.pe", None), ("a\n@b.pe", None), ("a@b.pe\n", None), ("\ta@b.pe", None),
    ("a@b.pe\0", None), ("Ana <a@b.pe>", None), ('"a b"@c.pe', None), ("ñ@b.pe", None), ("a@[127.0.0.1]", None),
    ("a@127.0.0.1", None), (f"{'a' * 65}@b.pe", None), (f"a@{'b.' * 130}pe", None), ("sin correo", None), ("-", None),
    (f"a@{'b' * 64}.pe", None), ("a@b@c.pe", None),
])
def test_an_address_is_what_servers_take(text: str, taken: str | None) -> None:
    assert mailbox(text) == taken


def test_several_are_taken_apart_and_each_once() -> None:
    assert mailboxes("a@b.pe; c@d.pe,A@B.PE, ,nada;") == Mailboxes(good=("a@b.pe", "c@d.pe"), bad=("nada",))
    assert mailboxes("  ") == Mailboxes()
    many = mailboxes(",".join(f"a{number}@b.pe" for number in range(MOST + 2)))
    assert (len(many.good), many.bad) == (MOST, ("a5@b.pe", "a6@b.pe"))
