"""One connection to the mail server, which says of each letter: taken, not taken, or not known."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address

LETTERS_PER_CONNECTION = 100
MAY_HELP_LATER = range(400, 500)
_DOT_AT_THE_START = re.compile(rb"(?m)^\.")


class NotTaken(Exception):  # noqa: N818 - it reads as a statement
    """The server has not taken the letter, in its own words; `for_good` where it never will."""

    def __init__(self, words: object, *, for_good: bool = False) -> None:
        super().__init__(str(words))
        self.for_good = for_good


class Unreachable(NotTaken):
    """No letter can be sent now."""


class NotKnown(Exception):  # noqa: N818
    """The connection broke after the letter was handed over: it may have been taken."""


class MailServer:
    """The server of the settings, connected to when the first letter goes."""

    def __init__(self) -> None:
        self._backend: Any = get_connection(fail_silently=False)
        self._sent_here = 0

    def __enter__(self) -> MailServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._close()

    def send(self, message: EmailMessage) -> None:
        """Hand one letter over. Raises NotTaken, Unreachable or NotKnown."""
        if not isinstance(self._backend, EmailBackend):
            self._backend.send_messages([message])  # the console, or the memory of a test
            return
        encoding = message.encoding or "utf-8"
        sender = sanitize_address(message.from_email, encoding)
        recipients = [sanitize_address(address, encoding) for address in message.recipients()]
        mime: Any = message.message()
        words = mime.as_bytes(linesep="\r\n")
        self._open()
        try:
            self._announce(sender, recipients)
        except (OSError, smtplib.SMTPException) as trouble:
            self._close()
            raise NotTaken(said(trouble)) from trouble
        self._hand_over(words)
        self._sent_here += 1

    def _open(self) -> None:
        if self._sent_here >= LETTERS_PER_CONNECTION:
            self._close()
        try:
            self._backend.open()
        except (OSError, smtplib.SMTPException) as trouble:
            self._close()
            raise Unreachable(said(trouble)) from trouble

    def _announce(self, sender: str, recipients: Sequence[str]) -> None:
        """Who writes to whom, up to the point where the server waits for the words."""
        session = self._backend.connection
        session.ehlo_or_helo_if_needed()
        self._expect(session.mail(sender), 250)
        for address in recipients:
            # All of them or none: a letter is not half sent.
            self._expect(session.rcpt(address), 250, 251, about=f"{address}: ")
        self._expect(session.docmd("data"), 354)

    def _expect(self, answer: tuple[int, bytes], *codes: int, about: str = "") -> None:
        code, words = answer
        if code not in codes:
            self._begin_anew()
            raise _refusal(code, words, about)

    def _begin_anew(self) -> None:
        """Let the server forget what it was told of this letter; one that hangs up is left."""
        try:
            self._backend.connection.rset()
        except (OSError, smtplib.SMTPException):
            self._close()

    def _hand_over(self, words: bytes) -> None:
        session = self._backend.connection
        end = b".\r\n" if words.endswith(b"\r\n") else b"\r\n.\r\n"
        try:
            session.send(_DOT_AT_THE_START.sub(b"..", words) + end)
            code, answer = session.getreply()
        except (OSError, smtplib.SMTPException) as trouble:
            self._close()
            raise NotKnown(said(trouble)) from trouble
        if code != 250:
            self._begin_anew()
            raise _refusal(code, answer, "")

    def _close(self) -> None:
        self._sent_here = 0
        try:
            self._backend.close()
        except (OSError, smtplib.SMTPException):
            self._backend.connection = None


def _refusal(code: int, words: bytes, about: str) -> NotTaken:
    text = f"{about}{code} {words.decode('utf-8', 'replace')}"
    return NotTaken(text, for_good=code not in MAY_HELP_LATER)


def said(trouble: Exception) -> str:
    """What the server, or the system, said."""
    if isinstance(trouble, smtplib.SMTPResponseException):
        error = trouble.smtp_error
        words = error.decode("utf-8", "replace") if isinstance(error, bytes) else error
        return f"{trouble.smtp_code} {words}"
    return str(trouble) or type(trouble).__name__
