"""How files travel to SUNAT: zip, credentials, addresses, SOAP.

Sources: programmer's manual of the SEE (2021), chapter on the web services; SUNAT's published WSDL of billService;
OASIS WS-Security UsernameToken Profile 1.0. This is the only room that imports zeep.

=============  ==============================================================================
``zipping``    one voucher -> zip, zip -> one voucher, zip -> CDR, all bounded
``base``       credentials, answers
``endpoints``  which address serves what, and which may never be called from where
``connection`` one HTTP exchange with a wall-clock deadline and a size cap
``soap``       billService over SOAP 1.1
``tickets``    what SUNAT takes now and looks at later
``consult``    what SUNAT holds: state, CDR, a file held against its copy
``rest``       the REST consult
``gre``        the guides' REST service
``tokens``     the tokens of both
``faults``     SUNAT's code out of a SOAP fault
=============  ==============================================================================
"""

from __future__ import annotations

from sunat.transport.base import Answer, Credentials
from sunat.transport.connection import Exchange, post
from sunat.transport.consult import ConsultService, Criteria, State, ValidityService
from sunat.transport.endpoints import Environment, Service, check_address, endpoint
from sunat.transport.gre import GuideClient, GuideService
from sunat.transport.rest import ConsultClient, RestConsult
from sunat.transport.soap import BillService, Bounds
from sunat.transport.tickets import DONE, FAILED, IN_PROCESS, Receipt, TicketService, TicketState
from sunat.transport.zipping import pack, pack_cdr, unpack, unpack_cdr

__all__ = [
    "DONE",
    "FAILED",
    "IN_PROCESS",
    "Answer",
    "BillService",
    "Bounds",
    "ConsultClient",
    "ConsultService",
    "Credentials",
    "Criteria",
    "Environment",
    "Exchange",
    "GuideClient",
    "GuideService",
    "Receipt",
    "RestConsult",
    "Service",
    "State",
    "TicketService",
    "TicketState",
    "ValidityService",
    "check_address",
    "endpoint",
    "pack",
    "pack_cdr",
    "post",
    "unpack",
    "unpack_cdr",
]
