"""manage.py login_link: the way in when nobody else can."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from backoffice.errors import Refused
from backoffice.management import base
from backoffice.models import OneTimeLink, User
from backoffice.signing_in import make_link

LONGEST = 7 * 24 * 60


class Command(base.Command):
    """Print a one-time address that signs somebody in; the trail remembers it."""

    help = "Print a one-time sign-in address for somebody on the staff, and nothing else."
    example = "manage.py login_link owner@example.com --minutes 30"

    def add_arguments(self, parser: CommandParser) -> None:
        """Whom to let in, and for how long the address is good."""
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--minutes", type=int, default=10, help="10 if not said")

    def run(self, *, email: str, minutes: int, **options: Any) -> None:
        """Print the address alone."""
        if not 1 <= minutes <= LONGEST:
            raise Refused(_("A link is good for 1 to %d minutes.") % LONGEST)
        user = User.objects.filter(email__iexact=email.strip()).first()
        if user is None:
            raise Refused(_("Nobody on the staff uses %s.") % email)
        self.say(make_link(user, purpose=OneTimeLink.Purpose.SIGN_IN, minutes=minutes, by=None))
