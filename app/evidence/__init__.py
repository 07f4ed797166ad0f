"""Evidence: everything that is known of one voucher as one file that proves itself, and a month of them.

=============  =====================================================================================
``bundle``     what belongs to a voucher, gathered and packed with a signed manifest
``papers``     one made from beginning to end, with its paper
``checking``   a bundle or an archive judged by itself: no database, no network
``archiving``  the bundles of a period in one file, row by row
``views``      ``GET /V1/documents/{id}/evidence``
=============  =====================================================================================

Nothing is ever deleted from the ledger; an archive is a copy for those who must keep vouchers for years and somewhere
else. Sources: the tax code's limitation periods; `domain/sunat_operations.md` 10.
"""
