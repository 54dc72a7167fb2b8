# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.community.pingone.plugins.module_utils._settings import Settings
from ansible_collections.community.pingone.plugins.module_utils._token import Token
from ansible_collections.community.pingone.plugins.plugin_utils import _token_cache
from ansible_collections.community.pingone.plugins.plugin_utils._token_cache import token_cache

ENVIRONMENT_ID = "11111111-2222-4333-8444-555555555555"
SECRET = "s3cret-value-of-the-worker"
TOKEN = Token("token-no-1", time.time() + 1000)


def settings(**options):
    credentials = {"client_id": "worker", "client_secret": SECRET, "auth_environment_id": ENVIRONMENT_ID}
    return Settings.from_options({**credentials, **options}, {})


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def warnings():
    return []


@pytest.fixture
def cache(folder, warnings):
    """Return a function that makes a cache, as each process does."""

    def make(**options):
        return token_cache(settings(**options), str(folder), warnings.append)

    yield make
    assert not warnings


def token_file(folder: Path) -> Path:
    (path,) = (path for path in folder.iterdir() if path.name != "lock")
    return path


def test_a_token_outlives_its_process(cache):
    cache().save(TOKEN)
    assert cache().load() == TOKEN
    later = replace(TOKEN, value="token-no-2")
    cache().save(later)
    assert cache().load() == later


def test_nothing_is_found_in_an_empty_cache(cache):
    assert cache().load() is None


def test_files_are_for_the_owner_only_and_have_no_secret(cache, folder):
    old = os.umask(0)
    try:
        cache().save(TOKEN)
        with cache().exclusive():
            pass
    finally:
        os.umask(old)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    content = token_file(folder).read_bytes() + token_file(folder).name.encode()
    for secret in (SECRET, TOKEN.value, "worker", ENVIRONMENT_ID):
        assert secret.encode() not in content


@pytest.mark.parametrize(
    "other",
    [
        {"client_id": "other"},
        {"client_secret": "a-new-one"},
        {"client_auth_method": "client_secret_post"},
        {"region": "EU"},
        {"custom_domain": "auth.example.com"},
        {"auth_environment_id": ENVIRONMENT_ID.replace("1", "3")},
        {"validate_certs": False},
    ],
)
def test_another_source_finds_nothing(cache, other):
    cache().save(TOKEN)
    assert cache(**other).load() is None
    assert cache().load() == TOKEN


PEM = "-----BEGIN PRIVATE KEY-----\nkey-of-the-worker-no-1\n-----END PRIVATE KEY-----\n"
SIGNING = {"client_auth_method": "private_key_jwt", "private_key": PEM, "private_key_id": "kid-1"}


def test_a_private_key_protects_its_token(cache, folder):
    cache(**SIGNING).save(TOKEN)
    assert cache(**{**SIGNING, "client_secret": "of no importance"}).load() == TOKEN
    for other in (
        {**SIGNING, "private_key": PEM.replace("1", "2")},
        {**SIGNING, "private_key_id": "kid-2"},
        {"client_secret": PEM.splitlines()[1]},
    ):
        assert cache(**other).load() is None
    path = token_file(folder)
    for secret in (*PEM.split(), TOKEN.value):
        assert secret.encode() not in path.read_bytes() + path.name.encode()


def test_a_file_name_does_not_depend_on_the_key(cache, folder):
    """Else it would tell something about the key, and an old token would stay when the key is replaced."""
    cache(**SIGNING).save(TOKEN)
    name = token_file(folder).name
    cache(**{**SIGNING, "private_key": PEM.replace("1", "2")}).save(TOKEN)
    assert token_file(folder).name == name


def test_a_file_under_the_name_of_another_is_of_no_use(cache, folder):
    cache().save(TOKEN)
    name = token_file(folder).name
    os.rename(folder / name, folder / "aside")
    cache(client_id="other").save(TOKEN)
    (other,) = (path for path in folder.iterdir() if path.name not in ("lock", "aside"))
    os.rename(folder / "aside", other)
    assert cache(client_id="other").load() is None


def test_a_rotated_secret_replaces_the_old_token(cache, folder):
    cache().save(TOKEN)
    cache(client_secret="a-new-one").save(replace(TOKEN, value="new"))
    assert cache(client_secret="a-new-one").load().value == "new"
    assert cache().load() is None
    token_file(folder)


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:-1],
        lambda content: content[:20],
        lambda content: b"\0" * len(content),
        lambda content: content[:30] + bytes([content[30] ^ 1]) + content[31:],
        lambda content: b"\xff" * 100_000,
    ],
)
def test_a_damaged_file_heals(cache, folder, damage):
    cache().save(TOKEN)
    path = token_file(folder)
    path.write_bytes(damage(path.read_bytes()))
    assert cache().load() is None
    cache().save(TOKEN)
    assert cache().load() == TOKEN


@pytest.mark.parametrize("content", [b"[]", b"7", b"{}", b'{"value": "x"}', b'{"value": "x", "best_before": "soon"}'])
def test_an_encrypted_file_of_another_kind_is_not_used(cache, folder, monkeypatch, content):
    monkeypatch.setattr(_token_cache.json, "dumps", lambda *args, **options: content.decode())
    cache().save(TOKEN)
    assert cache().load() is None


def test_a_file_that_others_can_read_is_not_used_and_is_replaced(cache, folder):
    cache().save(TOKEN)
    token_file(folder).chmod(0o640)
    assert cache().load() is None
    cache().save(TOKEN)
    assert cache().load() == TOKEN
    assert stat.S_IMODE(token_file(folder).stat().st_mode) == 0o600


def test_a_link_is_not_followed_and_is_replaced(cache, folder, tmp_path):
    cache().save(TOKEN)
    path = token_file(folder)
    target = tmp_path / "elsewhere"
    path.rename(target)
    before = target.read_bytes()
    path.symlink_to(target)
    assert cache().load() is None
    cache().save(TOKEN)
    assert cache().load() == TOKEN
    assert not path.is_symlink()
    assert target.read_bytes() == before


def test_a_file_with_a_second_name_is_not_used(cache, folder, tmp_path):
    cache().save(TOKEN)
    os.link(token_file(folder), tmp_path / "second")
    assert cache().load() is None


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o777, 0o720])
def test_a_folder_that_others_can_open_is_refused(folder, warnings, mode):
    folder.mkdir()
    folder.chmod(mode)
    assert token_cache(settings(), str(folder), warnings.append) is None
    assert warnings == [
        f"The token cache {folder} is not used: others than its owner can open it. Remove it, or set token_cache to"
        " false."
    ]
    assert not list(folder.iterdir())


@pytest.mark.parametrize("make", [lambda path, target: path.symlink_to(target), lambda path, target: path.touch()])
def test_what_is_no_folder_is_refused(folder, warnings, tmp_path, make):
    target = tmp_path / "target"
    target.mkdir(mode=0o700)
    make(folder, target)
    assert token_cache(settings(), str(folder), warnings.append) is None
    assert "it is a link or a file" in warnings[0]
    assert not list(target.iterdir())


def test_the_folder_of_another_user_is_refused(folder, warnings, monkeypatch):
    folder.mkdir(mode=0o700)
    user = os.geteuid()
    monkeypatch.setattr(_token_cache.os, "geteuid", lambda: user + 1)
    assert token_cache(settings(), str(folder), warnings.append) is None
    assert "it belongs to another user" in warnings[0]


def test_without_a_place_there_is_no_cache(cache, folder, tmp_path, warnings):
    assert token_cache(settings(), str(tmp_path / "missing/cache"), warnings.append) is None


def test_a_full_disk_costs_only_the_cache(cache, monkeypatch, folder):
    store = cache()
    store.save(TOKEN)

    def fail(*args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_token_cache.os, "replace", fail)
    store.save(replace(TOKEN, value="token-no-2"))
    assert store.load() == TOKEN
    token_file(folder)


def test_there_is_no_cache_where_none_is_wanted_or_possible(cache, folder, monkeypatch):
    assert cache(token_cache=False) is None
    assert token_cache(Settings.from_options({"access_token": "x"}, {}), str(folder), print) is None
    monkeypatch.setattr(_token_cache, "HAS_CRYPTOGRAPHY", False)
    assert cache() is None
    assert not folder.exists()


def test_a_token_of_unknown_life_is_not_kept(cache, folder):
    cache().save(replace(TOKEN, best_before=float("inf")))
    assert cache().load() is None


def test_drop(cache):
    cache().save(TOKEN)
    cache().drop("another")
    assert cache().load() == TOKEN
    cache().drop(TOKEN.value)
    assert cache().load() is None
    cache().drop(TOKEN.value)


def test_old_files_are_removed(cache, folder):
    with cache().exclusive():
        cache(client_id="gone").save(TOKEN)
    old = token_file(folder)
    day_ago = time.time() - 25 * 3600
    os.utime(old, (day_ago, day_ago))
    os.utime(folder / "lock", (day_ago, day_ago))
    cache().save(TOKEN)
    assert token_file(folder) != old
    assert (folder / "lock").exists()


HOLD = """
import sys
from ansible_collections.community.pingone.plugins.module_utils._settings import Settings
from ansible_collections.community.pingone.plugins.plugin_utils._token_cache import token_cache
options = dict(client_id=sys.argv[2], client_secret=sys.argv[3], auth_environment_id=sys.argv[4])
with token_cache(Settings.from_options(options, {}), sys.argv[1], print).exclusive():
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(folder):
    """Another process that asks for a token until its standard input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder), "worker", SECRET, ENVIRONMENT_ID],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        assert process.stdout.readline() == b"held\n"
        yield process
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


def test_one_process_at_a_time(cache, holder):
    threading.Timer(0.3, holder.stdin.close).start()
    start = time.monotonic()
    with cache().exclusive():
        assert time.monotonic() - start > 0.2


def test_nobody_waits_for_ever(cache, holder):
    start = time.monotonic()
    with cache(timeout=1).exclusive():
        assert 0.9 < time.monotonic() - start < 10


def test_other_clients_do_not_wait(cache, holder):
    start = time.monotonic()
    with cache(client_id="other").exclusive():
        assert time.monotonic() - start < 1


def test_a_process_that_dies_lets_others_in(cache, holder):
    holder.kill()
    start = time.monotonic()
    with cache().exclusive():
        assert time.monotonic() - start < 10


def test_an_error_inside_is_not_swallowed(cache):
    with pytest.raises(OSError, match="of the request"), cache().exclusive():
        raise OSError("of the request")
