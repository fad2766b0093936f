"""The regions to look in."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.lightsail.client import default_region, known_regions


@dataclass(frozen=True, slots=True)
class Places:
    """Regions that were named, and those of the names in which there is no Lightsail: botocore checks neither."""

    regions: list[str]
    strange: list[str]

    @property
    def problem(self) -> str:
        """What is wrong with the names, if anything."""
        if self.strange:
            known = ", ".join(known_regions())
            return f"LIGHTSAIL_REGIONS: Lightsail is not in {', '.join(self.strange)}; it is in {known}."
        if not self.regions:
            return "LIGHTSAIL_REGIONS: name at least one region, such as us-east-1, or set AWS_DEFAULT_REGION."
        return ""


def places(named: Sequence[str]) -> Places:
    """What is meant by the names: `all`, or nothing for AWS's default region.

    Raises:
        SettingsError: AWS's own configuration can't be used.
    """
    known = known_regions()
    wanted = list(dict.fromkeys(named or filter(None, [default_region()])))
    if wanted == ["all"]:
        return Places(known, [])
    return Places([one for one in wanted if one in known], [one for one in wanted if one not in known])
