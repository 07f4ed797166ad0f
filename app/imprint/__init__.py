"""Stored vouchers on paper: what their signed XML says, the look of their series, the addresses printed on them.

=============  ====================================================================
``papers``     a voucher's paper, made ready and set
``samples``    a made-up voucher, to judge a look by
``views``      ``/V1/branding/preview``
``addresses``  what its QR code holds, and where its receiver may look it up
=============  ====================================================================

Sources: RS 113-2018/SUNAT and RS 123-2022/SUNAT.
"""
