"""A certificate authority of one's own, for servers on loopback."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass(frozen=True)
class Authority:
    """A certificate authority: ``pem`` is its own certificate."""

    directory: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def new(cls, directory: Path) -> Authority:
        """A new one, good for a day; its files are put into ``directory``."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate("netres test authority", key, None, None, days=1)
        authority = cls(directory, key, certificate)
        authority.pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return authority

    @property
    def pem(self) -> Path:
        """Its own certificate."""
        return self.directory / "ca.pem"

    def server(self, *names: str, days: float = 1) -> ssl.SSLContext:
        """TLS of a server that has a certificate of this authority; negative ``days``: it was good until then."""
        return self.issued(*names, days=days)[0]

    def issued(self, *names: str, days: float = 1) -> tuple[ssl.SSLContext, Path]:
        """`server`, and the PEM file of its certificate."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(names[0], key, self, names, days)
        path = self.directory / f"{len(list(self.directory.iterdir()))}.pem"
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        private = path.with_suffix(".key")
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path, private)
        return context, path


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: Authority | None,
    names: tuple[str, ...] | None,
    days: float,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    end = datetime.now(UTC) + timedelta(days=days)
    signer = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - timedelta(days=30))
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([_name(one) for one in names]), critical=False)
    return builder.sign(signer, hashes.SHA256())


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
