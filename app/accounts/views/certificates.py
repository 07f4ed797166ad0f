"""``/V1/digital_certificates``: upload, list, read, remove."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask.views import MethodView

from app.accounts import answers, certificates
from app.accounts.auth import principal, requires
from app.accounts.models import CertificateRecord
from app.accounts.once import once, writing
from app.accounts.schemas.credentials import CertificateAnswer, CertificateRequest
from app.accounts.schemas.shapes import AccountQuery, Listing
from app.http import ApiBlueprint, office
from app.wire.pages import whole_body

blueprint = ApiBlueprint(
    "digital_certificates", __name__, url_prefix="/V1/digital_certificates", description="Signing certificates",
)


@blueprint.route("")
class Certificates(MethodView):
    """All certificates of an account."""

    @requires("certificates:write")
    @once
    @blueprint.arguments(CertificateRequest)
    @blueprint.response(201, CertificateAnswer)
    def post(self, given: dict[str, Any]) -> dict[str, Any]:
        """Upload a certificate with its private key; it signs from now on, the former one is kept.

        ``certificate_file`` is a PFX or PEM in base64; ``certificate_cer`` and ``certificate_key`` are the same in two
        files. Refused: unreadable, wrong password, no key, key that does not fit, under 2048 bits, not for signing,
        expired, not valid yet, of another RUC.
        """
        services = office()
        password = given["certificate_password"]
        if "certificate_file" in given:
            certificate = certificates.read(given["certificate_file"], password=password)
        else:
            certificate = certificates.read_halves(
                given["certificate_cer"], given["certificate_key"], password=password
            )
        with writing() as session:
            account = principal().reach(session, given.get("account_id"))
            row = certificates.add(
                session, services.vault, account, certificate, now=services.clock.now(),
                name=given["certificate_name_internal"],
            )
            return answers.certificate(row)

    @requires("accounts:read")
    @blueprint.arguments(AccountQuery, location="query")
    @blueprint.response(200, Listing)
    def get(self, query: dict[str, Any]) -> Response:
        """List the certificates."""
        with office().database.read() as session:
            account = principal().reach(session, query.get("account_id"))
            rows = session.scalars(certificates.certificates_of(account.id).order_by(CertificateRecord.id)).all()
        address = f"{office().settings.public_url}/V1/digital_certificates"
        return jsonify(whole_body("digital_certificates", [answers.certificate(row) for row in rows], address=address))


@blueprint.route("/<string(maxlength=40):certificate_id>")
class One(MethodView):
    """One certificate."""

    @requires("accounts:read")
    @blueprint.arguments(AccountQuery, location="query")
    @blueprint.response(200, CertificateAnswer)
    def get(self, query: dict[str, Any], certificate_id: str) -> dict[str, Any]:
        """Read a certificate; its key never comes out."""
        with office().database.read() as session:
            account = principal().reach(session, query.get("account_id"))
            return answers.certificate(certificates.certificate_of(session, account.id, certificate_id))

    @requires("certificates:write")
    @blueprint.arguments(AccountQuery, location="query")
    @blueprint.response(204)
    def delete(self, query: dict[str, Any], certificate_id: str) -> None:
        """Remove a certificate and destroy its key; what it signed stays valid."""
        services = office()
        with services.database.write() as session:
            account = principal().reach(session, query.get("account_id"))
            row = certificates.certificate_of(session, account.id, certificate_id)
            certificates.remove(session, row, now=services.clock.now())
