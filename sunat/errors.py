"""The errors of the law, and what each one means for the voucher.

::

    SunatError
    ├── FormatError            a value is not what it must be (RUC, series, number, amount, code)
    ├── XmlError               bytes that are not safe, well-formed XML
    ├── SchemaError            a folder of XML schemas that cannot be used
    ├── PackagingError         a zip that is broken, hostile or holds the wrong file
    ├── CertificateError       a certificate or key that cannot sign for this issuer
    ├── SignatureError         a signature that is missing or does not verify
    ├── CdrError               an answer that cannot be read as the CDR of this voucher
    ├── RenderError            our own template produced something that is not a voucher
    └── TransportError         the authority could not be asked, or said no
        ├── NotSent            the request never reached it: nothing can have been registered
        ├── UnknownOutcome     the request may have been read; only a query can tell
        └── Fault              it answered with an exception code instead of a CDR

The first sentence of each docstring is the message shown when none is given.
"""

from __future__ import annotations


class SunatError(Exception):
    """Something about this voucher is not as SUNAT wants it."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").strip().splitlines()[0])


class FormatError(SunatError, ValueError):
    """A value does not have the form it must have.

    ``reason`` is a stable word for callers that tell the cases apart ("" where there is only one).
    """

    def __init__(self, message: str = "", *, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


class XmlError(SunatError):
    """These bytes are not safe, well-formed XML."""


class SchemaError(SunatError):
    """The folder of XML schemas cannot be used."""


class PackagingError(SunatError):
    """The zip file is broken or does not hold what its name says.

    ``code`` is SUNAT's exception code for it (0151 ... 0161), where it has one.
    """

    def __init__(self, message: str = "", *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class CertificateError(SunatError):
    """The certificate cannot sign for this issuer.

    ``reason`` is a stable word: unreadable, password, no_key, key_mismatch, key_type, key_size, key_usage, expired,
    not_yet_valid, foreign_ruc.
    """

    def __init__(self, message: str = "", *, reason: str = "unreadable") -> None:
        super().__init__(message)
        self.reason = reason


class SignatureError(SunatError):
    """The signature is missing or does not verify."""


class CdrError(SunatError):
    """The answer cannot be read as the CDR of this voucher, so its outcome is unknown."""


class RenderError(SunatError):
    """The template produced something that is not a canonical voucher."""


class TransportError(SunatError):
    """The authority could not be asked, or refused to look.

    The transport notes on it what it knows of the exchange: ``http_status`` (None when no answer came), and the
    SHA-256 in hexadecimal of the request without its credentials and of the body received ("" when none), and that
    body itself (empty when none): evidence of a refusal is what came, not what we read in it.
    """

    http_status: int | None = None
    request_sha256: str = ""
    response_sha256: str = ""
    response: bytes = b""


class NotSent(TransportError):
    """The request never reached the authority, so nothing can have been registered."""


class UnknownOutcome(TransportError):
    """The request may have been read; only a query can tell what became of it."""


class Fault(TransportError):
    """The authority answered with an exception instead of a CDR.

    ``code`` is the numeric code read from the fault's structure ("" when it carries none), ``text`` the
    authority's own words, unchanged.
    """

    def __init__(self, *, code: str, text: str, detail: str = "") -> None:
        super().__init__(f"{code}: {text}" if code else text)
        self.code = code
        self.text = text
        self.detail = detail
