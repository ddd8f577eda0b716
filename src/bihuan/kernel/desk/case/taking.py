"""A step taken from a form of the desk: what was typed becomes `case_act`, and a refusal becomes words for the page."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext

from bihuan.kernel.cases.actions import case_act
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import Moved
from bihuan.kernel.desk.forms import data_read, typed_for
from bihuan.kernel.desk.words import state_label
from bihuan.kernel.pack import workflows
from bihuan.kernel.sentences import told
from bihuan.kernel.workflow.model import Step
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a step was not taken: the sentence, the same by field, and the answer's status. Nothing was changed."""

    message: str
    errors: dict[str, str]
    status: int


def step_take(request: HttpRequest, case: Case, code: str, *, shared: bool = False) -> Moved:
    """Take the step with what was typed in its form, or in one that it shares with others. Raises as `case_act` does."""
    step = step_named(case, code)
    typed = typed_for(step, request.POST, workflows()[case.workflow]) if shared else request.POST
    version = version_read(request.POST.get("version", ""))
    return case_act(
        case_id=case.pk,
        step=code,
        by=request.user.pk,
        now=request.now,
        version=version,
        data=data_read(
            step,
            typed,
            on=timezone.localdate(request.now),
            units=request.scope.units,
        ),
    )


def step_named(case: Case, code: str) -> Step:
    """The step of the case's workflow. Refusal when it has none of this code."""
    step = workflows()[case.workflow].by_code.get(code)
    if step is None:
        raise Refusal("unknown_step", gettext("没有这一步骤。"), field="step")
    return step


def version_read(text: str) -> int:
    """The version that the form was drawn from. Refusal without one."""
    if not (text.isdecimal() and len(text) < 10):
        raise Refusal("version", gettext("表单缺少版本号,请刷新本页后再办。"), field="version")
    return int(text)


def refused_read(error: Refusal | FieldError) -> Refused:
    """A refusal for the page."""
    status = error.status if isinstance(error, Refusal) else 422
    return Refused(told(error), {error.field: told(error)}, status)


def done_told(case: Case, code: str, moved: Moved) -> str:
    """What is said after a step: which, and where the case is now."""
    words = {
        "step": gettext(step_named(case, code).label),
        "state": state_label(case.workflow, moved.state),
    }
    return gettext("“%(step)s”已办好,本件现在是“%(state)s”。") % words


def kept_words(typed: QueryDict) -> list[str]:
    """Words typed into a form that cannot be shown again: they can still be copied."""
    return [
        value
        for name in typed
        if name not in ("csrfmiddlewaretoken", "version")
        for value in typed.getlist(name)
        if value
    ]
