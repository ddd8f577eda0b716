"""What can be reported by Open311: the matters of the directory, and what is asked with each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.kernel.sentences import named
from bihuan.lib.refusals import NotFound
from bihuan.packs.hotline.citizens.reporting import WANTS
from bihuan.packs.hotline.dispatching import dispatch_map
from bihuan.packs.hotline.forms import territories
from bihuan.packs.hotline.models import Directory, Matter

UNSORTED = "other"
"""The service of whoever does not know which: dispatch reads the words."""
WANT, TOWNSHIP = "WANT", "TOWNSHIP"


def services_told() -> list[dict[str, Any]]:
    """Every service offered: matters in force that are no emergency and have no proper route elsewhere."""
    offered = Matter.objects.filter(active=True, emergency=False, route="").exclude(parent=None)
    rows = offered.select_related("parent").order_by("code")
    return [_service(UNSORTED, _("其他,或者不清楚"), None)] + [
        _service(row.code, named(row), named(row.parent)) for row in rows if row.parent
    ]


def service_names() -> dict[str, str]:
    """The name of every service by its code, those no longer offered too."""
    return {row.code: named(row) for row in Matter.objects.exclude(parent=None)} | {
        UNSORTED: _("其他,或者不清楚")
    }


def service_check(code: str) -> None:
    """NotFound unless the service is offered."""
    if code not in {service["service_code"] for service in services_told()}:
        raise NotFound("service_code", _("没有这个服务(service_code)。"), field="service_code")


def definition_told(code: str, *, now: datetime) -> dict[str, Any]:
    """What is asked with a service. NotFound when it is not offered."""
    service_check(code)
    wants = [(key, str(label)) for key, label in WANTS]
    towns = [(name, name) for name in townships(now)]
    attributes = [
        _attribute(1, WANT, _("您想要"), wants),
        _attribute(2, TOWNSHIP, _("哪个镇街"), towns),
    ]
    return {"service_code": code, "attributes": attributes}


def townships(now: datetime) -> list[str]:
    """The names of the townships of today."""
    return [name for name, _runner in territories(dispatch_map(), on=timezone.localdate(now))]


def services_changed(now: datetime) -> str:
    """The day on which the directory last changed: a changeset that sorts."""
    days = Directory.objects.filter(valid_from__lte=timezone.localdate(now)).order_by("-valid_from")
    found = days.values_list("valid_from", flat=True).first()
    return found.isoformat() if found else ""


def _service(code: str, name: str, group: str | None) -> dict[str, Any]:
    return {
        "service_code": code,
        "service_name": name,
        "description": None,
        "metadata": True,
        "type": "realtime",
        "keywords": None,
        "group": group,
    }


def _attribute(order: int, code: str, description: str, values: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "variable": True,
        "code": code,
        "datatype": "singlevaluelist",
        "required": False,
        "datatype_description": None,
        "order": order,
        "description": description,
        "values": [{"key": key, "name": name} for key, name in values],
    }
