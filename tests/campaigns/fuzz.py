"""Mutated vouchers and zips through everything that judges files: no exception, the same findings twice, in time.

Trees are mutated (texts, attributes, elements dropped, repeated, moved), then their bytes (flips, cuts, repeats, other
encodings, bombs of entities), then they are packed and the zip is mutated too. Each case comes from the seed and its
own serial, so that one can be repeated alone.
"""

from __future__ import annotations

import random
import resource
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from lxml import etree

from sunat import xml
from sunat.rules.context import Context
from sunat.transport.zipping import pack
from sunat.validation import Asked, Examined, examine, examine_parcel
from tests.sunat.rules.bases import BASES, KINDS_OF
from tests.sunat.rules.vouchers import build
from tests.support.signing import fixed_signer

VOUCHERS: Final = 100_000
NAME: Final = "20123456786-01-F001-123"
SLOWEST: Final = 5.0
"""Seconds that one case may take on a busy machine."""
GROWTH: Final = 300 * 1024
"""Kilobytes by which the process may grow between its hundredth case and its last."""

_KINDS: Final = ("01", "03", "07", "08")
_SHAPES: Final = sorted((shape, kind) for shape in BASES for kind in KINDS_OF.get(shape, _KINDS))
_TEXTS: Final = (
    "", " ", "-", "0", "-1", "1e9", "NaN", "9" * 40, "2026-02-30", "0000-00-00", "ñ", "\n", "A" * 3000, "00",
    "FormaPago", "Cuota001", "9996", "2000", "17", "0." + "0" * 20 + "1", "F001-", "F001-x-1", "F001-00000000",
    "\u202e", "😀", "1.",
    "+1", "0x10", "1,5", "https://x.example/", "&amp;", "]]>", "2026-11-20T00:00:00", "PEN", "USD",
)
_ENCODINGS: Final = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252", "utf-7", "utf-8-sig", "cp037")
_NAMES: Final = b"abcdefghij"
_BOMB: Final = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%b">' % (name, b"&%c;" % former * 16) for former, name in pairwise(_NAMES)
) + b"]>"
_HARM: Final = (
    "flip", "flip", "cut", "repeat", "insert", "encode", "declare", "bomb", "external", "nul", "deep",
)
_EXTERNAL: Final = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One mutated file: what it started from, whether it is a zip, and its bytes."""

    shape: str
    zipped: bool
    content: bytes


def case_of(seed: int, serial: int) -> Case:
    """The case with that serial."""
    chance = random.Random(f"{seed}-{serial}")
    shape, kind = chance.choice(_SHAPES)
    root = xml.parse(build(BASES[shape](kind)))
    for _ in range(chance.randint(1, 6)):
        _tree(root, chance)
    content = etree.tostring(root)
    if chance.random() < 0.3:
        content = _signed(content)
    if chance.random() < 0.5:
        content = _bytes(content, chance)
    if chance.random() < 0.2:
        packed = pack(NAME, content)
        return Case(shape=shape, zipped=True, content=_bytes(packed, chance) if chance.random() < 0.8 else packed)
    return Case(shape=shape, zipped=False, content=content)


def measure(*, seed: int, count: int = VOUCHERS, seconds: float = 600.0) -> dict[str, Any]:
    """Judges ``count`` cases, or as many as fit into the time; ``violations`` name the serials that went wrong."""
    begun, slowest, early = time.monotonic(), 0.0, 0
    codes: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    violations: list[str] = []
    done = 0
    for serial in range(count):
        if time.monotonic() - begun > seconds:
            break
        case = case_of(seed, serial)
        before = time.monotonic()
        wrong, examined = _judged(case)
        taken = time.monotonic() - before
        slowest = max(slowest, taken)
        if taken > SLOWEST:
            wrong.append(f"took {taken:.1f} s")
        violations += [f"{serial}: {case.shape}: {one}" for one in wrong]
        codes.update({finding.code for finding in examined.findings})
        outcomes["unjudged" if examined.unjudged else "refused" if examined.rejected else "passed"] += 1
        done += 1
        if done == 100:
            early = _memory()
    growth = _memory() - early if early else 0
    if growth > GROWTH:
        violations.append(f"the process grew by {growth} KiB")
    return {
        "seed": seed, "cases": done, "seconds": round(time.monotonic() - begun, 1), "slowest_s": round(slowest, 3),
        "grown_kib": growth, "peak_kib": _memory(), "outcomes": dict(outcomes), "codes_met": len(codes),
        "commonest": dict(codes.most_common(10)), "violations": violations[:50],
    }


def _judged(case: Case) -> tuple[list[str], Examined]:
    known = Context(received=date.min, exchange_rate=Decimal("3.75"))
    asked = Asked(signed=b"SignatureValue" in case.content, context=known)
    look: Callable[[], Examined] = (
        (lambda: examine_parcel(case.content, f"{NAME}.zip", asked)) if case.zipped
        else (lambda: examine(case.content, asked))
    )
    try:
        found = look()
        again = look()
    except Exception as error:
        return [f"raised {type(error).__name__}: {error}"[:300]], Examined()
    wrong = [] if found == again else ["was judged differently the second time"]
    wrong += [
        f"{one.code} lacks a path or a text" for one in found.findings if not (
            one.path.startswith("/") and all((one.message_es, one.message_en, one.hint_es, one.hint_en))
        )
    ]
    if found.kind is None and not found.findings and found.unjudged is None:
        wrong.append("nothing was said of it")
    return wrong, found


def _tree(root: xml.Element, chance: random.Random) -> None:
    nodes = list(root.iter("*"))[1:]
    if not nodes:
        return
    node, other = chance.choice(nodes), chance.choice(nodes)
    above = node.getparent()
    verb = chance.choice(("text", "text", "attribute", "drop", "twice", "move", "comment", "rename", "many"))
    if verb == "text":
        node.text = chance.choice(_TEXTS)
    elif verb == "attribute":
        for name in list(node.attrib) or ["schemeID"]:
            node.set(name, chance.choice(_TEXTS))
    elif verb == "comment":
        node.insert(0, etree.Comment("x"))
        node.append(etree.ProcessingInstruction("x", "y"))
    elif verb == "rename":
        node.tag = other.tag
    elif above is not None and verb == "drop":
        above.remove(node)
    elif above is not None and verb == "twice":
        above.append(etree.fromstring(etree.tostring(node)))
    elif above is not None and verb == "many":
        piece = etree.tostring(node)
        for _ in range(chance.randint(1, 30)):
            above.append(etree.fromstring(piece))
    elif verb == "move" and node is not other and node not in list(other.iterancestors()):
        other.append(node)


def _signed(content: bytes) -> bytes:
    try:
        return fixed_signer().sign_xml(content).xml
    except Exception:
        return content


def _bytes(content: bytes, chance: random.Random) -> bytes:
    data = bytearray(content)
    verb = chance.choice(_HARM)
    if verb == "flip":
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
    elif verb == "cut":
        del data[chance.randrange(len(data)):]
    elif verb == "repeat":
        start = chance.randrange(len(data))
        data[start:start] = data[start:start + chance.randint(1, 400)] * chance.randint(1, 20)
    elif verb == "insert":
        start = chance.randrange(len(data))
        data[start:start] = chance.randbytes(chance.randint(1, 40))
    elif verb == "encode":
        return content.decode("utf-8", "replace").encode(chance.choice(_ENCODINGS), "replace")
    elif verb == "declare":
        return b'<?xml version="1.0" encoding="%b"?>' % chance.choice(_ENCODINGS).encode() + content
    elif verb == "bomb":
        return _BOMB + content.replace(b"PEN", b"&j;", 1)
    elif verb == "external":
        return _EXTERNAL + content.replace(b"PEN", b"&e;", 1)
    elif verb == "nul":
        data[chance.randrange(len(data))] = 0
    else:
        depth = chance.choice((200, 300, 5000))
        return content.replace(b"</cbc:Note>", b"<a>" * depth + b"</a>" * depth + b"</cbc:Note>", 1)
    return bytes(data)


def _memory() -> int:
    """The most memory the process has had, KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
