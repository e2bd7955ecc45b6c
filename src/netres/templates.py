"""Native lines from Jinja2 templates: strict, sandboxed, with a device's own variables."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

from pydantic import BaseModel, ConfigDict, StringConstraints

from netres.errors import InvalidConfig
from netres.model.native import HiddenPart, NativeConfig, NativeLine
from netres.model.secret import Secret
from netres.model.types import Name

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

    from netres.inventory.entry import Entry

_LONGEST: Final = 4000
"""Characters of a value, or of a line."""
_MOST: Final = 1_000_000
"""Characters that a template may make."""
_STEPS: Final = 100_000
"""Numbers that all ``range()`` of a rendering may give together."""


class Template(BaseModel):
    """A `NativeConfig` as a Jinja2 template, in a file of desired configuration under ``templates:``."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Name
    platform: Name | None = None
    template: Annotated[str, StringConstraints(min_length=1, max_length=_MOST)]
    """What becomes the ``lines``."""
    absent: str = ""
    """What becomes the lines that are not to be there."""
    variables: Mapping[str, object] = {}
    """Beside ``device``, which holds what the inventory says of it: name, host, platform, groups, tags, options."""
    devices: Mapping[str, Mapping[str, object]] = {}
    """Variables of single devices, by their names; they win."""
    secrets: Mapping[str, Secret] = {}
    """References to secrets by the name under which the template writes them."""

    def render(self, entry: Entry | None = None, variables: Mapping[str, object] | None = None) -> NativeConfig:
        """The lines for one device; ``variables`` win over those of the template.

        Raises:
            InvalidConfig: the template is wrong, a variable is missing, or a value would be more than a part of one
                line; naming it.
        """
        known: dict[str, object] = {**self.variables, **(variables or {})}
        if entry is not None:
            known |= {"device": about(entry), **self.devices.get(entry.name, {})}
        made = _Rendering(f"template {self.name!r}", known, self.secrets)
        return NativeConfig(
            name=self.name, platform=self.platform, lines=made.lines(self.template), absent=made.lines(self.absent)
        )


def about(entry: Entry) -> dict[str, object]:
    """What templates know of a device."""
    fields = ("name", "host", "platform", "groups", "tags", "options")
    return {name: getattr(entry, name) for name in fields}


class _Rendering:
    """One template over one device's variables. A secret is a token in the text, which no value can forge."""

    def __init__(self, what: str, variables: Mapping[str, object], hidden: Mapping[str, Secret]) -> None:
        self._what = what
        self._variables = variables
        nonce = secrets.token_hex(8)
        self._tokens = {f"\ue000{nonce}-{place}\ue001": secret for place, secret in enumerate(hidden.values())}
        self._known = {**variables, **dict(zip(hidden, self._tokens, strict=True))}
        self._steps = 0

    def lines(self, text: str) -> tuple[NativeLine, ...]:
        from jinja2 import TemplateError

        try:
            whole = self._bounded(self._environment().from_string(text).generate(self._known))
        except InvalidConfig:
            raise
        except TemplateError as error:
            line = getattr(error, "lineno", None)
            where = f" line {line}" if line else ""
            raise InvalidConfig(f"{self._what}{where}: {error.message}; give it in variables, or mend it") from None
        except Exception as error:  # noqa: BLE001 - whatever an expression over a user's values stumbles over
            raise InvalidConfig(f"{self._what}: {type(error).__name__}: {error}; mend the expression") from None
        return tuple(self._line(line.rstrip(" ")) for line in whole.split("\n") if line.strip(" "))

    def _bounded(self, parts: Iterator[str]) -> str:
        found: list[str] = []
        length = 0
        for part in parts:
            length += len(part)
            if length > _MOST:
                raise InvalidConfig(f"{self._what}: makes more than {_MOST} characters; bound its loops")
            found.append(part)
        return "".join(found)

    def _line(self, line: str) -> NativeLine:
        pattern = "(" + "|".join(map(re.escape, self._tokens)) + ")" if self._tokens else r"(?!)"
        parts = [part for part in re.split(pattern, line) if part]
        if any("\ue000" in part or "\ue001" in part for part in parts if part not in self._tokens):
            raise InvalidConfig(f"{self._what}: a filter changes a secret; write the secret as it is")
        if not self._tokens.keys() & set(parts):
            return line
        return tuple(HiddenPart(secret=self._tokens[part]) if part in self._tokens else part for part in parts)

    def _environment(self) -> SandboxedEnvironment:
        from jinja2 import StrictUndefined
        from jinja2.sandbox import SandboxedEnvironment

        environment = SandboxedEnvironment(
            undefined=StrictUndefined,
            autoescape=False,  # no HTML: what may not stand in a line is refused
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=self._value,
        )
        environment.globals.clear()
        environment.globals.update(cast("dict[str, Any]", {"range": self._range}))
        return environment

    def _range(self, *bounds: int) -> range:
        numbers = range(*bounds)
        self._steps += len(numbers)
        if self._steps > _STEPS:
            raise InvalidConfig(f"{self._what}: its loops count over more than {_STEPS} numbers; bound them")
        return numbers

    def _value(self, value: Any) -> Any:  # noqa: ANN401 - jinja2 hands over whatever an expression gives
        from jinja2 import Undefined

        if isinstance(value, Undefined) or (isinstance(value, str) and value in self._tokens):
            return value
        text = str(value)
        plain = text
        for token in self._tokens:
            plain = plain.replace(token, "")
        if not plain.isprintable() or "\ue000" in plain:
            raise InvalidConfig(
                f"{self._what}: {self._named(value)}{text[:60]!r} holds a line break, tab or control character; "
                f"give one line of printable text"
            )
        if text != text.strip(" "):
            raise InvalidConfig(
                f"{self._what}: {self._named(value)}{text[:60]!r} begins or ends with a blank; remove it"
            )
        if len(text) > _LONGEST:
            raise InvalidConfig(f"{self._what}: {self._named(value)}a value of {len(text)} characters; shorten it")
        return text

    def _named(self, value: object) -> str:
        return next((f"{name}: " for name, one in _leaves(self._variables) if one == value), "")


def _leaves(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        for key, part in cast("Mapping[object, object]", value).items():
            yield from _leaves(part, f"{name}.{key}" if name else str(key))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for place, part in enumerate(cast("Sequence[object]", value)):
            yield from _leaves(part, f"{name}[{place}]")
    else:
        yield name, value
