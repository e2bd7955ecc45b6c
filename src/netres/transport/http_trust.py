"""What a server's certificate is checked against, and why there is no connection to it."""

from __future__ import annotations

import socket
import ssl

from netres.errors import CertificateError, ConnectFailed, InvalidConfig, NetresError
from netres.inventory.entry import HttpSettings


def trust(settings: HttpSettings) -> ssl.SSLContext:
    """What certificates are checked against: what the system trusts, and the PEM file ``ca``.

    Raises:
        InvalidConfig: the file cannot be read, or has no certificate.
    """
    ca = settings.ca
    if settings.scheme == "http" and ca is None:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody; loading what the system trusts takes its time
    context = ssl.create_default_context()
    # A device's own certificate in the file is trusted for what it is, whoever signed it.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if ca is not None:
        try:
            context.load_verify_locations(cafile=ca.expanduser())
        except ssl.SSLError as error:
            raise InvalidConfig(f"http.ca {str(ca)!r} holds no PEM certificate; check the file") from error
        except OSError as error:
            raise InvalidConfig(f"http.ca {str(ca)!r} cannot be read: {error.strerror}; check the path") from error
    return context


def unconnected(place: str, error: BaseException) -> NetresError:
    """Why there is no connection, from what httpx raised."""
    cause = _root(error)
    match cause:
        case ssl.SSLCertVerificationError():
            return CertificateError(
                f"{place}: the certificate is not to be trusted: {cause.verify_message}; check host, or name "
                f"a PEM file of the authority in http.ca"
            )
        case ssl.SSLError():
            return ConnectFailed(
                f"{place}: the TLS handshake failed: {cause.reason or cause}; check port and http.scheme"
            )
        case socket.gaierror():
            return ConnectFailed(f"{place}: the name cannot be resolved ({cause.strerror}); check host and DNS")
        case ConnectionRefusedError():
            return ConnectFailed(f"{place}: the port is closed; check port, and that a web server runs there")
        case OSError():
            return ConnectFailed(f"{place}: {cause.strerror or cause}; check host, port and routes")
        case _:
            return ConnectFailed(f"{place}: {cause}; check host and port")


def _root(error: BaseException) -> BaseException:
    """What httpcore caught, and httpx after it."""
    while (below := error.__cause__ or error.__context__) is not None:
        error = below
    return error
