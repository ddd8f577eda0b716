"""The registers that the city holds itself, asked about one applicant. Whichever does not answer in time is silent, not a yes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from django.db import DatabaseError, connection, transaction
from django.db.models import Q

from bihuan.kernel.cases.models import Party
from bihuan.kernel.certificates.kinds import certificate_kinds
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.certificates.rules import VALID
from bihuan.packs.onewindow.catalogue.selectors import matter_code
from bihuan.packs.onewindow.commitments.selectors import discredited
from bihuan.packs.onewindow.instant.rules import Holding

T = TypeVar("T")
WAIT = "2s"
"""How long a register may take."""
UNDECIDED = ("received", "asked", "correcting", "examining", "special", "deciding")


def asked(read: Callable[[], T]) -> T | None:
    """What a register answers; None when it cannot be reached or takes longer than `WAIT`. In the caller's transaction."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("select set_config('statement_timeout', %s, true)", [WAIT])
            found = read()
            with connection.cursor() as cursor:
                cursor.execute("set local statement_timeout to default")
            return found
    except DatabaseError:
        return None


def certificates_held(*, name: str, identity: str, today: date) -> dict[str, Holding]:
    """The certificates that hold today, by the name of their kind, issued here to who has this name and number."""
    rows = Certificate.objects.filter(
        Q(valid_until=None) | Q(valid_until__gte=today),
        holder=name, identity=identity, state=VALID, valid_from__lte=today,
    )  # fmt: skip
    known = certificate_kinds()
    return {
        known[one.kind].name: Holding(one.number, one.valid_until)
        for one in rows.order_by("pk")
        if one.kind in known and identity
    }


def open_cases(*, identity: str, item: int, besides: int) -> int:
    """How many applications of this number for an item are undecided, one aside."""
    same: dict[str, Any] = {"case__matter": matter_code(item), "case__state__in": UNDECIDED}
    found = Party.objects.filter(id_number=identity, role=Party.Role.REPORTER, **same)
    return found.exclude(case=besides).values("case").distinct().count()


def is_discredited(*, identity: str, today: date) -> bool:
    """Does this number stand in the register of the discredited today?"""
    known = discredited(today).filter(identity=identity)
    return bool(identity) and known.exists()
