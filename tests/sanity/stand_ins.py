# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Let ansible-test do with a package index, where the other servers that it downloads from cannot be reached.

It waits for some of them without a time limit, and offers no other address. This runs before it, in its environment.
"""

from __future__ import annotations

import re
import shutil
import urllib.request
from pathlib import Path
from types import SimpleNamespace

from ansible_test._internal.python_requirements import get_venv_packages
from ansible_test._internal.util import ANSIBLE_TEST_DATA_ROOT


def is_reachable(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10):
            return True
    except OSError as error:
        print(f"{url} cannot be read ({error}).")
        return False


def provide_get_pip() -> None:
    """Stand in for the script that gets pip: ansible-test takes the file of this name."""
    version = get_venv_packages(SimpleNamespace(version="3"))["pip"]
    script = Path("~/.ansible/test/cache").expanduser() / f"get_pip_{version.replace('.', '_')}.py"
    if script.exists() or is_reachable(f"https://ci-files.testing.ansible.com/ansible-test/get-pip-{version}.py"):
        return
    print(f"{script} becomes a copy of tests/sanity/get_pip.py.")
    script.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(Path(__file__).with_name("get_pip.py"), script)


def provide_packages() -> None:
    """Let the index give what ansible-test would take from a package's repository."""
    for file in Path(ANSIBLE_TEST_DATA_ROOT, "requirements").glob("*.txt"):
        text = file.read_text(encoding="utf-8")
        for line, name, url in re.findall(r"^((\S+) @ (\S+))$", text, re.MULTILINE):
            if not is_reachable(url):
                print(f"{name} comes from the package index.")
                text = text.replace(line, name)
                file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    provide_get_pip()
    provide_packages()
