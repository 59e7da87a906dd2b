"""How Sphinx builds the documentation: `make docs`, no network, no warnings."""

from __future__ import annotations

import re
from pathlib import Path

import retsim

HERE = Path(__file__).parent

project = "retsim"
author = "The retsim developers"
copyright = "The retsim developers"
release = version = retsim.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]
numpydoc_show_class_members = False
autosummary_generate = False
autodoc_typehints = "none"
autodoc_member_order = "bysource"
# Names in single backticks are for people who read the source.
default_role = "literal"
nitpicky = True

html_theme = "furo"
html_title = f"retsim {release}"
html_static_path = ["_static"]
html_css_files = ["tables.css"]
html_show_sphinx = False


def without_outer_links(app, docname, source):
    """Links to files of the repository outside docs/ become their words: the built pages stand alone."""
    here = (HERE / f"{docname}.md").parent

    def kept(link: re.Match) -> str:
        target = link[2].partition("#")[0]
        if "://" in target or not target or (here / target).resolve().is_relative_to(HERE):
            return link[0]
        return link[1]

    source[0] = re.sub(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)", kept, source[0])


def setup(app):
    """Called by Sphinx."""
    app.connect("source-read", without_outer_links)
