"""The XML of the REST interface of an Oracle session border controller.

Source: Oracle's "REST API for Session Border Controller" 8.4 to 10.0: envelope, token, operationState, the elements of
configElement. No recording exists: what the documentation does not show, the body of an error, is synthetic.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.etree import ElementTree as ET

from netres.testing.sim.elements import Element, ElementType
from netres.testing.sim.http import Request, Response
from netres.testing.sim.rest import Reason, Refusal
from netres.testing.sim.xmltext import Malformed, Xml

KIND = "application/xml"


def answer(status: int = 200, data: Iterable[ET.Element] = (), message: str = "", link: str = "") -> Response:
    """An answer in its envelope."""
    root = ET.Element("response")
    ET.SubElement(root, "data").extend(data)
    messages, links = ET.SubElement(root, "messages"), ET.SubElement(root, "links")
    if message:
        ET.SubElement(messages, "message").text = message
    if link:
        ET.SubElement(links, "link").text = link
    body = ET.tostring(root, encoding="UTF-8", xml_declaration=True, short_empty_elements=True)
    return Response(status, body, {"Content-Type": KIND})


def leaf(name: str, text: str) -> ET.Element:
    """An element that holds text."""
    made = ET.Element(name)
    made.text = text
    return made


def branch(name: str, *below: ET.Element) -> ET.Element:
    """An element that holds others."""
    made = ET.Element(name)
    made.extend(below)
    return made


def shown(element: Element, name: str = "configElement") -> ET.Element:
    """An element of the configuration."""
    made = branch(name, leaf("elementType", element.type.name))
    for attribute, value in element.values.items():
        made.append(branch("attribute", leaf("name", attribute), *_values(element.type, attribute, value)))
    made.extend(shown(child, "subElement") for child in element.children)
    return made


def _values(kind: ElementType, name: str, value: str) -> Iterator[ET.Element]:
    attribute = kind.attribute(name)
    many = attribute is not None and attribute.many
    yield from (leaf("value", one) for one in (value.split() if many else [value]) or [""])


def body(request: Request) -> Xml:
    """The configElement that came.

    Raises:
        Refusal: the body is none.
    """
    try:
        root = Xml.parse(request.body)
    except Malformed:
        raise Refusal(Reason.MALFORMED, "body") from None
    if root.name != "configElement":
        raise Refusal(Reason.MALFORMED, root.name)
    return root


def type_name(root: Xml) -> str:
    """The type of element that came."""
    return _text(root, "elementType")


def _text(root: Xml, name: str) -> str:
    found = root.child(name)
    return found.text if found else ""


def taken(root: Xml, before: Element) -> Element:
    """``before`` with the attributes and sub-elements that came.

    Raises:
        Refusal: one is not known, or does not take its value.
    """
    made = before
    for one in (child for child in root.children if child.name == "attribute"):
        name = _text(one, "name")
        value = " ".join(part.text for part in one.children if part.name == "value")
        try:
            made = made.having(name, value)
        except KeyError:
            raise Refusal(Reason.UNKNOWN, name, value) from None
        except ValueError:
            raise Refusal(Reason.TYPE, name, value) from None
    for one in (child for child in root.children if child.name == "subElement"):
        kind = made.type.child(type_name(one))
        if kind is None:
            raise Refusal(Reason.UNKNOWN, type_name(one))
        child = taken(one, kind.new())
        made = made.with_child(child)
    return made
