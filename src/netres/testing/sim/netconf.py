"""A NETCONF server: one session as a conversation over SSH (RFC 6241, RFC 6242)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Final

from netres.testing.sim.delivery import acts
from netres.testing.sim.device import Simulated
from netres.testing.sim.netconf_data import NetconfServer
from netres.testing.sim.netconf_error import BASE, RpcError
from netres.testing.sim.netconf_framing import Deframer, FramingError, framed
from netres.testing.sim.netconf_rpc import Operations
from netres.testing.sim.wire import Act, Cut, End, Send
from netres.testing.sim.xmltext import Malformed, Xml

_BASES: Final = ("urn:ietf:params:netconf:base:1.0", "urn:ietf:params:netconf:base:1.1")


class NetconfSession:
    """Implements `netres.testing.sim.wire.Conversation`."""

    def __init__(self, device: Simulated, server: NetconfServer) -> None:
        self._device = device
        self._server = server
        self._epoch = device.epoch
        self._deframer = Deframer()
        self._greeted = False
        self._over = False
        with device.lock:
            self._operations = Operations(device, server)
            server.sessions[self._operations.editor.number] = self._killed
        self.hang_up: Callable[[], object] = lambda: None
        """Ends the connection; set by whoever has it."""

    def _killed(self) -> None:
        """Another session ends this one."""
        self._over = True
        self._operations.end()
        self.hang_up()

    def start(self) -> Iterable[Act]:
        """The server's hello."""
        capabilities = [Xml("capability", BASE, one) for one in (*_BASES, *self._server.capabilities)]
        number = str(self._operations.editor.number)
        hello = Xml("hello", BASE, "", [Xml("capabilities", BASE, "", capabilities), Xml("session-id", BASE, number)])
        yield Send(framed(_document(hello), chunked=False))

    def feed(self, data: bytes) -> Iterable[Act]:
        """Take what came."""
        messages = self._deframer.feed(data)
        while not self._over:
            if self._epoch != self._device.epoch:
                yield from self._ended(Cut())
                return
            try:
                message = next(messages, None)
            except FramingError:
                yield from self._ended(End())
                return
            if message is None:
                return
            yield from self._message(message) if self._greeted else self._hello(message)

    def eof(self) -> Iterable[Act]:
        """Nothing more will come."""
        yield from self._ended(End())

    def close(self) -> None:
        """The connection is gone: locks, and what only this session could confirm, are too."""
        with self._device.lock:
            self._operations.end()

    def _ended(self, act: Act) -> Iterator[Act]:
        self._over = True
        yield act

    def _hello(self, message: bytes) -> Iterator[Act]:
        """The client's hello: the framing is that of the newest version that both have."""
        try:
            hello = Xml.parse(message)
        except Malformed:
            yield from self._ended(End())
            return
        capabilities = hello.child("capabilities")
        theirs = {child.text for child in capabilities.children} if capabilities else set[str]()
        if hello.name != "hello" or hello.child("session-id") or not theirs & set(_BASES):
            yield from self._ended(End())
            return
        self._greeted = True
        self._deframer.chunked = _BASES[1] in theirs

    def _message(self, message: bytes) -> Iterator[Act]:
        chunked = self._deframer.chunked
        done = self._device.operate("netconf", *self._operation(message))
        answer = framed((done.answer or "").encode(), chunked=chunked)
        whole: list[Act] = [Send(answer)]
        if self._operations.over:
            whole.append(End())
            self._over = True
        yield from acts(done, answer, whole)

    def _operation(self, message: bytes) -> tuple[str, Callable[[], str], Callable[[], str]]:
        """A message as faults are matched with it, what answers it, and what refuses it.

        The text is the operation's name, and the names and texts of what is in it, in order.
        """
        try:
            rpc = Xml.parse(message)
        except Malformed as error:
            refusal = partial(_reply, None, _refusing(RpcError("malformed-message", str(error), "rpc")))
            return "(no XML)", refusal, refusal
        refused = _refusing(RpcError("operation-failed", "the device refuses the operation"))
        answer = partial(self._operations.answer, rpc)
        return " ".join(rpc.words()), partial(_reply, rpc, answer), partial(_reply, rpc, refused)


def _refusing(error: RpcError) -> Callable[[], Sequence[Xml]]:
    def refused() -> Sequence[Xml]:
        raise error

    return refused


def _reply(rpc: Xml | None, doing: Callable[[], Sequence[Xml]]) -> str:
    """The reply to an operation; nothing to tell is ``<ok/>``. It has every attribute of the request."""
    try:
        inside = list(doing()) or [Xml("ok", BASE)]
    except RpcError as error:
        inside = [error.xml]
    except ExceptionGroup as several:
        inside = [error.xml for error in several.exceptions if isinstance(error, RpcError)]
    return _document(Xml("rpc-reply", BASE, "", inside, rpc.attributes if rpc else {})).decode()


def _document(root: Xml) -> bytes:
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + root.render()).encode()
