"""Ledger: what happened? Append-only entries in streams, each carrying the hash of the one before."""
