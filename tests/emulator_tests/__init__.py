# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of the emulator: ``python -m pytest tests/emulator_tests``."""
