"""Attachments: files by their content's hash, sniffed, limited and scanned."""
