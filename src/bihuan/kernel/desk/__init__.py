"""Desk: worklists, search and the case page, generic over every pack."""
