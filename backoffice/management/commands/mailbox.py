"""manage.py mailbox: the mail server of an office that has none yet."""

import signal
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox
from django.conf import settings
from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from backoffice.errors import Refused
from backoffice.management import base

STOP_SIGNALS = {signal.SIGINT, signal.SIGTERM}


class Command(base.Command):
    """Take letters over SMTP on this machine alone and keep them as files; none leaves it."""

    help = "Take letters over SMTP on loopback and keep them in a Maildir folder."
    example = "manage.py mailbox --port 1025"
    starts_database = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen."""
        parser.add_argument("--port", type=int, default=settings.EMAIL_PORT)

    def run(self, *, port: int, verbosity: int, **options: Any) -> None:
        """Serve until told to stop."""
        folder = settings.DATA_DIR / "mail"
        server = Controller(Mailbox(folder), hostname="127.0.0.1", port=port)
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)  # before the server's thread starts
        try:
            server.start()
        except OSError:
            raise Refused(
                _("Port %(port)d is in use: name another with --port.") % {"port": port}
            ) from None
        if verbosity:
            self.say(_("Letters are kept in %(folder)s.") % {"folder": folder})
            self.stdout.flush()
        signal.sigwait(STOP_SIGNALS)
        server.stop()
