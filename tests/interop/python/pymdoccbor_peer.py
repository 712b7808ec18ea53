"""The Python program `pymdoccbor`: issuing and verifying IssuerSigned. It has no device authentication."""

import datetime as real
from importlib.metadata import version
from types import SimpleNamespace

import cbor2
import pymdoccbor.mso.issuer
from cryptography import x509
from pymdoccbor.mdoc.issuer import MdocCborIssuer
from pymdoccbor.mdoc.verifier import MdocCbor

from certificates import moment
from common import Refused, Unsupported, alg_of, from_cbor, seeded, to_cbor, unb64

PROGRAM = "pymdoccbor"
VERSION = version("pymdoccbor")
FORMATS = ["mdoc"]


def issue(asked):
    issuer, holder = asked["issuer_key"], asked["holder_key"]
    if alg_of(issuer) != "ES256":
        raise Unsupported("pymdoccbor signs only with ECDSA")
    freeze(asked["signed"], asked.get("seed"))
    chain = [pem.encode() for pem in asked["chain"]]
    maker = MdocCborIssuer(private_key=cose_key(issuer), alg="ES256")
    maker.new(
        data={space: plain(to_cbor(values)) for space, values in asked["namespaces"].items()},
        doctype=asked["doctype"],
        validity={"issuance_date": asked["from"][:10], "expiry_date": asked["until"][:10]},
        devicekeyinfo=device_key(holder),
        x509_chain=chain,
        revocation=to_cbor(asked["status"]) if "status" in asked else None,
    )
    signed = maker.signed["documents"][0]["issuerSigned"]
    return {"issuer_signed": cbor2.dumps(signed).hex(), "doctype": asked["doctype"], "holder_key": holder}


def verify(asked):
    reader = MdocCbor()
    response = asked.get("device_response")
    if response is None:
        signed = cbor2.loads(bytes.fromhex(asked["issuer_signed"]))
        response = cbor2.dumps({"version": "1.0", "documents": [{"docType": asked["doctype"], "issuerSigned": signed}], "status": 0}).hex()
    reader.loads(response)
    roots = [x509.load_pem_x509_certificate(pem.encode()) for pem in asked["roots"]]
    # Its word on why goes to its log.
    if not reader.verify(roots):
        raise Refused("documents_invalid is not empty")
    claims = {space: dict(sorted(values.items())) for space, values in reader.disclosure_map.items()}
    return {"claims": from_cbor(claims), "unchecked": ["validityInfo", "docType", "device authentication", "SHA-384, SHA-512"]}


def freeze(text, seed):
    """The program signs at the machine's time and starts validity there, whatever it was asked."""
    at = moment(text).replace(tzinfo=None)

    class Frozen(real.datetime):
        @classmethod
        def utcnow(cls):
            return at

    module = pymdoccbor.mso.issuer
    module.datetime = SimpleNamespace(datetime=Frozen, timedelta=real.timedelta)
    if seed:
        module.secrets = SimpleNamespace(token_bytes=seeded(seed))
        module.shuffle_dict = lambda values: values


def cose_key(jwk):
    return {"KTY": "EC2", "CURVE": "P_256", "ALG": "ES256", "D": unb64(jwk["d"]), "X": unb64(jwk["x"]), "Y": unb64(jwk["y"]), "KID": b""}


def device_key(jwk):
    if alg_of(jwk) == "EdDSA":
        return {"KTY": "OKP", "CURVE": "ED25519", "ALG": "EDDSA", "X": unb64(jwk["x"]), "D": unb64(jwk["d"])}
    return cose_key(jwk)


def plain(values):
    """It tags some dates by name itself, and only those: birth_date, expiry_date, issue_date, issuance_date."""
    tags = pymdoccbor.settings.CBORTAGS_ATTR_MAP
    return {
        name: value.value if name in tags and isinstance(value, cbor2.CBORTag) and value.tag == tags[name] else value
        for name, value in values.items()
    }
