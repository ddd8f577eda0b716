"""Scoring: measures of the ledger's events, score cards, rankings, bulletins, and units called to account."""
