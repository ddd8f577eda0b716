"""`bihuan tiers`: the city's centre of the demonstration of two tiers, loaded into an empty database."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.models import Person, Unit
from bihuan.packs.hotline.services import order_take
from bihuan.site.city.above import PEOPLE, city_units, orders_first
from bihuan.site.city.load import city_add, city_lacks, city_load
from bihuan.site.city.units import CITY_CODE


class Command(BaseCommand):
    help = "两级演示:把市级中心载入空的数据库;加 --orders 时登记几件,由市级下发"

    def add_arguments(self, parser: Any) -> None:
        """Units and people, or the first orders, once the centre below is known."""
        parser.add_argument("--orders", action="store_true")

    def handle(self, *_args: Any, orders: bool, **_options: Any) -> None:
        """Load what is not there yet."""
        if not settings.DEMONSTRATION or settings.REGION != CITY_CODE:
            raise CommandError(_("这里不载入市级演示:只在两级演示的市级中心载入。"))
        if orders:
            self._orders()
        elif not Unit.objects.exists():
            with transaction.atomic():
                city_load(now=timezone.now(), units=city_units(), people=PEOPLE)
        elif city_lacks(PEOPLE):
            with transaction.atomic():
                city_add(now=timezone.now(), units=city_units(), people=PEOPLE)

    def _orders(self) -> None:
        """The city's seat takes the first orders in; those that it has already are refused as known."""
        agent = Person.objects.get(username="ma").pk
        known = set(Case.objects.exclude(external_id=None).values_list("external_id", flat=True))
        for one in orders_first():
            if one["external_id"] not in known:
                order_take(data=one, by=agent, now=timezone.now())
