"""What the public contract says differently from SUNAT: numeric ids, loose types, envelopes."""
