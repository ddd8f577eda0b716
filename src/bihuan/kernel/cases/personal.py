"""Personal data of a case: masked by default, read in plain only with a reason that the ledger keeps, erasable.

Sources: rules.md I (masking, 个人信息保护法 art. 6, 19, 51) and A8 (a confidential reporter stays hidden).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from bihuan.kernel.cases.discretion import draft_words_split
from bihuan.kernel.cases.draft import Draft
from bihuan.kernel.cases.models import Case, CaseText, Hold, Party, Viewer
from bihuan.kernel.cases.store import cases_lock, cases_write, writer_cursor
from bihuan.kernel.identity.powers import power_require
from bihuan.kernel.identity.roles import Role
from bihuan.kernel.identity.scope import Scope, scope_of
from bihuan.kernel.ledger.services import kernel_writes, texts_erase
from bihuan.kernel.pack import packs, roles
from bihuan.lib.masking import mask_address, mask_id, mask_name, mask_phone
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.lib.text import clean_text

FIELDS = ("name", "phone", "id_number", "address")
MASKS = {"name": mask_name, "phone": mask_phone, "id_number": mask_id, "address": mask_address}
HIDDEN = "***"
ERASED = "(已匿名)"
"""What stands where a text was; stored, so the same in every language."""
REASON_LEAST, REASON_MOST = 4, 500
NOTICES_FORGET = """
    update notices_notice set text = '', target = case when party_id is null then target else '' end,
        context = (select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(context)
                   where key in ('number', 'state'))
    where case_id = %s
"""
ERASERS: list[Callable[[Sequence[int], datetime], None]] = []
"""What else to erase of cases (their ids) at a moment: whoever above keeps personal data of cases adds to it, in its `apps.py`."""


def party_masked(party: Party, *, kept: bool = False) -> dict[str, Any]:
    """`id`, `role`, `confidential` and the masked fields; of a confidential party only stars, and where it is `kept` from the
    reader nothing but the masked name."""
    return _told(party) | {
        name: (HIDDEN if _is_confidential(party) or (kept and name != "name") else MASKS[name](value))
        if value
        else ""
        for name in FIELDS
        for value in (getattr(party, name),)
    }


def words_kept(case: Case, person: int) -> frozenset[str]:
    """The steps of a case whose words are kept from somebody who is under review in it; with them goes how to reach the parties."""
    kept_from = packs()[case.pack].kept_from
    return kept_from(case, person) if kept_from else frozenset()


def parties_of_case(case: Case, scope: Scope) -> list[dict[str, Any]]:
    """The masked parties of a case that the present scope sees; `may_unmask` says whether it may ask for more."""
    known = roles()
    unmasking = [
        (held, known[held.role]) for held in scope.held if held.role in known and known[held.role].unmasks
    ]
    anywhere = any(role.sees == "all" for _held, role in unmasking)
    here = anywhere or any(role.sees == "below" for _held, role in unmasking)
    if unmasking and not here:
        near = {case.unit_id, *case.viewers.values_list("unit_id", flat=True)}
        here = any(held.unit in near for held, _role in unmasking)
    found = Party.objects.filter(case=case).select_related("case").order_by("pk")
    kept = bool(words_kept(case, scope.person))
    return [
        party_masked(p, kept=kept) | {"may_unmask": not kept and (anywhere if _is_confidential(p) else here)}
        for p in found
    ]


def party_unmask(
    *, party: int | Party, by: int, reason: str, now: datetime, standing: str = ""
) -> dict[str, Any]:
    """A party's data in plain: `id`, `role`, `confidential`, `name`, `phone`, `id_number`, `address`.

    NotFound when the present scope does not see it; NotPermitted without a role that unmasks and sees this case (of a
    confidential reporter: one that sees everything, and none in the unit that handles it); FieldError for a reason
    under 4 characters. The case's stream gets an entry with the party and the fields; the reason lies beside it. `standing`
    names the duty whose standing reason it was, and the entry says so.
    """
    found = _disclosed(party, by=by, reason=reason, now=now, kind="unmasked", standing=standing)
    return _told(found) | {name: getattr(found, name) for name in FIELDS}


def voice_hear(*, party: int | Party, by: int, reason: str, now: datetime) -> None:
    """A party's recorded voice is about to be heard: judged as `party_unmask`, kept with the reason as `heard`."""
    _disclosed(party, by=by, reason=reason, now=now, kind="heard")


def _disclosed(
    party: int | Party, *, by: int, reason: str, now: datetime, kind: str, standing: str = ""
) -> Party:
    """The party as it is under the lock, once it is judged that it may be disclosed, and the entry of it is written."""
    key = party.pk if isinstance(party, Party) else party
    found = Party.objects.filter(pk=key).select_related("case").first()
    if found is None:
        raise NotFound("not_found", _("没有这一当事人,或您无权查看。"))
    why = clean_text(reason, field="reason", max_length=REASON_MOST, min_length=REASON_LEAST)
    with writer_cursor() as cursor:
        drafts, _held = cases_lock(cursor, [found.case_id], now=now)
        draft = drafts[found.case_id]
        found = Party.objects.select_related("case").get(pk=key)
        if words_kept(found.case, by):
            raise NotPermitted(
                "under_review",
                _("这件的差评评的是您办的事:核实整改期间不给您看申请人的联系方式,要联系请找好差评专员。"),
                rule="rules.md B3",
            )
        if not _may_unmask(found, by, now):
            raise NotPermitted("unmask", _("您的角色不能查看这一当事人的完整信息。"), rule="rules.md I")
        data: dict[str, Any] = {"party": found.pk}
        if kind == "unmasked":
            data["fields"] = [name for name in FIELDS if getattr(found, name)]
        if standing:
            data["standing"] = standing
        shown, withheld = draft_words_split(draft, {"reason": why})
        draft.enter(kind=kind, at=now, by=by, data=data, private={**shown, **withheld})
        cases_write(cursor, [draft])
    return found


def person_anonymise(*, case: int, by: int | str, now: datetime) -> int:
    """Erase the personal data of a closed case and of its assisting units' cases; the ledger's chain stays whole.

    Parties, texts, title and place, the texts and salts beside the ledger, the words of messages, answers kept for
    repeated requests, attachments, and what the packs keep go. A content that another case has too stays with that one.
    Only a security administrator may, or the system by its terms of retention (`by` a name). Refusal while a case is
    open or held, or when it was done already. Returns how many texts beside the ledger were erased.
    """
    power_require("security_admin", by=by, now=now)
    with writer_cursor() as cursor:
        family = [case, *Case.objects.filter(parent_id=case).order_by("pk").values_list("pk", flat=True)]
        drafts, _held = cases_lock(cursor, family, now=now)
        if case not in drafts:
            raise NotFound("not_found", _("没有这一件,或您无权查看。"))
        for draft in drafts.values():
            _may_be_erased(draft)
        with kernel_writes():
            if Hold.objects.filter(case__in=family, ended_at=None).exists():
                raise Refusal("held", _("本件已经保全,期间不清除个人信息。"), rule="个人信息保护法第47条")
            erased = {id_: _erase(draft) for id_, draft in drafts.items()}
            for erase in (*ERASERS, *(pack.forget for pack in packs().values() if pack.forget)):
                erase(list(drafts), now)
        for id_, draft in drafts.items():
            draft.row.progress["anonymised"] = True
            draft.row.version += 1
            draft.enter(kind="anonymised", at=now, by=by, data=erased[id_])
        cases_write(cursor, list(drafts.values()))
    return sum(counts["texts"] for counts in erased.values())


def _told(party: Party) -> dict[str, Any]:
    return {"id": party.pk, "role": party.role, "confidential": _is_confidential(party)}


def _is_confidential(party: Party) -> bool:
    return party.confidential or (party.case.confidential and party.role == Party.Role.REPORTER)


def _may_unmask(party: Party, by: int, now: datetime) -> bool:
    return case_reads_plain(party.case, by=by, now=now, confidential=_is_confidential(party))


def case_reads_plain(case: Case, *, by: int, now: datetime, confidential: bool = False) -> bool:
    """May somebody read personal data of a case, if a reason is given? Within `kernel_writes` or a writer.

    Judged by the roles that unmask alone: what another role lets a person see gives no right to names.
    """
    if words_kept(case, by):
        return False
    known = roles()
    unmasking: Mapping[str, Role] = {code: role for code, role in known.items() if role.unmasks}
    reach = scope_of(person=by, at=now, roles=unmasking, whole=True)
    if confidential:
        return reach.everything and not _handles(reach, case, known)
    seen_by = {case.unit_id, *Viewer.objects.filter(case=case).values_list("unit_id", flat=True)}
    return reach.everything or bool(seen_by & set(reach.units))


def _handles(reach: Scope, case: Case, known: Mapping[str, Role]) -> bool:
    """Does the person also work in the unit that handles the case? `held` lists all roles, unmasking or not."""
    return any(
        h.unit == case.unit_id and h.role in known and known[h.role].acts == "holder" for h in reach.held
    )


def _may_be_erased(draft: Draft) -> None:
    if draft.row.closed_at is None:
        raise Refusal("open", _("未办结的件不能匿名:%(number)s。") % {"number": draft.row.number})
    if draft.row.progress.get("anonymised"):
        raise Refusal("anonymised", _("本件已经匿名。"))


def _erase(draft: Draft) -> dict[str, int]:
    case, number = draft.row.id, draft.row.number
    parties = Party.objects.filter(case_id=case).update(**dict.fromkeys(FIELDS, ""))
    CaseText.objects.filter(case_id=case).update(text=ERASED, answer="", grams=[])
    Case.objects.filter(pk=case).update(title=ERASED, place="")
    texts = texts_erase([f"case:{case}"])
    with connection.cursor() as cursor:
        cursor.execute(NOTICES_FORGET, [case])
        cursor.execute("delete from cases_idempotency where answer ->> 'number' = %s", [number])
    return {"parties": parties, "texts": texts}
