"""The Python program `sd-jwt`, the reference implementation of RFC 9901."""

import json
import random
from importlib.metadata import version

import sd_jwt.holder
from jwcrypto.jwk import JWK
from sd_jwt.common import SDJWTCommon, SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier

from common import Refused, alg_of, make_key, public_jwk

PROGRAM = "sd-jwt"
VERSION = version("sd-jwt")
FORMATS = ["sd-jwt", "sd-jwt-vc"]


def issue(asked):
    seed = asked.get("seed")
    if seed:
        SDJWTCommon.unsafe_randomness = True
        random.seed(seed)
    issuer = asked.get("issuer_key") or make_key(asked.get("alg", "ES256"), seed and seed + " issuer")
    holder = asked.get("holder_key") or (make_key(asked.get("holder_alg", "ES256"), seed and seed + " holder") if asked.get("bind", True) else None)
    typ = {"sd-jwt": "example+sd-jwt", "sd-jwt-vc": "dc+sd-jwt"}[asked["format"]]
    made = SDJWTIssuer(
        marked(asked["claims"], [tuple(path) for path in asked.get("disclosable", [])]),
        jwk(issuer),
        holder_key=jwk(public_jwk(holder)) if holder else None,
        sign_alg=alg_of(issuer),
        add_decoy_claims=asked.get("decoys", 0) > 0,
        extra_header_parameters={"typ": typ} | asked.get("header", {}),
    )
    return {"token": made.sd_jwt_issuance, "issuer_key": issuer, "holder_key": holder}


def present(asked):
    holder = SDJWTHolder(asked["token"])
    key = asked.get("holder_key")
    # The program offers no other way to say when.
    sd_jwt.holder.time = lambda: asked["iat"]
    bound = {"nonce": asked["nonce"], "aud": asked["audience"], "holder_key": jwk(key), "sign_alg": alg_of(key)} if key else {}
    holder.create_presentation(wanted(asked.get("disclose", [])), **bound)
    return {"token": holder.sd_jwt_presentation}


def verify(asked):
    binding = asked.get("audience"), asked.get("nonce")
    verifier = SDJWTVerifier.__new__(SDJWTVerifier)
    # The program verifies key binding only with ES256, its default, which is a global.
    header = {}
    if asked["token"].count(".") > 2:
        binding_jwt = asked["token"].rsplit("~", 1)[1]
        header = json.loads(SDJWTCommon._base64url_decode(binding_jwt.split(".")[0]))
    import sd_jwt.verifier

    sd_jwt.verifier.DEFAULT_SIGNING_ALG = header.get("alg", "ES256")
    verifier.__init__(asked["token"], lambda *_: jwk(public_jwk(asked["issuer_key"])), *binding)
    if any(binding) and not header:
        raise Refused("no key binding")
    return {"claims": verifier.get_verified_payload(), "unchecked": ["exp", "nbf", "typ", "vct", "kb iat"]}


def jwk(key):
    return JWK(**key)


def marked(value, paths, here=()):
    """The claims, with the keys and elements at `paths` marked as disclosable."""
    if isinstance(value, dict):
        return {(SDObj(key) if here + (key,) in paths else key): marked(item, paths, here + (key,)) for key, item in value.items()}
    if isinstance(value, list):
        elements = [marked(item, paths, here + (at,)) for at, item in enumerate(value)]
        return [SDObj(item) if here + (at,) in paths else item for at, item in enumerate(elements)]
    return value


def wanted(paths):
    """Paths as the nested objects and lists that the program takes."""
    tree = {}
    for path in paths:
        branch = tree
        for step in path:
            branch = branch.setdefault(step, {})
    return shaped(tree)


def shaped(tree):
    if not tree:
        return True
    if all(isinstance(step, int) for step in tree):
        return [shaped(tree[at]) if at in tree else None for at in range(max(tree) + 1)]
    return {step: shaped(branch) for step, branch in tree.items()}
