"""Content and number become XML here, and XML finds its way back to the content's fields.

``render`` writes the voucher, ``pointers`` says which field a node came from, ``printed`` says what its paper must
show (the QR text too). ``reading`` takes in what another system wrote, ``recomputing`` works its amounts out again.
"""
