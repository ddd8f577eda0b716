"""Refusals: what a person reads when a rule says no. Each names the rule and the way out, and nothing was changed."""

from __future__ import annotations


class Refusal(Exception):
    """A rule said no.

    `code` is stable for machines, `message` is for the reader, `status` is the HTTP status, `rule` the rule's source.
    """

    status = 422

    def __init__(self, code: str, message: str, *, rule: str = "", field: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.rule, self.field = code, message, rule, field


class NotPermitted(Refusal):
    """This person may not do this."""

    status = 403


class NotFound(Refusal):
    """There is nothing here that this person may see."""

    status = 404


class Conflict(Refusal):
    """Somebody else was first; the message says who did what."""

    status = 409
