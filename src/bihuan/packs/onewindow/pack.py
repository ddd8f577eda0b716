"""One-window service (一窗受理) as a pack."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.bundles.rules import part_kept
from bihuan.kernel.identity.roles import SUPERVISOR, UNIT_ROLES, Role
from bihuan.kernel.manifest import Bundles, Citizens, Point, Stepped
from bihuan.kernel.numbering.formats import NumberFormat
from bihuan.kernel.pack import Pack, late
from bihuan.packs.onewindow import rules
from bihuan.packs.onewindow.applying.words import DISCONTENT, STATES
from bihuan.packs.onewindow.certificates.kinds import KINDS as CERTIFICATES
from bihuan.packs.onewindow.commitments.workflow import WORKFLOW as COMMITMENT
from bihuan.packs.onewindow.hall.policies import RULE_CHOICES
from bihuan.packs.onewindow.hall.roles import HALL_ROLES
from bihuan.packs.onewindow.policies import CLOCK_LABELS, CLOCKS, LIMIT_KEYS, POLICIES, RULE_LABELS
from bihuan.packs.onewindow.promises import PROMISES
from bihuan.packs.onewindow.registers import REGISTERS
from bihuan.packs.onewindow.themes.permit import PERMIT
from bihuan.packs.onewindow.themes.workflow import PART, WHOLE
from bihuan.packs.onewindow.workflow import WORKFLOW

if TYPE_CHECKING:
    from bihuan.kernel.cases.moving import Moved


def accepted(**move: Any) -> "Moved":
    """See `applying.services.application_accept` (imported late: this module is read before the tables are)."""
    from bihuan.packs.onewindow.applying.services import application_accept

    return application_accept(**move)


def asked(**move: Any) -> "Moved":
    """See `applying.services.application_ask` (imported late, as above)."""
    from bihuan.packs.onewindow.applying.services import application_ask

    return application_ask(**move)


def made(**move: Any) -> "Moved":
    """See `certificates.services.certificate_make` (imported late, as above)."""
    from bihuan.packs.onewindow.certificates.services import certificate_make

    return certificate_make(**move)


def followed(stepped: "Sequence[Stepped]") -> None:
    """See `platforms.changes.steps_follow` and `kernel.bundles.services.parts_follow` (imported late, as above)."""
    from bihuan.kernel.bundles.services import parts_follow
    from bihuan.packs.onewindow.platforms.changes import steps_follow

    steps_follow(one for one in stepped if one.step not in COMMITMENT.by_code)
    parts_follow(stepped)


APPLYING = "bihuan.packs.onewindow.applying.services"
BUNDLES, THEMES = "bihuan.kernel.bundles.services", "bihuan.packs.onewindow.themes.applying"


def learnt(now: datetime) -> "Sequence[Point]":
    """See `lessons.selectors.points_drawn` (imported late, as above)."""
    from bihuan.packs.onewindow.lessons.selectors import points_drawn

    return points_drawn(now)


PACK = Pack(
    name="onewindow",
    label="一窗受理",
    label_en="One-window service",
    workflows=(COMMITMENT, WHOLE, PART, WORKFLOW),
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
        "deem_withdrawn": rules.ended_kept("withdrawn"),
        "withdraw": rules.ended_kept("withdrawn"),
        "terminate": rules.ended_kept("terminated"),
        "confirm": rules.difficulty_kept,
        "accept_theme": rules.accepted_kept("complete"),
        "part_told": part_kept,
        "parts_done": rules.ended_kept("granted"),
        "refuse_theme": rules.ended_kept("refused"),
        "withdraw_theme": rules.ended_kept("withdrawn"),
        "part_grant": rules.ended_kept("granted"),
        "part_refuse": rules.ended_kept("refused"),
        **dict.fromkeys(("evaluate", "complain", "evaluate_again", "complain_again"), rules.grade_kept),
    },
    writers={
        **dict.fromkeys(("accept", "accept_lacking", "accept_commitment"), accepted),
        "ask_approver": asked,
        "make": made,
        "accept_theme": late(f"{THEMES}.theme_accept"),
        "apply_again": late(f"{BUNDLES}.parts_again"),
        "issue_permit": late(f"{THEMES}.permit_issue"),
        **dict.fromkeys(("part_grant", "part_refuse"), late(f"{BUNDLES}.part_move")),
        **dict.fromkeys(("withdraw_theme", "refuse_theme"), late(f"{BUNDLES}.whole_end")),
        "accept_at_once": late(f"{APPLYING}.application_at_once"),
        "revoke": late("bihuan.packs.onewindow.commitments.services.commitment_revoke"),
        **dict.fromkeys(("materials", "supplement"), late(f"{APPLYING}.materials_take")),
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
    rule_choices=RULE_CHOICES,
    promises=PROMISES,
    forget=late("bihuan.packs.onewindow.commitments.services.commitments_forget"),
    certificates=(*CERTIFICATES, PERMIT),
    number_format=NumberFormat("onewindow", "BJ{date:%Y%m%d}{serial:5}"),
    follow=followed,
    learns=learnt,
    citizens=Citizens("onewindow/parts/ways_in.html", STATES, again="", discontent=DISCONTENT),
)
