"""What a unit's call to account, a supervised case or a meeting's decision becomes here. Pure: the kernel opens the cases."""

from __future__ import annotations

from datetime import date

from bihuan.kernel.manifest import AccountCase, CalledToAccount

LIMIT = 200


def accountability(call: CalledToAccount) -> AccountCase:
    """The centre has it first and summons the unit: `look_back_days` is read when it reports (《工作问责办法(试行)》)."""
    return AccountCase(
        workflow="accountability",
        title=f"问责:{call.unit_name}",
        text=call.reason,
        facts={"called": call.unit, **call.facts},
        category="accountability",
    )


def supervised(call: CalledToAccount) -> AccountCase:
    """The unit that holds the marked case answers for it; the order itself goes on in its own loop."""
    return AccountCase(
        workflow="task",
        title=f"督办:{call.origin_number}"[:LIMIT],
        text=call.reason,
        facts={"called": call.unit, **call.facts},
        category="supervised",
        first="give",
    )


def decision(call: CalledToAccount) -> AccountCase:
    """What a meeting decided: its owner and its day (`facts`: title, text, due, and works where it is a lasting remedy)."""
    due = call.facts.get("due")
    works = call.facts.get("kind") == "works"
    return AccountCase(
        workflow="works" if works else "task",
        title=str(call.facts.get("title", call.reason))[:LIMIT],
        text=call.reason,
        facts=call.facts,
        category="works" if works else str(call.facts.get("kind") or "decision"),
        due=date.fromisoformat(due) if due else None,
        first="give",
    )
