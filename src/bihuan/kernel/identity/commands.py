"""Who runs a command: a person named with --by, else the operator of the machine."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import CommandError

from bihuan.kernel.identity.models import Person

OPERATOR = "operator"


def by_add(parser: ArgumentParser) -> None:
    """Let the command say who asked for it."""
    parser.add_argument(
        "--by", metavar="USERNAME", help="who decided it, for the ledger; without it: the operator"
    )


def by_named(username: str | None) -> int | str:
    """The person's id, whose powers count, or "operator". CommandError for a name without an open account."""
    if username is None:
        return OPERATOR
    found = Person.objects.filter(username=username, is_active=True).values_list("pk", flat=True).first()
    if found is None:
        raise CommandError(f"--by: there is no open account {username}")
    return int(found)
