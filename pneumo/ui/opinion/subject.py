"""A film on show with the desk of a session → what a language model would be asked about it."""

from __future__ import annotations

from dataclasses import dataclass

from pneumo import Analysis, Radiograph, Settings
from pneumo.ui.access.limits import count_opinions
from pneumo.ui.opinion.consultation import Consultation, Inquiry
from pneumo.ui.opinion.desk import Desk, find_endpoint, prepare_inquiry


@dataclass(frozen=True, eq=False)
class Subject:
    """The film on show, and all that a panel about it needs.

    Attributes:
        radiograph: the film.
        analysis: what the networks say, at the chosen operating point.
        consultation: what was asked about it.
        desk: whom this session asks.
        settings: what was set from outside.
        key: tells this film's controls from another's.
    """

    radiograph: Radiograph
    analysis: Analysis
    consultation: Consultation
    desk: Desk
    settings: Settings
    key: str

    def prepare(self) -> Inquiry | None:
        """Return what would be asked with now, None where a model or a key is missing.

        Raises:
            OpinionError: the set-up cannot be used.
        """
        if not self.desk.model:
            return None
        endpoint = find_endpoint(self.desk, self.settings)
        if endpoint.lacks_key:
            return None
        return prepare_inquiry(self.desk, endpoint, self.consultation, self.settings)

    def ask(self, inquiry: Inquiry, *, anew: bool) -> None:
        """Begin the blind readings.

        Raises:
            AccessError: too many were asked for within a minute.
        """
        count_opinions(inquiry.repeats)
        self.consultation.ask(self.radiograph, inquiry, anew=anew)

    def ask_informed(self) -> None:
        """Begin the informed reading.

        Raises:
            OpinionError: there is no blind opinion, or no informed prompt.
            AccessError: too many were asked for within a minute.
        """
        count_opinions(1)
        self.consultation.ask_informed(self.radiograph, self.analysis, self.settings.prompts_dir)
