"""A case of a project, as every loop of the section begins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from bihuan.kernel.cases.opening import Opening
from bihuan.packs.fire.models import Project


def project_opening(
    row: Project, *, workflow: str, title: str, text: str, by: int, now: datetime, facts: Mapping[str, Any] | None = None, **more: Any
) -> Opening:  # fmt: skip
    """At the section that keeps the project and at its place, seen by its owner; `more` are other values of an `Opening`."""
    own: dict[str, Any] = {
        "unit": row.unit_id,
        "matter": workflow,
        "viewers": (row.owner_unit_id,) if row.owner_unit_id else (),
    }
    return Opening(
        pack="fire", workflow=workflow, title=title[:200], text=text, opened_by=row.unit_id, by=by, now=now, reported_at=now,
        place=row.place, region=settings.REGION, facts={"project": row.pk, **(facts or {})}, **{**own, **more},
    )  # fmt: skip
