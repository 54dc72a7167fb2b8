# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measures all ways in turn, round after round, and writes a table and a plot: ``make bench``."""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from ._measure import ROOT, Bench, Cost, Emulator
from ._report import Results, draw, table
from ._ways import BARE, CREATIONS, HERE, LIST, LIST_USERS, LOOPS, READS, SCRIPT, START, USERS


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often everything is measured (5)")
    parser.add_argument(
        "--items", type=int, default=100, help="environments that a loop reads (100), with latency 20 %%"
    )
    parser.add_argument("--latencies", type=int, nargs="*", default=[0, 20, 100], help="of the server, ms (0 20 100)")
    parser.add_argument(
        "--sizes", type=int, nargs="*", default=[10, 100, 500, 1000, 5000], help="of listings (10 100 500 1000 5000)"
    )
    parser.add_argument("--users", type=int, default=200, help="users that are created (200), as processes 20 %%")
    parser.add_argument("--listed-users", type=int, default=10_000, help="users that are listed (10000)")
    parser.add_argument("--output", type=Path, default=ROOT / "docs", help="folder of the report (docs)")
    arguments = parser.parse_args()

    # With a latency, fewer items tell as much in less time.
    items = {latency: max(1, arguments.items // (5 if latency else 1)) for latency in arguments.latencies}
    users = {way: max(1, arguments.users // (1 if way == HERE else 5)) for way in CREATIONS}
    results = Results(items, users)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pingone-bench-")))
        bench = Bench(folder)

        def emulator(*options: str) -> Emulator:
            started = Emulator(folder, *options)
            stack.callback(started.stop)
            return started

        slow = {
            latency: emulator("--environments", str(max(arguments.items, 10)), "--fault", f"latency={latency / 1000}")
            if latency
            else emulator("--environments", str(max(arguments.items, 10)))
            for latency in arguments.latencies
        }
        sizes = {size: emulator("--environments", str(size)) for size in arguments.sizes}
        directory = emulator("--admin")
        many = emulator("--admin", "--users", str(arguments.listed_users))
        reads = [(latency, way) for latency in slow for way in LOOPS]
        lists = [(size, way) for size in sizes for way in (HERE, SCRIPT)]

        def read(latency: int, way: str) -> Cost:
            server = slow[latency]
            ids = server.ids[: items[latency]]
            if way != SCRIPT:
                return bench.play(server, READS[way], ids)
            (folder / "ids.json").write_text(json.dumps({"ids": ids}), encoding="utf-8")
            return bench.command(server, [*BARE, "read", str(folder / "ids.json")])

        for number in range(1, arguments.rounds + 1):
            any_server = next(iter(sizes.values()))
            results.start.append(_say(number, START, bench.play(any_server, READS[START])))
            random.shuffle(reads)
            for latency, way in reads:
                results.reads[latency, way].append(_say(number, f"{way}, {latency} ms", read(latency, way)))
            random.shuffle(lists)
            for size, way in lists:
                server = sizes[size]
                script = [*BARE, "list", "environments?limit=5000"]
                cost = bench.command(server, script) if way == SCRIPT else bench.play(server, LIST)
                results.lists[size, way].append(_say(number, f"{way}, {size} environments", cost))
            for way in random.sample(CREATIONS, len(CREATIONS)):
                names = [f"{way.rpartition(' ')[2]}-{number}-{user}" for user in range(users[way])]
                for is_first in (True, False):
                    cost = bench.play(directory, USERS[way], names, environment_id=directory.users_id)
                    what = f"{way}, {'new' if is_first else 'known'} users"
                    results.creations[way, is_first].append(_say(number, what, cost))
            for way in random.sample((HERE, SCRIPT), 2):
                script = [*BARE, "list", f"environments/{many.users_id}/users"]
                cost = (
                    bench.command(many, script)
                    if way == SCRIPT
                    else bench.play(many, LIST_USERS, environment_id=many.users_id)
                )
                results.directories[way].append(_say(number, f"{way}, {arguments.listed_users} users", cost))
            hosts = 20
            server = next(iter(slow.values()))
            cost = bench.play(server, READS[HERE], server.ids[: max(1, arguments.items // hosts)], hosts)
            results.forks[hosts].append(_say(number, f"{HERE}, {hosts} forks", cost))

    arguments.output.mkdir(parents=True, exist_ok=True)
    text = table(results)
    (arguments.output / "benchmark.md").write_text(text, encoding="utf-8")
    draw(results, arguments.output / "benchmark.svg")
    print(f"\n{text}\nWritten: {arguments.output}/benchmark.md, {arguments.output}/benchmark.svg")


def _say(number: int, what: str, cost: Cost) -> Cost:
    print(f"{time.strftime('%H:%M:%S')} round {number}: {what}: {cost.seconds:.2f} s", flush=True)
    return cost


if __name__ == "__main__":
    main()
