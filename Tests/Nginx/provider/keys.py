"""Keys and tokens of the provider, made with joserfc: another implementation than the one tested."""
import base64
import functools
import hashlib
import json

from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "HS256"]
CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
# joserfc calls for registration of what RFC 7518 recommends against or leaves optional.
REGISTRY = jws.JWSRegistry(algorithms=ALGORITHMS)


@functools.cache
def _made(algorithm, kid):
    parameters = {"kid": kid, "use": "sig", "alg": algorithm}
    if algorithm[:2] in ("RS", "PS"):
        return RSAKey.generate_key(2048, parameters)
    if algorithm == "EdDSA":
        return OKPKey.generate_key("Ed25519", parameters)
    return ECKey.generate_key(CURVES[algorithm], parameters)


class SigningKey:
    """The same algorithm and name give the same key: making an RSA key takes its time."""

    def __init__(self, algorithm="ES256", kid="first"):
        self.algorithm, self.kid = algorithm, kid
        self.key = _made(algorithm, kid)

    def public(self):
        return {**self.key.as_dict(private=False), "use": "sig", "alg": self.algorithm, "kid": self.kid}

    def sign(self, claims, **header):
        """A compact JWS; a header of None leaves that member out."""
        whole = {"alg": self.algorithm, "kid": self.kid, **header}
        whole = {name: value for name, value in whole.items() if value is not None}
        payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
        return jws.serialize_compact(whole, payload, self.key, algorithms=ALGORITHMS, registry=REGISTRY)


def unsigned(claims, **header):
    """`alg: none`: three parts, the last one empty."""
    return f"{encode(json.dumps({'alg': 'none', **header}))}.{encode(json.dumps(claims))}."


def symmetric(secret, claims, **header):
    """HS256 with a secret that both sides know, as an attacker who knows it would."""
    key = OctKey.import_key(secret)
    return jws.serialize_compact({"alg": "HS256", **header}, json.dumps(claims).encode(), key, algorithms=["HS256"])


def verify(token, keys):
    """The claims of a token that one of the `SigningKey`s signed; raises where none did."""
    kid = json.loads(decode(token.split(".")[0]))["kid"]
    key = next(key for key in keys if key.kid == kid)
    found = jws.deserialize_compact(token, key.key, algorithms=[key.algorithm], registry=REGISTRY)
    return json.loads(found.payload)


def half_hash(algorithm, text):
    """The value of `at_hash`.  - Source: OpenID Connect Core, 3.1.3.6."""
    size = "512" if algorithm == "EdDSA" else algorithm[2:]
    digest = hashlib.new("sha" + size, text.encode()).digest()
    return encode(digest[:len(digest) // 2])


def encode(data):
    data = data.encode() if isinstance(data, str) else data
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
