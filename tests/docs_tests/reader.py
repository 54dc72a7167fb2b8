# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a guide from the top down and does what it says, as a person at a keyboard would."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import NamedTuple

import pexpect

from tests.emulator_tests.conftest import ROOT

GUIDES = sorted((ROOT / "docs/docsite/rst").glob("*.rst"))

_BLOCK = re.compile(
    r"^(?P<indent> *)\.\. code-block:: (?P<language>\S+)\n(?P<options>(?: +:.*\n)*)\n"
    r"(?P<text>(?:(?P=indent) +.*\n|\n)+)",
    re.MULTILINE,
)
#: Where a state of the shell is kept between two commands.
_STATE = ".shell-state"


class Block(NamedTuple):
    language: str
    #: The file it is to be saved as, None if it is none.
    caption: str | None
    text: str


class Step(NamedTuple):
    command: str
    #: What the guide shows of its output; three dots stand for anything.
    output: str


def blocks(guide: Path) -> list[Block]:
    """Return the code blocks of a guide."""
    source = guide.read_text(encoding="utf-8")
    found = []
    for match in _BLOCK.finditer(source):
        caption = re.search(r":caption: (.*)", match["options"])
        text = textwrap.dedent(match["text"]).strip("\n") + "\n"
        found.append(Block(match["language"], caption and caption[1], text))
    assert len(found) == source.count("code-block::")
    return found


def steps(block: Block) -> list[Step]:
    """Return the commands of a console block, each with the output below it."""
    assert block.text.startswith("$ "), block.text
    return [Step(*part.split("\n", 1)) for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]]


class Reader:
    """A person at a keyboard.

    :arg home: is where this person begins.
    :arg words: are the words in capitals, and what they stand for.
    """

    def __init__(self, home: Path, environ: dict[str, str], words: dict[str, str]) -> None:
        self.home = home
        self.environ = environ
        self.words = words
        self.folder = home
        #: By what commands begin with: what is typed instead, None for nothing.
        self.instead: dict[str, str | None] = {}
        #: What each command said.
        self.said: dict[str, str] = {}

    def filled_in(self, text: str) -> str:
        """Return a text with the reader's own words in place of those in capitals."""
        return re.sub(rf"\b(?:{'|'.join(self.words)})\b", lambda word: self.words[word[0]], text)

    def save(self, block: Block) -> None:
        """Write the file that a block is."""
        assert block.caption
        path = self.folder / block.caption
        path.parent.mkdir(exist_ok=True)
        path.write_text(self.filled_in(block.text), encoding="utf-8")

    def type_in(self, command: str, status: int = 0) -> str:
        """Run a command line in a terminal, answer its prompts for a password, and return what it showed.

        Variables and the current folder are those that the line before left behind.
        """
        state = self.home / _STATE
        script = f"""
[ ! -e {state} ] || . {state}
{command}
status=$?
(export -p; echo cd $PWD) >{state}
exit $status
"""
        terminal = pexpect.spawn(
            "/bin/bash", ["-c", script], cwd=str(self.folder), env=self.environ, timeout=120, encoding="utf-8"
        )
        shown = ""
        while terminal.expect([r"(?i)password[^\n]*: ?$", pexpect.EOF]) == 0:
            shown += terminal.before
            terminal.sendline("a password")
        shown += terminal.before
        assert terminal.wait() == status, f"{command}\n{shown}"
        self.folder = Path(state.read_text(encoding="utf-8").splitlines()[-1].removeprefix("cd "))
        return shown.replace("\r\n", "\n")

    def follow(self, guide: Path) -> None:
        """Save what has a file name and type in what follows a prompt, in the guide's order."""
        for block in blocks(guide):
            if block.language == "console":
                for step in steps(block):
                    self.take(step)
            elif block.caption:
                self.save(block)

    def take(self, step: Step) -> None:
        """Type in one command, and compare what it shows with what the guide shows."""
        typed = next(
            (instead for beginning, instead in self.instead.items() if step.command.startswith(beginning)), step.command
        )
        if typed is None:
            return
        shown = self.type_in(self.filled_in(typed))
        self.said[step.command] = shown
        if step.output.strip():
            pattern = re.escape(step.output.strip()).replace(r"\.\.\.", r"(?:.|\n)*")
            assert re.search(f"^{pattern}", shown, re.MULTILINE), f"{step.output}\nis not in\n{shown}"
