# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is PRIVATE to the collection: it can change or disappear in any release.

"""When a request is sent, and sent again: how long to wait before that."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable

try:
    from urllib3.exceptions import InvalidHeader
    from urllib3.util import Retry
except ImportError:
    # They come with Requests; its absence is reported where it is used.
    pass

#: Statuses that can pass, as Ping's own Go client has it.
PASSING_STATUSES = frozenset({408, 429, 500, 502, 503, 504})

#: Seconds: the first back-off is up to BACKOFF_BASE, each further one up to twice as long, until BACKOFF_LIMIT.
BACKOFF_BASE = 1.0
BACKOFF_LIMIT = 30.0
#: The same after 429, where others are turned away too and would come back at the same time.
CROWD_BASE = 4.0
#: Seconds that one Retry-After may ask for, and seconds that a task waits in all.
WAIT_LIMIT = 60.0
TOTAL_WAIT_LIMIT = 300.0

#: Requests in any RATE_WINDOW seconds: what PingOne allows one address by default, 35 % of the 600 a minute of the
#: rate limit group "Configuration"
#: (https://developer.pingidentity.com/pingone-api/platform/rate-limiting/base-rate-limits.html).
RATE_LIMIT = 210
RATE_WINDOW = 60.0
#: Seconds between two requests: PingOne takes 100 a second from an address
#: (https://docs.pingidentity.com/pingone/getting_started_with_pingone/p1_platform_limits.html).
RATE_SPACING = 0.01


class Pace:
    """Holds one task, whose requests can be on their way together, below the rate that PingOne allows one address."""

    def __init__(
        self,
        report: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._report = report
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._starts: deque[float] = deque(maxlen=RATE_LIMIT)

    def wait(self) -> None:
        """Wait until the next request can be sent."""
        with self._lock:
            now = start = self._clock()
            if self._starts:
                start = max(start, self._starts[-1] + RATE_SPACING)
            if len(self._starts) == RATE_LIMIT:
                start = max(start, self._starts[0] + RATE_WINDOW)
            self._starts.append(start)
        if start - now > 1:
            self._report(
                f"{RATE_LIMIT} requests in {RATE_WINDOW:.0f} seconds are what PingOne allows one address:"
                f" waiting {start - now:.1f} seconds"
            )
        if start > now:
            self._sleep(start - now)


class Patience:
    """Waits between the attempts of one task's requests.

    :arg retries: how often one request may be sent again.
    :arg report: gets a line about each wait.
    """

    def __init__(
        self,
        retries: int,
        report: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._retries = retries
        self._report = report
        self._sleep = sleep
        self._clock = clock
        self._lock = threading.Lock()
        self._waited = 0.0
        self._waiting_until = 0.0

    def wait(self, attempt: int, why: str, retry_after: str | None = None, base: float = BACKOFF_BASE) -> bool:
        """Wait before the next attempt; return False where there is none, or where it would be too late.

        The back-off is exponential with full jitter. C(Retry-After) (RFC 9110 section 10.2.3) is a minimum: the jitter
        comes on top, lest all forks that were turned away come back at once.

        :arg attempt: the number of the attempt that failed, from 1.
        :arg base: seconds up to which the first back-off can be.
        """
        if attempt > self._retries:
            return False
        asked = seconds_asked_for(retry_after)
        seconds = asked + random.uniform(0, min(BACKOFF_LIMIT, base * 2.0 ** (attempt - 1)))  # noqa: S311 - no secret
        with self._lock:
            now = self._clock()
            # Requests that wait together wait only once.
            waited = self._waited + max(0.0, now + seconds - max(now, self._waiting_until))
            if asked > WAIT_LIMIT or waited > TOTAL_WAIT_LIMIT:
                return False
            self._waited = waited
            self._waiting_until = max(self._waiting_until, now + seconds)
        self._report(f"{why}: waiting {seconds:.1f} seconds before retry {attempt} of {self._retries}")
        self._sleep(seconds)
        return True


def seconds_asked_for(retry_after: str | None) -> float:
    """Return the seconds that C(Retry-After) asks for, as seconds or as an HTTP date; 0 for anything else."""
    if not retry_after:
        return 0.0
    try:
        return max(0.0, float(Retry().parse_retry_after(retry_after)))
    except (InvalidHeader, ValueError, OverflowError):
        return 0.0
