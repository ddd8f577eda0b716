"""Verifies an export of the ledger. Needs Python 3.9 or newer and nothing else; it is copied into each export as verify.py.

    python verify.py [EXPORT.zip | FOLDER] [--key FINGERPRINT] [--seal KEPT.json ...]

Without an argument it verifies the folder that it lies in. `--key` is the fingerprint of the first signing key as you had
it from elsewhere, `--seal` a seal that you kept: both tie the export to what nobody could change since. Take this file from
somewhere you trust: whoever forges an export may also forge the verifier beside it.

Sources: RFC 6962 section 2.1 (trees, proofs), RFC 8032 section 5.1 (Ed25519), GB/T 32905 (SM3).
"""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

GENESIS = bytes(32)
LEAF, NODE = b"\0", b"\1"
NO_SEAL = "0" * 64
Read = Callable[[str], bytes]
"""A file of the export by its name."""


# Digests.


def _sm3(data: bytes) -> bytes:
    """SM3 in plain Python, for machines whose library does not have it."""
    words = 0xFFFFFFFF

    def turned(x: int, n: int) -> int:
        n %= 32
        return ((x << n) | (x >> (32 - n))) & words if n else x

    state = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    padded = data + b"\x80" + bytes((55 - len(data)) % 64) + (8 * len(data)).to_bytes(8, "big")
    for start in range(0, len(padded), 64):
        w = [int.from_bytes(padded[i : i + 4], "big") for i in range(start, start + 64, 4)]
        for j in range(16, 68):
            x = w[j - 16] ^ w[j - 9] ^ turned(w[j - 3], 15)
            w.append(x ^ turned(x, 15) ^ turned(x, 23) ^ turned(w[j - 13], 7) ^ w[j - 6])
        a, b, c, d, e, f, g, h = state
        for j in range(64):
            t = 0x79CC4519 if j < 16 else 0x7A879D8A
            one = turned((turned(a, 12) + e + turned(t, j)) & words, 7)
            ff = a ^ b ^ c if j < 16 else (a & b) | (a & c) | (b & c)
            gg = e ^ f ^ g if j < 16 else (e & f) | (~e & g & words)
            tt1 = (ff + d + (one ^ turned(a, 12)) + (w[j] ^ w[j + 4])) & words
            tt2 = (gg + h + one + w[j]) & words
            a, b, c, d, e, f, g, h = (
                tt1,
                a,
                turned(b, 9),
                c,
                tt2 ^ turned(tt2, 9) ^ turned(tt2, 17),
                e,
                turned(f, 19),
                g,
            )
        state = [old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h))]  # noqa: B905  Python 3.9 knows no strict
    return b"".join(word.to_bytes(4, "big") for word in state)


def digest(data: bytes, algorithm: str) -> bytes:
    """32 bytes by `sha256` or `sm3`; ValueError for another name."""
    if algorithm == "sha256":
        return hashlib.sha256(data).digest()
    if algorithm == "sm3":
        return _sm3(data)
    raise ValueError("unknown algorithm %r" % (algorithm,))


# Trees (RFC 6962).


def root_of_path(leaf: bytes, index: int, size: int, path: list[bytes], algorithm: str) -> bytes | None:
    """The root that an inclusion proof leads to: of the leaf's hash, number `index` (from 0) of `size`. None: no such proof."""
    if not 0 <= index < size:
        return None
    last, found = size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if index & 1 or index == last:
            found = digest(NODE + sibling + found, algorithm)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            found = digest(NODE + found + sibling, algorithm)
        index, last = index >> 1, last >> 1
    return found if last == 0 else None


def consistent(first: int, old: bytes, second: int, new: bytes, path: list[bytes], algorithm: str) -> bool:
    """Does the tree of `second` leaves with root `new` begin with the `first` leaves of root `old`, by this proof?"""
    if not 0 < first <= second:
        return False
    if first == second:
        return not path and old == new
    if first & (first - 1) == 0:
        path = [old, *path]
    if not path:
        return False
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    left = right = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            left = digest(NODE + sibling + left, algorithm)
            right = digest(NODE + sibling + right, algorithm)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            right = digest(NODE + right + sibling, algorithm)
        at, last = at >> 1, last >> 1
    return last == 0 and left == old and right == new


# Ed25519 (RFC 8032): the check of a signature, as the RFC writes it.

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def _add(p: tuple, q: tuple) -> tuple:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(n: int, p: tuple) -> tuple:
    q = (0, 1, 1, 0)
    while n:
        if n & 1:
            q = _add(q, p)
        p, n = _add(p, p), n >> 1
    return q


def _same(p: tuple, q: tuple) -> bool:
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


def _point(text: bytes) -> tuple | None:
    y = int.from_bytes(text, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202
BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def signature_fits(public: bytes, message: bytes, signature: bytes) -> bool:
    """Is this the Ed25519 signature (64 bytes) of `message` under the public key (32 bytes)?"""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, commitment = _point(public), _point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or scalar >= ORDER:
        return False
    hashed = hashlib.sha512(signature[:32] + public + message).digest()
    challenge = int.from_bytes(hashed, "little") % ORDER
    return _same(_times(scalar, BASE), _add(commitment, _times(challenge, key)))


# Keys and seals, as they are kept and exported.


def key_id(public: bytes) -> str:
    """The fingerprint of a public key: the first 32 hex digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:32]


def keys_read(statements: list) -> tuple[dict, list, list]:
    """({fingerprint: public key}, faults, remarks) of the statements about keys, the first one first.

    Each key is announced under the signature of the one before; the first, and one after a loss, under its own.
    """
    keys: dict = {}
    faults, remarks = [], []
    last = ""
    for statement in statements:
        told = json.loads(statement["body"])
        public = bytes.fromhex(told["public"])
        name = key_id(public)
        signer = keys.get(last) if last and not told["lost"] else public
        if told["key"] != name or told["previous"] != last:
            faults.append("key %s is not announced as the one after %s" % (told["key"], last or "none"))
        elif signer is None or not signature_fits(
            signer, statement["body"].encode(), bytes.fromhex(statement["signature"])
        ):
            faults.append("the announcement of key %s is not signed by the key before" % name)
        if told["lost"]:
            remarks.append(
                "key %s was announced without the one before, which was declared lost: %s"
                % (name, told["reason"])
            )
        keys[name], last = public, name
    return keys, faults, remarks


def seal_digest(seal: dict, algorithm: str) -> str:
    """What the next seal says of this one: over its body and its signature."""
    return digest(seal["body"].encode() + bytes.fromhex(seal["signature"]), algorithm).hex()


def seal_signed(seal: dict, keys: dict) -> bool:
    """Is the seal signed by the key that it names, one of these?"""
    public = keys.get(json.loads(seal["body"])["key"])
    return public is not None and signature_fits(
        public, seal["body"].encode(), bytes.fromhex(seal["signature"])
    )


def seals_read(seals: list, keys: dict) -> tuple[dict, list]:
    """({tree: its last seal's body}, faults) of all seals, the first one first: a chain, signed at its end and at each
    change of the key.
    """
    last_of_tree: dict = {}
    faults = []
    previous, before = NO_SEAL, None
    for number, seal in enumerate(seals, 1):
        told = json.loads(seal["body"])
        if told["number"] != number or told["previous"] != previous:
            faults.append("seal %d does not follow the one before" % number)
        ends = number == len(seals) or json.loads(seals[number]["body"])["key"] != told["key"]
        if ends and not seal_signed(seal, keys):
            faults.append("the signature of seal %d does not fit" % number)
        if before and told["tree"] == before["tree"] and told["size"] <= before["size"]:
            faults.append("seal %d holds no more than the one before" % number)
        last_of_tree[told["tree"]] = told
        previous, before = seal_digest(seal, told["algorithm"]), told
    return last_of_tree, faults


# The export.


def _lines(read: Read, name: str) -> list:
    return [line for line in read(name).split(b"\n") if line]


def _entries_check(read: Read, trees: dict) -> tuple[int, list]:
    bodies, proofs = (
        _lines(read, "entries.jsonl"),
        [json.loads(line) for line in _lines(read, "proofs.jsonl")],
    )
    faults = []
    if len(bodies) != len(proofs):
        faults.append("there are %d entries and %d proofs" % (len(bodies), len(proofs)))
    chain: dict = {}
    for body, proof in zip(bodies, proofs):  # noqa: B905  as above
        faults += entry_check(body, proof, trees, chain)
    return len(bodies), faults


def entry_check(body: bytes, proof: dict, trees: dict, chain: dict) -> list:
    """The faults of one entry against the last seals of the trees; `chain` is what was seen of each stream, and is kept."""
    told = json.loads(body)
    stream, seq = told["stream"], told["seq"]
    name = "%s entry %s" % (stream, seq)
    previous = bytes.fromhex(proof["previous"])
    found = digest(previous + body, told["algorithm"])
    faults = []
    if seq == 1 and previous != GENESIS:
        faults.append(name + ": the first of its stream follows nothing")
    if stream in chain and chain[stream] != (seq - 1, previous):
        faults.append(
            name
            + ": it does not follow entry %d; one between them was left out, put in or changed"
            % chain[stream][0]
        )
    chain[stream] = seq, found
    tree = trees.get(proof["tree"])
    if tree is None:
        return [*faults, name + ": it names a tree that no seal is of"]
    path = [bytes.fromhex(one) for one in proof["path"]]
    leaf = digest(LEAF + found, tree["algorithm"])
    root = root_of_path(leaf, proof["index"], tree["size"], path, tree["algorithm"])
    if root is None or root.hex() != tree["root"]:
        faults.append(name + ": it is not what was sealed")
    return faults


def _whole_check(read: Read, told: dict) -> list:
    """Of a stream that the export says it holds whole: are all entries there, up to the head?"""
    heads = dict.fromkeys(told["streams"], 0)
    for body in _lines(read, "entries.jsonl"):
        entry = json.loads(body)
        if entry["stream"] in heads:
            heads[entry["stream"]] = entry["seq"] if entry["seq"] == heads[entry["stream"]] + 1 else -1
    return [
        "%s: it ends at entry %d in the ledger, and this export does not hold it whole" % (stream, last)
        for stream, last in told["streams"].items()
        if heads[stream] != last
    ]


def _manifest_check(read: Read, keys: dict) -> tuple[dict, list]:
    """What the export says that it holds, signed when it was made."""
    signed = json.loads(read("export.json"))
    told = json.loads(signed["body"])
    faults = []
    if not seal_signed(signed, keys):
        faults.append("the list of what the export holds is not signed by a key that is announced in it")
    for name, wanted in told["files"].items():
        if hashlib.sha256(read(name)).hexdigest() != wanted:
            faults.append("%s is not as it was when the export was made" % name)
    return told, faults


def export_verify(read: Read, *, key: str = "", kept: tuple = ()) -> tuple[int, list, list]:
    """(entries, faults, remarks) of an export; `read(name)` gives a file's bytes, `kept` are seals from elsewhere."""
    keys, faults, remarks = keys_read(json.loads(read("keys.json")))
    if key and (not keys or next(iter(keys)) != key):
        faults.append("the first key is not the one that you know: %s" % next(iter(keys), "none"))
    told, more = _manifest_check(read, keys)
    faults += more
    seals = [json.loads(line) for line in _lines(read, "seals.jsonl")]
    trees, more = seals_read(seals, keys)
    faults += more
    for seal in kept:
        number = json.loads(seal["body"])["number"]
        held = seals[number - 1] if 0 < number <= len(seals) else {"body": "", "signature": ""}
        if (held["body"], held["signature"]) != (seal["body"], seal["signature"]):
            faults.append("the seal %d that you kept is not in this export" % number)
    count, more = _entries_check(read, trees)
    return count, faults + more + _whole_check(read, told), remarks


def _reader(place: Path) -> Read:
    if place.is_file():
        archive = zipfile.ZipFile(place)
        return archive.read
    return lambda name: (place / name).read_bytes()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def main(arguments: list) -> int:
    """Verify what the arguments name and print what was found. 0: everything fits; 1: something does not."""
    place, key, kept = Path(__file__).resolve().parent, "", []
    rest = list(arguments)
    while rest:
        one = rest.pop(0)
        if one in ("-h", "--help") or (one.startswith("--") and not rest):
            _say(__doc__ or "")
            return 2
        if one == "--key":
            key = rest.pop(0)
        elif one == "--seal":
            kept.append(json.loads(Path(rest.pop(0)).read_text("utf-8"))["seal"])
        else:
            place = Path(one)
    try:
        count, faults, remarks = export_verify(_reader(place), key=key, kept=tuple(kept))
    except (OSError, KeyError, ValueError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        _say("FAULT the export cannot be read: %s %s" % (type(error).__name__, error))
        return 1
    for remark in remarks:
        _say("NOTE " + remark)
    for fault in faults:
        _say("FAULT " + fault)
    _say("%d entries, %s" % (count, "%d faults" % len(faults) if faults else "everything fits"))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
