"""What the gate's learned part sees in a film → what it has against the film."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pneumo.decision.sight import Sight
from pneumo.domain import Concern, Remedy
from pneumo.networks.poses import POSES

_TURNED = {1: "turned to the left", 2: "upside down", 3: "turned to the right"}
_REMEDIES: dict[int, Remedy] = {1: "rotate 270", 2: "rotate 180", 3: "rotate 90"}


@dataclass(frozen=True)
class Thresholds:
    """From where on what is seen is a concern; set on held-out training films.

    Attributes:
        distance_warns: distance above which a film is unlike the training films.
        distance_refuses: distance above which it is not read whatever it is.
        distance_doubts: distance above which it is none if it is also strange, as follows.
        strangeness_doubts: log odds above which it is none if it is also that far away.
        strangeness_refuses: log odds above which it is none in any case.
        pose_warns: probability of any other pose than the first above which it is named.
        mirror_warns: log odds above which a film is called mirrored.
        strangeness_in_colour: log odds above which a picture in colour is none if its distance
            also warns.
        strangeness_unsure: log odds above which it is none if its pose is also unsure, as follows.
        pose_unsure: probability of the likeliest pose below which the pose is unsure.
    """

    distance_warns: float
    distance_refuses: float
    distance_doubts: float
    strangeness_doubts: float
    strangeness_refuses: float
    pose_warns: float
    mirror_warns: float
    strangeness_in_colour: float
    strangeness_unsure: float
    pose_unsure: float

    def judge(self, sight: Sight, *, in_colour: bool = False) -> Iterator[Concern]:
        """Yield what the learned part has against a film.

        Colour is a reason to look twice: there a distance that else warns refuses what is not
        surely a chest.
        """
        strangest = self._allow_strangeness(sight, in_colour=in_colour)
        if sight.distance > self.distance_refuses:
            yield self._refuse_stranger(sight)
        elif sight.strangeness > strangest:
            yield Concern(
                "not a chest film",
                "This does not look like a whole chest from the front: another part of the body, "
                "a side view, a slice, a detail or a picture of something else, perhaps. Choose a "
                "frontal chest film.",
                refuses=True,
                value=round(sight.strangeness, 4),
                threshold=strangest,
            )
        else:
            yield from self._doubt_chest(sight)

    def _refuse_stranger(self, sight: Sight) -> Concern:
        sure = sight.strangeness <= self.strangeness_unsure
        what, advice = (
            ("This may be a chest film, but it is", "Export it anew, whole and nothing beside it.")
            if sure
            else ("This is", "Choose a frontal chest film.")
        )
        return Concern(
            "too unlike the training films" if sure else "not a chest film",
            f"{what} too unlike the training films to be read: its distance from them is "
            f"{sight.distance:.2f}, where a typical one has 1 and {self.distance_refuses:.2f} is "
            f"the most that is read. {advice}",
            refuses=True,
            value=round(sight.distance, 4),
            threshold=self.distance_refuses,
        )

    def _allow_strangeness(self, sight: Sight, *, in_colour: bool) -> float:
        """Return how strange a picture may be, which is less where something else is odd too."""
        limits = [self.strangeness_refuses]
        if sight.distance > self.distance_doubts:
            limits.append(self.strangeness_doubts)
        if in_colour and sight.distance > self.distance_warns:
            limits.append(self.strangeness_in_colour)
        if float(np.max(sight.poses)) < self.pose_unsure:
            limits.append(self.strangeness_unsure)
        return min(limits)

    def _doubt_chest(self, sight: Sight) -> Iterator[Concern]:
        if 1 - sight.poses[0] > self.pose_warns:
            # A turned film is unlike the others for that reason; once mended, it is judged anew.
            quarters, inverted = POSES[1 + int(np.argmax(sight.poses[1:]))]
            yield from self._doubt_pose(float(1 - sight.poses[0]), quarters, inverted)
            return
        if sight.distance > self.distance_warns:
            yield Concern(
                "unlike the training films",
                f"Its distance from the training films is {sight.distance:.2f}, where a typical "
                f"one has 1 and hardly any lies beyond {self.distance_warns:.2f}. Films of "
                "adults, of other hospitals or badly exported ones may; how well the networks "
                "read them is unknown.",
                value=round(sight.distance, 4),
                threshold=self.distance_warns,
            )
        if sight.mirrored > self.mirror_warns:
            yield Concern(
                "mirrored",
                "The film looks mirrored: the heart seems to lie on the patient's right. Compare "
                "the side marker; rarely the heart does lie there.",
                value=round(sight.mirrored, 4),
                threshold=self.mirror_warns,
                remedy="mirror",
            )

    def _doubt_pose(self, odd: float, quarters: int, inverted: bool) -> Iterator[Concern]:
        threshold = self.pose_warns
        if inverted:
            yield Concern(
                "inverted",
                "Black and white look exchanged: bones should be bright. Invert the film.",
                value=round(odd, 4),
                threshold=threshold,
                remedy="invert",
            )
        if quarters:
            yield Concern(
                _TURNED[quarters],
                f"The film looks {_TURNED[quarters]}: the head belongs to the top. Rotate it.",
                value=round(odd, 4),
                threshold=threshold,
                remedy=_REMEDIES[quarters],
            )
