# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""What get-pip.py does for ansible-test, with what Python ships instead of a download.

``ansible-test sanity`` runs this in each empty virtual environment that it makes, with the packages to install as
arguments. noxfile.py puts it where ansible-test looks for its own script, if that cannot be downloaded.
"""

from __future__ import annotations

import ensurepip
import subprocess
import sys

if __name__ == "__main__":
    # Pip's bundled version has no such options; what they ask for is what it does.
    packages = [argument for argument in sys.argv[1:] if argument not in ("--no-setuptools", "--no-wheel")]
    ensurepip.bootstrap()
    sys.exit(subprocess.call([sys.executable, "-m", "pip", "install", "--quiet", *packages]))
