# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from tests.emulator_tests.conftest import emulator, start
from tests.plays import credentials, sandbox_environ

__all__ = ["emulator", "start"]


@pytest.fixture
def user(tmp_path, emulator) -> dict[str, str]:
    """The environment of a user with credentials."""
    with emulator.session() as session:
        session.delete(f"{emulator.auth_url}/emulator/requests", timeout=10).raise_for_status()
    return {**sandbox_environ(tmp_path / "sandbox", emulator), **credentials(emulator)}
