"""Signing keys for a provider, as private JWKs, made with the openssl program."""
import base64
import subprocess


def _openssl(*arguments, stdin=None):
    return subprocess.run(["openssl", *arguments], input=stdin, check=True, capture_output=True).stdout


def _text(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def elliptic(kid):
    """A P-256 key for ES256."""
    der = _openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-outform", "DER")
    # RFC 5915: the private number follows a header of 7 bytes, the point ends the structure.
    return {"kty": "EC", "crv": "P-256", "kid": kid, "alg": "ES256", "use": "sig",
            "d": _text(der[7:39]), "x": _text(der[-64:-32]), "y": _text(der[-32:])}


def rsa(kid, bits=2048):
    """An RSA key for RS256."""
    der = _openssl("genrsa", "-traditional", str(bits))
    der = _openssl("rsa", "-traditional", "-outform", "DER", stdin=der)
    numbers = _integers(der)[1:]                      # the first is the version
    names = ("n", "e", "d", "p", "q", "dp", "dq", "qi")
    return {"kty": "RSA", "kid": kid, "alg": "RS256", "use": "sig",
            **{name: _text(number.lstrip(b"\0")) for name, number in zip(names, numbers, strict=True)}}


def _integers(der):
    """The INTEGERs of a DER SEQUENCE of nothing else (RFC 8017, A.1.2)."""
    _, at = _length(der, 1)
    found = []
    while at < len(der):
        size, at = _length(der, at + 1)
        found.append(der[at:at + size])
        at += size
    return found


def _length(der, at):
    if der[at] < 0x80:
        return der[at], at + 1
    count = der[at] & 0x7F
    return int.from_bytes(der[at + 1:at + 1 + count], "big"), at + 1 + count
