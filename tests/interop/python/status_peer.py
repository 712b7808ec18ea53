"""The Python program `token-status-list`: the list itself. `jwcrypto` signs the JWT, `cwt` the CWT."""

import json
from importlib.metadata import version

from jwcrypto.jws import JWS
from token_status_list import BitArray, IssuerStatusList, LinearIndexAllocator

import cwt_peer
from claim169_peer import sign
from common import Refused, alg_of, b64, from_cbor, make_key, public_jwk
from sd_jwt_peer import jwk

PROGRAM = "token-status-list"
VERSION = version("token-status-list")
FORMATS = ["status-list-jwt", "status-list-cwt"]


def issue(asked):
    issuer = asked.get("issuer_key") or make_key(asked.get("alg", "ES256"), asked.get("seed") and asked["seed"] + " issuer")
    statuses, bits = asked["statuses"], asked["bits"]
    made = IssuerStatusList(BitArray.with_at_least(bits, len(statuses)), LinearIndexAllocator(len(statuses)))
    for index, status in enumerate(statuses):
        if status:
            made[index] = status
    said = {"iss": asked.get("iss", asked["uri"]), "sub": asked["uri"], "iat": asked["iat"], "exp": asked.get("exp")}
    if asked["format"] == "status-list-jwt":
        # Its own sign_jwt writes the signature as the text of a Python literal, b'…'.
        data = made.sign_jwt_payload(alg=alg_of(issuer), kid=asked.get("kid", "1"), ttl=asked.get("ttl"), **said)
        token = f"{data.decode()}.{b64(sign(issuer, data))}"
    elif asked.get("shape") == "draft-of-2024":
        token = made.sign_cwt(lambda data: sign(issuer, data), alg=alg_of(issuer), kid=asked.get("kid", "1").encode(), **said).hex()
    else:
        claims = {"2": said["sub"], "6": said["iat"], "65533": from_cbor({"bits": bits, "lst": made.status_list.compressed()})}
        claims |= {"4": said["exp"]} if said["exp"] else {}
        claims |= {"65534": asked["ttl"]} if "ttl" in asked else {}
        return cwt_peer.issue({**asked, "claims": claims, "issuer_key": issuer, "protected": {"16": "application/statuslist+cwt"}, "shape": asked.get("shape", "cose-tag")})
    return {"token": token, "issuer_key": issuer}


def verify(asked):
    if asked["format"] == "status-list-cwt":
        found = cwt_peer.verify(asked)
        claims = found["claims"]
        uri, entry = claims["2"], {"bits": claims["65533"]["bits"], "lst": b64(bytes.fromhex(claims["65533"]["lst"]["hex"]))}
    else:
        jws = JWS()
        jws.deserialize(asked["token"])
        jws.verify(jwk(public_jwk(asked["issuer_key"])), alg=alg_of(asked["issuer_key"]))
        if jws.jose_header.get("typ") != "statuslist+jwt":
            raise Refused(f"typ is {jws.jose_header.get('typ')!r}")
        claims = json.loads(jws.payload)
        cwt_peer.judge_dates({4: claims.get("exp", asked.get("at", 0))}, asked.get("at"))
        uri, entry = claims["sub"], claims["status_list"]
    if uri != asked["uri"]:
        raise Refused("the list is another's")
    status = BitArray.load(entry)[asked["index"]]
    return {"claims": claims, "status": status}
