"""The history of an object as its page tells it: the ledger's entries in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from bihuan.kernel.administration.shape import Asked, Kind
from bihuan.kernel.identity.models import Person
from bihuan.kernel.pack import registers
from bihuan.kernel.sentences import named

ENTRIES = {
    "policy_set": gettext_lazy("设定规则"),
    "form_published": gettext_lazy("登记表单版本"),
    "calendar_loaded": gettext_lazy("载入日历"),
    "calendar_published": gettext_lazy("公布年度日历"),
    "template_set": gettext_lazy("改写通知模板"),
    "template_reset": gettext_lazy("恢复通知原文"),
    "peer_added": gettext_lazy("登记中心"),
    "peer_changed": gettext_lazy("改名称和地址"),
    "peer_held": gettext_lazy("停用"),
    "peer_resumed": gettext_lazy("恢复"),
    "peer_removed": gettext_lazy("删除"),
    "key_added": gettext_lazy("登记公钥"),
    "key_revoked": gettext_lazy("作废密钥"),
    "message_again": gettext_lazy("重新发送"),
    "webhook_added": gettext_lazy("增加推送地址"),
    "webhook_held": gettext_lazy("暂停推送"),
    "webhook_resumed": gettext_lazy("恢复推送"),
    "webhook_removed": gettext_lazy("删除推送地址"),
    "webhook_tested": gettext_lazy("测试推送"),
    "notice_again": gettext_lazy("重新发送"),
    "units_entered": gettext_lazy("登记单位"),
    "unit_changed": gettext_lazy("改名或移动"),
    "unit_closed": gettext_lazy("撤销单位"),
    "administration_ended": gettext_lazy("结束托管"),
    "person_renamed": gettext_lazy("改姓名"),
    "person_locked": gettext_lazy("锁定账号"),
    "person_unlocked": gettext_lazy("解锁账号"),
    "password_reset": gettext_lazy("重置密码"),
    "password_set": gettext_lazy("自己改密码"),
    "totp_set": gettext_lazy("启用动态码"),
    "totp_cleared": gettext_lazy("停用动态码"),
    "login": gettext_lazy("登录"),
    "logout": gettext_lazy("退出"),
    "login_failed": gettext_lazy("登录未成"),
    "login_locked": gettext_lazy("因多次失败锁定"),
    "token_issued": gettext_lazy("发令牌"),
    "token_revoked": gettext_lazy("撤销令牌"),
    "administration_set": gettext_lazy("设定托管"),
    "people_entered": gettext_lazy("登记人员"),
    "person_closed": gettext_lazy("停用账号"),
    "grant_added": gettext_lazy("授予角色"),
    "grant_ended": gettext_lazy("收回角色"),
    "delegation_given": pgettext_lazy("entry", "委托"),
    "delegation_revoked": gettext_lazy("收回委托"),
    "list_exported": gettext_lazy("导出列表"),
    "drawn": gettext_lazy("抽取样本"),
    "sample.called": gettext_lazy("抽访"),
    "signed": gettext_lazy("抽访签字"),
    "account.called": gettext_lazy("启动问责"),
    "joined": gettext_lazy("并入在办的问责"),
    "month_closed": gettext_lazy("月度排名定稿"),
    "exclusion_asked": gettext_lazy("申请剔除"),
    "exclusion_granted": gettext_lazy("同意剔除"),
    "exclusion_refused": gettext_lazy("不同意剔除"),
    "exclusion_withdrawn": gettext_lazy("撤回剔除"),
    "naming_asked": gettext_lazy("申请公开曝光"),
    "naming_granted": gettext_lazy("同意公开曝光"),
    "naming_refused": gettext_lazy("不同意公开曝光"),
    "naming_withdrawn": gettext_lazy("撤下公开曝光"),
    "score.anonymised": gettext_lazy("清除决定中的文字"),
    "planned": gettext_lazy("召集会议"),
    "agenda_drawn": gettext_lazy("生成议程"),
    "item_added": gettext_lazy("增加议程"),
    "held": gettext_lazy("开会"),
    "decided": gettext_lazy("作出决定"),
    "meeting.closed": gettext_lazy("会议结束"),
    "resource_set": gettext_lazy("登记可预约的资源"),
    "hours_changed": gettext_lazy("改服务时间"),
    "hours_ended": gettext_lazy("服务时间的改动到期"),
    "booked": gettext_lazy("预约"),
    "moved": gettext_lazy("改期"),
    "cancelled": gettext_lazy("取消"),
    "arrived": gettext_lazy("到场"),
    "missed": gettext_lazy("未到"),
    "booking.anonymised": gettext_lazy("清除个人信息"),
    "certificate.issued": gettext_lazy("签发证照"),
    "certificate.replaced": gettext_lazy("换发证照"),
    "certificate.printed": gettext_lazy("打印证照"),
    "certificate.suspended": gettext_lazy("暂停证照"),
    "certificate.resumed": gettext_lazy("恢复证照"),
    "certificate.revoked": gettext_lazy("撤销证照"),
    "certificate.change_asked": gettext_lazy("申请变动证照"),
    "certificate.change_granted": gettext_lazy("同意变动证照"),
    "certificate.change_refused": gettext_lazy("不同意变动证照"),
    "certificate.change_withdrawn": gettext_lazy("撤回变动证照的申请"),
    "certificate.anonymised": gettext_lazy("清除个人信息"),
    "restored": gettext_lazy("从备份恢复"),
    "retention_run": gettext_lazy("到期清除"),
    "key_made": gettext_lazy("建立签名密钥"),
    "key_rotated": gettext_lazy("更换签名密钥"),
    "key_lost": gettext_lazy("声明签名密钥遗失"),
    "secrets_resealed": gettext_lazy("更换站点密钥"),
}
"""What each kind of entry is called; `register.kind` where two registers use one."""
SYSTEMS = {
    "system": gettext_lazy("系统"),
    "operator": gettext_lazy("运维命令"),
    "visitor": gettext_lazy("未登录的人"),
    "command": gettext_lazy("运维命令"),
    "retention": gettext_lazy("系统"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One entry in words: what, when, who, and its lines (label, value)."""

    seq: int
    what: str
    at: datetime
    who: str
    lines: list[tuple[Any, Any]]


def history_told(kind: Kind, row: Any, asked: Asked) -> list[Told]:
    """The entries about one object, the latest first."""
    entries = kind.history(row, asked)
    names = people_named([entry.by for entry in entries])
    return [
        Told(e.seq, entry_words(kind.stream, e.kind), e.at, names[e.by], kind.entry_lines(e)) for e in entries
    ]


def entry_words(stream: str, kind: str) -> str:
    """What a kind of entry of a register is called."""
    if stream in registers():
        return str(registers()[stream].kinds.get(kind, kind))
    return str(ENTRIES.get(f"{stream}.{kind}") or ENTRIES.get(kind, kind))


def people_named(ids: list[int | str]) -> dict[int | str, str]:
    """Who each of these is, as an entry's `by` names them: a person's id or a system's name."""
    people = Person.objects.filter(pk__in=[one for one in ids if isinstance(one, int)])
    known: dict[int | str, str] = {person.pk: named(person) for person in people}
    return {one: known.get(one) or str(SYSTEMS.get(str(one), _("编号 %s") % one)) for one in ids}
