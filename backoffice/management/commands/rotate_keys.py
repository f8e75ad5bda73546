"""manage.py rotate_keys: encrypts everything under a new key."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from backoffice import key_rotation
from backoffice.management import base


class Command(base.Command):
    """Make a new key, encrypt all values with it, say which keys may go."""

    help = "Encrypt bank accounts and secrets with a new key; goes on where it was interrupted."
    example = "manage.py rotate_keys && manage.py rotate_keys --drop-old"

    def add_arguments(self, parser: CommandParser) -> None:
        """The second step: giving up the old keys."""
        parser.add_argument(
            "--drop-old", action="store_true", help="remove keys nothing is encrypted with"
        )

    def run(self, *, drop_old: bool, **options: Any) -> None:
        """Rotate, or drop; exit 1 where something could not be read."""
        if drop_old:
            dropped = key_rotation.drop_old_keys()
            self.say(_("Removed: %s.") % ", ".join(dropped) if dropped else _("No old keys."))
            return
        rotation = None
        for rotation in key_rotation.rotate():  # noqa: B007 - each step is a batch done
            pass
        self.say(
            (_("New key %s.") if rotation.is_new else _("Going on with key %s.")) % rotation.key
        )
        self.say(_("%d records encrypted anew.") % rotation.total)
        for label, count in rotation.done.items():
            self.say(f"  {label}: {count}")
        if rotation.unreadable:
            raise base.CheckFailed(
                _("%(count)d could not be read and stay as they are, the first: %(first)s.")
                % {"count": len(rotation.unreadable), "first": rotation.unreadable[0]}
            )
        if key_rotation.old_keys():
            keys = ", ".join(key_rotation.old_keys())
            self.say(_("Not used any more: %s. manage.py rotate_keys --drop-old") % keys)
