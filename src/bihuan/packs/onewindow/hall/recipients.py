"""To which number a message about a ticket goes."""

from __future__ import annotations

from bihuan.packs.onewindow.hall.models import Ticket


def ticket_recipient(ticket: int) -> tuple[str, str]:
    """(telephone number, no code); the number is "" when it was erased."""
    return Ticket.objects.filter(pk=ticket).values_list("phone", flat=True).first() or "", ""
