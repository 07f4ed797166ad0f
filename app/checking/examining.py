"""Files, zips and folders, each voucher in them examined: a stream of reports, one file in memory at a time.

A zip that is called as a voucher is the parcel that SUNAT would get, and is judged as one (0151 to 0161); any other zip
is a box of files. In folders and boxes only ``.xml`` and ``.zip`` files count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from app.problems import Language
from app.registry.archives import LIMITS, Archives, Found, Limits, Source
from sunat.rules.engine import Finding
from sunat.rules.shapes import Sentence
from sunat.transport.zipping import LIMITS as PARCEL
from sunat.validation import Asked, Examined, examine, examine_parcel, unread, voucher_named

SUFFIXES: Final = (".xml", ".zip")
"""What counts in folders and boxes, in any case of letters."""
MOST_TOLD: Final = 1000
"""Findings of one file that are told one by one."""
_BOX: Final = "!"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of one file; ``file`` is its name as it was given, with the zips it lay in (``a.zip!b.xml``)."""

    file: str
    examined: Examined


def reports(sources: tuple[Source, ...], asked: Asked, limits: Limits = LIMITS) -> Iterator[tuple[int, Report]]:
    """The index of the source and the report of every file in it. ``limits`` hold for each box."""
    for index, source in enumerate(sources):
        if _is_parcel(source):
            yield index, Report(file=source.name, examined=_parcel(source, asked))
            continue
        with Archives((source,), limits) as box:
            for found in box.walk():
                named = found.place.members == () or found.name.lower().endswith(SUFFIXES)
                if named or found.refused is not None:
                    yield index, Report(file=found.shown, examined=_one(found, asked))


def body(report: Report, language: Language) -> dict[str, Any]:
    """A report as JSON: file, kind (null for what is no voucher known here), why it was not judged, and findings."""
    examined = report.examined
    said = examined.unjudged
    return {
        "file": report.file,
        "kind": examined.kind.code if examined.kind else None,
        "unjudged": None if said is None else said.en if language == "en" else said.es,
        "findings": [_finding(finding, language) for finding in examined.findings[:MOST_TOLD]],
        "findings_not_shown": max(0, len(examined.findings) - MOST_TOLD),
    }


def _finding(finding: Finding, language: Language) -> dict[str, Any]:
    english = language == "en"
    return {
        "code": finding.code, "severity": finding.severity.value, "turning": finding.turning,
        "becomes": finding.becomes or None, "xpath": finding.path, "line": finding.line, "value": finding.value,
        "message": finding.message_en if english else finding.message_es,
        "hint": finding.hint_en if english else finding.hint_es, "norm": finding.norm or None,
    }


def _is_parcel(source: Source) -> bool:
    return source.name.lower().endswith(".zip") and voucher_named(source.name.rpartition("/")[2])


def _parcel(source: Source, asked: Asked) -> Examined:
    name = source.name.rpartition("/")[2]
    if source.path is None:
        return examine_parcel(source.content or b"", name, asked)
    try:
        with source.path.open("rb") as stream:
            content = stream.read(PARCEL.zip_bytes + 1)
    except OSError as error:
        why = error.strerror or type(error).__name__
        return Examined(unjudged=Sentence(f"no se puede leer: {why}", f"it cannot be read: {why}"))
    return examine_parcel(content, name, asked)


def _one(found: Found, asked: Asked) -> Examined:
    if found.refused is None:
        around = found.shown.split(_BOX)[-2].rpartition("/")[2] if found.place.members else ""
        return examine(found.content, asked, name=found.name, zip_name=around if voucher_named(around) else None)
    if found.unreadable:
        return Examined(unjudged=Sentence(*found.refused))
    # A plain file is refused for its size alone; everything else is about a zip.
    boxed = found.place.members or not found.name.lower().endswith(".xml")
    return Examined(findings=(unread("0156" if boxed else "0306", found.refused.en),))
