"""Content and number become XML here, and XML finds its way back to the content's fields.

``render`` writes the voucher, ``pointers`` says which field a node came from, ``printed`` gives what is printed from
it (the QR text). ``reading`` takes in what another system wrote, ``recomputing`` works its amounts out again.
"""
