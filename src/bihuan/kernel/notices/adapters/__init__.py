"""Adapters: each carries one message out. `carry(message) -> str` returns the target as it may be shown.

In-app notices need none: the row is the message.
"""
