"""A refusal gives its reason: one that is shorter than the policy asks for is refused in words, before it is a red card (rules.md B5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.pack import late
from bihuan.lib.text import FieldError

LEAST = "onewindow.reason_characters"
rulebook = late("bihuan.kernel.clocks.rulebook.rulebook")


def reasoned(write: Callable[..., Any]) -> Callable[..., Any]:
    """The writer `write` of a step whose `answer` is a reason; FieldError, and nothing was written, when it is too short."""

    def written(**move: Any) -> Any:
        with transaction.atomic():
            moved = write(**move)
            least = int(rulebook().value(LEAST, region=settings.REGION, on=day_of(move["now"]), default=0))
            words = len(str((move.get("data") or {}).get("answer", "")).strip())
            if words < least:
                raise FieldError(
                    "answer",
                    "reason_characters",
                    _(
                        "理由只有 %(words)s 个字,至少写 %(least)s 个字:写明事实和依据(《行政许可法》第三十八条)。"
                    )
                    % {"words": words, "least": least},
                )
        return moved

    return written
