"""The service requests that Boston publishes, year by year: their words, their clock's zone, and their promises.

https://data.boston.gov/dataset/311-service-requests: the headers changed their case and some their name over the years.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bihuan.lib.tables import Cell
from bihuan.lib.text import FieldError
from bihuan.packs.hotline.importing.mapping import Mapping, plain
from bihuan.packs.hotline.importing.ontime import Promise
from bihuan.packs.hotline.order_data import TITLE_LIMIT

ZONE = ZoneInfo("America/New_York")
TARGET, STATED = "target", "stated"
"""Fields of this mapping alone: when it was promised, and whether that was kept."""
STATED_WORDS = {
    "ontime": True, "overdue": False, "": None, "na": None, "null": None, "none": None, "unknown": None,
}  # fmt: skip
CHANNELS = {
    "constituentcall": "telephone", "selfservice": "web", "citizensconnectapp": "app", "bos311app": "app",
    "cityworkerapp": "app", "email": "email", "textmessage": "sms",
}  # fmt: skip
AMERICAN = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y")
PLACE_LIMIT = 200


class BostonMapping(Mapping):
    """A mapping with a promise in every row. A closing time makes a request closed history, whatever else is blank."""

    def order(self, row: MappingOf[str, Cell], *, now: Any) -> dict[str, Any]:
        """As any mapping's; the title is the first line of the text, and a closing without a reason says so."""
        promise = self.promise(row)
        data = super().order(row, now=now)
        for name in (TARGET, STATED):
            data.pop(name, None)
        lines = list(dict.fromkeys(str(data.get("text", "")).split("\n")))
        data |= {
            "title": _line(lines[0], TITLE_LIMIT),
            "text": "\n".join(lines),
            "reported_at": promise.opened,
        }
        data["place"] = _line(data.get("place", ""), PLACE_LIMIT)
        data["channel"] = CHANNELS.get(plain(str(data.get("channel", ""))), "import")
        data.pop("answered_at", None)
        answer = data.pop("answer", "")
        if promise.closed:
            data |= {"answered_at": promise.closed, "answer": answer or "Closed"}
        return data

    def promise(self, row: MappingOf[str, Cell]) -> Promise:
        """The row's times in Boston's zone, and its own word. FieldError names the field that cannot be read."""
        cells = {name: row.get(header, "") for header, name in self.columns.items()}
        opened = moment(cells.get("reported_at", ""), "reported_at")
        if opened is None:
            raise FieldError("reported_at", "empty", "不能为空")
        due = moment(cells.get(TARGET, ""), TARGET)
        word = plain(str(cells.get(STATED, "")).strip())
        if word not in STATED_WORDS:
            raise FieldError(STATED, "choice", "只能是 ONTIME 或 OVERDUE,或者不写")
        return Promise(opened, due, moment(cells.get("answered_at", ""), "answered_at"), STATED_WORDS[word])


def moment(cell: Cell, name: str) -> datetime | None:
    """The moment in a cell, by Boston's clock unless it names a zone; None when blank. FieldError otherwise."""
    read = cell if isinstance(cell, datetime) else _read(str(cell).strip(), name)
    return read.replace(tzinfo=ZONE) if read and read.tzinfo is None else read


def _read(text: str, name: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for pattern in AMERICAN:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007  the zone follows
        except ValueError:
            continue
    raise FieldError(name, "date_format", "不是认得的日期格式,例如 2011-07-01 01:32:33")


def _line(words: Any, limit: int) -> str:
    line = " ".join(str(words).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


BOSTON = BostonMapping(
    "boston",
    {
        "case_enquiry_id": "external_id", "case_id": "external_id",
        "case_title": "text", "service_name": "text", "reason": "text", "type": "text", "subject": "text", "case_topic": "text",
        "source": "channel", "report_source": "channel",
        "location": "place", "full_address": "place",
        "open_dt": "reported_at", "open_date": "reported_at",
        "target_dt": TARGET, "sla_target_dt": TARGET, "target_close_date": TARGET,
        "closed_dt": "answered_at", "close_date": "answered_at",
        "closure_reason": "answer", "closure_comments": "answer",
        "ontime": STATED, "OnTime_Status": STATED, "on_time": STATED,
    },
    needs=frozenset(("case_enquiry_id", "open_dt", "closed_dt", "case_title")),
    ignored=frozenset(
        ("case_status", "queue", "department", "submittedphoto", "submitted_photo", "closedphoto",
         "closed_photo", "fire_district", "pwd_district", "city_council_district", "police_district",
         "neighborhood", "neighborhood_services_district", "ward", "precinct", "location_street_name",
         "location_zipcode", "latitude", "longitude", "geom_4326", "_id", "assigned_department",
         "assigned_team", "public_works_district", "street_number", "street_name", "zip_code")
    ),
    prefix="boston-",
)  # fmt: skip
