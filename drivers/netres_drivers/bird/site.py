"""Where one router keeps BIRD's configuration: the options of its inventory entry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from netres.errors import InvalidConfig
from netres.flow import Exec, Flow, ask
from netres.inventory.entry import Scalar

PATH: Final = "PATH=$PATH:/usr/sbin:/sbin; "
"""A login that is not root's may not look where BIRD is installed."""
_FILE: Final = re.compile(r"/(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*/)*[A-Za-z0-9_-][A-Za-z0-9_.-]*")
"""No character that means something to a shell, to sed, or in a string of BIRD's."""
_OPTIONS: Final = ("config", "file", "socket")


@dataclass(frozen=True)
class Site:
    """Files and socket of one BIRD."""

    config: str = "/etc/bird/bird.conf"
    """The administrator's: what BIRD reads when it starts."""
    file: str = "/etc/bird/netres.conf"
    """netres's, which the administrator's includes."""
    socket: str = "/run/bird/bird.ctl"

    @classmethod
    def of(cls, options: Mapping[str, Scalar]) -> Site:
        """From the options of an entry; ``file`` is ``netres.conf`` beside ``config`` unless it is given.

        Raises:
            InvalidConfig: naming the option.
        """
        if strange := sorted(options.keys() - set(_OPTIONS)):
            raise InvalidConfig(f"bird has no option {strange[0]!r}; it has {', '.join(_OPTIONS)}")
        config = _path("config", options.get("config", cls.config))
        file = _path("file", options.get("file", f"{config.rpartition('/')[0]}/netres.conf"))
        if file == config:
            raise InvalidConfig("option file is the same as config; give netres a file of its own, which that includes")
        return cls(config, file, _path("socket", options.get("socket", cls.socket)))

    @property
    def include(self) -> str:
        """Extended regular expression of the line by which `config` includes `file`."""
        folder, _, name = self.file.rpartition("/")
        beside = folder == self.config.rpartition("/")[0]
        names = [path.replace(".", "[.]") for path in (self.file, *((name,) if beside else ()))]
        return f'^([[:blank:]]*include[[:blank:]]*")({"|".join(names)})("[[:blank:]]*;.*)$'

    @property
    def wanted(self) -> str:
        """That line, as an administrator may write it."""
        return f'include "{self.file}";'


def probed(options: Mapping[str, Scalar]) -> Flow[Site]:
    """The site that the options name, whose ``config`` includes its ``file``.

    Raises:
        InvalidConfig: an option is not usable; or the file is not included, in one line of its own.
    """
    site = Site.of(options)
    reply = yield from ask(Exec(f"grep -cE '{site.include}' {site.config}"))
    count = reply.text.strip()
    if not count.isdecimal():
        raise InvalidConfig(f"option config: {count or 'it cannot be read'}")
    if count != "1":
        raise InvalidConfig(
            f"option config: {site.config} includes {site.file} {count} times; it needs one line {site.wanted}"
        )
    return site


def _path(name: str, given: Scalar) -> str:
    path = str(given)
    if not _FILE.fullmatch(path):
        raise InvalidConfig(
            f"option {name} has {path!r}; give a full path of letters, digits and '_', '-', '.', such as "
            f"/etc/bird/bird.conf"
        )
    return path
