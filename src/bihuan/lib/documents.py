"""Printed pages: a Typst template with its data passed as input, never spliced into markup."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import typst


def document_pdf(
    *,
    template: Path,
    data: Mapping[str, Any],
    fonts: Path,
    at: datetime,
    pictures: Mapping[str, bytes] | None = None,
) -> bytes:
    """The PDF of `template` with `data`, which must be JSON.

    The template reads it as `json(bytes(sys.inputs.data))`, and `pictures` by their names as `image("/name")`. The same data
    at the same moment `at` gives the same bytes. RuntimeError when the template is wrong.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, picture in (pictures or {}).items():
            Path(folder, name).write_bytes(picture)
        main = Path(folder, template.name)
        main.write_bytes(template.read_bytes())
        return typst.compile(
            main,
            root=Path(folder),
            font_paths=[fonts],
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            timestamp=int(at.timestamp()),
        )
