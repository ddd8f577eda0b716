"""Pack: the manifest of one field of government. Packs are found, not listed: a folder with a `pack.py` is one."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.identity.roles import ADMINISTRATORS, Role
from bihuan.kernel.manifest import (
    AccountCase,
    Board,
    Bundles,
    Called,
    CalledToAccount,
    Citizens,
    Indicator,
    Issuers,
    Kept,
    Point,
    Promise,
    Register,
    Scoring,
    Script,
    Spoken,
    Stepped,
    Tiers,
)
from bihuan.kernel.numbering.certificate_kinds import CertificateKind
from bihuan.kernel.numbering.formats import NumberFormat
from bihuan.kernel.workflow.model import Workflow

REPORTER, SAID = _("反映人"), _("反映内容")
PACKS = Path(__file__).resolve().parents[1] / "packs"


@dataclass(frozen=True)
class Pack:
    """What a field declares to the kernel.

    `judge(case)` makes the frozen value that guards judge, from the kernel's CaseFacts (which hold the pack's own
    `facts`). `on_step` maps a step to a pure function `(case) -> {name: value}` whose result is merged into those facts.
    `writers` maps a step to the pack's own service around `case_move`, with the same arguments.
    `clocks` maps a kind of clock to {basis: code of the policy that holds its limit}; a policy's value may be a table
    by the fact `limit_key`, with "default"; "a.b" without a row goes by "a". `workflow_clocks` has the same for clocks that
    a workflow (its name) sets apart. Warnings of the kinds
    `centre_clocks` go to the unit that took the case in, not to its holder. `levels` is the code of the policy that lists the
    roles that review.
    `clock_labels` names the kinds of clocks that are the pack's own.
    `citizens` is what it offers without an account; without it none of its cases can be followed.
    `forget(cases, now)` erases what the pack's own tables keep of the personal texts of cases (their ids) that are being
    anonymised, in the kernel's transaction; the cases may be another pack's.
    `withdrawn(attachment, by, now)` is told, in the transaction, that an attachment (its id) of one of its cases was withdrawn by
    somebody; a Refusal keeps it. It returns what else that meant, in words ("": nothing).
    `retains(now)` are further kinds of things that it keeps for a time (`cases/retention.py`).
    `policies` are its first rules (code, value, unit, legal basis), which each centre then sets for itself;
    `rule_labels` names each in words, `limit_keys` the keys of its tables of limits, `rule_choices` the values of a rule
    whose unit is "choice", `rule_faults` what is wrong with a value that only the pack can judge (in words, "": nothing).
    `named_rules` maps the code of a policy that holds a regulation's name and version to the steps that it binds, so that
    the screens of these steps can say by what they are judged.
    `in_bulk` names the steps that may be taken on many cases at once, each with the step that takes it back ("": none).
    `scoring` says which of its steps are measured; without it nothing is scored. `indicators` are counts of units that any score
    card may weigh.
    `script` is what is said in a call-back. The policy `<pack>.ready_words` ({"step.field": [texts]}) holds reasons to pick
    and mend, `<pack>.call_hours` when people may be called.
    `called_to_account` maps "accountability", "supervised" and "decision" to what a case of a unit called to account begins with; the
    site's setting SUPERVISION_PACK names the pack that takes them.
    `matter(code)` tells what its list says of a matter that a case may be given ({name: value}, for guards), None when it
    has no such matter or it is ended.
    `follow` is told of steps just written, `hear` of words between unit and reporter, in their transaction; `tiers` what passes to other centres (`exchange.follow.steps_follow`).
    `boards` are its boards; their codes are of all packs once.
    `learns(now)` are the points that a morning meeting should speak of (`kernel/meetings`).
    `certificates` are the kinds of certificates that its offices issue (`kernel/certificates`), `issuers` who changes them;
    `bundles` says what its wholes of several parts are;
    with `appointments` its people see the day's bookings (`kernel/appointments`).
    `open_pages` is a template of links on the public start page to what it shows to everybody.
    `reporter` is what the person is called who began a case, `said` what a page calls that person's words.
    `photographs` are the kinds (`Attachment.Kind`) that its people may call what they add to a case.
    `registers` are the registers of the ledger that it keeps, by their names.
    `kept_from(case, person)` are the steps of a case whose words are kept from this person, and with them how to reach the parties: they
    are under review in it.
    `outcomes` are the words, by the fact `outcome`, of how a case ended that lists tell besides its state; with those
    `given_up` nothing was completed: what ran out with the case, from the moment `outcome_at`, was neither kept nor broken.
    `gives_up` are the steps that end a case so, never the one that is offered as the usual next.
    `retell` tells a text that the system wrote into a case, stored in Chinese, in the language of the page.
    """

    name: str
    label: str
    label_en: str
    workflows: tuple[Workflow, ...]
    roles: tuple[Role, ...]
    judge: Callable[[Any], Any]
    on_step: Mapping[str, Callable[[Any], Mapping[str, Any]]] = field(default_factory=dict)
    writers: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    clocks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    workflow_clocks: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    centre_clocks: frozenset[str] = frozenset()
    levels: str = ""
    policies: tuple[tuple[str, Any, str, str], ...] = ()
    rule_labels: Mapping[str, str] = field(default_factory=dict)
    limit_keys: Mapping[str, str] = field(default_factory=dict)
    clock_labels: Mapping[str, Any] = field(default_factory=dict)
    rule_choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    rule_faults: Mapping[str, Callable[[Any], str]] = field(default_factory=dict)
    number_format: NumberFormat | None = None
    promises: tuple[Promise, ...] = ()
    named_rules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    in_bulk: Mapping[str, str] = field(default_factory=dict)
    scoring: Scoring | None = None
    indicators: tuple[Indicator, ...] = ()
    boards: tuple[Board, ...] = ()
    learns: Callable[[datetime], Sequence[Point]] | None = None
    certificates: tuple[CertificateKind, ...] = ()
    issuers: Issuers | None = None
    appointments: bool = False
    open_pages: str = ""
    reporter: Any = REPORTER
    said: Any = SAID
    photographs: tuple[str, ...] = ("before", "after", "file")
    registers: Mapping[str, Register] = field(default_factory=dict)
    bundles: Bundles | None = None
    retell: Callable[[str], str] = str
    outcomes: Mapping[str, Any] = field(default_factory=dict)
    given_up: frozenset[str] = frozenset()
    gives_up: frozenset[str] = frozenset()
    kept_from: Callable[[Any, int], frozenset[str]] | None = None
    matter: Callable[[str], Mapping[str, Any] | None] | None = None
    script: Callable[[Called], Script] | None = None
    citizens: Citizens | None = None
    forget: Callable[[Sequence[int], datetime], None] | None = None
    withdrawn: Callable[[int, int, datetime], str] | None = None
    retains: Callable[[datetime], Sequence[Kept]] | None = None
    called_to_account: Mapping[str, Callable[[CalledToAccount], AccountCase]] = field(default_factory=dict)
    called_again: Mapping[str, str] = field(default_factory=dict)
    follow: Callable[[Sequence[Stepped]], None] | None = None
    hear: Callable[[Spoken], None] | None = None
    tiers: Callable[[], Tiers] | None = None

    @property
    def workflow(self) -> Workflow:
        """The workflow that new cases begin under: the last one listed."""
        return self.workflows[-1]

    def workflow_named(self, name: str) -> Workflow:
        """The newest version of the workflow of this name; the pack's last one for "". KeyError when there is none."""
        if not name:
            return self.workflow
        return {workflow.name: workflow for workflow in self.workflows}[name]


def late(where: str) -> Callable[..., Any]:
    """The function of this dotted name, imported when it is called: a manifest is read before the tables are."""

    def call(*given: Any, **named: Any) -> Any:
        module, _, name = where.rpartition(".")
        return getattr(importlib.import_module(module), name)(*given, **named)

    return call


def pack_names() -> tuple[str, ...]:
    """The names of all packs, in order."""
    return tuple(sorted(path.parent.name for path in PACKS.glob("*/pack.py")))


def pack_apps() -> list[str]:
    """The packs as Django applications."""
    return [f"bihuan.packs.{name}" for name in pack_names()]


@cache
def packs() -> dict[str, Pack]:
    """Every pack by its name."""
    return {name: importlib.import_module(f"bihuan.packs.{name}.pack").PACK for name in pack_names()}


@cache
def workflows() -> dict[str, Workflow]:
    """Every workflow in every version by its key, e.g. `name/1`."""
    return {workflow.key: workflow for pack in packs().values() for workflow in pack.workflows}


@cache
def roles() -> dict[str, Role]:
    """Every role by its code: the administrators and what the packs declare. A code means the same role everywhere."""
    declared = (role for pack in packs().values() for role in pack.roles)
    return {role.code: role for role in (*ADMINISTRATORS, *declared)}


@cache
def registers() -> dict[str, Register]:
    """The registers of all packs by name; no two packs keep one of the same name."""
    return {name: register for pack in packs().values() for name, register in pack.registers.items()}
