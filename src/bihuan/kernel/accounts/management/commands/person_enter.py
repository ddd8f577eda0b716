"""`bihuan person_enter USERNAME NAME [--unit CODE --role ROLE]`: the way in for the first administrators."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from bihuan.kernel.identity.accounts import person_enter
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.services import grant_add
from bihuan.kernel.pack import roles
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError


class Command(BaseCommand):
    help = "Opens an account, with a role in a unit if given, and prints its first password, to be changed at log-in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("name")
        parser.add_argument("--unit", help="code of the unit")
        parser.add_argument("--role", choices=sorted(roles()))

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["unit"]) != bool(options["role"]):
            raise CommandError("--unit and --role go together")
        unit = Unit.objects.filter(code=options["unit"]).first() if options["unit"] else None
        if options["unit"] and unit is None:
            raise CommandError(f"there is no unit {options['unit']}")
        now = timezone.now()
        try:
            with transaction.atomic():
                row, password = person_enter(
                    username=options["username"], name=options["name"], now=now, by="operator"
                )
                if unit is not None:
                    grant_add(person=row.pk, unit=unit.pk, role=options["role"], now=now, by="operator")
        except (Refusal, FieldError) as refusal:
            raise CommandError(refusal.message) from None
        self.stdout.write(password)
