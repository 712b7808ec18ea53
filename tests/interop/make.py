#!/usr/bin/env python3
"""Makes the files of `made/` anew: every program issues, every program presents, every program judges.

Keys, salts and moments are fixed; ECDSA signatures are not, so files change when made again. People in them are invented.
"""

import copy
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "python"))

import common  # noqa: E402
from peers import AT, HERE, Peers, ask, folder_of, judged  # noqa: E402

START, END = 1767225600, 2082758400  # 2026-01-01, 2036-01-01
DAYS = {"signed": "2026-01-01T00:00:00Z", "from": "2026-01-01T00:00:00Z", "until": "2036-01-01T00:00:00Z"}
ISSUER, HOLDER = "Amana interop issuer", "Amana interop holder"
AUDIENCE, NONCE = "https://verifier.example", "bm9uY2Ugb2YgYSB0ZXN0"
# A JPEG's first bytes are enough of a portrait.
PORTRAIT = {"hex": "ffd8ffe000104a46494600010100000100010000ffd9"}
STATUS_URI = "https://issuer.example/status/7"
PLAIN_TRANSCRIPT = "83f6f6826d416d616e6148616e646f7665725820" + "a5" * 32


def key(alg, name):
    return common.make_key(alg, f"{name} {alg}")


def public(jwk):
    return common.public_jwk(jwk)


class Maker:
    def __init__(self, groups):
        self.peers = Peers(groups)
        self.files = {}

    def has(self, program):
        return program in self.peers.group

    def say(self, verb, program, **asked):
        if not self.has(program):
            return None
        said = self.peers.ask(verb, program, asked)
        if "failed" in said or "unsupported" in said:
            print(f"{program} {verb} {asked['format']}: {said}", file=sys.stderr)
            return None
        return said

    def keep(self, program, name, about, format, asked, verify, ok=True, claims=None, **expect):
        file = {
            "program": program,
            "version": self.peers.version[program],
            "format": format,
            "about": about,
            "asked": asked,
            "verify": verify,
            "expect": {"ok": ok} | ({"claims": claims} if claims is not None and ok else {}) | expect,
        }
        self.files[f"{folder_of(program)}/{name}.json"] = file

    def write(self):
        """Lets every program judge every file, and keeps what differs from what is right."""
        for name, file in self.files.items():
            file["said"] = {}
            for program in self.peers.verifiers(file["format"]):
                answer = self.peers.ask("verify", program, {"format": file["format"], **file["verify"]})
                quirk = judged(file, answer)
                if quirk:
                    file["said"][program] = quirk
                    print(f"{name}: {program}: {json.dumps(quirk, ensure_ascii=False)}")
            path = HERE / "made" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(file, indent=1, ensure_ascii=False) + "\n")
        print(f"{len(self.files)} files")


# SD-JWT -------------------------------------------------------------------------------------------------------------


PERSON = {
    "iss": "https://issuer.example",
    "vct": "https://issuer.example/credentials/person",
    "iat": START,
    "nbf": START,
    "exp": END,
    "given_name": "Amina",
    "family_name": "Njoroge",
    "birthdate": "1990-04-12",
    "address": {"locality": "Kisumu", "region": "Nyanza", "country": "UT"},
    "nationalities": ["UT", "XA", "XB"],
    "household": [{"name": "Baraka", "year": 2015}, {"name": "Zawadi", "year": 2019}],
    "note": "Ünïcödé \"quoted\" \\ 阿米娜",
}
FLAT = [["given_name"], ["family_name"], ["birthdate"], ["address"], ["nationalities"], ["note"]]
NESTED = [["given_name"], ["family_name"], ["birthdate"], ["address", "locality"], ["address", "region"], ["nationalities", 0], ["nationalities", 1], ["nationalities", 2], ["note"]]
RECURSIVE = [["given_name"], ["family_name"], ["address"], ["address", "locality"], ["address", "region"], ["household", 0], ["household", 0, "year"], ["household", 1], ["household", 1, "name"], ["nationalities", 1], ["note"]]


def disclosed(claims, disclosable, wanted, here=()):
    """What a verifier sees of `claims`: without what is disclosable and not wanted, nor above something wanted."""
    hidden = lambda path: list(path) in disclosable and not any(list(path) == each[: len(path)] for each in wanted)
    if isinstance(claims, dict):
        return {name: disclosed(value, disclosable, wanted, (*here, name)) for name, value in claims.items() if not hidden((*here, name))}
    if isinstance(claims, list):
        return [disclosed(value, disclosable, wanted, (*here, at)) for at, value in enumerate(claims) if not hidden((*here, at))]
    return claims


def sd_jwt(maker):
    for format, programs in {
        "sd-jwt": ["sd-jwt", "@sd-jwt/core", "eudi-lib-jvm-sdjwt-kt"],
        "sd-jwt-vc": ["sd-jwt", "@sd-jwt/sd-jwt-vc", "eudi-lib-jvm-sdjwt-kt", "multipaz"],
    }.items():
        for program in programs:
            sd_jwt_of(maker, program, format)


def sd_jwt_of(maker, program, format):
    prefix = "vc-" if format == "sd-jwt-vc" and program != "@sd-jwt/sd-jwt-vc" else ""
    cases = [
        ("flat-es256", "ES256", "ES256", FLAT, [["given_name"], ["note"]], 0),
        ("flat-eddsa", "EdDSA", "EdDSA", FLAT, [["given_name"], ["address"]], 0),
        ("flat-eddsa-holder-es256", "EdDSA", "ES256", FLAT, [["birthdate"]], 0),
        ("nested-decoys-es256", "ES256", "ES256", NESTED, [["family_name"], ["address", "locality"], ["nationalities", 1]], 3),
        ("recursive-eddsa", "EdDSA", "EdDSA", RECURSIVE, [["address", "region"], ["household", 1], ["household", 1, "name"], ["nationalities", 1]], 0),
        ("nothing-disclosed-es256", "ES256", "ES256", FLAT, [], 0),
    ]
    if program.startswith("@"):
        cases += [("sha-512-es256", "ES256", "ES256", NESTED, [["given_name"], ["address", "locality"]], 0), ("sha-384-es256", "ES256", "ES256", FLAT, [["given_name"]], 0)]
    for name, alg, holder_alg, disclosable, wanted, decoys in cases:
        if program == "multipaz" and disclosable is not FLAT:
            continue
        issuer, holder = key(alg, ISSUER), key(holder_alg, HOLDER)
        asked = {"format": format, "claims": PERSON, "disclosable": disclosable, "decoys": decoys, "issuer_key": issuer, "holder_key": holder, "seed": name}
        if name.startswith("sha-"):
            asked["hash"] = name[:7]
        issued = maker.say("issue", program, **asked)
        if not issued:
            continue
        question = {"format": format, "token": issued["token"], "disclose": wanted, "holder_key": holder, "audience": AUDIENCE, "nonce": NONCE, "iat": AT}
        shown = maker.say("present", program, **question)
        if not shown:
            continue
        claims = disclosed(PERSON, disclosable, wanted) | {"cnf": {"jwk": public(holder)}}
        verify = {"token": shown["token"], "issuer_key": public(issuer), "audience": AUDIENCE, "nonce": NONCE, "at": AT}
        kept = {"issue": asked, "present": {field: question[field] for field in ("disclose", "audience", "nonce", "iat")}}
        maker.keep(program, prefix + name, "issued and presented by this program, with key binding", format, kept, verify, True, claims)
        if name == "flat-es256":
            bad_sd_jwt(maker, program, format, prefix, verify, asked)


def sd_jwt_with_status(maker):
    """A credential with an entry in the list that token-status-list makes below."""
    status = {"status_list": {"idx": 19, "uri": STATUS_URI}}
    issuer, list_key = key("ES256", ISSUER), key("ES256", ISSUER)
    for program in ["sd-jwt", "@sd-jwt/sd-jwt-vc", "eudi-lib-jvm-sdjwt-kt"]:
        for name, entry, ok in [("status-valid", 0, True), ("refused-status", 1, False)]:
            statuses = [0] * 50
            statuses[19] = entry
            made = maker.say("issue", "token-status-list", format="status-list-jwt", statuses=statuses, bits=1, uri=STATUS_URI, iat=START, exp=END, issuer_key=list_key)
            asked = {"format": "sd-jwt-vc", "claims": PERSON | {"status": status}, "disclosable": FLAT, "issuer_key": issuer, "bind": False, "seed": name}
            issued = maker.say("issue", program, **asked)
            if not issued or not made:
                continue
            verify = {"token": issued["token"], "issuer_key": public(issuer), "at": AT, "status_list": made["token"], "status_key": public(list_key)}
            about = f"without key binding; its entry in the status list is {entry}"
            prefix = "" if program == "@sd-jwt/sd-jwt-vc" else "vc-"
            maker.keep(program, prefix + name, about, "sd-jwt-vc", {"issue": asked}, verify, ok, PERSON | {"status": status})


def bad_sd_jwt(maker, program, format, prefix, verify, asked):
    token = verify["token"]
    jwt, *shown, binding = token.split("~")
    head, body, signature = jwt.split(".")
    refused = {
        "refused-signature": ("the issuer's signature with one bit turned", {"token": "~".join([f"{head}.{body}.{turned(signature)}", *shown, binding])}),
        "refused-disclosure": ("a disclosure of another value, so that key binding and digest fail", {"token": "~".join([jwt, redisclosed(shown[0]), *shown[1:], binding])}),
        "refused-withheld": ("a disclosure taken away after the holder signed", {"token": "~".join([jwt, *shown[1:], binding])}),
        "refused-nonce": ("the answer to another verifier's nonce", {"nonce": "YW5vdGhlciBub25jZQ"}),
        "refused-audience": ("the answer for another verifier", {"audience": "https://other.example"}),
        "refused-unbound": ("without key binding where it is demanded", {"token": "~".join([jwt, *shown, ""])}),
        "refused-issuer": ("another issuer's key", {"issuer_key": public(key("ES256", "Amana interop other"))}),
        "refused-binding": ("a key binding by another key", {"token": rebound(token)}),
    }
    for name, (about, change) in refused.items():
        maker.keep(program, prefix + name, about, format, {"from": prefix + "flat-es256"}, verify | change, False)
    old = copy.deepcopy(asked)
    old["claims"]["exp"] = AT - 86400
    issued = maker.say("issue", program, **old)
    shown = issued and maker.say("present", program, format=format, token=issued["token"], disclose=[["given_name"]], holder_key=asked["holder_key"], audience=AUDIENCE, nonce=NONCE, iat=AT)
    if shown:
        maker.keep(program, prefix + "refused-expired", "expired the day before", format, {"issue": old}, verify | {"token": shown["token"]}, False)


def turned(text):
    """base64url text with one bit turned in its first byte."""
    data = bytearray(common.unb64(text))
    data[0] ^= 1
    return common.b64(bytes(data))


def redisclosed(text):
    salt, *rest = json.loads(common.unb64(text))
    return common.b64(json.dumps([salt, *rest[:-1], "Halima"]).encode())


def rebound(token):
    """The presentation with its key binding signed by another key."""
    import claim169_peer

    rest, binding = token.rsplit("~", 1)
    head, body, _ = binding.split(".")
    signature = claim169_peer.sign(key("ES256", "Amana interop other"), f"{head}.{body}".encode())
    return f"{rest}~{head}.{body}.{common.b64(signature)}"


# mdoc ---------------------------------------------------------------------------------------------------------------


DOCTYPE = "org.iso.18013.5.1.mDL"
LICENCE = {
    "org.iso.18013.5.1": {
        "family_name": "Njoroge",
        "given_name": "Amina",
        "birth_date": {"tag": 1004, "value": "1990-04-12"},
        "issue_date": {"tag": 1004, "value": "2026-01-01"},
        "expiry_date": {"tag": 1004, "value": "2035-12-31"},
        "issuing_country": "UT",
        "document_number": "UT-000169",
        "portrait": PORTRAIT,
        "age_over_18": True,
        "sex": 2,
    }
}
CARD = {"org.amana.test.1": {"ration_card": "R-44-17", "members": 5, "zones": ["north", "east"], "photo": PORTRAIT, "notes": {"lang": "sw"}}}


def mdoc(maker):
    chain = ask("python", "chain", {"seed": "Amana interop", **{"from": DAYS["from"], "until": DAYS["until"]}})
    long_chain = chain | {"chain": chain["chain"] + chain["roots"]}
    ed_chain = ask("python", "chain", {"seed": "Amana interop", "issuer_key": key("EdDSA", ISSUER)})
    other = ask("python", "chain", {"seed": "Amana interop other"})
    for program in ["pymdoccbor", "@auth0/mdl", "@animo-id/mdoc", "multipaz"]:
        if maker.has(program):
            mdoc_of(maker, program, chain, long_chain, ed_chain, other)


def mdoc_of(maker, program, chain, long_chain, ed_chain, other):
    holder = key("ES256", HOLDER)

    def issue(name, about, chain=chain, holder=holder, doctype=DOCTYPE, namespaces=LICENCE, ok=True, **more):
        asked = {"format": "mdoc", "doctype": doctype, "namespaces": namespaces, "issuer_key": chain["issuer_key"], "chain": chain["chain"], "holder_key": holder, "seed": name, **DAYS, **more}
        issued = maker.say("issue", program, **copy.deepcopy(asked))
        if not issued:
            return None
        verify = {"issuer_signed": issued["issuer_signed"], "doctype": doctype, "roots": chain["roots"], "at": AT}
        maker.keep(program, f"issued-{name}", about, "mdoc", {"issue": asked}, verify, ok, namespaces)
        return asked, verify

    made = issue("es256", "IssuerSigned, ES256, x5chain of one certificate")
    issue("own-doctype", "another doctype and namespace, with an array and a map", doctype="org.amana.test", namespaces=CARD)
    issue("root-in-chain", "the root is in the x5chain too, where ISO/IEC 18013-5 does not want it", chain=long_chain)
    issue("kid", "the issuer's key has a kid", chain=chain | {"issuer_key": chain["issuer_key"] | {"kid": "signer-1"}})
    issue("sha-384", "digests in SHA-384", digest="SHA-384")
    issue("sha-512", "digests in SHA-512", digest="SHA-512")
    issue("issuer-eddsa", "the issuer signs with Ed25519", chain=ed_chain)
    eddsa = issue("holder-eddsa", "the holder's key is Ed25519", holder=key("EdDSA", HOLDER))
    issue("expired", "validUntil has passed", ok=False, signed="2026-01-01T00:00:00Z", until="2026-06-01T00:00:00Z")
    if program == "pymdoccbor":
        issue("status", "an entry in a status list", status={"status_list": {"idx": 19, "uri": STATUS_URI}})
    if program == "multipaz":
        issue("esp256", "the fully specified algorithm -9 of RFC 9864 instead of -7", cose_alg="ESP256")
    if not made:
        return
    asked, verify = made
    hexed = verify["issuer_signed"]
    tampered = {
        "refused-value": ("the family name changed", {"issuer_signed": hexed.replace(b"Njoroge".hex(), b"Njoroga".hex(), 1)}),
        "refused-signature": ("one bit of the issuer's signature turned", {"issuer_signed": flipped(hexed, issuer_signature(hexed))}),
        "refused-root": ("another root is trusted", {"roots": other["roots"]}),
    }
    for name, (about, change) in tampered.items():
        maker.keep(program, name, about, "mdoc", {"from": "issued-es256"}, verify | change, False)
    if program == "pymdoccbor":
        return
    reader = key("ES256", "Amana interop reader")
    near = near_transcript(reader)
    for name, about, made, wanted, auth, transcript in [
        ("shown-signature", "DeviceResponse with a device signature", made, ["family_name", "portrait", "age_over_18"], "signature", PLAIN_TRANSCRIPT),
        ("shown-mac", "DeviceResponse with a device MAC", made, ["given_name", "birth_date"], "mac", PLAIN_TRANSCRIPT),
        ("shown-near-signature", "over a transcript of QR engagement", made, ["document_number"], "signature", near),
        ("shown-near-mac", "over a transcript of QR engagement", made, ["document_number", "sex"], "mac", near),
        ("shown-eddsa", "the device signs with Ed25519", eddsa, ["family_name"], "signature", PLAIN_TRANSCRIPT),
    ]:
        if not made:
            continue
        asked, issued = made
        disclose = {"org.iso.18013.5.1": wanted}
        question = {"format": "mdoc", "issuer_signed": issued["issuer_signed"], "doctype": DOCTYPE, "disclose": disclose, "auth": auth, "session_transcript": transcript, "holder_key": asked["holder_key"], "reader_key": public(reader)}
        shown = maker.say("present", program, **question)
        if not shown:
            continue
        claims = {space: {name: LICENCE[space][name] for name in names} for space, names in disclose.items()}
        verify = {"device_response": shown["device_response"], "doctype": DOCTYPE, "roots": issued["roots"], "session_transcript": transcript, "reader_key": reader, "at": AT}
        kept = {"issue": asked, "present": {field: question[field] for field in ("disclose", "auth")}}
        maker.keep(program, name, about, "mdoc", kept, verify, True, claims)
        if transcript == PLAIN_TRANSCRIPT and auth == "signature" and name != "shown-eddsa":
            maker.keep(program, "refused-transcript", "a device signature over another transcript", "mdoc", {"from": name}, verify | {"session_transcript": transcript[:-2] + "a6"}, False)
        if name == "shown-mac":
            maker.keep(program, "refused-transcript-mac", "a device MAC over another transcript", "mdoc", {"from": name}, verify | {"session_transcript": transcript[:-2] + "a6"}, False)
            maker.keep(program, "refused-reader-mac", "a device MAC for another reader's key", "mdoc", {"from": name}, verify | {"reader_key": key("ES256", "Amana interop other")}, False)


def flipped(hexed, at):
    data = bytearray.fromhex(hexed)
    data[at] ^= 1
    return data.hex()


def issuer_signature(hexed):
    """Where the issuer's signature starts."""
    import cbor2

    return hexed.index(cbor2.loads(bytes.fromhex(hexed))["issuerAuth"][3].hex()) // 2


def near_transcript(reader):
    """SessionTranscript of ISO/IEC 18013-5 9.1.5.1 with QR engagement: made-up engagement, the reader's key, null."""
    import cbor2

    device = public(key("ES256", "Amana interop engagement"))
    cose = lambda jwk: {1: 2, -1: 1, -2: common.unb64(jwk["x"]), -3: common.unb64(jwk["y"])}
    engagement = {0: "1.0", 1: [1, cbor2.CBORTag(24, cbor2.dumps(cose(device)))]}
    return cbor2.dumps([cbor2.CBORTag(24, cbor2.dumps(engagement)), cbor2.CBORTag(24, cbor2.dumps(cose(reader))), None]).hex()


# Claim 169, CWT -----------------------------------------------------------------------------------------------------


BASE = {"1": "https://issuer.example", "4": END, "5": START, "6": START}
SMALL = {"1": "3918592438", "2": "1.0", "3": "eng", "4": "Amina Njoroge", "8": "19900412", "9": 2}
FULL = SMALL | {
    "5": "Amina",
    "6": "Wanjiku",
    "7": "Njoroge",
    "10": "12 Lake Road, Kisumu",
    "11": "amina@example.com",
    "12": "+254700000169",
    "13": "UT",
    "14": 2,
    "15": "2020000001",
    "16": PORTRAIT,
    "17": 1,
    "19": "أمينة نجوروجي",
    "20": "ara",
    "21": "6GFJWQ5V+2X",
    "22": "Refugee",
    "23": "UT",
    "50": [{"0": {"hex": "0102"}, "1": 1, "2": 1, "3": "VendorA"}, {"0": {"hex": "0304"}, "1": 0, "2": 6}],
    "62": [{"0": PORTRAIT, "1": 0, "2": 1}],
}
A256, A128 = "5a" * 32, "3c" * 16
KID = "6b2d31"


def claim169(maker):
    ed, es = key("EdDSA", ISSUER), key("ES256", ISSUER)

    def one(program, name, about, issuer=ed, inner=SMALL, outer=BASE, ok=True, change=None, **more):
        claims = outer | {"169": inner}
        asked = {"format": "claim169", "claims": claims, "issuer_key": issuer, "seed": name, **more}
        made = maker.say("issue", program, **asked)
        if not made:
            return None
        verify = {"token": made["token"], "issuer_key": public(issuer), "at": AT} | ({"secret": more["secret"]} if "secret" in more else {}) | (change or {})
        maker.keep(program, name, about, "claim169", {"issue": asked}, verify, ok, claims)
        return asked, verify

    made = one("claim169", "ed25519", "Ed25519, few fields")
    one("claim169", "ed25519-full", "Ed25519, every field that the program writes, two kinds of biometrics", inner=FULL)
    one("claim169", "es256", "ES256", issuer=es)
    one("claim169", "es256-full", "ES256, every field", issuer=es, inner=FULL)
    one("claim169", "kid", "with a kid", kid=KID)
    one("claim169", "aes256", "Sign1 within Encrypt0, A256GCM", secret=A256)
    one("claim169", "aes128", "Sign1 within Encrypt0, A128GCM", secret=A128)
    one("claim169", "refused-unsigned", "its unsigned form, for tests", unsigned=True, ok=False)
    one("claim169", "refused-expired", "exp has passed", outer=BASE | {"4": AT - 86400}, ok=False)
    one("claim169", "refused-not-yet", "nbf is to come", outer=BASE | {"5": AT + 400 * 86400}, ok=False)
    one("claim169", "refused-key", "another issuer's key", ok=False, change={"issuer_key": public(key("EdDSA", "Amana interop other"))})
    one("claim169", "refused-secret", "another secret", secret=A256, ok=False, change={"secret": "00" * 32})
    if made:
        _, verify = made
        for name, about, token in [
            ("refused-value", "the name changed", requoted(verify["token"], lambda data: data.replace(b"Njoroge", b"Njoroga"))),
            ("refused-signature", "one bit of the signature turned", requoted(verify["token"], lambda data: data[:-1] + bytes([data[-1] ^ 1]))),
        ]:
            maker.keep("claim169", name, about, "claim169", {"from": "ed25519"}, verify | {"token": token}, False)

    # What the specification's own example has, and what is met in the field.
    one("cwt", "claim169-tagged", "tags 61 and 18, as the specification's example", inner=FULL)
    one("cwt", "claim169-tagged-es256", "tags 61 and 18, ES256", issuer=es, inner=FULL)
    one("cwt", "claim169-cose-tag", "tag 18 without 61", shape="cose-tag")
    one("cwt", "claim169-bare", "neither tag", shape="bare")
    one("cwt", "claim169-kid", "kid in the protected header", kid="key-169", shape="cose-tag")
    one("cwt", "claim169-kid-outside", "kid in the unprotected header, as the specification's example", unprotected={"4": {"hex": KID}}, shape="cose-tag")
    one("cwt", "claim169-undeflated", "not deflated", deflate=False, shape="cose-tag")
    one("cwt", "claim169-aes256-es256", "ES256 within Encrypt0", issuer=es, secret=A256, structures=["sign1", "encrypt0"], shape="cose-tag")
    one("cwt", "claim169-aes256-tagged", "Encrypt0 within tag 61", secret=A256, structures=["sign1", "encrypt0"])
    one("cwt", "claim169-aes256-cose-tag", "Encrypt0 without tag 61", secret=A256, structures=["sign1", "encrypt0"], shape="cose-tag")
    one("cwt", "claim169-hyphenated-date", "a birth date as 1990-04-12", inner=SMALL | {"8": "1990-04-12"}, shape="cose-tag")
    one("cwt", "claim169-gender-text", "a gender as text", inner=SMALL | {"9": "Female"}, shape="cose-tag")
    one("cwt", "claim169-face-map", "a face as one map, its data as hexadecimal text, as the specification's example", inner=SMALL | {"62": {"0": PORTRAIT["hex"], "1": 0, "2": 4}}, shape="cose-tag")
    one("cwt", "claim169-photo-text", "a photo as hexadecimal text", inner=SMALL | {"16": PORTRAIT["hex"], "17": 1}, shape="cose-tag")
    one("cwt", "claim169-fingers-list", "best quality fingers as a list", inner=SMALL | {"18": [1, 2]}, shape="cose-tag")
    one("cwt", "claim169-fingers-bytes", "best quality fingers as bytes", inner=SMALL | {"18": {"hex": "0102"}}, shape="cose-tag")
    one("cwt", "claim169-integer-id", "an id as an integer", inner=SMALL | {"1": 3918592438}, shape="cose-tag")
    one("cwt", "claim169-unknown-labels", "labels that no version has", inner=SMALL | {"24": "x", "99": 1, "district": "Kisumu"}, shape="cose-tag")
    one("cwt", "claim169-float-exp", "exp as a float", outer=BASE | {"4": float(END)}, shape="cose-tag")
    one("cwt", "claim169-no-dates", "no exp, nbf or iat", outer={"1": "https://issuer.example"}, shape="cose-tag")
    one("cwt", "claim169-empty", "an empty identity", inner={}, shape="cose-tag")
    one("cwt", "refused-claim169-empty-signature", "EdDSA with a signature of no bytes, as many examples in the wild", shape="unsigned", ok=False)
    one("cwt", "refused-claim169-mac", "a MAC where a signature is due", structures=["mac0"], secret=A256, ok=False)
    one("cwt", "refused-claim169-encrypted-only", "encrypted and signed by nobody", structures=["encrypt0"], secret=A256, shape="cose-tag", ok=False)

    # PixelPass packs what others signed, given as hexadecimal text.
    signed = maker.say("issue", "cwt", format="cwt", claims=BASE | {"169": SMALL}, issuer_key=ed, shape="tagged")
    for program in ["@mosip/pixelpass", "pixelpass-jar"]:
        packed = maker.say("issue", program, format="claim169", message=signed["token"])
        if packed:
            verify = {"token": packed["token"], "issuer_key": public(ed), "at": AT}
            maker.keep(program, "packed-hex", "a CWT handed over as hexadecimal text: deflated as that text", "claim169", {"message": signed["token"]}, verify, True, BASE | {"169": SMALL})
        named = {"id": "3918592438", "fullName": "Amina Njoroge", "dob": "19900412", "gender": "Female"}
        packed = maker.say("issue", program, format="claim169", named=named)
        if packed:
            maker.keep(program, "refused-named", "plain CBOR of JSON names: no claim 169 and no signature", "claim169", {"named": named}, {"token": packed["token"], "issuer_key": public(ed), "at": AT}, False)


def requoted(token, change):
    import zlib

    return common.base45(zlib.compress(change(zlib.decompress(common.unbase45(token))), 9))


def cwt(maker):
    ed, es = key("EdDSA", ISSUER), key("ES256", ISSUER)
    claims = BASE | {"2": "amina", "7": {"hex": "0169"}, "-70000": ["x", {"1": True}]}
    for name, about, issuer, more in [
        ("sign1-ed25519", "COSE_Sign1, Ed25519, tags 61 and 18", ed, {}),
        ("sign1-es256", "COSE_Sign1, ES256", es, {}),
        ("sign1-cose-tag", "COSE_Sign1 without tag 61", es, {"shape": "cose-tag"}),
        ("mac0-hs256", "COSE_Mac0, HMAC 256/256", ed, {"structures": ["mac0"], "secret": A256}),
        ("encrypt0-a256gcm", "Sign1 within Encrypt0, A256GCM", ed, {"structures": ["sign1", "encrypt0"], "secret": A256}),
        ("encrypt0-a128gcm", "Sign1 within Encrypt0, A128GCM", es, {"structures": ["sign1", "encrypt0"], "secret": A128}),
    ]:
        asked = {"format": "cwt", "claims": claims, "issuer_key": issuer, "seed": name, **more}
        made = maker.say("issue", "cwt", **asked)
        verify = {"token": made["token"], "issuer_key": public(issuer), "at": AT} | ({"secret": more["secret"]} if "secret" in more else {})
        maker.keep("cwt", name, about, "cwt", {"issue": asked}, verify, True, claims)
        if name == "sign1-es256":
            maker.keep("cwt", "refused-signature", "one bit of the signature turned", "cwt", {"from": name}, verify | {"token": flipped(made["token"], len(made["token"]) // 2 - 1)}, False)
            maker.keep("cwt", "refused-key", "another issuer's key", "cwt", {"from": name}, verify | {"issuer_key": public(key("ES256", "Amana interop other"))}, False)


# Status lists -------------------------------------------------------------------------------------------------------


def status(maker):
    uri = STATUS_URI
    es, ed = key("ES256", ISSUER), key("EdDSA", ISSUER)
    for program, formats in {"token-status-list": ["status-list-jwt", "status-list-cwt"], "@sd-jwt/jwt-status-list": ["status-list-jwt"]}.items():
        if not maker.has(program):
            continue
        for format in formats:
            short = format.removeprefix("status-list-")
            for bits in (1, 2, 4, 8):
                statuses = [(index * 7 + index // 5) % min(2**bits, 16) for index in range(50)]
                issuer = ed if bits == 4 else es
                asked = {"format": format, "statuses": statuses, "bits": bits, "uri": uri, "iat": START, "exp": END, "ttl": 43200, "issuer_key": issuer, "seed": f"{bits}"}
                made = maker.say("issue", program, **asked)
                if not made:
                    continue
                verify = {"token": made["token"], "issuer_key": public(issuer), "uri": uri, "index": 19, "at": AT}
                about = f"fifty entries of {bits} bits, {common.alg_of(issuer)}"
                maker.keep(program, f"{short}-{bits}-bits", about, format, {"issue": asked}, verify, True, None, status=statuses[19])
                if bits == 2:
                    token = made["token"]
                    bad = flipped(token, len(token) // 2 - 1) if format.endswith("cwt") else token.rsplit(".", 1)[0] + "." + turned(token.rsplit(".", 1)[1])
                    maker.keep(program, f"refused-{short}-signature", "one bit of the signature turned", format, {"from": f"{short}-{bits}-bits"}, verify | {"token": bad}, False)
                    maker.keep(program, f"refused-{short}-uri", "the list of another address", format, {"from": f"{short}-{bits}-bits"}, verify | {"uri": uri + "7"}, False)
                    maker.keep(program, f"refused-{short}-index", "an index beyond the list", format, {"from": f"{short}-{bits}-bits"}, verify | {"index": 4000}, False)
                    old = asked | {"exp": AT - 86400}
                    made = maker.say("issue", program, **old)
                    maker.keep(program, f"refused-{short}-expired", "exp has passed", format, {"issue": old}, verify | {"token": made["token"]}, False)
    asked = {"format": "status-list-cwt", "statuses": [0, 1, 2, 3] * 10, "bits": 2, "uri": uri, "iat": START, "exp": END, "issuer_key": es, "shape": "draft-of-2024"}
    made = maker.say("issue", "token-status-list", **asked)
    if made:
        maker.keep("token-status-list", "refused-cwt-its-own", "its own CWT: the list in a byte string, another typ, and no COSE structure signed", "status-list-cwt", {"issue": asked}, {"token": made["token"], "issuer_key": public(es), "uri": uri, "index": 6, "at": AT}, False)


def main():
    maker = Maker(sys.argv[1].split(",") if len(sys.argv) > 1 else ["python", "node", "jvm"])
    for work in (sd_jwt, sd_jwt_with_status, mdoc, claim169, cwt, status):
        work(maker)
    maker.write()


if __name__ == "__main__":
    main()
