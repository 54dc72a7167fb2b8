# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes a table and a plot of what was measured."""

from __future__ import annotations

import importlib.metadata
import math
import os
import platform
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ._measure import Cost, Spread
from ._ways import CREATIONS, HERE, LOOPS, PING, PROCESS, SCRIPT, URI

#: From a profile with py-spy; ansible-core's part was measured with an action that returns such a result from a file.
LISTING = """\
What a listing of 5,000 environments (13 MB of JSON) takes without the start of ansible-playbook is, by a profile, about
40 % what ansible-core does with a result of this size, whoever returns it: it is pickled, copied for callbacks and
tagged value by value. 30 % are the transfer, which the script has, too, 20 % decoding and converting, and 10 % the
import of requests.
"""

#: Environments in a page: the most that PingOne's contract allows.
PAGE = 5000


@dataclass(frozen=True)
class Results:
    """All costs, round by round.

    :ivar items: environments that a loop read, by latency in milliseconds.
    :ivar users: users that a loop created, by way.
    :ivar reads: of loops, by latency in milliseconds and way.
    :ivar lists: of listings, by number of environments and way.
    :ivar forks: of a loop on several hosts at once, by their number.
    :ivar creations: of users, by way and whether they were new.
    :ivar directories: of listings of users, by way.
    :ivar start: of ansible-playbook without a task.
    """

    items: Mapping[int, int]
    users: Mapping[str, int]
    reads: dict[tuple[int, str], list[Cost]] = field(default_factory=lambda: defaultdict(list))
    lists: dict[tuple[int, str], list[Cost]] = field(default_factory=lambda: defaultdict(list))
    forks: dict[int, list[Cost]] = field(default_factory=lambda: defaultdict(list))
    creations: dict[tuple[str, bool], list[Cost]] = field(default_factory=lambda: defaultdict(list))
    directories: dict[str, list[Cost]] = field(default_factory=lambda: defaultdict(list))
    start: list[Cost] = field(default_factory=list)

    @property
    def latencies(self) -> list[int]:
        return sorted({latency for latency, _way in self.reads})

    @property
    def sizes(self) -> list[int]:
        return sorted({size for size, _way in self.lists})

    def item(self, latency: int, way: str, of: Callable[[Cost], float]) -> Spread:
        """What one item costs: the run without the start of ansible-playbook, round by round."""
        starts = [0.0] * len(self.start) if way == SCRIPT else [of(cost) for cost in self.start]
        return Spread.of(
            (of(cost) - start) / self.items[latency]
            for cost, start in zip(self.reads[latency, way], starts, strict=True)
        )

    def net(self, costs: list[Cost]) -> list[float]:
        """Seconds without the start of ansible-playbook, round by round."""
        return [cost.seconds - start.seconds for cost, start in zip(costs, self.start, strict=True)]

    def user(self, way: str, is_new: bool) -> list[float]:
        """Seconds for one user, round by round."""
        return [seconds / self.users[way] for seconds in self.net(self.creations[way, is_new])]

    def allowed(self, scripts: list[Cost]) -> list[float]:
        """What a listing may take: half as much again as a script, and the start of ansible-playbook."""
        return [1.5 * script.seconds + start.seconds for script, start in zip(scripts, self.start, strict=True)]

    def ratio(self, numerators: list[float], denominators: list[float]) -> Spread:
        return Spread.of(above / below for above, below in zip(numerators, denominators, strict=True))

    def item_ratio(self, way: str, other: str) -> Spread:
        """Of two ways at the least latency, round by round."""
        latency = self.latencies[0]
        return self.ratio(self.net(self.reads[latency, way]), self.net(self.reads[latency, other]))


def _seconds(cost: Cost) -> float:
    return cost.seconds


def _cpu(cost: Cost) -> float:
    return cost.cpu


def _shown(spread: Spread, digits: int, factor: float = 1) -> str:
    median, least, most = (f"{value * factor:.{digits}f}" for value in (spread.median, spread.least, spread.most))
    return f"{median} ({least} to {most})"


def _rows(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _counted(costs: list[Cost]) -> str:
    seen = sorted({(cost.tokens, cost.others) for cost in costs})
    return "; ".join(f"{tokens} + {others}" for tokens, others in seen)


def table(results: Results) -> str:
    """Return the report in Markdown."""
    rounds = len(results.start)
    latency = results.latencies[0]
    parts = [
        # In pieces, because tools would take them for those of this file.
        "<!--\nSPDX-"
        "FileCopyrightText: Contributors to community.pingone\n"
        "SPDX-"
        "License-Identifier: GPL-3.0-or-later\n-->\n",
        "# Benchmark\n",
        "![Cost of one read in a loop, and of listing environments](benchmark.svg)\n",
        f"`make bench` wrote this page. It read environments from the emulator over TLS with ansible-core"
        f" {importlib.metadata.version('ansible-core')} and Python {platform.python_version()} on"
        f" {os.cpu_count()} cores: everything in turn, {rounds} rounds, medians with the least and the largest value in"
        " parentheses. Times differ from machine to machine; ratios hardly do.\n",
        "## Reads in a loop\n",
        "Milliseconds for one item, without the start of ansible-playbook"
        f", which takes {_shown(Spread.of(map(_seconds, results.start)), 2)} seconds. The latency is that of each"
        " answer of the server.\n",
        _rows(
            ["way", *(f"{number} ms latency, {results.items[number]} items" for number in results.latencies)],
            [
                [way, *(_shown(results.item(number, way, _seconds), 1, 1000) for number in results.latencies)]
                for way in LOOPS
            ],
        ),
        "Processor time of the controller, memory of its largest process, and what the server saw, without latency:\n",
        _rows(
            ["way", "CPU ms per item", "peak MiB", "token requests + reads"],
            [
                [
                    way,
                    _shown(results.item(latency, way, _cpu), 1, 1000),
                    _shown(Spread.of(cost.peak for cost in results.reads[latency, way]), 0),
                    _counted(results.reads[latency, way]),
                ]
                for way in LOOPS
            ],
        ),
        "## All environments in one task\n",
        _rows(
            ["environments", "seconds without start", "a script with requests", "peak MiB", "token requests + pages"],
            [
                [
                    f"{size:,}",
                    _shown(Spread.of(results.net(results.lists[size, HERE])), 2),
                    _shown(Spread.of(map(_seconds, results.lists[size, SCRIPT])), 2),
                    _shown(Spread.of(cost.peak for cost in results.lists[size, HERE]), 0),
                    _counted(results.lists[size, HERE]),
                ]
                for size in results.sizes
            ],
        ),
        LISTING,
        "## Users\n",
        "Milliseconds for one user in a loop that creates those that are not there yet, and in a second run, in which"
        " all are there. With `uri` it takes a token, and for each user one task that looks and one that creates.\n",
        _rows(
            ["way", "users", "created", "there already", "token requests + others, created", "there already"],
            [
                [
                    way,
                    str(results.users[way]),
                    *(_shown(Spread.of(results.user(way, is_new)), 1, 1000) for is_new in (True, False)),
                    *(_counted(results.creations[way, is_new]) for is_new in (True, False)),
                ]
                for way in CREATIONS
            ],
        ),
        f"All users of an environment in one task, in {_counted(results.directories[HERE])} requests:\n",
        _rows(
            ["way", "seconds without start", "peak MiB"],
            [
                [
                    way,
                    _shown(Spread.of(results.net(costs) if way == HERE else map(_seconds, costs)), 2),
                    _shown(Spread.of(cost.peak for cost in costs), 0),
                ]
                for way, costs in sorted(results.directories.items())
            ],
        ),
        "## Targets\n",
        _rows(["what", "target", "measured", ""], [list(row) for row in _targets(results)]),
    ]
    return "\n".join(parts)


def _targets(results: Results) -> list[tuple[str, str, str, str]]:
    """Return each target with what was measured and whether it was met."""
    rows = []

    def ratio(what: str, target: float, found: Spread) -> None:
        rows.append((what, f"≤ {target}", _shown(found, 3), "met" if found.median <= target else "**missed**"))

    def number(what: str, target: int, found: set[int]) -> None:
        rows.append(
            (what, str(target), ", ".join(map(str, sorted(found))), "met" if found == {target} else "**missed**")
        )

    ratio(f"a read in the controller / {URI}", 0.06, results.item_ratio(HERE, URI))
    ratio(f"a read in the controller / {PING}", 0.2, results.item_ratio(HERE, PING))
    ratio(f"a read as a process / {URI}", 0.6, results.item_ratio(PROCESS, URI))
    for is_new, what in ((True, "creating a user"), (False, "a user that is there already")):
        ours, theirs = (results.user(way, is_new) for way in (HERE, URI))
        ratio(f"{what}, in the controller / `uri` tasks", 0.06, results.ratio(ours, theirs))
    for hosts, costs in results.forks.items():
        reads = costs[0].others
        number(f"token requests for {reads} reads of {hosts} forks", 1, {cost.tokens for cost in costs})
    for size in results.sizes:
        pages = {cost.others for cost in results.lists[size, HERE]}
        number(f"requests to list {size:,}", math.ceil(size / PAGE), pages)
    largest = results.sizes[-1]
    for what, listings, scripts in (
        (f"{largest:,} environments", results.lists[largest, HERE], results.lists[largest, SCRIPT]),
        ("users", results.directories[HERE], results.directories[SCRIPT]),
    ):
        found = results.ratio([cost.seconds for cost in listings], results.allowed(scripts))
        ratio(f"listing {what} / (1.5 scripts + the start)", 1.0, found)
    for size in results.sizes:
        if 10 * size in results.sizes and size >= 500:  # less is lost in the noise
            net = [results.net(results.lists[each, HERE]) for each in (10 * size, size)]
            ratio(f"listing {10 * size:,} / listing {size:,}, without start", 10.5, results.ratio(*net))
    return rows


def draw(results: Results, path: Path) -> None:
    """Write the plot as SVG."""
    # Not before: a command's memory counts from that of this process, from which it is forked.
    import matplotlib  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    # The same picture for the same numbers, and text that can be selected.
    matplotlib.rcParams.update({"svg.hashsalt": "pingone", "svg.fonttype": "none", "font.family": "sans-serif"})
    colours = dict(zip(LOOPS, ("#b3282d", "#e08a8d", "#5b7083", "#9fb1c1", "#222222"), strict=True))
    figure = Figure(figsize=(11, 4.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    height = 0.8 / len(LOOPS)
    for index, way in enumerate(LOOPS):
        spreads = [results.item(latency, way, _seconds) for latency in results.latencies]
        medians = [spread.median * 1000 for spread in spreads]
        errors = [
            [max(0.0, (spread.median - spread.least) * 1000) for spread in spreads],
            [max(0.0, (spread.most - spread.median) * 1000) for spread in spreads],
        ]
        places = [place + (index - len(LOOPS) / 2 + 0.5) * height for place in range(len(spreads))]
        bars = left.barh(places, medians, height * 0.92, xerr=errors, color=colours[way], label=way, ecolor="#777777")
        left.bar_label(
            bars, [f"{median:.0f}" if median >= 10 else f"{median:.1f}" for median in medians], padding=6, fontsize=8
        )
    left.set_xscale("log")
    left.set_xlim(left=1, right=left.get_xlim()[1] * 2)
    left.xaxis.set_major_formatter("{x:,.0f}")
    left.set_yticks(range(len(results.latencies)), [f"{latency} ms" for latency in results.latencies])
    left.invert_yaxis()
    left.set_ylabel("latency of the server")
    left.set_xlabel("milliseconds for one item (logarithmic)")
    left.set_title("Reads in a loop", fontsize=11)
    left.legend(fontsize=8, frameon=False, loc="upper center", bbox_to_anchor=(0.45, -0.16), ncols=2)

    for way, values in (
        (HERE, [Spread.of(results.net(results.lists[size, HERE])) for size in results.sizes]),
        (SCRIPT, [Spread.of(map(_seconds, results.lists[size, SCRIPT])) for size in results.sizes]),
    ):
        label = f"{way}, without the start of ansible-playbook" if way == HERE else f"{way}, the whole process"
        right.plot(results.sizes, [value.median for value in values], "o-", color=colours[way], label=label)
        low, high = [value.least for value in values], [value.most for value in values]
        right.fill_between(results.sizes, low, high, color=colours[way], alpha=0.2, linewidth=0)
    right.set_ylim(bottom=0)
    right.set_xlabel("environments")
    right.set_ylabel("seconds")
    right.set_title("All environments in one task", fontsize=11)
    right.legend(fontsize=8, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.16))
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None, "Creator": None})
