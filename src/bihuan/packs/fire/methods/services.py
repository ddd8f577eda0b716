"""Publishing what works, with the pack's own figures of that day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from bihuan.kernel.identity.models import Grant
from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.packs.fire.keys import key_lock, key_taken
from bihuan.packs.fire.models import Method
from bihuan.packs.fire.projects.services import STREAM
from bihuan.packs.fire.promise_figures import promise_figures
from bihuan.packs.fire.roles import SITE_SUPERVISOR
from bihuan.packs.fire.workflows import CHIEF

PUBLISHERS = (CHIEF, SITE_SUPERVISOR)
MOST = 20


def method_publish(
    *,
    scope: Scope,
    title: str,
    situation: str,
    steps: Sequence[str],
    figures: Sequence[str],
    key: str,
    now: datetime,
) -> Method:
    """Publish a method; the same `key` returns the same one. `figures` are ids of promises whose figure stands beside it.

    NotPermitted for whoever neither leads nor supervises; Refusal without a step, or for a figure that there is not.
    """
    _may_publish(scope)
    if not steps or len(steps) > MOST:
        raise Refusal("method_steps", _("写 1 至 %s 步,一行一步。") % MOST, field="steps")
    with transaction.atomic(), kernel_writes():
        key_lock(key)
        known = Method.objects.filter(key=key).first()
        if known:
            if (known.title, known.published_by_id) != (title, scope.person):
                raise key_taken()
            return known
        with override("zh-hans"):  # kept in the language of the house
            counted = promise_figures(now=now)
        if set(figures) - set(counted):
            raise Refusal("choice", _("没有这一项数字。"), field="figures")
        row = Method.objects.create(
            title=title, situation=situation, steps=list(steps), figures={code: counted[code] for code in figures}, published_at=now,
            published_by_id=scope.person, key=key,
        )  # fmt: skip
        data = {
            "method": row.pk,
            "title": title,
            "used_when": situation,
            "steps": list(steps),
            "figures": row.figures,
        }
        register_append(stream=STREAM, kind="method_published", at=now, by=scope.person, data=data)
    return row


def method_withdraw(*, scope: Scope, method: int, now: datetime) -> None:
    """Take a method from the public page; the entry stays. NotFound for another unit's, or one that was taken before."""
    _may_publish(scope)
    units = [held.unit for held in scope.held if held.role in PUBLISHERS]
    with transaction.atomic(), kernel_writes():
        ours = Grant.objects.filter(role__in=PUBLISHERS, unit__in=units).values("person")
        found = Method.objects.filter(pk=method, withdrawn_at=None, published_by__in=ours)
        if not found.update(withdrawn_at=now):
            raise NotFound("not_found", _("没有这个做法,或已撤下。"))
        register_append(
            stream=STREAM, kind="method_withdrawn", at=now, by=scope.person, data={"method": method}
        )


def _may_publish(scope: Scope) -> None:
    if not scope.holds(*PUBLISHERS):
        raise NotPermitted("not_permitted", _("只有负责人和工地监管员可以发布做法。"))
