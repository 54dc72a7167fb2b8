# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""How Sphinx builds the documentation site: ``make docs``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes

project = "community.pingone"
author = copyright = "Contributors to community.pingone"  # noqa: A001 - Sphinx chose the name
html_title = "community.pingone"
html_short_title = "community.pingone"

extensions = [
    # Option tables, and roles such as :ansopt:.
    "sphinx_antsibull_ext",
    # A button that copies a block without its prompts.
    "sphinx_copybutton",
]
nitpicky = True

html_theme = "furo"
html_static_path = [str(Path(__file__).parent / "static")]
html_css_files = ["pingone.css"]
html_copy_source = False
html_show_sphinx = False
html_use_index = False
pygments_style = "ansible"
pygments_dark_style = "github-dark"
highlight_language = "yaml+jinja"
# Straight quotes and double hyphens are to be copied as they stand.
smartquotes = False

copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = True

ANSIBLE = "https://docs.ansible.com/projects/ansible/latest"
#: What the generated pages refer to in Ansible's own documentation. Its inventories of labels are a download; this is
#: not.
LABELS = {
    "action_plugins": "plugins/action.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    "collections": "collections_guide/index.html",
    "common_return_values": "reference_appendices/common_return_values.html",
    "inventory_plugins": "plugins/inventory.html",
    "lookup_plugins": "plugins/lookup.html",
    "module_defaults": "playbook_guide/playbooks_module_defaults.html",
    "playbooks_delegation": "playbook_guide/playbooks_delegation.html",
    "playbooks_filters": "playbook_guide/playbooks_filters.html",
    "playbooks_lookups": "playbook_guide/playbooks_lookups.html",
}

#: How labels of ansible-core's own plugins begin.
BUILTIN = "ansible_collections.ansible.builtin."
PUBLISHED = "https://raw.githubusercontent.com/ansible-collections/community.pingone/main/docs/"


def ansible_reference(
    _app: Any, _environment: Any, node: dict[str, Any], content: nodes.TextElement
) -> nodes.reference | None:
    """Return a link to Ansible's documentation, None for what is neither there nor here."""
    kind, target = node["reftype"], node["reftarget"]
    if kind == "ref" and target in LABELS:
        page = LABELS[target]
    elif kind == "ref" and target.startswith(BUILTIN):
        page = f"collections/ansible/builtin/{target.removeprefix(BUILTIN)}.html"
    elif kind == "envvar" and target.startswith("ANSIBLE_"):
        page = f"reference_appendices/config.html#envvar-{target}"
    else:
        return None
    return nodes.reference("", "", content, refuri=f"{ANSIBLE}/{page}", internal=False)


def with_local_images(_app: Any, _page: str, content: list[str]) -> None:
    """Take images from this checkout: guides name them where docs.ansible.com can find them."""
    content[0] = content[0].replace(f".. image:: {PUBLISHED}", ".. image:: ")


def without_contents(_app: Any, document: nodes.document) -> None:
    """Leave out the tables of contents that generated pages begin with: the theme has its own, beside the page."""
    for topic in list(document.findall(nodes.topic)):
        if "contents" in topic["classes"]:
            topic.parent.remove(topic)
    # Headings lead back to it.
    for title in document.findall(nodes.title):
        title.attributes.pop("refid", None)


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.connect("source-read", with_local_images)
    app.connect("doctree-read", without_contents)
    app.connect("missing-reference", ansible_reference)
