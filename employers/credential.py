"""A badge as a signed text: Open Badges 3.0, a verifiable credential as JWT (RS256); pure.

The claims are the credential itself with `iss`, `jti`, `nbf` and `exp` beside it, as section 8.2 of Open
Badges 3.0 (1EdTech, 2024) asks; the header names the key by an address it can be read from.
"""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

ALGORITHM = "RS256"
BITS = 2048
MOST_CHARACTERS = 20_000
CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]
SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
REVOCATION = "1EdTechRevocationList"


class CannotVerify(ValueError):
    """`why` is "unreadable", "unknown_key" or "changed"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Claim:
    """What a badge says. Addresses are absolute; `standards_sha256` is the sealed framework's."""

    address: str
    issuer: str
    issuer_name: str
    issuer_home: str
    revoked_list: str
    image: str
    employer: str
    standards_sha256: str
    standards_version: str
    language: str
    title: str
    description: str
    criteria: str
    since: dt.datetime
    until: dt.datetime


def document(claim: Claim) -> dict[str, Any]:
    """The credential as Open Badges 3.0 writes it."""
    return {
        "@context": CONTEXT,
        "id": claim.address,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": claim.title,
        "issuer": {"id": claim.issuer, "type": ["Profile"], "name": claim.issuer_name, "url": claim.issuer_home},
        "validFrom": _instant(claim.since),
        "validUntil": _instant(claim.until),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {"type": "IdentityObject", "identityHash": claim.employer, "identityType": "name", "hashed": False}
            ],
            "achievement": {
                "id": uuid.uuid5(uuid.NAMESPACE_URL, f"{claim.issuer}#{claim.standards_sha256}").urn,
                "type": ["Achievement"],
                "achievementType": "Badge",
                "name": claim.title,
                "version": claim.standards_version,
                "inLanguage": claim.language,
                "description": claim.description,
                "criteria": {"narrative": claim.criteria},
                "image": {"id": claim.image, "type": "Image"},
            },
        },
        "credentialStatus": {"id": claim.revoked_list, "type": REVOCATION},
        "credentialSchema": [{"id": SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}],
    }


def _instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def signed(claim: Claim, *, private: str, phrase: bytes, kid: str) -> str:
    """The badge's text. `kid` is the address of the public key. Raises ValueError for a wrong phrase."""
    key = serialization.load_pem_private_key(private.encode(), phrase)
    content = document(claim)
    claims = {
        "iss": content["issuer"]["id"],
        "jti": content["id"],
        "nbf": int(claim.since.timestamp()),
        "exp": int(claim.until.timestamp()),
    }
    return jwt.encode({**content, **claims}, key, algorithm=ALGORITHM, headers={"typ": "JWT", "kid": kid})  # type: ignore[arg-type]  # RSA


def checked(text: str, key_of: Callable[[str], Mapping[str, Any] | None]) -> dict[str, Any]:
    """The claims of a badge whose signature is true. `key_of` gives the public key of an address, or None.

    Only RS256 is taken, whatever the header says. Whether it has lapsed or was withdrawn is the
    caller's to ask. Raises `CannotVerify`."""
    if len(text) > MOST_CHARACTERS:
        raise CannotVerify("unreadable")
    try:
        kid = jwt.get_unverified_header(text).get("kid", "")
    except (jwt.InvalidTokenError, UnicodeError) as error:
        raise CannotVerify("unreadable") from error
    public = key_of(kid) if isinstance(kid, str) else None
    if public is None:
        raise CannotVerify("unknown_key")
    rules: Any = {
        "verify_exp": False,
        "verify_nbf": False,
        "verify_aud": False,
        "require": ["iss", "jti", "nbf", "exp"],
    }
    try:
        return jwt.decode(text, jwt.PyJWK(dict(public)).key, algorithms=[ALGORITHM], options=rules)
    except jwt.InvalidTokenError as error:
        raise CannotVerify("changed") from error


def employer_of(text: str) -> str:
    """Whom a badge of one's own names; the signature is not looked at."""
    claims = jwt.decode(text, options={"verify_signature": False})
    return claims["credentialSubject"]["identifier"][0]["identityHash"]


def new_key(phrase: bytes) -> tuple[str, dict[str, str], str]:
    """(name, public key as JWK, private key as PEM locked with the phrase)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    name = secrets.token_hex(8)
    shown = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    locked = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(phrase)
    )
    return (
        name,
        {"kty": shown["kty"], "n": shown["n"], "e": shown["e"], "alg": ALGORITHM, "use": "sig"},
        locked.decode(),
    )


def opens(private: str, phrase: bytes) -> bool:
    """Whether the phrase opens the private key."""
    try:
        serialization.load_pem_private_key(private.encode(), phrase)
    except ValueError:
        return False
    return True


def revoked_list(address: str, issuer: str, revoked: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The list of (badge's address, reason), as Open Badges 3.0 reads it."""
    return {
        "id": address,
        "issuer": issuer,
        "revokedCredential": [{"id": one, "revoked": True, "revocationReason": reason} for one, reason in revoked],
    }
