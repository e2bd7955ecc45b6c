"""XML in and out, for NETCONF and REST: elements, attributes, text, namespaces. No entities, no document type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Self
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

DEEPEST: Final = 100
"""Elements that may stand in each other."""


class Malformed(ValueError):
    """The text is no XML, or has a document type."""


@dataclass
class Xml:
    """An element. Names of attributes with a namespace are ``{namespace}name``."""

    name: str
    space: str = ""
    text: str = ""
    children: list[Xml] = field(default_factory=list["Xml"])
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def parse(cls, text: bytes) -> Self:
        """The root of a document.

        Raises:
            Malformed: it is none, is no UTF-8, or has a document type (which entities would need).
        """
        try:
            document = text.decode("utf-8").strip()
        except UnicodeDecodeError as error:
            raise Malformed("no UTF-8") from error
        if "<!DOCTYPE" in document or "<!ENTITY" in document:
            raise Malformed("a document type is not accepted")
        try:
            return cls._of(ET.fromstring(document), 0)  # noqa: S314 - without a document type there is no entity
        except ET.ParseError as error:
            raise Malformed(str(error)) from error

    @classmethod
    def _of(cls, element: ET.Element, depth: int) -> Self:
        if depth > DEEPEST:
            raise Malformed(f"more than {DEEPEST} elements in each other")
        space, _, name = element.tag.rpartition("}")
        children: list[Xml] = [cls._of(child, depth + 1) for child in element]
        text = (element.text or "").strip()
        return cls(name, space.removeprefix("{"), text, children, dict(element.attrib))

    def child(self, name: str) -> Xml | None:
        """The first child of a name, in whatever namespace."""
        return next((child for child in self.children if child.name == name), None)

    def words(self) -> Iterator[str]:
        """The names and texts of all that is in it, in order; behind a name what its attribute ``operation`` says."""
        for child in self.children:
            yield child.name
            yield from (value for name, value in child.attributes.items() if name.endswith("}operation"))
            if child.text:
                yield child.text
            yield from child.words()

    def render(self, outer: str = "") -> str:
        """The element as text; ``outer``: the namespace around it."""
        head = self.name if self.space == outer else f"{self.name} xmlns={quoteattr(self.space)}"
        for number, (name, value) in enumerate(self.attributes.items()):
            space, _, local = name.rpartition("}")
            if space:
                prefix = f"a{number}"
                head += f" xmlns:{prefix}={quoteattr(space[1:])} {prefix}:{local}={quoteattr(value)}"
            else:
                head += f" {local}={quoteattr(value)}"
        inside = escape(self.text) + "".join(child.render(self.space) for child in self.children)
        return f"<{head}>{inside}</{self.name}>" if inside else f"<{head}/>"
