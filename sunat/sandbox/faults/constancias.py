"""Faults of the CDR: another voucher's, half of one, a false one, or a right one in strange clothes."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final

from sunat.cdr import SIGNATURE_ID, SUNAT_RUC
from sunat.numbering import MAX_NUMBER
from sunat.sandbox.exchange import Outcome
from sunat.sandbox.faults import garbling
from sunat.sandbox.faults.scene import CERTIFYING, Act, Mode, Scene
from sunat.sandbox.ledger import Entry, State
from sunat.signing import Certificate, Signer, self_signed
from sunat.transport.zipping import pack_cdr

_BOMB_BYTES: Final = 64 * 1024 * 1024
_OTHER_RUC: Final = "20987654326"
_MANY: Final = tuple((str(4250 + place), f"Observación {place + 1} de veinte") for place in range(20))


def _edit(change: Callable[[bytes], bytes]) -> Act:
    return lambda scene: garbling.edited(scene.served(), change)


def _box(change: Callable[[str, bytes], Mapping[str, bytes]]) -> Act:
    return lambda scene: garbling.boxed(scene.served(), change)


def _text(change: Callable[[Outcome], Outcome]) -> Act:
    return lambda scene: change(scene.served())


def _about(change: Callable[[Entry], Entry]) -> Act:
    """The CDR of another entry, properly signed, under the name that was asked for."""
    def act(scene: Scene) -> Outcome:
        outcome = scene.served()
        entry, zipped = scene.entry(), garbling.cdr_zip(outcome)
        if entry is None or not zipped:
            return outcome
        name, _ = garbling.opened(zipped)
        return garbling.with_zip(outcome, scene.house.desk.certify(
            change(entry), dialect=scene.dialect, file_name=name
        ))

    return act


def _other_ruc(entry: Entry) -> Entry:
    return replace(entry, voucher=replace(entry.voucher, ruc=_OTHER_RUC))


def _other_number(entry: Entry) -> Entry:
    number = entry.voucher.number + 1 if entry.voucher.number < MAX_NUMBER else 1
    return replace(entry, voucher=replace(entry.voucher, number=number))


def _observed(scene: Scene) -> Outcome:
    """Twenty observations on an accepted voucher: valid all the same."""
    outcome = scene.served()
    entry, zipped = scene.entry(), garbling.cdr_zip(outcome)
    if entry is None or not zipped or entry.state is not State.ACCEPTED:
        return outcome
    name, _ = garbling.opened(zipped)
    return garbling.with_zip(outcome, scene.house.desk.certify(
        entry, dialect=scene.dialect, file_name=name, observations=_MANY
    ))


def _forged(scene: Scene) -> Outcome:
    """The opposite verdict under a signature that holds, by somebody who is not SUNAT."""
    outcome = scene.served()
    zipped = garbling.cdr_zip(outcome)
    if not zipped:
        return outcome
    name, cdr = garbling.opened(zipped)
    false = garbling.flipped(garbling.unsigned(cdr))
    return garbling.with_zip(outcome, pack_cdr(name, _impostor(scene).sign_xml(false).xml))


@cache
def _certificate(stamp: int) -> Certificate:
    """One impostor for a year of a run: keys are slow to make."""
    return self_signed(SUNAT_RUC, "IMPOSTOR DE PRUEBAS", now=datetime(stamp, 1, 1, tzinfo=UTC) - timedelta(days=1),
                       days=800)


def _impostor(scene: Scene) -> Signer:
    return Signer(_certificate(scene.now.year), signature_id=SIGNATURE_ID)


def _only_dummy(scene: Scene) -> Outcome:
    return garbling.boxed(scene.served(), lambda name, cdr: {"dummy/": b""})


def _bomb(name: str, cdr: bytes) -> bytes:
    """A few kilobytes that open to many megabytes of nothing."""
    return _bomb_called(len(name)).replace(b"X" * len(name), name.encode("ascii"))


@cache
def _bomb_called(length: int) -> bytes:
    """The bomb under a name of that length, which names of the same length may take the place of."""
    return garbling.zip_of({"X" * length: bytes(_BOMB_BYTES)})


def _latin(cdr: bytes) -> bytes:
    """A CDR in ISO-8859-1, its signature counted over the characters and not the bytes: still good."""
    _, _, root = cdr.rpartition(b"?>")
    return b'<?xml version="1.0" encoding="ISO-8859-1"?>' + root.decode().encode("iso-8859-1", "xmlcharrefreplace")


def _external(cdr: bytes) -> bytes:
    _, _, root = cdr.rpartition(b"?>")
    return b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + root


def _in_a_note(cdr: bytes) -> bytes:
    bare = garbling.without_code(cdr)
    return bare.replace(b"<cac:Signature>", b"<cbc:Note>0 - aceptado</cbc:Note><cac:Signature>", 1)


_PAGE: Final = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"

CONSTANCIAS: Final = (
    Mode(
        name="cdr-other-ruc", operations=CERTIFYING, works=True, act=_about(_other_ruc),
        es="La CDR de otro contribuyente, bien firmada", en="Another taxpayer's CDR, properly signed",
    ),
    Mode(
        name="cdr-other-number", operations=CERTIFYING, works=True, act=_about(_other_number),
        es="La CDR de otro número, bien firmada", en="Another number's CDR, properly signed",
    ),
    Mode(
        name="cdr-other-name", operations=CERTIFYING, works=True,
        act=lambda scene: garbling.renamed(scene.served(), lambda name: f"R-{_OTHER_RUC}-01-F999-1.xml"),
        es="La CDR correcta con el nombre de otro archivo", en="The right CDR under another file's name",
    ),
    Mode(
        name="cdr-without-code", operations=CERTIFYING, works=True, act=_edit(garbling.without_code),
        es="CDR sin ResponseCode", en="A CDR without a ResponseCode",
    ),
    Mode(
        name="cdr-code-in-note", operations=CERTIFYING, works=True, act=_edit(_in_a_note),
        es="CDR sin ResponseCode y con el código en una nota", en="A CDR without ResponseCode, the code in a note",
    ),
    Mode(
        name="cdr-code-not-number", operations=CERTIFYING, works=True,
        act=_edit(lambda cdr: garbling.with_code(cdr, b"ACEPTADO")),
        es="ResponseCode con letras", en="A ResponseCode of letters",
    ),
    Mode(
        name="cdr-flipped", operations=CERTIFYING, works=True, act=_edit(garbling.flipped),
        es="El veredicto contrario bajo la firma de antes, que ya no vale",
        en="The opposite verdict under the old signature, which no longer holds",
    ),
    Mode(
        name="cdr-forged", operations=CERTIFYING, works=True, act=_forged,
        es="El veredicto contrario, firmado por quien no es SUNAT: solo lo descubre un certificado fijado",
        en="The opposite verdict, signed by somebody else: only a pinned certificate finds out",
    ),
    Mode(
        name="cdr-unsigned", operations=CERTIFYING, works=True, act=_edit(garbling.unsigned),
        es="CDR sin firma", en="A CDR without a signature",
    ),
    Mode(
        name="cdr-bad-signature", operations=CERTIFYING, works=True, act=_edit(garbling.missigned),
        es="CDR con una firma que no es de ella", en="A CDR with a signature that is not its own",
    ),
    Mode(
        name="cdr-wrapped", operations=CERTIFYING, works=True, act=_edit(garbling.wrapped),
        es="Una CDR firmada dentro de otra que dice lo contrario",
        en="A signed CDR inside another that says the opposite",
    ),
    Mode(
        name="cdr-with-dtd", operations=CERTIFYING, works=True, act=_edit(_external),
        es="CDR con un DOCTYPE", en="A CDR with a DOCTYPE",
    ),
    Mode(
        name="cdr-is-html", operations=CERTIFYING, works=True, act=_edit(lambda cdr: _PAGE),
        es="Una página de error dentro del zip", en="An error page inside the zip",
    ),
    Mode(
        name="cdr-empty", operations=CERTIFYING, works=True, act=_edit(lambda cdr: b""),
        es="CDR de cero bytes", en="A CDR of no bytes",
    ),
    Mode(
        name="cdr-latin", operations=CERTIFYING, works=True, act=_edit(_latin), sound=True,
        es="La CDR correcta en ISO-8859-1", en="The right CDR in ISO-8859-1",
    ),
    Mode(
        name="cdr-twenty-observations", operations=CERTIFYING, works=True, act=_observed, sound=True,
        es="Veinte observaciones en un comprobante aceptado", en="Twenty observations on an accepted voucher",
    ),
    Mode(
        name="zip-broken", operations=CERTIFYING, works=True,
        act=_text(lambda outcome: garbling.with_zip(outcome, garbling.cdr_zip(outcome)[:-30] or b"PK")),
        es="Zip sin su final", en="A zip without its end",
    ),
    Mode(
        name="zip-bomb", operations=CERTIFYING, works=True,
        act=_text(lambda outcome: garbling.replaced(outcome, _bomb)),
        es="Un zip pequeño que se abre en 64 megabytes", en="A small zip that opens to 64 megabytes",
    ),
    Mode(
        name="zip-only-dummy", operations=CERTIFYING, works=True, act=_only_dummy,
        es="Zip con la carpeta dummy y nada más", en="A zip with the folder dummy and nothing else",
    ),
    Mode(
        name="zip-two-cdrs", operations=CERTIFYING, works=True,
        act=_box(lambda name, cdr: {name: cdr, name.replace(".xml", ".XML"): garbling.flipped(cdr)}),
        es="Dos CDR del mismo nombre que dicen lo contrario", en="Two CDRs of one name that contradict each other",
    ),
    Mode(
        name="zip-in-zip", operations=CERTIFYING, works=True,
        act=_box(lambda name, cdr: {name: garbling.zip_of({name: cdr})}),
        es="Un zip dentro del zip, con el nombre de la CDR", en="A zip inside the zip, called as the CDR",
    ),
    Mode(
        name="zip-traversal", operations=CERTIFYING, works=True, act=_box(lambda name, cdr: {f"../../{name}": cdr}),
        es="La CDR con una ruta que sale de la carpeta", en="The CDR under a path that leaves the folder",
    ),
    Mode(
        name="zip-many-entries", operations=CERTIFYING, works=True,
        act=_box(lambda name, cdr: {**{f"x{place}.xml": b"<a/>" for place in range(5000)}, name: cdr}),
        es="La CDR entre cinco mil archivos", en="The CDR among five thousand files",
    ),
    Mode(
        name="base64-garbage", operations=CERTIFYING, works=True,
        act=_text(lambda outcome: garbling.with_text(outcome, b"%%% esto no es base64 %%%")),
        es="Donde va el base64 no hay base64", en="No base64 where base64 should be",
    ),
    Mode(
        name="base64-cut", operations=CERTIFYING, works=True, act=_text(garbling.cut_text),
        es="El base64 termina a la mitad", en="The base64 ends half-way",
    ),
    Mode(
        name="base64-twice", operations=CERTIFYING, works=True,
        act=_text(lambda outcome: garbling.with_zip(outcome, b64encode(garbling.cdr_zip(outcome)))),
        es="Base64 de base64", en="Base64 of base64",
    ),
)
