"""Files that were chosen in a form, kept while the rest of it is put right: checked, and known to the session that sent them alone.

No address shows them. They lie on the disk by their hash as all contents do and belong to no case, so that the nightly work
removes them after a day (`forgetting.strays_discard`). A form is known by its own key, so that the next person at the same device,
who has another form, has none of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from bihuan.kernel.attachments.files import CHUNK, content_lock, name_cleaned, path_of, place, received
from bihuan.kernel.attachments.services import MAX_FILES, largest_bytes
from bihuan.lib.refusals import Refusal

KEPT = "kept_files"
FORMS = 5
"""Forms whose files one session remembers; the oldest is forgotten."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A kept file; it is read as an uploaded one is."""

    sha256: str
    name: str
    size: int

    def chunks(self, size: int = CHUNK) -> Iterator[bytes]:
        with path_of(self.sha256).open("rb") as opened:
            yield from iter(lambda: opened.read(size), b"")


def files_kept(request: HttpRequest, form: str) -> dict[str, KeptFile]:
    """What this session has kept of this form (its key), by the name of the control; what is off the disk by now is left out."""
    known = request.session.get(KEPT, {}).get(form, {})
    found = {control: KeptFile(*one) for control, one in known.items()}
    return {control: one for control, one in found.items() if path_of(one.sha256).is_file()}


def files_keep(
    request: HttpRequest, form: str, files: Mapping[str, Any], *, now: datetime
) -> dict[str, Refusal]:
    """From now on the session has exactly these files for this form (uploaded ones and those kept before), by the name of the
    control. Returns why others may not come in; these are not kept."""
    kept, wrong = {}, {}
    for control, file in list(files.items())[:MAX_FILES]:
        try:
            one = file if isinstance(file, KeptFile) else file_placed(file, now)
        except Refusal as refusal:
            wrong[control] = refusal
        else:
            kept[control] = (one.sha256, one.name, one.size)
    known = {**request.session.get(KEPT, {})}
    if kept or form in known:
        known.pop(form, None)
        request.session[KEPT] = dict([*known.items(), (form, kept)][-FORMS:])
    return wrong


def files_forget(request: HttpRequest, form: str = "") -> None:
    """Forget the files of a form that was taken; of all forms where none is named."""
    known = {**request.session.get(KEPT, {})}
    if not known:
        return
    known.pop(form, None)
    request.session[KEPT] = known if form else {}


def file_placed(file: Any, now: datetime) -> KeptFile:
    """A file that came in, checked and on the disk for a day, belonging to no case. Refusal says what is wrong with it."""
    name = name_cleaned(file.name)
    with received(file, name=name, largest=largest_bytes(settings.REGION, now)) as incoming:
        content_lock(incoming.sha256)
        place(incoming)
    return KeptFile(incoming.sha256, name, incoming.size)
