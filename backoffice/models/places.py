"""Where the company is: sites and their rooms."""

from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice.access import Access


class Site(models.Model):
    """A building or office of the company."""

    access = Access(area="office", everybody_reads=True)

    name = models.CharField(_("name"), max_length=80)
    street = models.CharField(_("street and number"), max_length=160, blank=True)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=40)

    class Meta:
        ordering = ("name",)
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="site_name_is_unique",
                violation_error_message=_("There is a site of this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("backoffice:site-detail", args=[self.pk])


class Room(models.Model):
    """A room at a site."""

    access = Access(area="office", everybody_reads=True)

    site = models.ForeignKey(Site, models.PROTECT, related_name="rooms", verbose_name=_("site"))
    name = models.CharField(_("name"), max_length=80)
    floor = models.CharField(_("floor"), max_length=20, blank=True)
    seats = models.PositiveSmallIntegerField(_("seats"), null=True, blank=True)
    is_bookable = models.BooleanField(_("bookable"), default=False)

    class Meta:
        ordering = ("site", "name")
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        constraints = [
            models.UniqueConstraint(
                "site",
                Lower("name"),
                name="room_name_is_unique_at_its_site",
                violation_error_message=_("This site has a room of this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("backoffice:room-detail", args=[self.pk])
