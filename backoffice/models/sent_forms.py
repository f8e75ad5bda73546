"""Forms that were sent, so that sending one again does nothing again."""

from django.db import models


class SentForm(models.Model):
    """What a form did, by a key of its page, sender and words: where its answer led."""

    key = models.UUIDField(primary_key=True)
    led_to = models.CharField(max_length=2000)
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return self.led_to
