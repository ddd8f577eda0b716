"""Printed pages: a Typst template with its data passed as input, never spliced into markup."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import typst


def document_pdf(*, template: Path, data: Mapping[str, Any], fonts: Path, at: datetime) -> bytes:
    """The PDF of `template` with `data`, which must be JSON.

    The template reads it as `json(bytes(sys.inputs.data))`. The same data at the same moment `at` gives the same bytes.
    RuntimeError when the template is wrong.
    """
    return typst.compile(
        template,
        root=template.parent,
        font_paths=[fonts],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=int(at.timestamp()),
    )
