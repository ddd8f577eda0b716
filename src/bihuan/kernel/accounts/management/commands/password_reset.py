"""`bihuan password_reset USERNAME`: for administrators, whose passwords no other administrator may reset."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from bihuan.kernel.identity.accounts import password_reset
from bihuan.kernel.identity.models import Person


class Command(BaseCommand):
    help = "Gives somebody a new first password and prints it; it must be changed at the next log-in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        person = Person.objects.filter(username=options["username"], is_active=True).first()
        if person is None:
            raise CommandError(f"there is no open account {options['username']}")
        self.stdout.write(password_reset(person=person.pk, now=timezone.now(), by="operator"))
