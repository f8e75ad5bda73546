"""What every refusal is held to: no row changed, one line in the trail, no secret told."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpResponseBase
from django.test import Client

from accounting.models import JournalEntry, JournalLine
from backoffice import outbox
from backoffice.models import AuditEvent, BankAccount, Change, Comment, SentForm, User
from backoffice.signing_in import make_link
from tests.factories import PartyFactory, UserFactory

IBAN = "DE89370400440532013000"
PASSWORD = "canary tall pines in the harbour"
LETTER = "canary: the body of a letter"


def lines() -> list[AuditEvent]:
    """The refusals in the trail, oldest first."""
    return list(AuditEvent.objects.filter(action=AuditEvent.TURNED_AWAY).order_by("pk"))


def rows() -> tuple[int, ...]:
    """How often the database was written to: its trail, and the tables the trail leaves out."""
    unwatched = (Change, Comment, JournalEntry, JournalLine, SentForm)
    others = AuditEvent.objects.exclude(action=AuditEvent.TURNED_AWAY)
    return (*(model.objects.count() for model in unwatched), others.count())


def text_of(answer: HttpResponseBase) -> str:
    """The whole answer, its headers included."""
    body = b"".join(answer) if answer.streaming else answer.content
    return f"{answer.headers} {body.decode(errors='replace')}"


def canaries() -> list[str]:
    """Secrets put into the office, which nobody is told."""
    person = UserFactory(name="Canary", email="canary@example.com")
    person.set_password(PASSWORD)
    person.save()
    link = make_link(person, purpose="sign_in", minutes=9, by=None)
    BankAccount.objects.create(party=PartyFactory(), iban=IBAN)
    outbox.send(to=["a@example.com"], subject="Tea", text=LETTER)
    token = link.rstrip("/").rpartition("/")[2]
    return [IBAN, PASSWORD, person.password, token, LETTER, settings.SECRET_KEY]


@dataclass
class Turnstile:
    """Sends what must be refused, and holds the refusal to what every one is held to."""

    secrets: list[str]
    log: Any

    def refuses(
        self,
        browser: Client,
        method: str,
        path: str,
        sent: dict | None = None,
        *,
        status: int | set[int],
        **headers: str,
    ) -> HttpResponseBase:
        """The answer of a refusal that changed nothing, was written down and told nothing."""
        before, noted = rows(), len(lines())
        ask = getattr(browser, method.lower())

        answer = ask(path, sent or {}, headers=headers) if sent or headers else ask(path)

        wanted = status if isinstance(status, set) else {status}
        assert answer.status_code in wanted, f"{method} {path}: {answer.status_code}"
        assert rows() == before, f"{method} {path} changed a row"
        assert len(lines()) - noted == 1, f"{method} {path}: {len(lines()) - noted} lines"
        self.tells_nothing(answer)
        return answer

    def tells_nothing(self, answer: HttpResponseBase) -> None:
        """Neither the answer nor the log nor the trail holds a secret."""
        told = " ".join(f"{line} {line.detail}" for line in lines())
        shown = text_of(answer) + self.log.text + told
        assert [secret for secret in self.secrets if secret in shown] == []


def browser_of(user: User | None, **facts: Any) -> Client:
    """A browser somebody is signed in with; nobody, for a stranger."""
    browser = Client(**facts)
    if user:
        browser.force_login(user)
    return browser
