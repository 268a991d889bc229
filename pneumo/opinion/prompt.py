"""A prompt's file → what a language model is asked, with the user's context filled in."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pneumo.errors import PromptError

RADIOLOGIST, INFORMED = "radiologist", "informed"
"""The folders of the first, blind read and of the second, informed one."""

_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LONGEST_VALUE = 2000


@dataclass(frozen=True)
class Prompt:
    """One version of a prompt.

    Attributes:
        name: its folder, e.g. "radiologist".
        version: e.g. "v1".
        purpose: one sentence for people.
        temperature: 0 to 2; 0 is the most repeatable.
        image_side_px: longest side of the picture that is sent.
        detail: how closely the server is asked to look, where it knows that.
        schema_version: form of the answer, see `pneumo.opinion.answer`.
        required: variables without which it cannot be asked.
        optional: variables whose lines are left out where they are not given.
        template: the text with its placeholders.
        sha256: hash of the file's bytes, hexadecimal; kept with every answer.
    """

    name: str
    version: str
    purpose: str
    temperature: float
    image_side_px: int
    detail: Literal["low", "high", "auto"]
    schema_version: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    template: str
    sha256: str

    def render(self, values: Mapping[str, str] | None = None) -> str:
        """Return the text with its variables filled in.

        Args:
            values: the variables; an empty one counts as not given. Line breaks in them become
                spaces, and placeholders in them stay as they are.

        Raises:
            PromptError: a required variable is missing, one is not declared or is far too long.
        """
        given = {name: " ".join(value.split()) for name, value in (values or {}).items()}
        given = {name: value for name, value in given.items() if value}
        unknown = sorted(set(given) - set(self.required) - set(self.optional))
        if unknown:
            raise PromptError(
                f"The prompt {self.name}/{self.version} knows no variable {', '.join(unknown)}: "
                f"give only {', '.join((*self.required, *self.optional)) or 'none'}."
            )
        missing = [name for name in self.required if name not in given]
        if missing:
            raise PromptError(
                f"The prompt {self.name}/{self.version} needs {', '.join(missing)}: give a value."
            )
        for name, value in given.items():
            if len(value) > _LONGEST_VALUE:
                raise PromptError(
                    f"Expected at most {_LONGEST_VALUE:,} characters of {name}, "
                    f"but got {len(value):,}: shorten it."
                )
        lines = [
            line
            for line in self.template.splitlines()
            if all(name in given for name in _placeholders(line))
        ]
        text = _PLACEHOLDER.sub(lambda match: given[match[1].strip()], "\n".join(lines))
        return re.sub(r"\n{3,}", "\n\n", text).strip()


def read_prompt(prompts_dir: Path, name: str = RADIOLOGIST, version: str = "v1") -> Prompt:
    """Read one version of a prompt.

    Raises:
        PromptError: there is none, its front matter is unsound, or its text and its declared
            variables do not fit.
    """
    title = f"{name}/{version}.md"
    # The names come from a page or a command: they must not lead out of the folder.
    if not all(re.fullmatch(r"[A-Za-z0-9_-]+", part) for part in (name, version)):
        raise PromptError(f"Expected a prompt's name and version, not {title!r}.")
    path = prompts_dir / name / f"{version}.md"
    if not path.is_file():
        there = ", ".join(list_versions(prompts_dir, name)) or "none"
        raise PromptError(
            f"There is no prompt {title}; versions of {name} that are there: {there}."
        )
    data = path.read_bytes()
    metadata, template = _parse(data, title)
    prompt = Prompt(template=template, sha256=hashlib.sha256(data).hexdigest(), **metadata)
    if (prompt.name, prompt.version) != (name, version):
        raise PromptError(
            f"The prompt {title} calls itself {prompt.name}/{prompt.version}: name it as its file."
        )
    _check_variables(prompt, title)
    return prompt


def list_versions(prompts_dir: Path, name: str = RADIOLOGIST) -> list[str]:
    """Return the versions of a prompt that have a file, oldest first."""
    versions = [path.stem for path in (prompts_dir / name).glob("*.md")]
    return sorted(versions, key=lambda version: (len(version), version))


def list_prompts(prompts_dir: Path, name: str = RADIOLOGIST) -> list[Prompt]:
    """Read all versions of a prompt, oldest first.

    Raises:
        PromptError: one of them is unsound.
    """
    return [read_prompt(prompts_dir, name, version) for version in list_versions(prompts_dir, name)]


def _parse(data: bytes, title: str) -> tuple[dict[str, Any], str]:
    import frontmatter
    from pydantic import ValidationError
    from yaml import YAMLError  # type: ignore[import-untyped, unused-ignore]

    from pneumo.opinion.front_matter import FrontMatter

    try:
        metadata, template = frontmatter.parse(data.decode("utf-8"))
        return FrontMatter.model_validate(metadata).model_dump(), template
    except (UnicodeDecodeError, YAMLError) as error:
        raise PromptError(
            f"The prompt {title} is no text with front matter: correct it."
        ) from error
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()
        )
        raise PromptError(
            f"The front matter of the prompt {title} is unsound: {faults}."
        ) from error


def _placeholders(text: str) -> list[str]:
    return [name.strip() for name in _PLACEHOLDER.findall(text)]


def _check_variables(prompt: Prompt, title: str) -> None:
    declared = (*prompt.required, *prompt.optional)
    used = set(_placeholders(prompt.template))
    odd = [name for name in (*declared, *used) if not _NAME.fullmatch(name)]
    if odd or len(set(declared)) < len(declared):
        raise PromptError(
            f"The prompt {title} must declare each variable once, in small letters: {declared}."
        )
    if undeclared := sorted(used - set(declared)):
        raise PromptError(f"The prompt {title} does not declare {', '.join(undeclared)}.")
    if unused := sorted(set(declared) - used):
        raise PromptError(f"The prompt {title} declares {', '.join(unused)}, but does not use it.")
    if not prompt.template.strip():
        raise PromptError(f"The prompt {title} has no text.")
