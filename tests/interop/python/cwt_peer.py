"""The Python program `cwt`: COSE_Sign1, COSE_Mac0 and COSE_Encrypt0 around any CBOR, and so Claim 169 and status lists too.

It also makes what others do not: tokens without tags, headers in the wrong place, empty signatures.
"""

import zlib
from importlib.metadata import version

import cbor2
from cwt import COSE, COSEKey

from common import Refused, alg_of, base45, from_cbor, make_key, public_jwk, seeded, to_cbor, unbase45

PROGRAM = "cwt"
VERSION = version("cwt")
FORMATS = ["cwt", "claim169"]


def issue(asked):
    seed = asked.get("seed")
    issuer = asked.get("issuer_key") or make_key(asked.get("alg", "EdDSA"), seed and seed + " issuer")
    payload = asked["payload"] if "payload" in asked else cbor2.dumps(to_cbor(asked["claims"]))
    if isinstance(payload, str):
        payload = bytes.fromhex(payload)
    protected, unprotected = to_cbor(asked.get("protected", {})), to_cbor(asked.get("unprotected", {}))
    cose = COSE.new(alg_auto_inclusion=True, kid_auto_inclusion="kid" in asked)
    message = payload
    structures = asked.get("structures", ["sign1"])
    for structure in structures:
        if structure == "sign1":
            message = cose.encode_and_sign(message, signing_key(issuer, asked.get("kid")), protected, unprotected)
        elif structure == "mac0":
            key = COSEKey.from_symmetric_key(bytes.fromhex(asked["secret"]), alg=asked.get("mac", "HS256"))
            message = cose.encode_and_mac(message, key, protected, unprotected)
        else:
            secret = bytes.fromhex(asked["secret"])
            key = COSEKey.from_symmetric_key(secret, alg={16: "A128GCM", 32: "A256GCM"}[len(secret)])
            message = cose.encode_and_encrypt(message, key, {}, {5: seeded(seed)(12)})
    message = shaped(message, asked.get("shape", "tagged"))
    return {"token": armoured(message, asked), "issuer_key": issuer}


def verify(asked):
    message = read(asked["token"], asked)
    cose = COSE.new(verify_kid=False)
    signed = False
    headers = None
    value = cbor2.loads(message)
    if isinstance(value, cbor2.CBORTag) and value.tag == 61:
        value = value.value
    if isinstance(value, list):
        value = cbor2.CBORTag(18, value)
    while isinstance(value, cbor2.CBORTag) and value.tag in (16, 17, 18):
        if value.tag == 18:
            keys, signed = [signing_key(public_jwk(asked["issuer_key"]), kid_of(value.value))], True
        elif value.tag == 17 and asked["format"] == "cwt":
            keys, signed = [COSEKey.from_symmetric_key(bytes.fromhex(asked["secret"]), alg=asked.get("mac", "HS256"))], True
        elif value.tag == 16:
            secret = bytes.fromhex(asked["secret"])
            keys = [COSEKey.from_symmetric_key(secret, alg={16: "A128GCM", 32: "A256GCM"}[len(secret)])]
        else:
            raise Refused("a MAC is no signature (judged by the driver)")
        protected, _, payload = cose.decode_with_headers(value, keys)
        headers = protected
        value = cbor2.loads(payload)
    if not signed:
        raise Refused("nothing is signed")
    judge_dates(value, asked.get("at"))
    if asked["format"] == "status-list-cwt":
        if headers.get(16) != "application/statuslist+cwt":
            raise Refused(f"typ is {headers.get(16)!r}")
    return {"claims": from_cbor(value), "header": from_cbor(headers)}


def judge_dates(claims, at):
    """As the program's class CWT does, which takes no moment but the machine's."""
    if at is None or not isinstance(claims, dict):
        return
    if 4 in claims and claims[4] < at:
        raise Refused("The token has expired.")
    if 5 in claims and claims[5] > at:
        raise Refused("The token is not yet valid.")


def kid_of(message):
    """It takes a key only under the message's kid."""
    protected = cbor2.loads(message[0]) if message[0] else {}
    kid = protected.get(4, message[1].get(4))
    return kid.decode() if kid else None


def signing_key(jwk, kid):
    return COSEKey.from_jwk(jwk | {"alg": alg_of(jwk)} | ({"kid": kid} if kid else {}))


def shaped(message, shape):
    """tagged: 61 over 18; cose-tag: 18 alone; bare: neither; unsigned: with an empty signature; unprotected: alg outside."""
    value = cbor2.loads(message)
    if shape == "tagged":
        return cbor2.dumps(cbor2.CBORTag(61, value))
    if shape == "cose-tag":
        return message
    if shape == "bare":
        return cbor2.dumps(value.value)
    if shape == "unsigned":
        return cbor2.dumps(cbor2.CBORTag(61, cbor2.CBORTag(18, [*value.value[:3], b""])))
    raise ValueError(shape)


def armoured(message, asked):
    if asked["format"] != "claim169":
        return message.hex()
    return base45(zlib.compress(message, 9) if asked.get("deflate", True) else message)


def read(token, asked):
    if asked["format"] != "claim169":
        return bytes.fromhex(token)
    data = unbase45(token)
    return zlib.decompress(data) if data[:1] == b"\x78" else data
