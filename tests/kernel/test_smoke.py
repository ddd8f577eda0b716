from datetime import timedelta
import pytest
from bihuan.kernel.cases.opening import Opening, PartyData, case_open
from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.ledger.verify import ledger_verify

@pytest.mark.django_db
def test_loop(now):
    u = dict(Unit.objects.values_list("code","id")); p = dict(Person.objects.values_list("username","id"))
    o = case_open(Opening(pack="hotline", title="培训班不退费", text="报了培训班一直没开课,要求退费。", unit=u["371502_12345"], opened_by=u["371502_12345"], by=p["li"], now=now, reported_at=now, region="371502", parties=(PartyData(name="宋女士", phone="19900000001"),), facts={"type":"complaint"}))
    def mv(step, by, **data):
        r = case_move(case_id=o.case, step=step, by=p[by], now=now+timedelta(hours=1), data=data); print(r); return r
    mv("dispatch","li",unit=u["371502_market"])
    mv("sign_for","wang")
    mv("self_call_back","wang",reached="yes",understood=True,note="已联系")
    mv("answer","wang",outcome="done",answer="经调解双方同意退费,已办结完成。")
    mv("approve_up","sun")
    mv("approve","zhao")
    mv("evaluate","liu",grade="5",resolved=True)
    v = ledger_verify(); print(v)
    assert not v.faults
