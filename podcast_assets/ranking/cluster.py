"""Who says the same as whom: of several insights that make one point, the best supported one is shown. Pure functions."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclasses.dataclass(frozen=True)
class Cluster:
    """Insights that make one point, by place, best first, and the one of them that is shown."""

    members: list[int]
    shown: int


def clusters(
    order: Sequence[int], same: "NDArray[Any]", same_from: float, support: Sequence[float], worthy: Sequence[bool]
) -> list[Cluster]:
    """Groups insights around the best of each point.

    Each joins the best-scored one that leads a group and makes the same point, or leads one itself. So what says the same
    as a leader opens no group, and two that are alike only by a third one between them are kept apart.

    Args:
        order: the places of the insights, best first.
        same: the chance that two make the same point, by place.
        same_from: the chance from which on they do.
        support: how well each is borne out; of equals, the better scored is shown.
        worthy: which may be shown at all; where none of a group may, its first stands for it.
    """
    groups: dict[int, list[int]] = {}
    for place in order:
        leader = next((other for other in groups if same[place, other] >= same_from), place)
        groups.setdefault(leader, []).append(place)
    found: list[Cluster] = []
    for members in groups.values():
        shown = _shown(members, support, worthy)
        twin = next((at for at, other in enumerate(found) if same[shown, other.shown] >= same_from), None)
        if twin is None:
            found.append(Cluster(members, shown))
        else:  # their leaders differ, but those that would be shown do not
            found[twin] = Cluster(found[twin].members + members, found[twin].shown)
    return found


def _shown(members: Sequence[int], support: Sequence[float], worthy: Sequence[bool]) -> int:
    candidates = [place for place in members if worthy[place]] or members[:1]
    return max(candidates, key=lambda place: support[place])  # the first of the best: members are best first
