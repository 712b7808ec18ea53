"""The Python program `claim169` (a Rust core of its own)."""

from importlib.metadata import version

import claim169
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from common import Unsupported, alg_of, from_cbor, key_of, make_key, public_jwk, to_cbor, unb64

PROGRAM = "claim169"
VERSION = version("claim169")
FORMATS = ["claim169"]

FIELDS = dict(
    enumerate(
        "id version language full_name first_name middle_name last_name date_of_birth gender address email phone nationality "
        "marital_status guardian photo photo_format best_quality_fingers secondary_full_name secondary_language location_code "
        "legal_status country_of_issuance".split(),
        start=1,
    )
)
BIOMETRICS = dict(
    enumerate(
        "right_thumb right_pointer_finger right_middle_finger right_ring_finger right_little_finger left_thumb "
        "left_pointer_finger left_middle_finger left_ring_finger left_little_finger right_iris left_iris face right_palm "
        "left_palm voice".split(),
        start=50,
    )
)
PARTS = ["data", "format", "sub_format", "issuer"]
META = {1: "issuer", 2: "subject", 4: "expires_at", 5: "not_before", 6: "issued_at"}


def issue(asked):
    claims = to_cbor(asked["claims"])
    issuer = asked.get("issuer_key") or make_key(asked.get("alg", "EdDSA"), asked.get("seed") and asked["seed"] + " issuer")
    data, meta = claim169.Claim169Input(), claim169.CwtMetaInput()
    for label, name in META.items():
        if label in claims:
            setattr(meta, name, claims[label])
    for label, value in claims[169].items():
        if label in FIELDS:
            if not hasattr(data, FIELDS[label]):
                raise Unsupported(f"claim169 does not write field {label}")
            setattr(data, FIELDS[label], value)
        else:
            items = [claim169.Biometric(item[0], item.get(1), item.get(2), item.get(3)) for item in value]
            setattr(data, BIOMETRICS[label], items)
    secret = bytes.fromhex(asked["secret"]) if "secret" in asked else None
    if asked.get("unsigned"):
        token = claim169.encode_unsigned(data, meta)
    elif "kid" in asked:
        token = claim169.encode_with_signer(data, meta, lambda alg, kid, bytes_: sign(issuer, bytes_), alg_of(issuer), bytes.fromhex(asked["kid"]))
    elif secret and alg_of(issuer) == "EdDSA":
        encode = claim169.encode_signed_encrypted if len(secret) == 32 else claim169.encode_signed_encrypted_aes128
        token = encode(data, meta, unb64(issuer["d"]), secret)
    elif secret:
        raise Unsupported("claim169 encrypts only what Ed25519 signs")
    else:
        encode = claim169.encode_with_ed25519 if alg_of(issuer) == "EdDSA" else claim169.encode_with_ecdsa_p256
        token = encode(data, meta, unb64(issuer["d"]))
    return {"token": token, "issuer_key": issuer}


def verify(asked):
    token, issuer = asked["token"], public_jwk(asked["issuer_key"])
    # A moment is no argument of the program: it takes the machine's clock.
    if "secret" in asked:
        checked = lambda alg, kid, data, signature: check(issuer, data, signature)
        decoded = claim169.decode_encrypted_aes(token, bytes.fromhex(asked["secret"]), verifier=checked)
    elif alg_of(issuer) == "EdDSA":
        decoded = claim169.decode_with_ed25519(token, unb64(issuer["x"]))
    else:
        decoded = claim169.decode_with_ecdsa_p256(token, b"\4" + unb64(issuer["x"]) + unb64(issuer["y"]))
    if not decoded.is_verified():
        raise ValueError(decoded.verification_status)
    claims = {label: getattr(decoded.cwt_meta, name) for label, name in META.items()}
    inner = {label: getattr(decoded.claim169, name) for label, name in FIELDS.items()}
    for label, name in BIOMETRICS.items():
        found = getattr(decoded.claim169, name)
        if found:
            inner[label] = [present_only({at: getattr(item, part) for at, part in enumerate(PARTS)}) for item in found]
    return {"claims": from_cbor(present_only(claims) | {169: present_only(inner)})}


def present_only(fields):
    return {label: value for label, value in fields.items() if value is not None}


def sign(jwk, data):
    key = key_of(jwk)
    if alg_of(jwk) == "EdDSA":
        return key.sign(data)
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def check(jwk, data, signature):
    key = key_of(public_jwk(jwk))
    if alg_of(jwk) == "EdDSA":
        return key.verify(signature, data)
    halves = (int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    return key.verify(encode_dss_signature(*halves), data, ec.ECDSA(hashes.SHA256()))
