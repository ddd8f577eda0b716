"""Photographs go down with an order and proof comes up with the answer: told of, brought over once, judged anew on arrival."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.attachments.services import attachment_add, attachment_withdraw
from bihuan.kernel.exchange import contents
from bihuan.kernel.exchange.contents import contents_bring, given_context
from bihuan.kernel.exchange.models import Message, Parcel, Peer
from bihuan.kernel.exchange.parcels import files_follow
from bihuan.kernel.exchange.selectors import links_told
from bihuan.kernel.exchange.sending import NotSent, gone_context
from bihuan.kernel.exchange.signing import HEADER, header_read, private_read, signature_holds, signed
from bihuan.kernel.exchange.upkeep import messages_erase
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.policies.services import policy_set
from tests.api.client import contents as stored
from tests.api.client import rows
from tests.exchange.conftest import CITY, DISTRICT, Two

pytestmark = pytest.mark.django_db


def png(width: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, 8), (200, 10, 10)).save(out, "PNG")
    return out.getvalue()


class Post:
    """Carries contents between the two; counts what it carried."""

    def __init__(self, two: Two) -> None:
        self.two, self.carried, self.down = two, 0, False

    def fetched(self, peer: Peer, body: bytes, *, context: str, most: int, now: Any) -> bytes | None:
        if self.down:
            raise NotSent("没有应答")
        answer = self.two.deliver(peer, body, path="/exchange/contents")
        gone = answer.status_code == 404
        held = signature_holds(
            header_read(answer.headers[HEADER]),  # type: ignore[arg-type]
            public=self.two.public,
            body=answer.content,
            context=gone_context(context) if gone else context,
        )
        assert held
        self.carried += not gone
        return None if gone else bytes(answer.content)

    def given(self, peer: Peer, path: str, body: bytes, *, context: str, now: Any, of: str) -> dict[str, Any]:
        self.carried += 1
        header = signed(private_read(self.two.key), body=body, time=int(self.two.now.timestamp()), context=of)
        told: dict[str, Any] = json.loads(self.two.deliver(peer, body, path=path, header=header).content)
        return told

    def minute(self) -> None:
        """Both centres' minute: files added meanwhile, messages, contents."""
        for code in (CITY, DISTRICT):
            with self.two.at(code):
                files_follow(now=self.two.now)
        self.two.post()
        for code, mine in ((CITY, self.two.below), (DISTRICT, self.two.above)):
            with kernel_writes():
                Peer.objects.exclude(pk=mine.pk).update(held_until=self.two.now + timedelta(minutes=1))
                Peer.objects.filter(pk=mine.pk).update(held_until=None)
            with self.two.at(code):
                contents_bring(now=self.two.now)
        with kernel_writes():
            Peer.objects.update(held_until=None)


@pytest.fixture
def post(two: Two, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Post:
    settings.ATTACHMENT_ROOT = tmp_path / "attachments"
    made = Post(two)
    monkeypatch.setattr(contents, "content_posted", made.fetched)
    monkeypatch.setattr(contents, "posted", made.given)
    return made


def added(
    two: Two, case: int, content: bytes, name: str, *, by: str = "", kind: str = "photograph"
) -> Attachment:
    file = two.key.parent / "upload"
    file.write_bytes(content)
    two.see()
    return attachment_add(
        case=case, file=file, name=name, by=two.people[by] if by else 0, now=two.now, kind=kind
    )


def files(case: int) -> list[tuple[str, str, str | None]]:
    with kernel_writes():
        found = Attachment.objects.filter(case=case, withdrawn_at=None).order_by("pk")
        return list(found.values_list("name", "kind", "blob"))


def statuses() -> list[tuple[str, str, str]]:
    with kernel_writes():
        return list(Parcel.objects.order_by("pk").values_list("direction", "status", "error"))


def test_photographs_go_down_and_proof_comes_up(two: Two, post: Post) -> None:
    taken = two.taken_above()
    photo = added(two, taken.case, png(3), "现场.png")
    post.minute()
    here = two.here(taken.number)
    assert files(here.pk) == [("现场.png", "photograph", photo.blob_id)]
    assert Attachment.objects.get(case=here).added_by is None
    two.moves(DISTRICT, here.pk, "sign_for", "wang")
    added(two, here.pk, png(5), "退费凭证.png", by="wang", kind="after")
    post.minute()
    assert files(taken.case) == [
        ("现场.png", "photograph", photo.blob_id)
    ]  # the unit's proof goes with the audited answer
    two.answered(taken.number)
    post.minute()
    assert [(name, kind) for name, kind, _ in files(taken.case)] == [
        ("现场.png", "photograph"),
        ("退费凭证.png", "after"),
    ]
    two.see()
    proof = Attachment.objects.get(case=taken.case, kind="after")
    assert (proof.added_by_id, proof.unit_id) == (two.below.account_id, two.below.unit_id)
    assert post.carried == 2
    for _ in range(3):
        two.now += timedelta(hours=1)
        post.minute()
    assert post.carried == 2
    assert [kind for kind, _ in two.messages("in", two.above)].count("attached") == 1
    assert [status for _, status, _ in statuses()] == ["settled"] * 4


def test_a_day_of_silence_is_made_up_for(two: Two, post: Post) -> None:
    taken = two.taken_above()
    added(two, taken.case, png(3), "现场.png")
    post.down = True
    post.minute()
    here = two.here(taken.number)
    assert files(here.pk) == []
    (told,) = links_told(case=here.pk)
    assert (told.files_waiting, told.files_refused) == (1, ())
    two.now += timedelta(days=1)
    post.down = False
    post.minute()
    assert [name for name, _, _ in files(here.pk)] == ["现场.png"]
    two.see()
    assert links_told(case=here.pk)[0].files_waiting == 0


def test_nothing_of_a_caller_who_asked_for_secrecy_goes_down(two: Two, post: Post) -> None:
    taken = two.taken_above(type="report", confidential=True)
    added(two, taken.case, png(3), "我家门口.png")
    post.minute()
    assert files(two.here(taken.number).pk) == []
    assert statuses() == []
    with kernel_writes():
        assert "我家门口" not in "".join(Message.objects.values_list("body", flat=True))


def test_a_withdrawn_file_is_gone_and_asked_for_no_more(two: Two, post: Post) -> None:
    taken = two.taken_above()
    photo = added(two, taken.case, png(3), "现场.png")
    post.down = True
    post.minute()
    two.see()
    attachment_withdraw(attachment=photo.pk, by=0, now=two.now, reason="传错了件")
    post.down = False
    two.now += timedelta(hours=1)
    post.minute()
    assert files(two.here(taken.number).pk) == []
    assert ("in", "refused", "对方已撤下这个附件") in statuses()


def test_what_arrives_is_judged_by_the_rules_here(two: Two, post: Post, settings: Any) -> None:
    """Its scanner says no here: the file is not taken, the case page says why."""
    taken = two.taken_above()
    added(two, taken.case, png(3), "现场.png")
    settings.ATTACHMENT_SCANNER = "/bin/false"
    post.minute()
    here = two.here(taken.number)
    assert files(here.pk) == []
    two.see()
    assert links_told(case=here.pk)[0].files_refused == ("文件没有通过安全检查。",)


def test_what_the_other_side_refuses_to_hear_of_waits_no_longer(two: Two, post: Post) -> None:
    taken = two.taken_above()
    added(two, taken.case, png(3), "现场.png")
    policy_set(
        code="attachments.max_mb", value=0, unit="MB", legal_basis="试验", valid_from=two.now.date(),
        now=two.now, by="operator",
    )  # fmt: skip
    post.minute()
    assert ("attached", "refused") in two.messages("out", two.below)
    assert statuses() == [("out", "refused", "文件不能超过 0 MB。")]
    assert two.here(taken.number).state == "dispatched"


def test_another_content_than_was_told_of_is_not_taken(
    two: Two, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = two.taken_above()
    photo = added(two, taken.case, png(3), "现场.png")
    monkeypatch.setattr(contents, "content_posted", lambda *_given, **_more: b"x" * photo.blob.size)
    post.minute()
    assert files(two.here(taken.number).pk) == []
    assert statuses()[-1] == ("in", "refused", "内容和说好的不一样")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"sha256": "0" * 64, "size": 10**9, "name": "a.png", "kind": "file"}, "too_large"),
        ({"sha256": "../../etc", "size": 1, "name": "a.png", "kind": "file"}, "malformed"),
        ({"sha256": "0" * 64, "size": True, "name": "a.png", "kind": "file"}, "malformed"),
        ({"sha256": "0" * 64, "size": 1, "name": "\u202e/", "kind": "file"}, "name"),
        ({"sha256": "0" * 64, "size": 1, "name": "a.png", "kind": "../x"}, "malformed"),
    ],
)
def test_what_can_be_no_file_is_refused(two: Two, post: Post, data: dict[str, Any], code: str) -> None:
    taken = two.taken_above()
    two.post()
    with kernel_writes():
        told = json.loads(Message.objects.get(kind="handed", direction="out").body)
    told |= {"type": "bihuan.exchange.attached", "id": "a" * 32, "sequence": "00000002", "data": data}
    answer = two.deliver(two.below, json.dumps(told).encode())
    assert (answer.status_code, json.loads(answer.content)["code"]) == (422, code)
    assert statuses() == []
    assert files(two.here(taken.number).pk) == []


def asked(two: Two, sha256: str, **changed: Any) -> bytes:
    told = {"id": "b" * 32, "source": f"/bihuan/{DISTRICT}", "recipient": CITY, "sha256": sha256}
    return json.dumps({**told, **changed}).encode()


def test_a_peer_gets_no_file_that_it_was_not_told_of(two: Two, post: Post) -> None:
    """Not of another's case, not by a hash that it guessed; and nothing says whether it is there."""
    taken = two.taken_above(territory="", text="请问市图书馆几点开门?", type="enquiry", matter="")
    secret = added(two, taken.case, png(9), "别人的.png")
    before = rows(), stored()
    for sha256 in (secret.blob_id or "", "0" * 64, "../../etc/passwd"):
        answer = two.deliver(two.above, asked(two, sha256), path="/exchange/contents")
        assert (answer.status_code, json.loads(answer.content)) == (404, {"status": "gone"})
    assert (rows(), stored()) == before
    for body, rule in ((asked(two, "0" * 64, recipient="371700"), "recipient"), (b"{}", "malformed")):
        answer = two.deliver(two.above, body, path="/exchange/contents")
        assert json.loads(answer.content)["turned_away"] == rule


def test_a_centre_behind_a_wall_gives_what_cannot_be_fetched(two: Two, post: Post) -> None:
    with kernel_writes():
        Peer.objects.filter(pk=two.below.pk).update(url="")
    taken = two.taken_above()
    with kernel_writes():
        Peer.objects.filter(pk=two.below.pk).update(url="https://district.example")
    two.post()
    with kernel_writes():
        Peer.objects.filter(pk=two.below.pk).update(url="")
        Peer.objects.filter(pk=two.above.pk).update(fetched=True)
    here = two.here(taken.number)
    two.moves(DISTRICT, here.pk, "sign_for", "wang")
    added(two, here.pk, png(5), "退费凭证.png", by="wang", kind="after")
    two.answered(taken.number)
    post.minute()
    assert [name for name, _, _ in files(taken.case)] == ["退费凭证.png"]
    assert [status for _, status, _ in statuses()] == ["settled", "settled"]


def test_what_is_given_uninvited_or_changed_is_turned_away(two: Two, post: Post) -> None:
    taken = two.taken_above()
    two.post()
    here = two.here(taken.number)
    two.moves(DISTRICT, here.pk, "sign_for", "wang")
    content = png(5)
    added(two, here.pk, content, "退费凭证.png", by="wang", kind="after")
    two.answered(taken.number)
    two.post()
    with kernel_writes():
        (sha256,) = set(Parcel.objects.values_list("sha256", flat=True))
    before = rows()

    def given(body: bytes, of: str, *, at: str = sha256) -> str:
        header = signed(private_read(two.key), body=body, time=int(two.now.timestamp()), context=of)
        answer = two.deliver(two.above, body, path=f"/exchange/contents/{DISTRICT}/{at}", header=header)
        return str(json.loads(answer.content)["turned_away"])

    with two.at(CITY):
        right = given_context(DISTRICT, CITY, sha256)
    assert given(b"x", right, at="0" * 64) == "no_file"
    assert given(b"x", "") == "bad_signature"
    assert given(b"x", given_context(DISTRICT, "371700", sha256)) == "bad_signature"
    assert given(b"x" * 1_000_000, right) == "too_large"
    after = rows()
    assert {name for name in before if before[name] != after[name]} <= {"exchange_turned_away"}
    assert files(taken.case) == []


def test_names_of_files_go_with_the_case(two: Two, post: Post) -> None:
    taken = two.taken_above()
    added(two, taken.case, png(3), "宋女士家.png")
    post.minute()
    messages_erase(cases=[taken.case, two.here(taken.number).pk], now=two.now)
    assert statuses() == []
