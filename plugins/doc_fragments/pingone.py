# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The options that every module shares."""

    DOCUMENTATION = r"""
options:
  client_id:
    description:
      - Client ID of the worker application.
      - If it is not set, the environment variable E(PINGONE_CLIENT_ID) counts.
    type: str
  client_secret:
    description:
      - Client secret of the worker application.
      - Not needed, and not sent, with O(client_auth_method=private_key_jwt).
      - If it is not set, the environment variable E(PINGONE_CLIENT_SECRET) counts.
    type: str
  auth_environment_id:
    description:
      - ID of the environment that holds the worker application. It need not be one that the task is about.
      - Not needed with O(custom_domain), which belongs to one environment.
      - If it is not set, the environment variable E(PINGONE_ENVIRONMENT_ID) counts.
    type: str
  access_token:
    description:
      - An access token that was obtained elsewhere. It is used as it is, instead of the worker application's
        credentials.
      - If it is not set, the environment variable E(PINGONE_API_ACCESS_TOKEN) counts, unless the task gives
        O(client_id), O(client_secret), O(private_key) or O(private_key_path).
    type: str
  client_auth_method:
    description:
      - How the worker application proves itself to the token endpoint. It must be the method that is set for the
        application in PingOne.
      - With V(private_key_jwt), there is no shared secret. The application signs an assertion with O(private_key) or
        the key in O(private_key_path), and PingOne knows the public key. Its clock must agree with PingOne's, as an
        assertion is good for five minutes. Its audience is the address of the token endpoint, as O(region),
        O(root_domain), O(custom_domain) or O(auth_url) give it.
      - If it is not set, the environment variable E(PINGONE_CLIENT_AUTH_METHOD) counts, then V(client_secret_basic).
      - V(private_key_jwt) was added in community.pingone 0.2.0.
    type: str
    choices:
      - client_secret_basic
      - client_secret_post
      - private_key_jwt
  private_key:
    description:
      - Private key of the worker application in PEM form and without a passphrase, for
        O(client_auth_method=private_key_jwt).
      - A key for RSA of 2048 bits or more signs with RS256, one for EC P-256 with ES256. RSA is the safe choice, as
        not all of PingOne's documentation names ES256.
      - Not together with O(private_key_path).
      - If neither of them is set, the environment variables E(PINGONE_PRIVATE_KEY) and E(PINGONE_PRIVATE_KEY_PATH)
        count. A C(\n) of two characters counts as a line break.
    type: str
    version_added: 0.2.0
  private_key_path:
    description:
      - File with what O(private_key) would have, where the module runs. It should be closed to other users; that is not
        checked, because container platforms mount secrets in other ways.
      - A file that Ansible Vault encrypted cannot be read here. P(ansible.builtin.file#lookup) can, for O(private_key).
      - If neither O(private_key) nor O(private_key_path) is set, the environment variables E(PINGONE_PRIVATE_KEY) and
        E(PINGONE_PRIVATE_KEY_PATH) count.
    type: path
    version_added: 0.2.0
  private_key_id:
    description:
      - The C(kid) that the key has in the application's JWKS in PingOne. Not needed if it is the only key there.
      - If it is not set, the environment variable E(PINGONE_PRIVATE_KEY_ID) counts.
    type: str
    version_added: 0.2.0
  region:
    description:
      - Code of the region in which the PingOne organization lives. It stands for a O(root_domain).
      - If neither O(region) nor O(root_domain) is set, the environment variables E(PINGONE_REGION_CODE) and
        E(PINGONE_ROOT_DOMAIN) count, then V(NA).
    type: str
    choices:
      - NA
      - CA
      - EU
      - AP
      - AU
      - SG
  root_domain:
    description:
      - Root domain of PingOne's services, such as V(pingone.eu). It must not contradict O(region).
      - If neither O(region) nor O(root_domain) is set, the environment variables E(PINGONE_REGION_CODE) and
        E(PINGONE_ROOT_DOMAIN) count, then V(pingone.com).
    type: str
  custom_domain:
    description:
      - Custom domain of the environment that holds the worker application. It serves the token endpoint only.
      - Not together with O(auth_url).
      - If neither of them is set, the environment variables E(PINGONE_CUSTOM_DOMAIN) and E(PINGONE_AUTH_URL) count.
    type: str
  auth_url:
    description:
      - Base address of the authentication service, without an environment ID; for gateways and tests.
      - Plain C(http) goes only to a loopback address.
      - It goes before O(region) and O(root_domain), wherever it is set.
      - If neither O(auth_url) nor O(custom_domain) is set, the environment variables E(PINGONE_AUTH_URL) and
        E(PINGONE_CUSTOM_DOMAIN) count, then C(https://auth.) with the root domain.
    type: str
  api_url:
    description:
      - Base address of the API, with its version; for gateways and tests.
      - Plain C(http) goes only to a loopback address.
      - It goes before O(region) and O(root_domain), wherever it is set.
      - If it is not set, the environment variable E(PINGONE_API_URL) counts, then C(https://api.) with the root domain
        and C(/v1).
    type: str
  validate_certs:
    description:
      - Whether to check that it is PingOne who answers. Only V(true) is safe.
    type: bool
    default: true
  ca_path:
    description:
      - File with the certificates of the CAs to trust, in PEM form, instead of those that the Python package
        C(requests) trusts.
      - If it is not set, the environment variable E(PINGONE_CA_PATH) counts, then E(REQUESTS_CA_BUNDLE).
    type: path
  timeout:
    description:
      - Seconds for one request, from the connection to the last byte of the answer, at most 3600.
      - A connection is waited for no longer than 10 seconds.
      - If it is not set, the environment variable E(PINGONE_TIMEOUT) counts, then V(30).
    type: int
  retries:
    description:
      - How often a request is sent again after a passing failure.
      - Failures are passing where no connection could be made or it broke, and with the HTTP statuses 408, 429, 500,
        502, 503 and 504. What is not safe to repeat is repeated only where PingOne surely did not act on it.
      - The waits in between grow exponentially from up to 1 second (4 seconds after 429) to up to 30 seconds, with
        jitter. C(Retry-After) of up to 60 seconds is honoured; a longer one fails the task. A task waits for 300
        seconds in all at the most.
      - So one request takes at most O(timeout) times the number of attempts, plus the waits. A task sends nothing more
        after an hour.
      - If it is not set, the environment variable E(PINGONE_RETRIES) counts, then V(5).
    type: int
  concurrency:
    description:
      - How many single resources are read at a time, at most 10. The order of results does not depend on it.
      - A task sends no more than 210 such requests in 60 seconds and 100 in one second, which is what PingOne allows
        one address by default. Then it waits.
      - If it is not set, the environment variable E(PINGONE_CONCURRENCY) counts, then V(4).
    type: int
    version_added: 0.2.0
  token_cache:
    description:
      - Whether a token may be kept for later tasks and playbooks, so that all of them, and all forks, ask for one.
      - Only tasks that run in Ansible's own process keep tokens, in files of the controller. The folder
        C(pingone_tokens) in E(ANSIBLE_HOME), which is C(~/.ansible) by default, must be closed to other users. Each
        token is encrypted with a key that is derived from the client secret or the private key; without the Python
        package C(cryptography), none is kept.
      - If it is not set, the environment variable E(PINGONE_TOKEN_CACHE) counts, then V(true).
    type: bool
    version_added: 0.2.0
requirements:
  - requests >= 2.31
  - PyJWT[crypto] >= 2.8, only for the authentication method private_key_jwt
notes:
  - The environment variables count where the module runs, which for a task on C(localhost) is the controller.
  - Tasks that would run on the controller anyway run in Ansible's own process, which is many times faster. These are
    tasks with the connection C(local), without C(become), C(async) and C(environment), and with Ansible's own Python,
    which is what C(localhost) has unless an inventory says otherwise. All others run as modules usually do. Results are
    the same. C(-vvv) shows where a task runs. The variable C(pingone_in_process) set to C(false) switches it off. On
    macOS, it is off unless the variable is C(true), because processes that were forked can crash there.
"""
