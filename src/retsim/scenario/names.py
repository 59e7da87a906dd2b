"""Names, texts and tables of them, as a scenario writes them."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, StringConstraints

from retsim.scenario.fields import frozen, reject

__all__ = ["Name", "Table", "Text", "Title", "at_most"]

Text = Annotated[str, StringConstraints(max_length=10_000)]
Title = Annotated[str, StringConstraints(max_length=200)]


def _name(text: str) -> str:
    if not text or len(text) > 64 or text != text.strip() or "." in text or not text.isprintable():
        raise reject("must be a name of 1 to 64 printable characters without dots or outer blanks")
    return text


Name = Annotated[str, AfterValidator(_name)]
Item = TypeVar("Item")
Table = Annotated[dict[Name, Item], AfterValidator(frozen)]


def at_most(limit: int) -> BeforeValidator:
    """A check that a table is short, before the work of checking what is in it."""

    def check(table: Any) -> Any:
        if isinstance(table, dict) and len(table) > limit:
            raise reject(f"must have at most {limit:,} entries")
        return table

    return BeforeValidator(check)
