"""The code by which a citizen follows a case: nothing is stored, the server's key and the case make it.

Whoever works on the case cannot read it anywhere: it stands on the citizen's own page and in a message to the citizen,
whose kept text has `HIDDEN` in its place.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

from django.conf import settings

from bihuan.lib.codes import code_is, code_of

HIDDEN = "****-****"


def follow_code(case: int, secret: str = "") -> str:
    """The code of a case, as it is shown: ABCD-2345. `secret`: a key of before."""
    key = f"follow code of cases\0{secret or settings.SECRET_KEY}".encode()
    return code_of(hmac.new(key, str(case).encode(), sha256).digest())


def follow_code_is(case: int, typed: str) -> bool:
    """Is this the code of the case, as people type it?"""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return code_is(typed, *(follow_code(case, secret) for secret in keys))
