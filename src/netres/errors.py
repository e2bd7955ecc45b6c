"""Every error netres raises: one tree, so that callers catch by what they can do about it.

    NetresError
    ├─ UsageError            the call is wrong; nothing was sent
    │  ├─ UnknownDriver      no driver of that name
    │  ├─ UnknownDevice      the inventory has no device of that name (a KeyError too)
    │  ├─ MissingDependency  an extra is not installed; names the pip command
    │  ├─ Unsupported        the device cannot do it; carries the Capability
    │  ├─ StalePlan          the device changed since it was planned
    │  ├─ TamperedPlan       the plan is not the one that was sealed
    │  └─ InvalidConfig      an inventory, configuration or Item is not valid; names place, field, remedy
    │     └─ SecretError     a secret's reference does not lead to a usable value
    ├─ TransportError        the bytes did not arrive
    │  ├─ ConnectFailed*     closed port, unknown name, unreachable network
    │  ├─ Timeout*           the device did not answer within the deadline
    │  ├─ AuthFailed         user name, password, key or token refused
    │  │  └─ SessionExpired  a login that was good is no more, and cannot be renewed
    │  ├─ CertificateError   the device's TLS certificate is not one to trust
    │  ├─ HostKeyUnknown     the device's host key is in no known_hosts file
    │  └─ HostKeyMismatch    the device's host key is not the known one
    ├─ DeviceError           the device answered, and the answer is no
    │  ├─ Rejected           it refused an operation; carries its words
    │  │  └─ NotFound        it has no such thing
    │  └─ Busy*              it cannot just now (locked, rate limit)
    ├─ JournalFailed         the journal cannot be read or written; what was not recorded was not sent
    │  └─ LeaseLost          another writer has the device now; nothing more is sent
    ├─ ParseError            an answer was not understood: a driver's bug
    ├─ TransactionFailed     carries the TransactionResult; raised by TransactionResult.raise_for_outcome()
    └─ ApplyFailed           carries the ApplyResult; raised by ApplyResult.raise_for_outcome()

The models are pydantic's: an Item made in Python with a wrong value raises ``pydantic.ValidationError``, whose
``errors()`` quote the value. What netres reads from files and mappings raises `InvalidConfig`.

``*`` marks the classes whose ``retryable`` is true: the same operation may succeed later. No error of paramiko,
netmiko, httpx or pysnmp leaves a transport; the original is in ``__cause__``. No message holds a secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from netres.driver import Capability
    from netres.fleet.result import TransactionResult
    from netres.model.base import Key
    from netres.plan import ApplyResult


class NetresError(Exception):
    """Base of every error of this library."""

    retryable = False


class UsageError(NetresError):
    """The call is wrong; nothing was sent. ``item`` is the Item it is about, where it is about one."""

    item: Key | None = None

    def about(self, key: Key) -> Self:
        """This error, told to be about an Item."""
        self.item = key
        return self


class UnknownDriver(UsageError):
    """No driver has that platform name."""


class UnknownDevice(UsageError, KeyError):
    """The inventory has no device of that name; a KeyError as well, as the protocol of mappings demands."""

    __str__ = Exception.__str__  # KeyError's would put the message in quotes


class MissingDependency(UsageError):
    """An optional package is not installed."""


class Unsupported(UsageError):
    """The resource cannot do what was asked; ``capability`` says what it can."""

    def __init__(self, message: str, capability: Capability | None = None) -> None:
        super().__init__(message)
        self.capability = capability

    def __reduce__(self) -> tuple[type[Unsupported], tuple[str, Capability | None]]:
        return type(self), (str(self), self.capability)


class StalePlan(UsageError):
    """The device is no longer as it was when the plan was made."""


class TamperedPlan(UsageError):
    """The plan's content does not match its digest or what it says it would send."""


class InvalidConfig(UsageError):
    """Input that is not valid: the message names the place, the field and the remedy."""


class SecretError(InvalidConfig):
    """A secret's reference does not lead to a usable value."""


class TransportError(NetresError):
    """The exchange with the device failed on its way."""


class ConnectFailed(TransportError):
    """No connection: closed port, unknown name, unreachable network."""

    retryable = True


class Timeout(TransportError):
    """No answer within the deadline."""

    retryable = True


class AuthFailed(TransportError):
    """The device refused the credentials."""


class SessionExpired(AuthFailed):
    """A login that was good is no more, and nothing is at hand to log in again."""


class CertificateError(TransportError):
    """The device's TLS certificate is not one to trust: unknown issuer, another name, or out of date."""


class HostKeyUnknown(TransportError):
    """The device's host key is in no known_hosts file, and the policy is ``strict``."""


class HostKeyMismatch(TransportError):
    """The device's host key differs from the known one."""


class DeviceError(NetresError):
    """The device answered, and the answer is no."""


class Rejected(DeviceError):
    """The device refused ``operation`` (secrets masked); ``answer`` holds its own words."""

    def __init__(self, operation: str, answer: str) -> None:
        super().__init__(f"the device refused {operation!r}: {answer}")
        self.operation = operation
        self.answer = answer

    def __reduce__(self) -> tuple[type[Rejected], tuple[str, str]]:
        return type(self), (self.operation, self.answer)


class NotFound(Rejected):
    """The device has no such thing."""


class Busy(DeviceError):
    """The device cannot do it at this moment. ``retry_after``: in how many seconds it may, where the device says so."""

    retryable = True

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[type[Busy], tuple[str, float | None]]:
        return type(self), (str(self), self.retry_after)


class JournalFailed(NetresError):
    """The journal cannot be read or written; what was not recorded was not sent."""


class LeaseLost(JournalFailed):
    """The lease on a device ran out, or another writer has it: nothing more is sent to the device."""


class ParseError(NetresError):
    """An answer of the device was not understood: a bug of the driver."""


class ApplyFailed(NetresError):
    """A change did not end as ``applied``; ``result`` tells what is true now."""

    def __init__(self, message: str, result: ApplyResult) -> None:
        super().__init__(message)
        self.result = result

    def __reduce__(self) -> tuple[type[ApplyFailed], tuple[str, ApplyResult]]:
        return type(self), (str(self), self.result)


class TransactionFailed(NetresError):
    """A transaction did not end as it was planned; ``result`` says what was done and what was undone."""

    def __init__(self, message: str, result: TransactionResult) -> None:
        super().__init__(message)
        self.result = result

    def __reduce__(self) -> tuple[type[TransactionFailed], tuple[str, TransactionResult]]:
        return type(self), (str(self), self.result)
