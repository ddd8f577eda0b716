"""A workflow that contradicts itself refuses to exist, in a sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bihuan.kernel.workflow.asks import Ask
from bihuan.kernel.workflow.diagram import mermaid, page
from bihuan.kernel.workflow.model import (
    Joint,
    Merging,
    State,
    Step,
    Workflow,
    WorkflowError,
    hold,
    keep,
    split,
    step,
)

BEGUN = State("begun", "已开始", "numbered", waits_for="clerk")
DONE = State("done", "已办结", "closed", final=True)
FINISH = step("finish", "begun -> done", by="clerk", label="办结")


def is_fine(facts: object) -> bool:
    """一切正常才能办结。"""
    return True


def silent(facts: object) -> bool:
    return True


def flow(*steps: Step, states: tuple[State, ...] = (BEGUN, DONE), **more: Any) -> Workflow:
    given: dict[str, Any] = {"roles": frozenset({"clerk"}), **more}
    return Workflow(name="w", version=1, label="流程", states=states, steps=steps or (FINISH,), **given)


EXTRA = State("extra", "另一状态", "handled")
FAULTS = [
    pytest.param({"states": ()}, (), "it has no states.", id="empty"),
    pytest.param({"states": (BEGUN, DONE, BEGUN)}, (), "two states have the same code.", id="state-twice"),
    pytest.param({}, (FINISH, FINISH), "two steps have the same code.", id="step-twice"),
    pytest.param(
        {"states": (replace(BEGUN, station="nowhere"), DONE)},
        (),
        "state 'begun' names the unknown station 'nowhere'.",
        id="station",
    ),
    pytest.param(
        {"stations": {"nowhere": "Somewhere"}},
        (),
        "words are given to the unknown station 'nowhere'.",
        id="station words",
    ),
    pytest.param(
        {"states": (replace(BEGUN, waits_for="ghost"), DONE)},
        (),
        "state 'begun' waits for the undeclared role 'ghost'.",
        id="waits-for",
    ),
    pytest.param(
        {}, (replace(FINISH, by=("ghost",)),), "step 'finish' names the undeclared role 'ghost'.", id="role"
    ),
    pytest.param({}, (replace(FINISH, by=()),), "step 'finish' can be taken by nobody.", id="nobody"),
    pytest.param(
        {},
        (replace(FINISH, target="gone"),),
        "step 'finish' names the unknown state 'gone'.",
        id="unknown-target",
    ),
    pytest.param(
        {},
        (replace(FINISH, sources=("gone",)),),
        "step 'finish' names the unknown state 'gone'.",
        id="unknown-source",
    ),
    pytest.param(
        {"states": (BEGUN, EXTRA, DONE)},
        (FINISH, step("leave", "extra -> done", by="clerk", label="离开")),
        "state 'extra' cannot be reached.",
        id="unreachable",
    ),
    pytest.param(
        {"states": (BEGUN, EXTRA, DONE)},
        (FINISH, step("enter", "begun -> extra", by="clerk", label="进入")),
        "a case in state 'extra' can never be closed.",
        id="unclosable",
    ),
    pytest.param(
        {"states": (BEGUN,)},
        (step("stay", "begun -> same", by="clerk", label="留"),),
        "a case in state 'begun' can never be closed.",
        id="no-final",
    ),
    pytest.param(
        {},
        (FINISH, step("back", "done -> begun", by="clerk", label="回")),
        "the final state 'done' can be left by step 'back'.",
        id="final-left",
    ),
    pytest.param(
        {},
        (FINISH, step("note", "done -> same", by="clerk", label="注")),
        "the final state 'done' can be left by step 'note'.",
        id="final-same",
    ),
    pytest.param(
        {},
        (replace(FINISH, when=(silent,)),),
        "guard 'silent' of step 'finish' lacks its sentence.",
        id="guard",
    ),
    pytest.param(
        {},
        (replace(FINISH, apart_from=("handel",)),),
        "step 'finish' is kept apart from the duty 'handel', which no step is.",
        id="duty",
    ),
    pytest.param(
        {},
        (replace(FINISH, asks=(Ask("a", "甲"), Ask("a", "乙"))),),
        "step 'finish' asks for the same field twice.",
        id="field-twice",
    ),
    pytest.param(
        {},
        (replace(FINISH, does=(hold("unit"),)),),
        "step 'finish' uses the field 'unit', which it does not require.",
        id="hold",
    ),
    pytest.param(
        {},
        (
            replace(
                FINISH, does=(keep("asked", "days"),), asks=(Ask("days", "天", "number", required=False),)
            ),
        ),
        "step 'finish' uses the field 'days', which it does not require.",
        id="keep-optional",
    ),
    pytest.param(
        {},
        (replace(FINISH, does=(split("units"),)),),
        "step 'finish' uses the field 'units', which it does not require.",
        id="split",
    ),
    pytest.param(
        {"merging": Merging("finish", "no", "finish", "c")},
        (),
        "merging names an unknown step.",
        id="merging",
    ),
    pytest.param(
        {"joint": Joint("gone", (), "c", "c")},
        (),
        "an assisting case begins in the unknown state 'gone'.",
        id="joint",
    ),
]


@pytest.mark.parametrize(("more", "steps", "sentence"), FAULTS)
def test_a_contradiction_is_refused_with_its_sentence(
    more: dict[str, Any], steps: tuple[Step, ...], sentence: str
) -> None:
    with pytest.raises(WorkflowError) as refused:
        flow(*steps, **more)
    assert str(refused.value) == f"Workflow 'w': {sentence}"


@pytest.mark.parametrize("way", ["begun", "begun -> done -> begun", "begun => done", ""])
def test_a_way_is_one_arrow(way: str) -> None:
    with pytest.raises(WorkflowError, match="must be 'from -> to'"):
        step("finish", way, by="clerk", label="办结")


def test_a_sound_workflow_knows_its_ways() -> None:
    note = step("note", "begun -> same", by=("clerk", "system"), label="注", when=is_fine)
    found = flow(FINISH, note)
    assert found.key == "w/1"
    assert found.initial == BEGUN
    assert [s.code for s in found.leaving["begun"]] == ["finish", "note"]
    assert found.leaving["done"] == ()
    assert found.target_of(note, "begun") == BEGUN
    assert found.target_of(FINISH, "begun") == DONE


@pytest.mark.parametrize(
    "changed",
    [
        replace(FINISH, label="了结"),
        replace(FINISH, by=("clerk", "system")),
        replace(FINISH, when=(is_fine,)),
        replace(FINISH, asks=(Ask("note", "说明"),)),
        replace(FINISH, does=(hold("opened_by"),)),
        replace(FINISH, duty="handle"),
        replace(FINISH, at_level=True),
    ],
)
def test_the_fingerprint_changes_with_what_a_case_lives_under(changed: Step) -> None:
    assert flow().fingerprint() == flow().fingerprint()
    assert flow(changed).fingerprint() != flow().fingerprint()


def test_the_fingerprint_covers_a_guards_sentence_but_not_its_body() -> None:
    def make(sentence: str, answer: bool) -> Step:
        def is_ready(facts: object) -> bool:
            return answer

        is_ready.__doc__ = sentence
        return replace(FINISH, when=(is_ready,))

    one = flow(make("要办完才能办结。", True)).fingerprint()
    assert flow(make("要办完才能办结。", False)).fingerprint() == one
    assert flow(make("要办好才能办结。", True)).fingerprint() != one


def test_the_drawing_shows_every_state_and_step() -> None:
    drawn = mermaid(flow())
    assert drawn.splitlines() == [
        "stateDiagram-v2",
        "    [*] --> begun",
        '    state "已开始" as begun',
        '    state "已办结" as done',
        "    begun --> done: 办结",
        "    done --> [*]",
    ]
    told = page(flow(replace(FINISH, when=(is_fine,))), {"clerk": "办事员"})
    assert "| 已开始 | `begun` | 编号 | 办事员 |" in told
    assert "| 办结 | `finish` | begun → done | 办事员 | 一切正常才能办结。 |" in told
