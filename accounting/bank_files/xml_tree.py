"""Elements of an XML file one at a time, with neither document types nor entities.

The parser is fed piece by piece and refuses a document type before reading it, so that no
entity is ever declared, expanded or fetched.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

from django.utils.translation import gettext as _

from accounting.bank_files.facts import damaged, line_place
from backoffice.errors import Refused

PIECE = 64 * 1024
DEEPEST, LARGEST = 64, 200_000
# Characters of one text, bytes of one tag: a remittance has a few hundred.
LONGEST = 1024 * 1024


@dataclass
class Node:
    """An element without its namespace: its text, attributes and elements below."""

    tag: str
    line: int = 0
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def find(self, path: str) -> Node | None:
        """The first element at the path below this one."""
        first, _slash, rest = path.partition("/")
        for child in self.children:
            if child.tag == first:
                found = child.find(rest) if rest else child
                if found is not None:
                    return found
        return None

    def all(self, tag: str) -> list[Node]:
        """The elements of this name directly below."""
        return [child for child in self.children if child.tag == tag]

    def said(self, *paths: str) -> str:
        """The first text found at one of the paths."""
        for path in paths:
            found = self.find(path)
            if found is not None and found.text.strip():
                return " ".join(found.text.split())
        return ""

    @property
    def place(self) -> str:
        """Where it stands in the file."""
        return line_place(self.line)


def elements(path: Path, wanted: Collection[str], ends: Collection[str]) -> Iterator[Node]:
    """Each wanted element when it is complete; of those in `ends` only that they begin or end.

    The beginning of one in `ends` comes as an empty Node of its tag, its end as one with the
    tag `/tag`.
    """
    builder = _Builder(wanted, ends)
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            builder.feed(piece)
            yield from builder.taken()
        builder.feed(b"", is_last=True)
        yield from builder.taken()


class _Builder:
    """Builds the wanted elements from what the parser reports."""

    def __init__(self, wanted: Collection[str], ends: Collection[str]) -> None:
        self.wanted, self.ends = wanted, ends
        self.open: list[Node] = []
        self.ready: list[Node] = []
        self.depth, self.nodes, self.fed = 0, 0, 0
        self.parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.ExternalEntityRefHandler = self._refuse
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    @property
    def line(self) -> int:
        return self.parser.CurrentLineNumber

    def feed(self, piece: bytes, *, is_last: bool = False) -> None:
        try:
            self.parser.Parse(piece, is_last)
        except expat.ExpatError as wrong:
            why = expat.errors.messages.get(wrong.code, _("this cannot be read"))
            raise damaged(
                line_place(wrong.lineno), _("the XML is damaged: %(why)s.") % {"why": why}
            ) from None
        self.fed += len(piece)
        if self.fed - max(self.parser.CurrentByteIndex, 0) > LONGEST:
            raise self._too_large()

    def taken(self) -> Iterator[Node]:
        ready, self.ready = self.ready, []
        yield from ready

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        self.depth += 1
        self.nodes += 1
        if self.depth > DEEPEST or (self.open and self.nodes > LARGEST):
            raise self._too_large()
        if self.open or tag in self.wanted:
            self.nodes = self.nodes if self.open else 0
            node = Node(tag, self.line, attributes)
            if self.open:
                self.open[-1].children.append(node)
            self.open.append(node)
        elif tag in self.ends:
            self.ready.append(Node(tag, self.line))

    def _end(self, name: str) -> None:
        self.depth -= 1
        if self.open:
            done = self.open.pop()
            if not self.open:
                self.ready.append(done)
            return
        tag = name.rpartition(" ")[2]
        if tag in self.ends:
            self.ready.append(Node(f"/{tag}", self.line))

    def _text(self, text: str) -> None:
        if self.open:
            self.open[-1].text += text
            if len(self.open[-1].text) > LONGEST:
                raise self._too_large()

    def _too_large(self) -> Refused:
        return damaged(line_place(self.line), _("this is nested too deep or too large."))

    def _refuse(self, *_facts: object) -> Any:
        raise damaged(
            line_place(self.line),
            _("the file declares a document type or entities, which no bank needs."),
        )
