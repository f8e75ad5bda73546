"""The one way to say no."""


class Refused(Exception):  # noqa: N818 - it reads as a statement: "the act is refused"
    """An act that may not happen, with a sentence for the person who asked.

    `field` names the form field the sentence belongs to, where there is one.
    """

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = str(sentence)
        self.field = field

    def __str__(self) -> str:
        return self.sentence
