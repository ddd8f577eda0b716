"""One-window service (一窗受理) as a pack."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.bundles.rules import part_kept
from bihuan.kernel.identity.roles import SUPERVISOR, UNIT_ROLES, Role
from bihuan.kernel.manifest import Bundles, Citizens, Indicator, Issuers, Stepped
from bihuan.kernel.numbering.formats import NumberFormat
from bihuan.kernel.pack import Pack, late
from bihuan.packs.onewindow import rules
from bihuan.packs.onewindow.applying.reasoning import reasoned
from bihuan.packs.onewindow.applying.words import DISCONTENT, OUTCOMES, STATES, stands
from bihuan.packs.onewindow.certificates.kinds import KINDS as CERTIFICATES
from bihuan.packs.onewindow.commitments.workflow import WORKFLOW as COMMITMENT
from bihuan.packs.onewindow.fees import rules as fees
from bihuan.packs.onewindow.hall.policies import RULE_CHOICES
from bihuan.packs.onewindow.hall.roles import HALL_ROLES
from bihuan.packs.onewindow.hall.workflow import WORKFLOW as SERVICE
from bihuan.packs.onewindow.policies import (
    CLOCK_LABELS,
    CLOCKS,
    LIMIT_KEYS,
    POLICIES,
    RULE_FAULTS,
    RULE_LABELS,
)
from bihuan.packs.onewindow.promises import PROMISES
from bihuan.packs.onewindow.registers import REGISTERS
from bihuan.packs.onewindow.themes.permit import PERMIT
from bihuan.packs.onewindow.themes.workflow import PART, WHOLE
from bihuan.packs.onewindow.workflow import CLERK, HEADS, ISSUER, UNIT, WORKFLOW

ONEWINDOW, BUNDLES = "bihuan.packs.onewindow", "bihuan.kernel.bundles.services"
APPLYING, CARDS = f"{ONEWINDOW}.applying.services", f"{ONEWINDOW}.supervision.indicators"
THEMES, FALLING = f"{ONEWINDOW}.themes.applying", f"{ONEWINDOW}.themes.falling"
accepted, asked = late(f"{APPLYING}.application_accept"), late(f"{APPLYING}.application_ask")
made = late(f"{ONEWINDOW}.certificates.services.certificate_make")
learnt = late(f"{ONEWINDOW}.lessons.selectors.points_drawn")


def followed(stepped: Sequence[Stepped]) -> None:
    """What a step means to systems that follow, to the whole that the case is a part of, and to what is to be paid."""
    late(f"{ONEWINDOW}.platforms.changes.steps_follow")(
        one for one in stepped if one.step not in COMMITMENT.by_code
    )
    late(f"{BUNDLES}.parts_follow")(stepped)
    late(f"{ONEWINDOW}.fees.services.fees_follow")(stepped)


PACK = Pack(
    name="onewindow",
    label="一窗受理",
    label_en="One-window service",
    workflows=(COMMITMENT, WHOLE, PART, SERVICE, WORKFLOW),
    roles=(
        Role(
            "window_clerk",
            "窗口受理人员",
            "Window clerk",
            acts="anywhere",
            unmasks=True,
            home="onewindow:window",
        ),
        *UNIT_ROLES,
        Role("issuing_clerk", "出件窗口人员", "Issuing clerk", unmasks=True, home="mine"),
        Role("review_officer", "好差评专员", "Review officer", unmasks=True, home="mine"),
        SUPERVISOR,
        *HALL_ROLES,
    ),
    judge=rules.judge,
    on_step={
        "tell_missing": rules.told_kept,
        "tell_unfit": rules.unfit_kept,
        "materials": rules.received_kept,
        "supplement": rules.received_kept,
        "accept": rules.accepted_kept("complete"),
        "accept_lacking": rules.accepted_kept("tolerant"),
        "accept_at_once": rules.accepted_kept("complete"),
        "decide_at_once": rules.matched_kept,
        "pass_on": rules.matched_kept,
        "accept_commitment": rules.accepted_kept("commitment"),
        "deem_accepted": rules.accepted_kept("deemed"),
        "begin_special": rules.special_kept,
        "grant": rules.ended_kept("granted"),
        "refuse": rules.ended_kept("refused"),
        "decline": rules.ended_kept("declined"),
        "not_ours": rules.ended_kept("not_ours"),
        "deem_withdrawn": rules.ended_kept("withdrawn", deemed=True),
        "withdraw": rules.ended_kept("withdrawn"),
        "terminate": rules.ended_kept("terminated"),
        "not_supplied": rules.ended_kept("terminated"),
        "confirm": rules.difficulty_kept,
        "accept_theme": rules.accepted_kept("complete"),
        "accept_theme_lacking": rules.accepted_kept("tolerant"),
        "accept_theme_commitment": rules.accepted_kept("commitment"),
        "deem_theme_accepted": rules.accepted_kept("deemed"),
        "terminate_theme": rules.ended_kept("terminated"),
        "part_materials": rules.received_kept,
        "fee_tell": fees.told_kept,
        "fee_pay": fees.paid_kept,
        "fee_waive": fees.waived_kept,
        "fee_forgo": rules.ended_kept("withdrawn"),
        "part_told": part_kept,
        "parts_done": rules.ended_kept("granted"),
        "refuse_theme": rules.ended_kept("refused"),
        "withdraw_theme": rules.ended_kept("withdrawn"),
        "part_grant": rules.ended_kept("granted"),
        "part_refuse": rules.ended_kept("refused"),
        "part_withdraw": rules.ended_kept("withdrawn"),
        **dict.fromkeys(("evaluate", "complain", "evaluate_again", "complain_again"), rules.grade_kept),
    },
    writers={
        **dict.fromkeys(("accept", "accept_lacking", "accept_commitment"), accepted),
        "ask_approver": asked,
        "make": made,
        **dict.fromkeys(
            ("accept_theme", "accept_theme_lacking", "accept_theme_commitment", "deem_theme_accepted"),
            late(f"{THEMES}.theme_accept"),
        ),
        "apply_again": late(f"{BUNDLES}.parts_again"),
        "issue_permit": late(f"{THEMES}.permit_issue"),
        "part_grant": late(f"{BUNDLES}.part_move"),
        "part_refuse": reasoned(late(f"{BUNDLES}.part_move")),
        **dict.fromkeys(("withdraw_theme", "not_supplied"), late(f"{BUNDLES}.whole_end")),
        **dict.fromkeys(("refuse_theme", "terminate_theme"), reasoned(late(f"{BUNDLES}.whole_end"))),
        **dict.fromkeys(
            ("decline", "not_ours", "refuse", "terminate"),
            reasoned(late("bihuan.kernel.cases.moving.case_move")),
        ),
        "accept_at_once": late(f"{APPLYING}.application_at_once"),
        "revoke": late(f"{ONEWINDOW}.commitments.services.commitment_revoke"),
        **dict.fromkeys(("materials", "supplement"), late(f"{ONEWINDOW}.applying.supplying.materials_take")),
    },
    bundles=Bundles(
        late(f"{THEMES}.part_open"), frozenset(("part_granted",)), "part_told", "parts_done", "part_withdraw"
    ),
    clocks=CLOCKS,
    clock_labels=CLOCK_LABELS,
    policies=POLICIES,
    rule_labels=RULE_LABELS,
    limit_keys=LIMIT_KEYS,
    registers=REGISTERS,
    reporter=_("申请人"),
    said=_("申请内容"),
    outcomes=OUTCOMES,
    given_up=frozenset(("withdrawn", "terminated")),
    gives_up=frozenset(("withdraw", "withdraw_theme", "fee_forgo")),
    photographs=("file",),
    rule_choices=RULE_CHOICES,
    rule_faults=RULE_FAULTS,
    promises=PROMISES,
    forget=late(f"{ONEWINDOW}.commitments.services.commitments_forget"),
    indicators=(
        Indicator("without_red", _("未亮红牌率"), late(f"{CARDS}.without_red"), "onewindow:cards"),
        Indicator("without_yellow", _("未亮黄牌率"), late(f"{CARDS}.without_yellow"), "onewindow:cards"),
    ),
    certificates=(*CERTIFICATES, PERMIT),
    issuers=Issuers(
        asks=frozenset((CLERK, ISSUER, *UNIT)),
        decides=frozenset((*HEADS, "hall_manager")),
        changed=late(f"{FALLING}.licence_changed"),
        resting=late(f"{FALLING}.licence_resting"),
        noted=late(f"{FALLING}.permits_noted"),
    ),
    number_format=NumberFormat("onewindow", "BJ{date:%Y%m%d}{serial:5}"),
    follow=followed,
    kept_from=late(f"{ONEWINDOW}.applying.reviewed.kept_from"),
    learns=learnt,
    citizens=Citizens(
        "onewindow/parts/ways_in.html",
        STATES,
        again="",
        discontent=DISCONTENT,
        said=_("您申请的事"),
        parts=late(f"{ONEWINDOW}.online.followed.followed_parts"),
        stands=stands,
    ),
)
