"""The words of a bank line, to find references and names in whatever way they are spaced."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from accounting.bank_import import plain
from accounting.models import StatementLine

WINDOW = 6  # so many words together may be one reference or name
SHORTEST = 4  # shorter ones are met by chance
CENT = Decimal("0.01")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Words:
    """The words of a line, and every run of a few of them written together."""

    whole: str
    runs: frozenset[str]

    @classmethod
    def of(cls, line: StatementLine) -> Words:
        """The words of text, reference, who and the payments of a batch."""
        texts = [line.reference, line.text, line.counterparty]
        for part in line.details or ():
            texts += [
                part.get("reference", ""),
                part.get("text", ""),
                part.get("counterparty", ""),
            ]
        return cls.in_texts(texts)

    @classmethod
    def in_texts(cls, texts: list[str]) -> Words:
        """The words of some texts; a run does not go over the end of one."""
        runs: set[str] = set()
        for text in texts:
            words = _WORD.findall(plain_words(text))
            for start in range(len(words)):
                run = ""
                for word in words[start : start + WINDOW]:
                    run += word
                    if len(run) >= SHORTEST:
                        runs.add(run)
        return cls(" ".join(plain(text) for text in texts), frozenset(runs))

    def name(self, *references: str) -> bool:
        """Whether one of the references stands among the words."""
        return any(plain(reference) in self.runs for reference in references if reference)

    def hold(self, words: str) -> bool:
        """Whether these words stand anywhere, also within longer ones."""
        wanted = plain(words)
        return bool(wanted) and wanted in self.whole


def plain_words(text: str) -> str:
    """The text in small letters, its words kept apart."""
    return text.casefold()


def amounts_equal(one: Decimal, other: Decimal) -> bool:
    """Whether two amounts are the same but for the cent a discount is rounded by."""
    return abs(one - other) <= CENT
