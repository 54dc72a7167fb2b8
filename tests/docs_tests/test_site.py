# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Follows the links of the built site. Of those that lead out of it, the form is checked."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.docs_tests.reader import GUIDES
from tests.emulator_tests.conftest import ROOT


class Page(HTMLParser):
    """What a page has and what it leads to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            elif name in ("href", "src") and value:
                self.links.add(value)


@pytest.fixture(scope="module")
def pages(site) -> dict[Path, Page]:
    return {path: Page(path) for path in site.rglob("*.html")}


def test_each_guide_and_plugin_has_a_page(site, pages):
    kinds = ("modules", "inventory", "lookup")
    plugins = {
        site / f"{path.stem}_{kind.removesuffix('s')}.html"
        for kind in kinds
        for path in (ROOT / "plugins" / kind).glob("[!_]*.py")
    }
    guides = {site / "docsite" / f"{guide.stem}.html" for guide in GUIDES}
    assert plugins and guides
    assert plugins | guides | {site / "index.html"} <= pages.keys()


def test_links_inside_lead_somewhere(pages):
    followed = 0
    for page in pages.values():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path
            assert target.is_file(), f"{page.path}: {link}"
            if parts.fragment and target in pages:
                assert unquote(parts.fragment) in pages[target].ids, f"{page.path}: {link}"
            followed += 1
    assert followed > 100


def test_links_to_elsewhere_have_the_form_of_one(pages):
    outside = {link for page in pages.values() for link in page.links if urlsplit(link).scheme not in ("", "data")}
    assert len(outside) > 5
    for link in outside:
        parts = urlsplit(link)
        assert parts.scheme == "https", link
        assert re.fullmatch(r"(?:[a-z0-9-]+\.)+[a-z]{2,}", parts.netloc), link
        assert not re.search(r"[\s<>`\"]", link), link


def test_nothing_went_wrong_on_the_page(pages):
    """The theme writes its complaints into pages."""
    for page in pages.values():
        text = page.path.read_text(encoding="utf-8")
        assert "system-message" not in text
        assert "ERROR: Adding a table of contents" not in text


def test_the_benchmark_is_shown(site, pages):
    speed = pages[site / "docsite/guide_speed.html"]
    (image,) = [link for link in speed.links if link.endswith("benchmark.svg")]
    assert (speed.path.parent / image).read_bytes() == (ROOT / "docs/benchmark.svg").read_bytes()


DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs/docsite").rglob("*.*"), *(ROOT / ".github").rglob("*.*")]
HERE = (
    r"https://(?:github\.com/ansible-collections/community\.pingone/blob|raw\.githubusercontent\.com/[\w./-]+?)/main/"
)


def test_links_to_files_of_this_repository():
    """On its host, where they cannot be followed from here."""
    followed = set()
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        relative = re.findall(r"\]\(([\w./-]+\.md)\)", text)
        for path in re.findall(rf"{HERE}([\w./-]+\w)", text) + relative:
            assert (ROOT / path).is_file(), f"{document}: {path}"
            followed.add(path)
    assert {"CONTRIBUTING.md", "docs/benchmark.md", "docs/benchmark.svg"} <= followed


def test_links_to_sections_of_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    sections = {title.lower().replace(" ", "-") for title in re.findall(r"^##+ (.*)", readme, re.MULTILINE)}
    named = {
        section
        for document in DOCUMENTS
        for section in re.findall(
            r"github\.com/ansible-collections/community\.pingone#([\w-]+)", document.read_text(encoding="utf-8")
        )
    }
    assert {"the-emulator", "troubleshooting"} <= named <= sections


def test_readme_leads_to_each_guide():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for guide in GUIDES:
        assert f"docs/docsite/rst/{guide.name}" in readme
