# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""What get-pip.py does for ansible-test, with what Python ships instead of a download.

``ansible-test sanity`` runs this in each empty virtual environment that it makes, with the packages to install as
arguments. stand_ins.py puts it where ansible-test looks for its own script, if that cannot be downloaded.
"""

from __future__ import annotations

import subprocess
import sys

if __name__ == "__main__":
    # In a process of its own, because it turns pip's configuration off for the rest of the process.
    subprocess.run([sys.executable, "-m", "ensurepip"], check=True, stdout=subprocess.DEVNULL)
    # Two of the arguments are options of get-pip.py, not of pip.
    arguments = [argument for argument in sys.argv[1:] if argument not in ("--no-setuptools", "--no-wheel")]
    sys.exit(subprocess.call([sys.executable, "-m", "pip", "install", *arguments]))
