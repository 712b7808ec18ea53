"""Certificates of ISO/IEC 18013-5 Annex B for the tests: a root (IACA) and a document signer."""

from datetime import datetime, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, ObjectIdentifier

from common import jwk_of, key_of, make_key

DOCUMENT_SIGNER = ObjectIdentifier("1.0.18013.5.1.2")


def chain(asked):
    """A chain, document signer first, and the signer's key. `from`, `until`: RFC 3339; `seed`: for the keys."""
    seed = asked.get("seed")
    root_key = key_of(make_key("ES256", seed and seed + " root"))
    signer_key = key_of(asked["issuer_key"] if "issuer_key" in asked else make_key(asked.get("alg", "ES256"), seed and seed + " signer"))
    start, end = moment(asked.get("from", "2026-01-01T00:00:00Z")), moment(asked.get("until", "2036-01-01T00:00:00Z"))
    country = asked.get("country", "UT")
    root_name = name(country, "Amana interop root")
    root = certificate(root_name, root_name, root_key, root_key, moment("2025-01-01T00:00:00Z"), moment("2045-01-01T00:00:00Z"), True)
    signer = certificate(name(country, "Amana interop signer"), root_name, signer_key, root_key, start, end, False)
    return {"issuer_key": jwk_of(signer_key), "chain": [pem(signer)], "roots": [pem(root)]}


def certificate(subject, issuer, key, issuer_key, start, end, is_root):
    usage = {field: False for field in ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only")}
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(0x416D616E61_00000001 if is_root else 0x416D616E61_00000002)
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.KeyUsage(digital_signature=not is_root, key_cert_sign=is_root, crl_sign=is_root, **usage), True)
        .add_extension(x509.IssuerAlternativeName([x509.UniformResourceIdentifier("https://issuer.example")]), False)
        .add_extension(x509.CRLDistributionPoints([x509.DistributionPoint([x509.UniformResourceIdentifier("https://issuer.example/crl")], None, None, None)]), False)
    )
    if is_root:
        builder = builder.add_extension(x509.BasicConstraints(True, 0), True)
    else:
        builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False)
        builder = builder.add_extension(x509.ExtendedKeyUsage([DOCUMENT_SIGNER]), True)
    return builder.sign(issuer_key, hashes.SHA256(), ecdsa_deterministic=True)


def name(country, common):
    return x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, country), x509.NameAttribute(NameOID.COMMON_NAME, common)])


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)
