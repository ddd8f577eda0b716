"""Policies: dated, regional rule rows with their legal basis."""
