"""Photographs and signatures of an on-site evaluation: what was signed is what was seen, and what is late is waited for."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.attachments.services import attachment_withdraw
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.selectors import register_entries
from bihuan.lib.text import FieldError
from bihuan.packs.fire.evaluations.rules import evaluation_digest, sheet_digest
from bihuan.packs.fire.evaluations.signing import Place, hash_sent, photo_add
from bihuan.packs.fire.models import Photo, Signature
from tests.packs.fire.conftest import PASSING, Section, photograph
from tests.packs.fire.evaluating import OnSite, conclude, good_sheet, on_site, refusal_of  # noqa: F401

pytestmark = pytest.mark.django_db


def test_a_signature_holds_for_the_photographs_that_its_signer_saw_and_for_no_later_one(
    section: Section, on_site: OnSite
) -> None:
    on_site.write_all()
    first = on_site.photo("alarm", "a.png", where="首层东门")
    on_site.sign_all()
    later = on_site.photo("alarm", "b.png")
    standing = on_site.standing()
    assert (len(standing.signatures), standing.signed_for, set(standing.shown)) == (3, {first.sent}, {first.sent, later.sent})  # fmt: skip
    told = register_entries(stream="fire", match={"evaluation": on_site.found.pk}, kinds=("evaluation_signed",), most=9)  # fmt: skip
    assert [one.data["photos"] for one in told] == [[first.sent]] * 3
    page = section.as_("yan").get(f"/fire/evaluations/{on_site.case.number}").content.decode()
    assert page.count("签字之后加的,不在签字范围内") == 1
    assert "首层东门" in page and page.count("签字包括照片 1 张") == 3
    for forged in ([first.sent[:-1]], [first.sent.upper()], [f"{n:064}" for n in range(301)]):
        assert refusal_of(lambda photos=forged: on_site.sign("ping", photos=photos)) == "digest"
    unsaid = on_site.sign("ping", photos=[])  # its digest says another
    assert Signature.objects.count() == 4 and unsaid.pk not in [one.pk for one in on_site.standing().signatures]  # fmt: skip
    assert conclude(on_site) == "pass"
    assert (on_site.case.facts["site"]["signed"], on_site.case.facts["site"]["photos"]) == (3, 1)


def test_a_photograph_that_was_signed_for_is_not_withdrawn_without_its_conclusion(
    section: Section, on_site: OnSite
) -> None:
    on_site.write_all()
    signed_for, unsigned = on_site.photo("alarm", "a.png"), None
    on_site.sign_all()
    unsigned = on_site.photo("alarm", "b.png")
    assert conclude(on_site) == "pass"
    address = f"/fire/evaluations/{on_site.case.number}/photos/{{}}/withdraw"
    inspector, window = section.as_("yan"), section.as_("jin")
    limits = list(
        Clock.objects.filter(case=on_site.case).order_by("pk").values_list("kind", "due_at", "stopped_at")
    )

    def withdrawn(photo: Photo, by: Client = inspector, reason: str = "拍错了地方") -> int:
        status = by.post(address.format(photo.pk), {"reason": reason}).status_code
        section.see()
        on_site.case.refresh_from_db()
        return status

    assert withdrawn(unsigned) == 302  # nobody signed for it: nothing follows
    assert (on_site.case.facts["site"]["conclusion"], len(on_site.standing().signatures)) == ("pass", 3)
    assert (withdrawn(signed_for, window), withdrawn(signed_for, reason="错")) == (403, 422)
    section.take(on_site.case, "yan", "evaluate_pass", **PASSING)
    assert withdrawn(signed_for) == 422
    assert (on_site.case.state, len(on_site.standing().signatures)) == ("to_pass", 3)
    assert section.take(on_site.case, "du", "send_back", reason="照片拍的不是本项目,第30条。") == "evaluating"
    assert withdrawn(signed_for) == 302
    standing = on_site.standing()
    assert (standing.signatures, on_site.found.digest, on_site.found.concluded_at) == ([], "", None)
    assert on_site.case.facts["site"]["conclusion"] == "open"
    assert (
        refusal_of(lambda: section.take(on_site.case, "yan", "evaluate_pass", **PASSING))
        == "evaluation_is_concluded"
    )
    told = register_entries(stream="fire", match={"evaluation": on_site.found.pk}, kinds=("photo_withdrawn",), most=9)  # fmt: skip
    signatures = list(Signature.objects.order_by("pk").values_list("pk", flat=True))
    assert [dict(one.data) for one in told] == [{
        "evaluation": on_site.found.pk, "number": on_site.case.number, "attachment": signed_for.attachment_id, "signatures": signatures,
    }]  # fmt: skip
    assert "现场评定有改动,要重新出结论" in inspector.get(f"/cases/{on_site.case.number}").content.decode()
    assert list(Clock.objects.filter(case=on_site.case).order_by("pk").values_list("kind", "due_at", "stopped_at")) == limits  # fmt: skip
    on_site.sign_all()
    assert conclude(on_site) == "pass"
    mark = Signature.objects.filter(voided_at=None).order_by("pk").last()
    assert mark is not None
    section.see("yan")
    attachment_withdraw(attachment=mark.attachment_id, by=section.person["yan"], now=section.now, reason="签错了人")  # fmt: skip
    assert (len(on_site.standing().signatures), on_site.found.digest) == (2, "")


def test_a_signature_that_comes_before_what_it_holds_for_waits_for_all_of_it(
    section: Section, on_site: OnSite
) -> None:
    on_site.write_all()
    sheets = {item: [one.digest for one in some] for item, some in on_site.standing().heads.items()}
    written = {"alarm": good_sheet("alarm") | {"remark": "联动三次"}, "hydrants": good_sheet("hydrants") | {"remark": "静压够"}}  # fmt: skip
    sheets |= {item: [sheet_digest(sheet)] for item, sheet in written.items()}
    photo = hash_sent(photograph("late.png"))
    digest = evaluation_digest(on_site.found.kind, sheets, [("alarm", photo)])
    signed = on_site.sign("ping", digest=digest, photos=[photo])
    for item, sheet in written.items():  # the network was thin: they arrive one by one
        assert on_site.standing().signatures == []
        on_site.write(item, sheet)
    assert on_site.standing().signatures == []
    on_site.photo("alarm", "late.png")
    assert [one.pk for one in on_site.standing().signatures] == [signed.pk]
    on_site.write("alarm", good_sheet("alarm"))
    signed.refresh_from_db()
    assert (on_site.standing().signatures, signed.voided_at) == ([], section.now)


def test_any_change_voids_signatures_and_an_early_one_counts_when_its_content_arrives(
    section: Section, on_site: OnSite
) -> None:
    on_site.write_all()
    on_site.sign_all()
    standing = on_site.standing()
    assert (standing.conclusion, standing.inspectors, standing.owners) == ("pass", 2, 1)
    on_site.write("alarm", good_sheet("alarm") | {"remark": "补记"})
    assert on_site.standing().signatures == []
    assert Signature.objects.exclude(voided_at=None).count() == 3
    on_site.write("alarm", good_sheet("alarm"))  # as it was: what is void stays void
    standing = on_site.standing()
    assert standing.signatures == []
    signed = on_site.sign("ping", by="ping", digest="a" * 64)  # its items are still on their way
    assert on_site.standing().signatures == []
    signed.refresh_from_db()
    assert signed.voided_at is None
    assert refusal_of(lambda: on_site.sign("xue", by="yan")) == "signer"
    with pytest.raises(FieldError):
        on_site.sign(" ")
    assert Attachment.objects.filter(case=on_site.case, kind="signature").count() == 4


def test_a_photograph_keeps_when_and_where_it_was_taken_and_when_it_arrived(
    section: Section, on_site: OnSite
) -> None:
    taken = section.now - timedelta(hours=3)
    section.see("yan")
    place = Place(Decimal("36.456789"), Decimal("115.985432"), 12)
    row = photo_add(
        case=on_site.case.pk, item="alarm", file=photograph("a.png"), place=place, sent=on_site.sent("yan", taken_at=taken)
    )  # fmt: skip
    section.see()
    row = Photo.objects.select_related("attachment").get(pk=row.pk)
    assert (row.taken_at, row.arrived_at, row.latitude, row.accuracy) == (
        taken,
        section.now,
        place.latitude,
        12,
    )
    entry = LedgerEntry.objects.filter(case_id=on_site.case.pk, kind="attachment_added").get()
    assert row.attachment.blob_id in bytes(entry.body).decode()
    told = [dict(one.data) for one in register_entries(stream="fire", match={"evaluation": on_site.found.pk}, kinds=("photo_added",), most=9)]  # fmt: skip
    kept = {
        "evaluation": on_site.found.pk, "item": "alarm", "attachment": row.attachment_id,
        "sha256": row.attachment.blob_id, "sent": hash_sent(photograph("a.png")), "taken_at": taken.isoformat(),
    }  # fmt: skip
    assert told == [kept]
    section.see("yan")
    assert refusal_of(lambda: photo_add(case=on_site.case.pk, item="roof", file=photograph("b.png"), place=None, sent=on_site.sent("yan"))) == "choice"  # fmt: skip
    section.see()
    assert Attachment.objects.filter(case=on_site.case).count() == 1
    assert len(register_entries(stream="fire", match={"item": "roof"}, kinds=("photo_added",), most=9)) == 0
