"""What the commands read from files, and what they write: JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel

from netres.errors import InvalidConfig
from netres.model import Config


def read(path: Path) -> str:
    """The text of a file, whatever its line ends.

    Raises:
        InvalidConfig: it cannot be read, or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidConfig(f"{path}: cannot be read: {error.strerror}; check the path and its permissions") from error
    except UnicodeDecodeError as error:
        raise InvalidConfig(f"{path}: is not UTF-8 text; save the file as UTF-8") from error


def writable(path: Path | None) -> None:
    """Refuse a file that cannot be written, before anything is done whose result would be lost.

    Raises:
        InvalidConfig: naming the file.
    """
    if path is None:
        return
    where, fits = (path, path.is_file()) if path.exists() else (path.parent, path.parent.is_dir())
    if not fits or not os.access(where, os.W_OK):
        raise InvalidConfig(f"{path}: cannot be written; check the path and its permissions")


def write(path: Path | None, model: BaseModel) -> None:
    """Write a model's JSON to a file, where one is named.

    Raises:
        OSError: the disk is full, or the like.
    """
    if path is not None:
        path.write_text(_text(model.model_dump(mode="json")), encoding="utf-8")


def emit(data: BaseModel | Mapping[str, object] | Sequence[object]) -> None:
    """Print JSON. It is ASCII, whatever the terminal's encoding."""
    sys.stdout.write(_text(data.model_dump(mode="json") if isinstance(data, BaseModel) else data))


def line(text: str) -> None:
    """Print one line of JSON, as `emit` does."""
    sys.stdout.write(json.dumps(json.loads(text)) + "\n")


def items(config: Config) -> dict[str, object]:
    """A config as a desired configuration is written: no field that says nothing."""
    return config.model_dump(mode="json", exclude_none=True)


def _text(data: object) -> str:
    return json.dumps(data, indent=2) + "\n"
