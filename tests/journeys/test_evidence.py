"""A voucher's bundle over HTTP and a month's archive: they prove themselves, and say which byte was altered."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord
from app.audit.keys import public_keys
from app.evidence import archiving
from app.evidence.bundle import MANIFEST, sealed
from app.evidence.checking import NoBundle, judge
from app.evidence.papers import bundled
from app.ledger.models import DocumentRecord
from app.printing import typesetting
from sunat.sandbox.exchange import Operation
from sunat.sandbox.faults import Rule
from tests.support.world import Tenancy, World, body_of, world

Files = dict[str, bytes]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A world with a shop that issued one accepted factura, and that factura's bundle."""

    place: World
    shop: Tenancy
    document_id: int
    bundle: bytes

    @property
    def key(self) -> str:
        return public_keys(self.place.office.vault)[0]


@pytest.fixture(scope="module")
def scene(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with world(kind, tmp_path_factory.mktemp("evidence")) as place:
        shop = place.open(gre_client_id="guias", gre_client_secret="canary-secret")
        made = shop.till.issued(body_of(shop), wait=20)
        assert made["status"] == "accepted", made["delivery"]
        answer = shop.till("GET", f"/V1/documents/{made['document_id']}/evidence")
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/zip")
        assert f"{shop.ruc}-01-F001-1-evidence.zip" in answer.headers["Content-Disposition"]
        yield Scene(place=place, shop=shop, document_id=made["document_id"], bundle=answer.content)


def files_of(bundle: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(bundle)) as box:
        return {name: box.read(name) for name in box.namelist()}


def packed(files: Files) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as box:
        for name, content in files.items():
            box.writestr(name, content)
    return target.getvalue()


def test_a_bundle_holds_everything_and_proves_itself(scene: Scene) -> None:
    files = files_of(scene.bundle)
    name = f"{scene.shop.ruc}-01-F001-1"
    manifest = json.loads(files[MANIFEST])
    roles = {each["role"] for each in manifest["files"]}
    wanted = {"voucher", "request", "rules", "xml", "certificate", "attempts", "events", "cdr", "answers", "paper"}
    assert wanted <= roles
    assert files[f"{name}.pdf"].startswith(b"%PDF")
    assert json.loads(files["request.json"])["header"]["document_type_id"] == "96"
    assert json.loads(files["attempts.json"])[0]["operation"] == "sendBill"
    assert json.loads(files["rules.json"])["workbook"] == "2026-02-12"
    assert json.loads(files["events.json"])[0]["kind"] == "document.issued"
    assert scene.shop.till("GET", f"/V1/documents/{scene.document_id}/xml").content == files[f"{name}.xml"]
    for secret in (b"canary-secret", (scene.shop.till.credential or "-").encode(), b"PRIVATE KEY"):
        assert not any(secret in content for content in files.values())
    judged = judge(scene.bundle, trusted=scene.key)
    assert judged.holds, [check for check in judged.checks if not check.holds]
    assert (judged.voucher, judged.status, judged.public_key) == (name, "accepted", scene.key)
    assert len(judged.checks) == 8


def _altered(name: str) -> Callable[[Files], None]:
    def alter(files: Files) -> None:
        found = next(each for each in files if each.endswith(name))
        files[found] = files[found].replace(b"1180", b"1181") + b" "
    return alter


def _missing(files: Files) -> None:
    del files["events.json"]


def _added(files: Files) -> None:
    files["extra.txt"] = b"x"


def _restated(files: Files) -> None:
    said = json.loads(files[MANIFEST])
    said["voucher"]["status"] = "rejected"
    files[MANIFEST] = json.dumps(said).encode()


def resealed(files: Files) -> None:
    """What a forger with a key of his own can do: list everything anew and sign that."""
    said = json.loads(files[MANIFEST])
    for each in said["files"]:
        each["sha256"] = hashlib.sha256(files[each["name"]]).hexdigest()
    files[MANIFEST] = json.dumps(sealed(said, Ed25519PrivateKey.generate())).encode()


@pytest.mark.parametrize(("spoil", "said"), [
    (_altered("-F001-1.xml"), "SHA-256"), (_altered("attempts.json"), "SHA-256"), (_missing, "are there"),
    (_added, "are there"), (_restated, "manifest's signature"),
])
def test_an_altered_bundle_says_what_does_not_hold(scene: Scene, spoil: Callable[[Files], None], said: str) -> None:
    files = files_of(scene.bundle)
    spoil(files)
    judged = judge(packed(files))
    assert not judged.holds
    assert any(said in check.en for check in judged.checks if not check.holds)


def test_a_forger_with_a_key_of_his_own_is_known_by_it(scene: Scene) -> None:
    files = files_of(scene.bundle)
    _altered("-F001-1.xml")(files)
    resealed(files)
    judged = judge(packed(files), trusted=scene.key)
    false = {check.en for check in judged.checks if not check.holds}
    assert false == {
        "The expected installation signed it", "The XML's signature holds, and its digest is the printed one",
        "The XML is in its series' chain",
    }
    files = files_of(scene.bundle)
    cdr = next(name for name in files if name.endswith("-cdr.zip"))
    files[cdr] = files[cdr][:-40]
    resealed(files)
    assert {check.en for check in judge(packed(files)).checks if not check.holds} == {
        "The CDR can be read", "There is an answer of SUNAT's that proves the status",
    }


@pytest.mark.parametrize("content", [
    b"", b"no zip", packed({"a": b"b"}), packed({MANIFEST: b"{}"}), packed({MANIFEST: b"[" * 100_000}),
    packed({MANIFEST: json.dumps({"format": "chasqui-evidence/1", "files": [{}], "voucher": {}}).encode()}),
    packed({MANIFEST: json.dumps({"format": "chasqui-evidence/1", "files": [], "voucher": {
        "ruc": "1", "type": "01", "series": "F001", "number": "x", "status": "accepted"}}).encode()}),
])
def test_what_is_no_bundle_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(NoBundle):
        judge(content)


def test_a_voucher_under_way_and_a_refused_one_have_bundles_too(kind: str, tmp_path: Path) -> None:
    with world(kind, tmp_path, delivers=False) as place:
        shop = place.open()
        place.sandbox.plan.add(Rule(modes=("work-then-reset",), operations=(Operation.SEND_BILL,)))
        made = shop.till.issued(body_of(shop))
        first = judge(shop.till("GET", f"/V1/documents/{made['document_id']}/evidence").content)
        assert (first.holds, first.status) == (True, "issued")
        other = place.open()
        assert other.till("GET", f"/V1/documents/{made['document_id']}/evidence").status_code == 404


def test_a_month_in_one_file(scene: Scene, tmp_path: Path) -> None:
    office = scene.place.office
    shop = scene.place.open()
    for name in ("invoice", "receipt", "invoice"):
        shop.till.issued(body_of(shop, name), wait=20)
    with office.database.read() as session:
        account = session.scalars(select(AccountRecord).where(AccountRecord.id == shop.account_id)).one()
    path, seen = tmp_path / "2026-11.zip", []
    first, last = date(2026, 11, 1), date(2026, 11, 30)
    assert archiving.count(office, account, first, last) == 3
    assert archiving.archive(office, account, first, last, path, paper=False, seen=lambda: seen.append(1)) == 3
    assert len(seen) == 3
    with pytest.raises(FileExistsError):
        archiving.archive(office, account, first, last, path)
    assert archiving.is_archive(path)
    told: list[Any] = []
    found = archiving.judge_archive(
        path, trusted=scene.key, told=lambda name, judged: told.append((name, judged.holds))
    )
    assert (found.count, found.holds) == (3, True)
    assert [name for name, _ in told] == [
        f"bundles/{shop.ruc}-{rest}.zip" for rest in ("01-F001-1", "03-B001-1", "01-F001-2")
    ]
    empty = tmp_path / "2026-12.zip"
    assert archiving.archive(office, account, date(2026, 12, 1), date(2026, 12, 31), empty) == 0
    assert archiving.judge_archive(empty).holds

    files = files_of(path.read_bytes())
    spoilt = tmp_path / "spoilt.zip"
    bundle = f"bundles/{shop.ruc}-03-B001-1.zip"
    spoilt.write_bytes(packed({**files, bundle: files[bundle][:-9]}))
    assert archiving.judge_archive(spoilt).failed == (bundle,)
    spoilt.write_bytes(packed({name: content for name, content in files.items() if name != bundle}))
    assert not archiving.judge_archive(spoilt).holds
    shorter = files["index.jsonl"].split(b"\n", 1)[1]
    spoilt.write_bytes(packed({**files, "index.jsonl": shorter}))
    assert any("índice" in wrong for wrong in archiving.judge_archive(spoilt).wrong)
    assert archiving.judge_archive(path, trusted=b64encode(b"k" * 32).decode()).wrong
    (tmp_path / "none.zip").write_bytes(b"none")
    with pytest.raises(NoBundle):
        archiving.is_archive(tmp_path / "none.zip")
    with pytest.raises(NoBundle):
        archiving.judge_archive(tmp_path / "none.zip")


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process whose presses are all in use."""
    monkeypatch.setattr(typesetting, "_WAIT_SECONDS", 0.05)
    presses = typesetting._presses()
    taken = [presses.get(timeout=60) for _ in range(typesetting._AT_ONCE)]
    typesetting._remembered.cache_clear()
    yield
    for each in taken:
        presses.put(each)


def test_a_busy_press_is_no_bundle_without_its_paper(scene: Scene, busy: None) -> None:
    answer = scene.shop.till("GET", f"/V1/documents/{scene.document_id}/evidence")
    assert (answer.status_code, answer.json()["code"]) == (503, "PRINTING_BUSY")
    assert int(answer.headers["Retry-After"]) >= 1


def test_what_a_bundle_lacks_it_says(scene: Scene) -> None:
    whole = json.loads(files_of(scene.bundle)[MANIFEST])
    assert whole["omitted"] == []
    assert judge(scene.bundle).omitted == ()
    assert json.loads(files_of(scene.bundle)["mails.json"]) == []

    def find(session: Session) -> DocumentRecord:
        return session.get_one(DocumentRecord, scene.document_id)

    _, bundle = bundled(scene.place.office, find, paper=False)
    (omitted,) = json.loads(files_of(bundle)[MANIFEST])["omitted"]
    assert omitted["role"] == "paper"
    judged = judge(bundle)
    assert judged.holds
    assert judged.omitted == ("paper: Se pidió sin ella / It was asked for without it",)
