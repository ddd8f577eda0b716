"""E-mail through Django's mail backend; without EMAIL_HOST the message is only kept (demonstration)."""

from __future__ import annotations

import hashlib
import smtplib

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from bihuan.kernel.notices.adapters.message import Message, NotCarried

TIMEOUT = 10  # seconds


def carry(message: Message) -> str:
    """Send one plain-text mail; its Message-ID follows from the key, so that a repeat can be recognised."""
    if not message.to:
        raise NotCarried("没有邮件地址", final=True)
    shown = _shown(message.to)
    if not settings.EMAIL_HOST:
        return shown
    name = hashlib.sha256(message.key.encode()).hexdigest()[:32]
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(">") or "localhost"
    headers = {"Message-ID": f"<{name}@{domain}>", "Idempotency-Key": message.key}
    mail = EmailMessage(message.subject, message.text, to=[message.to], headers=headers)
    mail.connection = get_connection(timeout=TIMEOUT)
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        raise NotCarried("收件地址被拒绝") from error
    except (smtplib.SMTPException, OSError) as error:
        raise NotCarried(type(error).__name__, down=True) from error
    return shown


def _shown(address: str) -> str:
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}***@{domain}"
