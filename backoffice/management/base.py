"""What every command shares: one clear sentence on bad input, and the exit codes ops rely on."""

import json
import sys
from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from backoffice.embedded_postgres import DatabaseTrouble
from backoffice.errors import Refused
from backoffice.signature import acting

BAD_INPUT, CHECK_FAILED = 2, 1


class CheckFailed(Exception):  # noqa: N818 - it reads as a statement
    """A check that ran and did not hold: exit code 1."""


class Parser(CommandParser):
    """Says what is wrong with the words of the call in one sentence, exit code 2."""

    def error(self, message: str) -> None:
        if self.called_from_command_line:
            self.exit(BAD_INPUT, f"{message[:1].upper()}{message[1:]}. See --help.\n")
        raise CommandError(message, returncode=BAD_INPUT)


class Command(BaseCommand):
    """A door to an act. Exit 0: done. 1: a check failed. 2: bad input, refused."""

    example = ""
    starts_database = True
    requires_system_checks: list[str] = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """The parser, with the example in its help."""
        kwargs.setdefault("epilog", f"Example: {self.example}" if self.example else None)
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.__class__ = Parser
        return parser

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the act; what it refuses becomes a sentence and an exit code."""
        try:
            if self.starts_database:
                start_database()
            with acting(by=None, request=type(self).__module__.rpartition(".")[2]):
                self.run(**options)
        except Refused as refusal:
            self.leave(str(refusal), BAD_INPUT)
        except CheckFailed as failure:
            self.leave(str(failure), CHECK_FAILED)
        except DatabaseTrouble as trouble:
            self.leave(str(trouble), BAD_INPUT)
        except OperationalError as trouble:
            self.leave(f"The database does not answer: {str(trouble).splitlines()[0]}", BAD_INPUT)
        except OSError as trouble:
            self.leave(f"{trouble.filename or 'File'}: {trouble.strerror or trouble}.", BAD_INPUT)

    def run(self, **options: Any) -> None:
        """The command's own work."""
        raise NotImplementedError

    def say(self, text: str = "") -> None:
        """Print a line for people."""
        self.stdout.write(text)

    def say_json(self, facts: Mapping[str, Any]) -> None:
        """Print the answer for a program; amounts and dates are already strings."""
        self.stdout.write(json.dumps(facts, default=str))

    def leave(self, sentence: str, code: int) -> None:
        """Stop with one sentence on stderr."""
        if sentence:
            self.stderr.write(sentence)
        sys.exit(code)


def start_database() -> None:
    """Start the embedded server if it is the one in use; nothing otherwise."""
    from django.conf import settings

    if settings.EMBEDDED_POSTGRES is not None:
        settings.EMBEDDED_POSTGRES.start()
