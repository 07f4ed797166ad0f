"""The files of a voucher by their own addresses: signed XML, CDR, and its printed representation as PDF."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from app.accounts.auth import principal, requires
from app.documents.papers import paper_of
from app.documents.schemas.query import PdfQuery
from app.documents.views import blueprint, caller_of, own
from app.http import ID, office
from app.imprint.papers import printable, printed
from app.ledger import store, summaries
from app.problems import Conflict, NotFound, Text
from app.series.answers import PAPERS_FROM
from sunat.transport.zipping import unpack_cdr


@blueprint.route(f"/<{ID}:document_id>/xml")
@requires("documents:read")
@blueprint.response(200, content_type="application/xml")
def signed_xml(document_id: int) -> Response:
    """The signed XML, byte for byte as it is sent to SUNAT."""
    with office().database.read() as session:
        row = own(session, caller_of(principal()), document_id)
        return attached(store.edition_of(session, row).xml, row.file_name, "xml")


@blueprint.route(f"/<{ID}:document_id>/cdr")
@requires("documents:read")
@blueprint.response(200, content_type="application/xml")
def cdr(document_id: int) -> Response:
    """The CDR's XML; with ``?format=zip`` the file exactly as the authority sent it.

    A boleta that went in a daily summary has the summary's.
    """
    with office().database.read() as session:
        row = own(session, caller_of(principal()), document_id)
        found = summaries.cdr_about(session, row)
        if found is None:
            raise NotFound("NO_CDR", Text("Todavía no hay CDR", "There is no CDR yet"))
        if request.args.get("format") == "zip":
            return attached(found.content, f"R-{found.about}", "zip")
        return attached(unpack_cdr(found.content, found.about), f"R-{found.about}", "xml")


@blueprint.route(f"/<{ID}:document_id>/pdf")
@requires("documents:read")
@blueprint.arguments(PdfQuery, location="query")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/pdf")
def pdf(query: dict[str, Any], document_id: int) -> Response:
    """The printed representation as PDF/A: sheets (a4, a5) or a roll as long as it must be (80mm, 58mm).

    It shows the state of the voucher at this moment: what is rejected, voided or without value is marked.
    """
    if document_id >= PAPERS_FROM:
        with office().database.read() as session:
            paper_of(session, caller_of(principal()), document_id)
        raise Conflict("NO_PRINTED_FORM", Text(
            "Los papeles internos no tienen representación impresa",
            "Internal papers have no printed representation",
        ))
    services = office()
    with services.database.read() as session:
        row = own(session, caller_of(principal()), document_id)
        name, paper = row.file_name, printable(session, row, public_url=services.settings.public_url)
    return attached(printed(paper, query.get("format")), name, "pdf")


def attached(content: bytes, name: str, extension: str) -> Response:
    """A file to be saved under a name; the extension says of which type it is."""
    answer = Response(content, mimetype=f"application/{extension}")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{extension}"'
    return answer
