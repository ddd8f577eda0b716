"""Access tokens as the security administrator keeps them: whose they are, when they were last used, revoking them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from bihuan.kernel.administration.shape import Action, Asked, Column, Done, Filter, Kind, Mark
from bihuan.kernel.desk.api.tokens import token_revoke
from bihuan.kernel.desk.models import ApiToken
from bihuan.kernel.sentences import named
from bihuan.lib.text import number_of

SECURITY = ("security_admin",)
STATES = (("now", gettext_lazy("有效")), ("past", gettext_lazy("已失效")))


class Tokens(Kind):
    """For the security administrator: which programs act in whose name, and stopping them."""

    name = "tokens"
    label = gettext_lazy("接口令牌")
    about = gettext_lazy("程序凭令牌以某人的名义办事。令牌由运维人员用命令发,在这里撤销。")
    group = "organisation"
    roles = SECURITY
    stream = "identity"
    search = gettext_lazy("姓名或用户名")
    filters = (Filter("state", gettext_lazy("状态"), lambda: STATES),)
    empty = gettext_lazy("还没有发过令牌。")
    columns = (
        Column("id", gettext_lazy("令牌")),
        Column("username", gettext_lazy("用户名")),
        Column("name", gettext_lazy("姓名")),
        Column("created_at", gettext_lazy("发出")),
        Column("subject", gettext_lazy("只用于")),
        Column("expires_at", gettext_lazy("到期")),
        Column("last_used_at", gettext_lazy("上次使用")),
        Column("state", gettext_lazy("状态")),
    )

    def rows(self, asked: Asked) -> Any:
        found = ApiToken.objects.select_related("person").order_by("-pk")
        if asked.q:
            found = found.filter(Q(person__username__startswith=asked.q) | Q(person__name__contains=asked.q))
        valid = Q(revoked_at=None, expires_at__gt=asked.now, person__is_active=True)
        state = asked.chosen.get("state")
        return found.filter(valid) if state == "now" else found.exclude(valid) if state == "past" else found

    def cells(self, rows: Sequence[ApiToken], asked: Asked) -> list[tuple[Any, ...]]:
        return [
            (
                str(row.pk),
                row.person.username,
                named(row.person),
                row.created_at,
                row.subject or "–",
                row.expires_at,
                row.last_used_at,
                _state(row, asked.now),
            )
            for row in rows
        ]

    def found(self, key: str, asked: Asked) -> ApiToken | None:
        return ApiToken.objects.select_related("person").filter(pk=number_of(key)).first()

    def title(self, row: ApiToken) -> str:
        return _("令牌 %(id)s · %(name)s") % {"id": row.pk, "name": named(row.person)}

    def history_match(self, row: ApiToken) -> Mapping[str, Any]:
        return {"token": row.pk}


def _state(row: ApiToken, now: datetime) -> Mark:
    if row.revoked_at is not None:
        return Mark(pgettext("token", "已撤销"), "paused")
    if row.expires_at <= now:
        return Mark(_("已到期"), "paused")
    return Mark(_("有效"), "done") if row.person.is_active else Mark(_("账号已停用"), "paused")


def _revoke(row: ApiToken, given: dict[str, Any], asked: Asked) -> Done:
    token_revoke(token_id=row.pk, now=asked.now, by=asked.by)
    return Done(_("已撤销。"))


Tokens.actions = (
    Action(
        "revoke",
        gettext_lazy("撤销此令牌"),
        SECURITY,
        _revoke,
        warning=gettext_lazy("用它的程序马上不能再办事;撤销了不能恢复,只能另发。"),
        danger=True,
        open_to=lambda row: row.revoked_at is None,
    ),
)
KINDS = (Tokens,)
