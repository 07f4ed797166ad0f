"""The one hardened XML parser, the namespaces, and the canonical form.

Every byte that comes from outside (a voucher to validate, a CDR, a SOAP envelope) is read here and nowhere else:
no entity is expanded, nothing is fetched, a DOCTYPE is refused, size and depth are bounded. This is the only
module that imports lxml.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from lxml import etree

from sunat.errors import SchemaError, XmlError

Element = etree._Element
"""An XML element; lxml's own type, named here so that no other room imports lxml."""

INSTRUCTION: Final = etree.ProcessingInstruction
"""What ``iter`` takes to find processing instructions; named here so that no other room imports lxml."""

LibraryError = etree.LxmlError
"""What lxml raises inside another library (signxml, zeep), named here so that their rooms can catch it."""

CAC: Final = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC: Final = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
EXT: Final = "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2"
SAC: Final = "urn:sunat:names:specification:ubl:peru:schema:xsd:SunatAggregateComponents-1"
DS: Final = "http://www.w3.org/2000/09/xmldsig#"
PREFIXES: Final = {"cac": CAC, "cbc": CBC, "ext": EXT, "sac": SAC, "ds": DS}

_XSD: Final = "http://www.w3.org/2001/XMLSchema"
_BRACED: Final = re.compile(r"\{[^}]*\}")
MAX_BYTES: Final = 10 * 1024 * 1024
MAX_TAGS: Final = 1_000_000
MAX_ATTRIBUTES: Final = 64
MAX_NAMESPACES: Final = 40
_MAX_DECLARED: Final = 500
_MAX_LOOKS: Final = 3_000_000
"""Each element looks at every declaration in force, also at those that another has taken the place of."""
_SMALL: Final = 256 * 1024
"""Bytes below which even nothing but attributes is brought to canonical form in a second."""
_ONE_BYTE: Final = frozenset({"UTF-8", "ISO-8859-1", "ISO-8859-15", "US-ASCII", "ASCII", "WINDOWS-1252"})
_WIDE_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_CROWDED: Final = etree.XPath(f"boolean(//*[@*[{MAX_ATTRIBUTES + 1}]])")


def parse(data: bytes, *, max_bytes: int = MAX_BYTES) -> Element:
    """The root element of untrusted bytes.

    Raises XmlError when they are empty, too large, too deep (256 levels), not well-formed, carry a DOCTYPE, or have
    more elements, attributes of one element or namespaces at one place than any voucher: bringing such a document to
    its canonical form takes time that grows with the square of these.
    """
    if not data:
        raise XmlError("The XML is empty")
    if len(data) > max_bytes:
        raise XmlError(f"The XML is larger than {max_bytes} bytes")
    if len(data) > 4 * MAX_TAGS and data.count(b"<") > MAX_TAGS:
        raise XmlError(f"The XML has more than {MAX_TAGS} tags")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_blank_text=False,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise XmlError(f"The XML is not well-formed: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise XmlError("The XML carries a DOCTYPE, which is never accepted")
    _refuse_crowds(root, data)
    return root


def _refuse_crowds(root: Element, data: bytes) -> None:
    # The bytes tell cheaply that there is no crowd, if they are written in letters of one byte.
    said = (root.getroottree().docinfo.encoding or "UTF-8").upper()
    plain = said in _ONE_BYTE and b"\x00" not in data[:4] and not data.startswith(_WIDE_MARKS)
    if (not plain or len(data) > _SMALL) and _CROWDED(root):
        raise XmlError(f"An element has more than {MAX_ATTRIBUTES} attributes")
    declarations = data.count(b"xmlns")
    if plain and declarations <= MAX_NAMESPACES and declarations * data.count(b"<") <= _MAX_LOOKS:
        return
    declared: list[str] = []
    looks = 0
    for event, declaration in etree.iterwalk(root, events=("start", "start-ns", "end-ns")):
        if event == "start":
            looks += len(declared)
        elif event == "end-ns":
            declared.pop()
        else:
            declared.append(declaration[0])
        if looks > _MAX_LOOKS or len(declared) > _MAX_DECLARED:
            raise XmlError("There are too many namespaces over too many elements")
        if event == "start-ns" and len(declared) > MAX_NAMESPACES and len(set(declared)) > MAX_NAMESPACES:
            raise XmlError(f"There are more than {MAX_NAMESPACES} namespaces in one place")


class Breach(NamedTuple):
    """One place where a tree does not follow its schema: the path with the document's prefixes, the line, and why (in
    the library's English, tags without their namespaces)."""

    path: str
    line: int
    message: str


class Schema:
    """A compiled XML schema; made once, used from any thread.

    Only files inside ``folder`` are read and nothing is fetched. Raises SchemaError for a schema that includes another
    from elsewhere, declares an external entity, lacks a part, or does not compile.
    """

    def __init__(self, file: Path, folder: Path) -> None:
        _look_through(file, folder.resolve())
        try:
            self._schema = etree.XMLSchema(etree.parse(file, _trusted_parser()))
        except etree.LxmlError as error:
            raise SchemaError(f"{file.name} does not compile: {error}") from error
        self._lock = threading.Lock()

    def breaches(self, root: Element, most: int = 20) -> tuple[Breach, ...]:
        """Where the tree does not follow the schema, in order; the first ``most`` of them."""
        with self._lock:  # the library keeps the errors on the schema
            if self._schema.validate(root):
                return ()
            told: Any = self._schema.error_log
            return tuple(
                Breach(
                    (error.path or "/*").replace("/*", f"/{name(root)}", 1), error.line,
                    _BRACED.sub("", error.message),
                )
                for error in islice(told, most)
            )


def _trusted_parser() -> etree.XMLParser:
    # The published schema of XML signatures declares entities of its own, so they are expanded here.
    return etree.XMLParser(no_network=True, load_dtd=False, huge_tree=False)


def _look_through(file: Path, folder: Path) -> None:
    """Every schema that this one includes, before the library opens any of them."""
    seen: set[Path] = set()
    pending = [file.resolve()]
    while pending:
        path = pending.pop()
        if path in seen:
            continue
        seen.add(path)
        if not path.is_relative_to(folder):
            raise SchemaError(f"{file.name} includes a schema from outside its folder: {path.name}")
        try:
            tree = etree.parse(path, _trusted_parser())
        except (etree.LxmlError, OSError) as error:
            raise SchemaError(f"The schema {path.name} is missing or cannot be read") from error
        inside: Any = tree.docinfo.internalDTD
        if inside is not None and (inside.system_url or any(one.system_url for one in inside.iterentities())):
            raise SchemaError(f"The schema {path.name} points outside by its DOCTYPE")
        for place in tree.getroot().iter(*(f"{{{_XSD}}}{tag}" for tag in ("include", "import", "redefine"))):
            location = place.get("schemaLocation")
            if location is not None:
                pending.append((path.parent / location).resolve())


def canonical(element: Element, *, exclusive: bool = False) -> bytes:
    """Canonical XML 1.0 without comments (http://www.w3.org/TR/2001/REC-xml-c14n-20010315), as UTF-8.

    ``exclusive``: its exclusive form (http://www.w3.org/2001/10/xml-exc-c14n#). Raises XmlError for a document with
    relative namespaces, which has no such form.
    """
    try:
        result: bytes = etree.tostring(element, method="c14n", exclusive=exclusive, with_comments=False)
    except etree.C14NError as error:
        raise XmlError("The XML has no canonical form") from error
    return result


def cut(element: Element) -> None:
    """Takes an element out of its document; the text after it stays."""
    parent, before, tail = element.getparent(), element.getprevious(), element.tail or ""
    if parent is None:
        raise ValueError("The root of a document cannot be cut out of it")
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(element)


def serialise(element: Element) -> bytes:
    """UTF-8 bytes with an XML declaration, nothing re-indented."""
    result: bytes = etree.tostring(element, encoding="UTF-8", xml_declaration=True)
    return result


def name(element: Element) -> str:
    """The tag with its usual prefix: ``cbc:ID``; a root in a namespace of its own has none: ``Invoice``."""
    namespace, _, local = str(element.tag).rpartition("}")
    prefix = _PREFIX_OF.get(namespace[1:])
    return f"{prefix}:{local}" if prefix else local


def qualified(prefixed: str) -> str:
    """The opposite of ``name`` for a prefixed tag: ``cbc:ID`` -> ``{urn:...}ID``."""
    prefix, _, local = prefixed.partition(":")
    return f"{{{PREFIXES[prefix]}}}{local}"


def find(element: Element, path: str) -> Element | None:
    """The first element at a prefixed path below this one, or None."""
    return element.find(path, PREFIXES)


def find_all(element: Element, path: str) -> list[Element]:
    """All elements at a prefixed path below this one, in document order."""
    return element.findall(path, PREFIXES)


def text(element: Element, path: str = "") -> str | None:
    """The text at a path below this element (of the element itself for no path), or None if it is absent."""
    target = element.find(path, PREFIXES) if path else element
    return None if target is None else (target.text or "")


def all_text(element: Element) -> str:
    """All text in and below this element, white space folded: for messages, not for values."""
    return " ".join(" ".join(str(piece) for piece in element.itertext()).split())


def children(element: Element) -> Iterator[Element]:
    """The child elements; comments and processing instructions are passed over."""
    for child in element:
        if isinstance(child.tag, str):
            yield child


_PREFIX_OF: Final = {namespace: prefix for prefix, namespace in PREFIXES.items()}
