"""Writing the register of experts, a meeting, what each expert said, and the opinion computed from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import Moved, case_move
from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import NotFound, Refusal
from bihuan.lib.text import clean_text
from bihuan.packs.fire.experts.rules import LEAST, VOTES, counted, enough, interested
from bihuan.packs.fire.models import Expert, ExpertInterest, ExpertReview, ExpertVote, ProjectCase
from bihuan.packs.fire.projects.services import STREAM, keeper_unit
from bihuan.packs.fire.workflows import CHIEF, REVIEWER


def expert_enter(*, scope: Scope, name: str, employer: str, speciality: str, now: datetime) -> Expert:
    """Enter an expert into the section's register. Refusal for one who stands there already."""
    unit = keeper_unit(scope, REVIEWER, CHIEF)
    name = clean_text(name, field="name", max_length=40, min_length=2, multiline=False)
    employer = clean_text(employer, field="employer", max_length=120, min_length=2, multiline=False)
    speciality = clean_text(speciality, field="speciality", max_length=60, min_length=2, multiline=False)
    with transaction.atomic(), kernel_writes():
        if Expert.objects.filter(unit=unit, name=name, employer=employer).exists():
            raise Refusal("duplicate", _("这位专家已经登记。"), field="name")
        row = Expert.objects.create(unit_id=unit, name=name, employer=employer, speciality=speciality)
        register_append(
            stream=STREAM,
            kind="expert_entered",
            at=now,
            by=scope.person,
            data={"expert": row.pk},
            private={"name": name},
        )
    return row


def interest_declare(*, scope: Scope, number: str, expert: int, now: datetime) -> None:
    """Keep an expert out of the reviews of a project. Once."""
    with transaction.atomic(), kernel_writes():
        row = _application(scope, number)
        found = Expert.objects.filter(pk=expert, unit=row.case.unit_id).first()
        if found is None:
            raise NotFound("not_found", _("没有这位专家。"))
        _made, new = ExpertInterest.objects.get_or_create(project=row.project, expert=found)
        if new:
            data = {"project": row.project_id, "expert": found.pk}
            register_append(stream=STREAM, kind="expert_recused", at=now, by=scope.person, data=data)


def review_call(
    *, scope: Scope, number: str, at: datetime, place: str, experts: Sequence[int], now: datetime
) -> ExpertReview:
    """Call the meeting on a design that is with the province, again until its opinion is written.

    Refusal with fewer than seven experts, with one who has an interest, in another state, or once an expert's word was entered.
    """
    place = clean_text(place, field="place", max_length=120, min_length=2, multiline=False)
    with transaction.atomic(), kernel_writes():
        row = _application(scope, number)
        if row.case.state != "with_province":
            raise Refusal("state", _("报省后、出评审意见前才能召集评审会。"))
        if ExpertVote.objects.filter(review__case=row.case).exclude(vote="").exists():
            raise Refusal("voted", _("已登记专家的意见,不能换一批专家重新评审。"))
        found = list(Expert.objects.filter(pk__in=experts, unit=row.case.unit_id, active=True).order_by("pk"))
        if not enough(len(found)) or len(found) != len(set(experts)):
            raise Refusal("experts", _("评审专家不得少于 %s 人(令51第25条)。") % LEAST, field="experts")
        declared = set(ExpertInterest.objects.filter(project=row.project).values_list("expert", flat=True))
        own = [one.name for one in found if interested(one.employer, row.project.owner, one.pk in declared)]
        if own:
            raise Refusal("interest", _("有利害关系的专家要回避:%s。") % "、".join(own), field="experts")
        ExpertReview.objects.filter(case=row.case).delete()
        review = ExpertReview.objects.create(case=row.case, at=at, place=place, called_at=now)
        ExpertVote.objects.bulk_create(ExpertVote(review=review, expert=one) for one in found)
        data = {"case": row.case_id, "number": number, "experts": [one.pk for one in found]}
        register_append(stream=STREAM, kind="experts_called", at=now, by=scope.person, data=data)
    return review


def votes_record(*, scope: Scope, number: str, votes: Mapping[int, str], now: datetime) -> None:
    """What each expert of the meeting said. Refusal before the meeting, for an expert who was not called, or another word."""
    with transaction.atomic(), kernel_writes():
        row = _application(scope, number)
        review = ExpertReview.objects.filter(case=row.case).first()
        if review is None or row.case.state != "with_province":
            raise Refusal("state", _("报省后、出评审意见前才能登记专家意见。"))
        if now < review.at:
            raise Refusal("experts", _("评审会还没有开,开会以后才能登记专家意见。"))
        called = {one.expert_id: one for one in review.votes.all()}
        if set(votes) - called.keys() or set(votes.values()) - dict(VOTES).keys():
            raise Refusal("choice", _("只能登记到会专家的同意或不同意。"), field="votes")
        for expert, vote in votes.items():
            called[expert].vote = vote
        ExpertVote.objects.bulk_update(called.values(), ["vote"])
        told = {str(expert): vote for expert, vote in sorted(votes.items())}
        data = {"case": row.case_id, "number": number, "votes": told}
        register_append(stream=STREAM, kind="experts_voted", at=now, by=scope.person, data=data)


def opinion_take(**move: Any) -> Moved:
    """The opinion of the meeting: `case_move` with the experts counted from what each of them said.

    Refusal for a project's case without a meeting, or while somebody has not said.
    """
    with transaction.atomic():
        with kernel_writes():
            votes = list(
                ExpertVote.objects.filter(review__case=move["case_id"]).values_list("vote", flat=True)
            )
            known = ProjectCase.objects.filter(case=move["case_id"]).exists()
        present, agree, silent = counted(votes)
        if known and not votes:
            raise Refusal("experts", _("先召集评审会,登记每位专家的意见。"))
        if silent:
            raise Refusal("experts", _("还有 %s 位专家的意见没有登记。") % silent)
        if votes:
            move = {**move, "data": {**(move.get("data") or {}), "present": present, "agree": agree}}
        return case_move(**move)


def _application(scope: Scope, number: str) -> ProjectCase:
    unit = keeper_unit(scope, REVIEWER, CHIEF)
    rows = ProjectCase.objects.select_related("project", "case").filter(kind="design", case__unit=unit)
    row = rows.filter(case__number=number[:80].replace("\0", "")).first()
    if row is None:
        raise NotFound("not_found", _("没有这一件,或您无权查看。"))
    Case.objects.select_for_update().get(pk=row.case_id)
    return row
