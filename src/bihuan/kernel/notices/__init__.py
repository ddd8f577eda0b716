"""Notices: what is told to whom. An outbox, and adapters that carry it out."""
