"""The game with sliders, in a notebook: plan, press, read, plan again.

Owns nothing but the widgets: every button calls what a line of code could call (`retsim.classroom.rounds`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from retsim.market.plans import Plan

if TYPE_CHECKING:
    from retsim.classroom.rounds import Game

MIX = ("service", "price", "contact", "win_back")
MEANING = {"service": "service", "price": "coupons", "contact": "contact", "win_back": "win back"}
AIMS = ("everyone", "churn-risk", "past-value", "predicted-value", "value-at-risk", "tenure", "random")

__all__ = ["Cockpit", "panel"]


class Cockpit:
    """Widgets of one game.

    Attributes
    ----------
    game : Game
    box : ipywidgets.VBox
        What a notebook shows.
    """

    def __init__(self, game: Game) -> None:
        widgets = _widgets()
        self.game = game
        plan, firm = game.sight.plan(), game.scenario.firm
        wide = {"style": {"description_width": "11em"}, "layout": widgets.Layout(width="34em")}
        share = {"min": 0.0, "max": 1.0, "step": 0.05, **wide}
        self.spend = widgets.FloatSlider(description="spend of the budget", value=plan["spend"], **share)
        self.keep = widgets.FloatSlider(description="of it on keeping", value=plan["retention_share"], **share)
        self.parts = {
            name: widgets.FloatSlider(description=f"parts for {MEANING[name]}", value=10.0 * plan["mix"][name], min=0.0, max=10.0, step=1.0, **wide)
            for name in MIX
        }  # fmt: skip
        self.price = widgets.FloatSlider(
            description="price", value=plan["price"], min=0.85 * firm.price, max=1.15 * firm.price, step=0.01 * firm.price, **wide
        )  # fmt: skip
        self.aim = widgets.Dropdown(description="whom first", value=plan["targeting"], options=AIMS, **wide)
        self.button = widgets.Button(button_style="primary")
        self.word = widgets.HTML()
        self.books = widgets.HTML()
        self.button.on_click(self._pressed)
        self._show("")
        sliders = [self.spend, self.keep, *self.parts.values(), self.aim, self.price]
        self.box = widgets.VBox([*sliders, self.button, self.word, self.books])

    def plan(self) -> Plan:
        """The plan that the sliders say; where no part is given to anything the mix stays."""
        total = sum(part.value for part in self.parts.values())
        mix = {name: part.value / total for name, part in self.parts.items()} if total > 0.0 else None
        return Plan(self.keep.value, self.spend.value, mix, self.aim.value, {"price": self.price.value})

    def _pressed(self, _button: Any) -> None:
        try:
            self.game.play(self.plan())
        except (ValueError, TypeError, OSError) as error:
            self._show(str(error))
            return
        self._show(str(self.game.score()) if self.game.over else "")

    def _show(self, said: str) -> None:
        import html

        game = self.game
        self.button.description = "all rounds are played" if game.over else f"play round {len(game.plans) + 1}"
        self.button.disabled = game.over
        known = game.database()
        stars = game.sight.survey()["stars"]
        head = f"Month {game.month}: {len(known)} customers, {len(game.sight.complaints())} of them have complained; "
        head += (
            f"{stars.mean():.1f} stars of {len(stars)} who answered." if len(stars) else "nobody answered the survey."
        )
        self.word.value = f"<b>{html.escape(said)}</b><br>{html.escape(head)}"
        self.books.value = game.books().round(0).to_html(index=False)


def panel(game: Game) -> Any:
    """Sliders for a game, as the last value of a notebook cell.

    Parameters
    ----------
    game : Game
        From `retsim.classroom.game`; it goes on wherever it is, and can be played by code in between.

    Returns
    -------
    ipywidgets.VBox

    Raises
    ------
    ImportError
        ipywidgets is missing: says how to get it.
    """
    return Cockpit(game).box


def _widgets() -> Any:
    try:
        import ipywidgets
    except ImportError as error:
        raise ImportError("the panel needs ipywidgets: pip install 'retsim[notebooks]'") from error
    return ipywidgets
