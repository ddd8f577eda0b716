"""Moving open cases from an old version of a workflow to a new one, with an entry each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bihuan.kernel.cases.store import cases_lock, cases_write, writer_cursor
from bihuan.kernel.pack import workflows
from bihuan.kernel.workflow.model import Workflow
from bihuan.lib.refusals import Refusal

FOUND = """
    select id from cases_case where workflow = %s and closed_at is null order by id limit %s for no key update
"""


def cases_migrate(
    *, source: str, target: str, states: Mapping[str, str], now: datetime, by: int | str, batch: int = 500
) -> int:
    """Move the open cases under workflow `source` (a key, `name/version`) to `target`. Returns how many.

    `states` says where a state that the new version no longer has, or that means another there, leads to. Refusal,
    before any case has moved, when a state in which a case may be has no counterpart. Can be run again.
    """
    old, new = _workflow(source), _workflow(target)
    counterpart = _counterparts(old, new, states)
    count = 0
    while True:
        with writer_cursor() as cursor:
            cursor.execute(FOUND, [old.key, batch], prepare=True)
            drafts, _ = cases_lock(cursor, [row[0] for row in cursor.fetchall()], now=now)
            for draft in drafts.values():
                row = draft.row
                data = {"from": old.key, "to": new.key, "state": row.state, "becomes": counterpart[row.state]}
                row.workflow, row.state, row.version = new.key, counterpart[row.state], row.version + 1
                draft.enter(kind="workflow_migrated", at=now, by=by, data=data)
            cursor.execute("update cases_case set workflow = %s where id = any(%s)", [new.key, list(drafts)])
            cases_write(cursor, drafts.values())
            count += len(drafts)
            if not drafts:
                return count


def _workflow(key: str) -> Workflow:
    found = workflows().get(key)
    if found is None:
        raise Refusal("workflow", f"没有流程“{key[:60]}”;现有:{'、'.join(workflows())}。")
    return found


def _counterparts(old: Workflow, new: Workflow, states: Mapping[str, str]) -> dict[str, str]:
    if old.name != new.name:
        raise Refusal("workflow", f"“{old.key}”和“{new.key}”不是同一个流程。")
    for before, after in states.items():
        if before not in old.state or after not in new.state:
            raise Refusal("states", f"对应关系“{before}={after}”里有不存在的状态。")
    open_states = [state.code for state in old.states if not state.final]
    counterpart = {code: states.get(code, code) for code in open_states}
    lost = [code for code, after in counterpart.items() if after not in new.state]
    if lost:
        raise Refusal("states", f"这些状态在“{new.key}”里没有对应:{'、'.join(lost)}。")
    finals = [code for code, after in counterpart.items() if new.state[after].final]
    if finals:
        raise Refusal("states", f"未办结的件不能变成办结:{'、'.join(finals)}。")
    return counterpart
