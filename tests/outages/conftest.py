# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

from tests.emulator_tests.conftest import emulator, start

__all__ = ["emulator", "start"]
