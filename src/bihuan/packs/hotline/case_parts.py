"""What the hotline adds to the case page: the recording of the call that the order came of."""

from __future__ import annotations

from bihuan.kernel.desk.case_page import CasePage
from bihuan.kernel.desk.case_parts import Part
from bihuan.packs.hotline.calls import call_of_order


def case_parts(page: CasePage) -> list[Part]:
    """The call, if there was one; its recording is offered to who may read the caller's data."""
    call = call_of_order(case=page.case.pk)
    if call is None:
        return []
    audible = bool(call.recording) and any(party.may_unmask for party in page.parties)
    return [Part("hotline/parts/call.html", {"call": call, "audible": audible})]
