"""XMP packets: RDF/XML about a picture, written plainly and read without trust.

Source: XMP specification part 1 (ISO 16684-1). A packet is refused if it has a document type, since that is where
entities are declared ("billion laughs", external files), or if it is nested deeply; the parser fetches nothing.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from mgpe_tf.errors import UserError

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
NAMESPACES = {
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "mgpe": "http://mgpe-tf.invalid/xmp/1.0/",  # a name only: .invalid belongs to nobody
    "xmp": "http://ns.adobe.com/xap/1.0/",
}
"""Namespaces by their usual prefixes; the properties of this package are in "mgpe"."""

MAX_PACKET = 4 * 2**20
"""Largest size of a packet that is read, in bytes."""

_MAX_DEPTH = 32
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{rdf}">
<rdf:Description rdf:about=""{namespaces}>
{properties}
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""
_CONTAINERS = {
    "dc:creator": "<rdf:Seq><rdf:li>{}</rdf:li></rdf:Seq>",
    "dc:rights": '<rdf:Alt><rdf:li xml:lang="x-default">{}</rdf:li></rdf:Alt>',
}


def write(properties: Mapping[str, str]) -> str:
    """A packet with one value for each property, e.g. {"xmp:CreatorTool": "mgpe_tf"}."""
    lines = [
        f"<{name}>{_CONTAINERS.get(name, '{}').format(escape(value))}</{name}>" for name, value in properties.items()
    ]
    namespaces = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    return _PACKET.format(rdf=RDF, namespaces=namespaces, properties="\n".join(lines))


def read(packet: bytes, name: str) -> dict[str, tuple[str, ...]]:
    """Values of the properties in a packet by "{namespace}name" (see ``key``): texts, links, items of containers.

    `name` stands for the file in errors. Raises UserError if the packet is not well-formed UTF-8, nested too deeply,
    too large or has a document type.
    """
    if len(packet) > MAX_PACKET:
        raise UserError(f"{name}: XMP of {len(packet)} bytes; allowed: {MAX_PACKET}")
    parser = ElementTree.XMLParser(target=_Tree(name), encoding="utf-8")
    try:
        root = ElementTree.fromstring(packet.strip(b"\0 \t\r\n"), parser)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise UserError(f"{name}: broken XMP: {error}") from error
    properties: dict[str, tuple[str, ...]] = {}
    for description in (part for rdf in root.iter(f"{{{RDF}}}RDF") for part in rdf.findall(f"{{{RDF}}}Description")):
        for tag, value in description.items():
            properties[tag] = (*properties.get(tag, ()), value)
        for part in description:
            properties[part.tag] = (*properties.get(part.tag, ()), *_values(part))
    return properties


def key(prefixed: str) -> str:
    """The key under which ``read`` gives a property: its namespace in braces, then its name without prefix."""
    prefix, _, local = prefixed.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def _values(element: ElementTree.Element) -> tuple[str, ...]:
    """The values of a property written as an element: a link, the items of a container, or a text."""
    link = element.get(f"{{{RDF}}}resource")
    items = tuple(item.text or "" for item in element.iter(f"{{{RDF}}}li"))
    return (link,) if link is not None else items or (element.text or "",)


class _Tree(ElementTree.TreeBuilder):
    """Builds the tree and refuses what no XMP needs."""

    def __init__(self, name: str):
        super().__init__()
        self._name, self._depth = name, 0

    def doctype(self, *_: object) -> None:
        """Called at the start of a document type, ahead of any entity in it."""
        raise UserError(f"{self._name}: XMP with a document type: refused")

    def start(self, tag: Any, attributes: Any) -> ElementTree.Element:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise UserError(f"{self._name}: XMP nested more than {_MAX_DEPTH} deep: refused")
        return super().start(tag, attributes)

    def end(self, tag: Any) -> ElementTree.Element:
        self._depth -= 1
        return super().end(tag)
