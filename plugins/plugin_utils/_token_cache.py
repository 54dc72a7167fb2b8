# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_util is PRIVATE to the collection: it can change or disappear in any release.

"""Access tokens that outlive a task, for processes of the controller. Modules, which run elsewhere, cannot import this.

Each client has a file of its own. It is of no use to whoever lacks the client secret (or private key), from which the
key is derived that encrypts the token: a new secret cannot find the old token. A cache that is missing, broken or not
trusted only costs a token request.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import secrets
import stat
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict

from ansible_collections.community.pingone.plugins.module_utils._settings import Settings
from ansible_collections.community.pingone.plugins.module_utils._token import Token, TokenStore

try:
    from cryptography.fernet import Fernet, InvalidToken
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF
except ImportError:
    HAS_CRYPTOGRAPHY = False
else:
    HAS_CRYPTOGRAPHY = True

#: Bytes of the salt in front of each encrypted token.
SALT = 16
#: Bytes; PingOne's tokens have about a thousand.
SIZE_LIMIT = 64 * 1024
#: Seconds after which a file that nobody replaced is removed; PingOne's tokens are good for an hour.
REMOVED_AFTER = 24 * 60 * 60
#: Seconds between two attempts to get the lock.
LOCK_INTERVAL = 0.02
LOCK_FILE = "lock"


def token_cache(settings: Settings, folder: str, warn: Callable[[str], None]) -> TokenStore | None:
    """Return the cache for the client of the settings, None if there is or should be none.

    :arg folder: is made if it is not there.
    :arg warn: is told if the folder cannot be trusted.
    """
    if not (HAS_CRYPTOGRAPHY and settings.token_cache and settings.credentials):
        return None
    try:
        return TokenCache(settings, folder)
    except NotTrusted as error:
        warn(f"The token cache {folder} is not used: {error}. Remove it, or set token_cache to false.")
    except OSError:
        # Such as a home folder that cannot be written to.
        pass
    return None


class NotTrusted(Exception):
    """Others could have written a file or folder."""


class TokenCache:
    """The cached token of one client.

    :arg settings: with credentials.
    :raises NotTrusted: if others can write to the folder, or read it.
    :raises OSError: if there is no folder and none can be made.
    """

    def __init__(self, settings: Settings, folder: str) -> None:
        credentials = settings.credentials
        if credentials is None:
            raise ValueError("There are no credentials")
        source = {**asdict(credentials), "verify": settings.verify}
        self._secret = source.pop("secret").encode()
        # All that names where the token is from.
        self._source = json.dumps(source, sort_keys=True).encode()
        digest = hashlib.sha256(self._source)
        self._name = digest.hexdigest()
        self._place = int.from_bytes(digest.digest()[:4], "big")
        self._lock_timeout = settings.timeout
        with suppress(FileExistsError):
            os.mkdir(folder, 0o700)
        # All files are opened below this descriptor: the folder that was checked is the one that is used.
        try:
            self._folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENOTDIR):
                raise NotTrusted("it is a link or a file") from error
            raise
        try:
            _check(self._folder)
        except NotTrusted:
            os.close(self._folder)
            raise

    def __del__(self) -> None:
        with suppress(AttributeError, OSError):
            os.close(self._folder)

    def load(self) -> Token | None:
        """Return the token that was saved last, None if there is none that can be read."""
        try:
            with open(self._open(self._name, os.O_RDONLY), "rb") as file:
                _check(file.fileno())
                content = file.read(SIZE_LIMIT)
            token = json.loads(self._cipher(content[:SALT]).decrypt(content[SALT:]))
            return Token(str(token["value"]), float(token["best_before"]))
        except (OSError, NotTrusted, InvalidToken, ValueError, LookupError, TypeError):
            # What cannot be read is replaced by the next token.
            return None

    def save(self, token: Token) -> None:
        """Replace the token at once, so that nobody reads a half-written one; do without it if that fails."""
        if token.best_before == float("inf"):
            return
        salt = os.urandom(SALT)
        content = salt + self._cipher(salt).encrypt(json.dumps(asdict(token)).encode())
        new = f"{self._name}.{secrets.token_hex(8)}"
        with suppress(OSError):
            try:
                with open(self._open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as file:
                    file.write(content)
                os.replace(new, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
            except OSError:
                os.unlink(new, dir_fd=self._folder)
            self._remove_old()

    def drop(self, refused: str) -> None:
        """Remove the token if it is this one, and not one that another process got meanwhile."""
        with self.exclusive():
            token = self.load()
            if token and token.value == refused:
                with suppress(OSError):
                    os.unlink(self._name, dir_fd=self._folder)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep other processes out that want the same token, for no longer than a request may last.

        Whoever waited that long goes on: PingOne does not answer the other one either.
        """
        descriptor = None
        with suppress(OSError):
            descriptor = self._open(LOCK_FILE, os.O_RDWR | os.O_CREAT)
            deadline = time.monotonic() + self._lock_timeout
            while not self._lock(descriptor) and time.monotonic() < deadline:
                time.sleep(LOCK_INTERVAL)
        try:
            yield
        finally:
            if descriptor is not None:
                os.close(descriptor)

    def _lock(self, descriptor: int) -> bool:
        try:
            # One byte for each client in a file that is never written.
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, self._place)
        except BlockingIOError:
            return False
        return True

    def _open(self, name: str, flags: int) -> int:
        return os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=self._folder)

    def _cipher(self, salt: bytes) -> Fernet:
        # HKDF (RFC 5869), not a slow function for passwords: PingOne's client secrets are 64 random characters,
        # and a private key has more than enough of them.
        key = HKDF(algorithm=SHA256(), length=32, salt=salt, info=self._source).derive(self._secret)
        return Fernet(urlsafe_b64encode(key))

    def _remove_old(self) -> None:
        for name in os.listdir(self._folder):
            if name != LOCK_FILE:
                age = time.time() - os.stat(name, dir_fd=self._folder, follow_symlinks=False).st_mtime
                if age > REMOVED_AFTER:
                    os.unlink(name, dir_fd=self._folder)


def _check(descriptor: int) -> None:
    """Raise NotTrusted unless this is a file or folder of this user alone."""
    status = os.fstat(descriptor)
    if status.st_uid != os.geteuid():
        raise NotTrusted("it belongs to another user")
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise NotTrusted("others than its owner can open it")
    if stat.S_ISREG(status.st_mode) and status.st_nlink != 1:
        raise NotTrusted("it has another name elsewhere")
