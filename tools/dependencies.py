"""Which packages does TinyTorch bring along, those that its dependencies bring along included?"""

from __future__ import annotations

from importlib import metadata

from packaging.requirements import Requirement


def needed(*wanted: str, **markers: str) -> list[str]:
    """Return the names of all packages that these need, themselves included, as what is installed here says.

    A package may come with extras (`"tinytorch[plot]"`). `markers` describe another machine than this one, as
    `platform_machine="armv6l"` does (https://packaging.python.org/en/latest/specifications/dependency-specifiers/).

    >>> set(needed("requests")) >= {"requests", "urllib3", "certifi"}
    True
    """
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [Requirement(each) for each in wanted]
    while waiting:
        each = waiting.pop()
        if str(each) in seen:
            continue
        seen.add(str(each))
        found.add(each.name.lower().replace("_", "-"))
        for line in metadata.requires(each.name) or []:
            its = Requirement(line)
            if its.marker is None or any(
                its.marker.evaluate({**markers, "extra": extra}) for extra in each.extras or {""}
            ):
                waiting.append(its)
    return sorted(found)
