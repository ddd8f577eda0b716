"""What each document says: from a step of a case and the project. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bihuan.packs.fire.materials import HAVE, MATERIALS

REMEDY = "不服的,可以自收到之日起六十日内依法申请行政复议,或者六个月内依法向人民法院提起行政诉讼。"
RECTIFY = "停止使用,改正后申请复查;对改正情况负责(消防法第13条)。"
AGAIN = "按上列问题改好后重新申请;未经验收合格,不得投入使用(消防法第13条)。"
STAGE = "本意见书只对所列单体和阶段有效;整个项目验收合格前,除列明先投入使用的部分外,不得投入使用。"
EARLY = "所列单体能独立使用且使用安全(建设单位声明),验收合格后可以先投入使用。"
START = "自领取之日起三个月内开工;不能按期开工的,申请延期(建筑法第9条)。"
CLASSES = {"general": "一般项目", "key": "重点项目"}
WAYS = {"documents": "提交材料", "commitment": "告知承诺"}
PASSED, FAILED = "合格", "不合格"
ISSUING = frozenset((
    "accept", "deem_accepted", "notify_once", "decline", "sign_pass", "sign_fail", "check_pass", "check_fail", "recheck_pass",
    "recheck_fail", "expert_opinion", "legacy_confirm",
))  # fmt: skip
"""The steps that issue a document."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is known when a document is made: the step's cleaned data, the pack's facts, texts written in the case by name,
    the latest, and the due day of the promise ("": none).
    """

    kind: str
    matter: str
    number: str
    project: str
    place: str
    size: str
    standard: str = ""
    scope: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    due: str = ""


def document_told(step: str, told: Told) -> tuple[str, dict[str, str]] | None:
    """The kind of document that a step issues ("fire_…") and its lines; None where it issues none."""
    made = _made(step, told)
    if made is None:
        return None
    kind, lines = made
    return f"fire_{kind}", {name: text for name, text in lines.items() if text}


def whole_told(told: Told, scope: str) -> tuple[str, dict[str, str]]:
    """The opinion on the whole project, once every stage of every single work has passed."""
    about = {"case": told.number, "project": told.project, "place": told.place}
    return "fire_acceptance_opinion", {
        **about, "size": told.size, "scope": scope, "conclusion": "消防验收合格", "remedy": REMEDY,
        "opinion": "各单体的各阶段均已验收合格,整个项目消防验收合格。",
    }  # fmt: skip


def permit_told(told: Told) -> tuple[str, dict[str, str]]:
    """The construction permit, of a merged application's last part."""
    return "fire_permit", {
        "case": told.number, "project": told.project, "place": told.place, "size": told.size, "conclusion": "准予施工", "demand": START,
    }  # fmt: skip


def _made(step: str, told: Told) -> tuple[str, dict[str, str]] | None:
    about = {"case": told.number, "project": told.project, "place": told.place}
    if step in ("accept", "deem_accepted"):
        return _accepted(step, told, about)
    if step == "notify_once":
        return "notice", _notice(told, about)
    if step == "decline":
        why = {"reasons": told.texts.get("reason", ""), "remedy": REMEDY}
        if told.kind == "filing":
            return "not_filed", {**about, **why}
        return "declined", {"matter": told.matter, **about, **why}
    if step in ("sign_pass", "sign_fail"):
        kind = (
            "design_opinion"
            if told.kind == "design"
            else "stage_opinion"
            if told.scope
            else "acceptance_opinion"
        )
        return kind, _opinion(told, about, passed=step == "sign_pass")
    if step in ("check_pass", "check_fail", "recheck_pass", "recheck_fail"):
        kind = "check_result" if step.startswith("check") else "recheck_opinion"
        return kind, _checked(told, about, passed=step.endswith("pass"))
    if step == "expert_opinion":
        return "expert_opinion", _by_experts(told, about)
    if step == "legacy_confirm":
        return "legacy", _confirmed(told, about)
    return None


def _by_experts(told: Told, about: dict[str, str]) -> dict[str, str]:
    said = told.facts["expert"]
    verdict = "达到四分之三,通过" if said["agreed"] else "没有达到四分之三,不通过"
    words = f"到会专家 {said['present']} 人,同意 {said['agree']} 人,{verdict}(令51第25条)。"
    return {**about, "size": told.size, "conclusion": words, "opinion": told.texts.get("opinion", "")}


def _confirmed(told: Told, about: dict[str, str]) -> dict[str, str]:
    return {
        **about, "size": told.size, "standard": str(told.facts.get("standard") or ""), "conclusion": "按当时的标准核查合格,确认消防手续",
        "reasons": str(told.facts.get("route_reason") or ""), "opinion": told.texts.get("opinion", ""), "remedy": REMEDY,
    }  # fmt: skip


def _accepted(step: str, told: Told, about: dict[str, str]) -> tuple[str, dict[str, str]]:
    had = [one.name for one in MATERIALS[told.kind] if told.data.get(one.code) == HAVE]
    by_law = "逾期未告知补正,自收到材料之日起即为受理(行政许可法第32条)。" if step == "deem_accepted" else ""
    about |= {"scope": told.scope, "materials": "、".join(had), "opinion": by_law}
    if told.kind != "filing":
        return "receipt", {
            "matter": told.matter,
            **about,
            "until": f"承诺 {told.due} 前办结。" if told.due else "",
        }
    del about["scope"]
    return "filed", {
        **about, "size": told.size, "class": CLASSES.get(str(told.facts.get("filed_as")), ""),
        "way": WAYS.get(str(told.facts.get("way")), ""), "completed_on": str(told.facts.get("completed_on") or ""),
        "conclusion": "准予备案。备案后按比例随机抽取检查,结果向社会公布。",
    }  # fmt: skip


def _notice(told: Told, about: dict[str, str]) -> dict[str, str]:
    missing = "、".join(told.facts.get("missing", ())) or "见意见"
    return {
        "matter": told.matter, "case": about["case"], "project": about["project"], "missing": missing,
        "opinion": told.texts.get("remark", ""), "until": told.due and f"请在 {told.due} 前补正。",
        "demand": "要补正的全部内容只告知这一次;补齐后继续办理。",
    }  # fmt: skip


def _opinion(told: Told, about: dict[str, str], *, passed: bool) -> dict[str, str]:
    reasons = (
        "" if passed else "\n".join([*told.facts.get("reasons", ()), told.texts.get("faults", "")]).strip()
    )
    verdict = PASSED if passed else FAILED
    words = told.texts.get("opinion", "") if passed and told.kind == "design" else ""
    return {
        **about, "size": told.size, "scope": told.scope, "standard": told.standard, "site": "" if told.kind == "design" else _on_site(told),
        "conclusion": f"消防设计审查{verdict}" if told.kind == "design" else f"消防验收{verdict}",
        "reasons": reasons, "opinion": _consequence(told, words, passed=passed),
        "remedy": REMEDY,
    }  # fmt: skip


def _on_site(told: Told) -> str:
    """What the signatures of the on-site evaluation hold for; "" where none was signed here."""
    site = told.facts.get("site") or {}
    if not site.get("signed"):
        return ""
    return f"{len(site['items'])} 项已评定,{site['signed']} 人签字,签字包括照片 {site['photos']} 张。"


def _consequence(told: Told, words: str, *, passed: bool) -> str:
    if told.kind == "design":
        return words if passed else "改好后重新申请审查。"
    if not passed:
        return AGAIN
    if not told.scope:
        return words
    return EARLY if told.facts.get("early") else STAGE


def _checked(told: Told, about: dict[str, str], *, passed: bool) -> dict[str, str]:
    more = {} if passed else {"demand": RECTIFY, "remedy": REMEDY}
    return {
        **about,
        "site": _on_site(told),
        "conclusion": PASSED if passed else FAILED,
        "opinion": told.texts.get("opinion", ""),
        **more,
    }
