"""Open311 answers as JSON and XML: the same value in both, by the specification's own correspondence.

A list of JSON is an element of XML whose children bear the name of one thing; null is an empty element.
https://wiki.open311.org/GeoReport_v2
"""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree as ET

from django.http import HttpResponse

FORMATS = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
ONE = {
    "services": "service", "attributes": "attribute", "values": "value", "service_requests": "request",
    "errors": "error", "endpoints": "endpoint", "formats": "format",
}  # fmt: skip
NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def answer(form: str, root: str, value: Any, *, status: int = 200) -> HttpResponse:
    """The value in a format; `root` names it in XML. Any page of the web may read it: it holds what everybody may know."""
    body = json.dumps(value, ensure_ascii=False).encode() if form == "json" else xml_of(root, value)
    response = HttpResponse(body, status=status, content_type=FORMATS[form])
    response["Access-Control-Allow-Origin"] = "*"
    return response


def xml_of(root: str, value: Any) -> bytes:
    """The value as an XML document in UTF-8."""
    return ET.tostring(_element(root, value), encoding="utf-8", xml_declaration=True)


def _element(name: str, value: Any) -> ET.Element:
    element = ET.Element(name)
    if isinstance(value, dict):
        element.extend(_element(key, part) for key, part in value.items())
    elif isinstance(value, list):
        element.extend(_element(ONE[name], part) for part in value)
    elif isinstance(value, bool):
        element.text = str(value).lower()
    elif value is not None:
        element.text = NOT_IN_XML.sub("", str(value))
    return element
