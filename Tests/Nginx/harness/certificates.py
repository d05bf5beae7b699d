"""A certificate authority of the tests' own, and a certificate for 127.0.0.1."""
import datetime
import ipaddress
import os

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def make_certificates(folder, address="127.0.0.1"):
    """Writes ca.pem, server.pem and server.key; returns their paths."""
    authority_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority_name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Tests of Cloakroom")])
    authority = _certificate(authority_name, authority_name, authority_key.public_key()).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True).add_extension(
        x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), critical=False).add_extension(
        x509.KeyUsage(False, False, False, False, False, True, True, False, False), critical=True,
    ).sign(authority_key, hashes.SHA256())
    server = _certificate(x509.Name([]), authority_name, server_key.public_key()).add_extension(
        x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=True).add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False,
    ).sign(authority_key, hashes.SHA256())
    paths = [os.path.join(folder, name) for name in ("ca.pem", "server.pem", "server.key")]
    contents = [
        authority.public_bytes(serialization.Encoding.PEM), server.public_bytes(serialization.Encoding.PEM),
        server_key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                 serialization.NoEncryption()),
    ]
    for path, content in zip(paths, contents, strict=True):
        with open(path, "wb") as file:
            file.write(content)
        os.chmod(path, 0o644)
    return paths


def _certificate(subject, issuer, key):
    now = datetime.datetime.now(datetime.timezone.utc)
    return (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=1)))
