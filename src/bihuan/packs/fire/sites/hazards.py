"""Hazards of a site in a loop: each a case of `rectification`, told to the contractor, rectified with a photograph, verified."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.opening import Opening, case_open
from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import clean_text
from bihuan.packs.fire.findings.services import applications_told
from bihuan.packs.fire.keys import key_taken
from bihuan.packs.fire.models import Hazard, SingleWork, Site, SiteInspection
from bihuan.packs.fire.sites.kinds import DEVICES, HAZARD_GRADES, MAJOR
from bihuan.packs.fire.sites.services import site_found
from bihuan.telemetry.models import Episode
from bihuan.telemetry.services import episode_attach


@dataclass(frozen=True, slots=True)
class HazardFound:
    """A hazard as it was found: in which part, in which words, how grave; `source` is one of `kinds.SOURCES`, `work` the id of a
    single work of the site's project.
    """

    part: str
    words: str
    grade: str = "general"
    source: str = "report"
    inspection: SiteInspection | None = None
    work: int | None = None


def hazard_report(*, scope: Scope, site: int, found: HazardFound, key: str, now: datetime) -> Hazard:
    """Somebody who keeps the site, or works there, reports a hazard; the same `key` returns the same one.

    NotFound for another's site; FieldError or Refusal for what cannot be kept; then nothing was written.
    """
    part = clean_text(found.part, field="part", max_length=120, min_length=2, multiline=False)
    words = clean_text(found.words, field="words", max_length=2000, min_length=2)
    if found.grade not in dict(HAZARD_GRADES):
        raise Refusal("choice", _("没有这一级隐患。"), field="grade")
    with transaction.atomic(), kernel_writes():
        row = site_found(site, scope, officer=True)
        work_checked(row, found.work)
        given = replace(found, part=part, words=words)
        return hazard_open(row, given, key=key, by=scope.person, now=now)


def work_checked(site: Site, work: int | None) -> None:
    """Refusal for a single work that the site's project does not have."""
    if work and not SingleWork.objects.filter(pk=work, project=site.project_id).exists():
        raise Refusal("choice", _("这个工地的项目没有这个单体。"), field="work")


def hazard_open(site: Site, found: HazardFound, *, key: str, by: int, now: datetime) -> Hazard:
    """The case, held by the contractor where it has an account, else by whoever keeps the site. The
    project's applications are told. Conflict for the key of another site's. Within `kernel_writes`.
    """
    known = Hazard.objects.select_related("case").filter(key=key).first()
    if known is not None:
        if known.site_id != site.pk:
            raise key_taken()
        return known
    opened = case_open(
        Opening(
            pack="fire",
            workflow="rectification",
            title=f"{found.part}:{site.name}"[:200],
            text=found.words,
            unit=site.contractor_unit_id or site.unit_id,
            opened_by=site.unit_id,
            by=by,
            now=now,
            reported_at=now,
            matter="hazard",
            place=site.place,
            region=settings.REGION,
            facts={"site": site.pk, "grade": found.grade, "limit_key": f"hazard_{found.grade}"},
            viewers=(site.unit_id,),
        )
    )
    made = Hazard.objects.create(
        site=site, case=Case.objects.get(pk=opened.case), grade=found.grade, source=found.source, inspection=found.inspection,
        work_id=found.work, part=found.part, found_at=now, key=key,
    )  # fmt: skip
    if site.project_id is not None:
        applications_told(site.project_id, now=now)
    return made


def alarm_open(episode: Episode, now: datetime) -> str:
    """The hazard of an episode that has just begun, once. Returns the number of its case. Within `kernel_writes`."""
    device = episode.device
    site = Site.objects.get(pk=int(device.subject.rpartition(":")[2]))
    metric = DEVICES[device.kind].metric(episode.metric)
    assert metric is not None  # an episode is of a metric that its device has
    grade = "major" if (device.kind, metric.code) in MAJOR else "general"
    words = f"{device.name}({device.code}){metric.label} {episode.worst:g} {metric.unit},限值 {episode.bound:g} {metric.unit}。"
    found = HazardFound(f"{device.name} {metric.label}报警", words, grade, "alarm")
    row = hazard_open(site, found, key=f"episode:{episode.pk}", by=0, now=now)
    episode_attach(episode=episode, case=row.case_id)
    return row.case.number
