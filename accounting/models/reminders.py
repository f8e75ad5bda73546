"""Reminders of what is overdue: the levels, and the letters that were sent."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounting.models.entries import JournalEntry, JournalLine
from backoffice.access import Access


class ReminderLevel(models.Model):
    """What is written to a customer so many days after the due date, and what it costs."""

    access = Access(area="accounting")

    level = models.PositiveSmallIntegerField(
        _("level"), help_text=_("1 comes first; a higher level follows the one before it.")
    )
    days_overdue = models.PositiveSmallIntegerField(_("days after the due date"))
    days_after_previous = models.PositiveSmallIntegerField(
        _("days after the one before"),
        default=14,
        help_text=_("How long a customer has to answer the reminder of the level before."),
    )
    subject = models.CharField(_("subject"), max_length=120)
    text = models.TextField(
        _("text"), help_text=_("What the letter says above the list of what is open.")
    )
    fee = models.DecimalField(
        _("fee"),
        max_digits=19,
        decimal_places=4,
        default=0,
        help_text=_("Charged with the reminder, in money of the books; 0: none."),
    )

    class Meta:
        ordering = ("level",)
        verbose_name = _("reminder level")
        verbose_name_plural = _("reminder levels")
        constraints = [
            models.UniqueConstraint(
                fields=["level"],
                name="reminder_level_is_unique",
                violation_error_message=_("There is this level already."),
            ),
            models.CheckConstraint(
                condition=Q(level__gte=1, fee__gte=0),
                name="reminder_level_is_a_step",
                violation_error_message=_("A level is 1 or more, a fee not negative."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.level}: {self.subject}"

    def get_absolute_url(self) -> str:
        return reverse("accounting:reminderlevel-detail", args=[self.pk])


class Reminder(models.Model):
    """A letter that reminded a customer of what is overdue, as it was sent."""

    access = Access(area="accounting")

    party = models.ForeignKey(
        "backoffice.Party", models.PROTECT, related_name="reminders", verbose_name=_("customer")
    )
    level = models.PositiveSmallIntegerField(_("level"))
    on = models.DateField(_("sent on"))
    address = models.EmailField(_("sent to"))
    subject = models.CharField(_("subject"), max_length=120)
    text = models.TextField(_("letter"))
    fee_entry = models.OneToOneField(
        JournalEntry,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("entry of the fee"),
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("sent by"),
    )

    class Meta:
        ordering = ("-on", "-pk")
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")

    def __str__(self) -> str:
        return _("Reminder %(level)s to %(party)s") % {"level": self.level, "party": self.party}

    def get_absolute_url(self) -> str:
        return reverse("accounting:reminder-detail", args=[self.pk])


class RemindedItem(models.Model):
    """An item a reminder was about; reminded at each level once."""

    access = Access(area="accounting")

    reminder = models.ForeignKey(Reminder, models.PROTECT, related_name="items")
    item = models.ForeignKey(JournalLine, models.PROTECT, related_name="reminded")
    level = models.PositiveSmallIntegerField(_("level"))
    reference = models.CharField(_("reference"), max_length=60)
    due_on = models.DateField(_("due"))
    open_amount = models.DecimalField(_("open"), max_digits=19, decimal_places=4)

    class Meta:
        ordering = ("due_on", "pk")
        verbose_name = _("item reminded of")
        verbose_name_plural = _("items reminded of")
        constraints = [
            models.UniqueConstraint(
                fields=["item", "level"], name="item_is_reminded_of_once_a_level"
            )
        ]

    def __str__(self) -> str:
        return self.reference
