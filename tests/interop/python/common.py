"""What the Python drivers share: keys, certificates, base45, and CBOR written as JSON.

CBOR as JSON: bytes are {"hex": "…"}, a tag is {"tag": 1004, "value": …}, and a key made of digits is an integer.
"""

import base64
import hashlib
import json
import random
import re
import secrets
from datetime import date, datetime, timezone

import cbor2
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class Refused(Exception):
    """A program's word that it does not accept."""


class Unsupported(Exception):
    """A program cannot do this."""


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def make_key(alg: str, seed: str | None) -> dict:
    """A private JWK: from a seed, or drawn."""
    raw = hashlib.sha256(seed.encode()).digest() if seed else secrets.token_bytes(32)
    if alg == "EdDSA":
        return jwk_of(ed25519.Ed25519PrivateKey.from_private_bytes(raw))
    return jwk_of(ec.derive_private_key(int.from_bytes(raw, "big") % (P256_ORDER - 1) + 1, ec.SECP256R1()))


def jwk_of(key) -> dict:
    """A private or public key of the library `cryptography` as a JWK."""
    public = key.public_key() if hasattr(key, "public_key") else key
    if isinstance(public, ed25519.Ed25519PublicKey):
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": b64(public.public_bytes_raw())}
        return jwk | ({"d": b64(key.private_bytes_raw())} if key is not public else {})
    numbers = public.public_numbers()
    jwk = {"kty": "EC", "crv": "P-256", "x": b64(numbers.x.to_bytes(32, "big")), "y": b64(numbers.y.to_bytes(32, "big"))}
    return jwk | ({"d": b64(key.private_numbers().private_value.to_bytes(32, "big"))} if key is not public else {})


def key_of(jwk: dict):
    """A JWK as a key of the library `cryptography`."""
    x = unb64(jwk["x"])
    if jwk["kty"] == "OKP":
        return (
            ed25519.Ed25519PrivateKey.from_private_bytes(unb64(jwk["d"]))
            if "d" in jwk
            else ed25519.Ed25519PublicKey.from_public_bytes(x)
        )
    if "d" in jwk:
        return ec.derive_private_key(int.from_bytes(unb64(jwk["d"]), "big"), ec.SECP256R1())
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\4" + x + unb64(jwk["y"]))


def public_jwk(jwk: dict) -> dict:
    return {name: value for name, value in jwk.items() if name != "d"}


def alg_of(jwk: dict) -> str:
    return "EdDSA" if jwk["kty"] == "OKP" else "ES256"


def pem_of(jwk: dict) -> str:
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return key_of(public_jwk(jwk)).public_bytes(*form).decode()


def to_cbor(value):
    """JSON as above, as Python values for cbor2."""
    if isinstance(value, list):
        return [to_cbor(item) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"hex"}:
        return bytes.fromhex(value["hex"])
    if set(value) == {"tag", "value"}:
        return cbor2.CBORTag(value["tag"], to_cbor(value["value"]))
    return {int(key) if re.fullmatch(r"-?\d+", key) else key: to_cbor(item) for key, item in value.items()}


def from_cbor(value):
    """Python values of cbor2, as JSON as above."""
    if isinstance(value, (bytes, bytearray)):
        return {"hex": bytes(value).hex()}
    if isinstance(value, cbor2.CBORTag):
        return {"tag": value.tag, "value": from_cbor(value.value)}
    if isinstance(value, datetime):
        return {"tag": 0, "value": value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")}
    if isinstance(value, date):
        return {"tag": 1004, "value": value.isoformat()}
    if isinstance(value, dict):
        return {str(key): from_cbor(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [from_cbor(item) for item in value]
    return value


def base45(data: bytes) -> str:
    text = ""
    for at in range(0, len(data), 2):
        pair = data[at : at + 2]
        number = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            number, digit = divmod(number, 45)
            text += BASE45[digit]
    return text


def unbase45(text: str) -> bytes:
    data = b""
    for at in range(0, len(text), 3):
        part = text[at : at + 3]
        number = sum(BASE45.index(letter) * 45**place for place, letter in enumerate(part))
        data += number.to_bytes(len(part) - 1, "big")
    return data


def seeded(seed: str | None):
    """Bytes to draw: from a seed, so that what is made can be made again, or from the machine."""
    if seed is None:
        return secrets.token_bytes
    source = random.Random(seed)
    return lambda count: source.randbytes(count)


def canonical(value) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
