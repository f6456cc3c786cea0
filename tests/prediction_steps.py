"""The steps that the tests of prediction take, and what shows after each: the page's twin has to show the same.

`python -m tests.prediction_steps` runs the unit tests of `view.prediction`, and walks of its law, with a predictor that
writes down what it is told and what it shows. It prints JSON, a list of cases. `web/test/prediction.test.ts` takes the
same steps in the page's predictor. A mark is written down when a page gets it: behind the frame by which it is
judged (`gateway.web.page_typing`).
"""

from __future__ import annotations

import inspect
import json
import random
import sys
from typing import Any

from pairterm.gateway.web.page_typing import PageTyping
from pairterm.terminal.frame import UNDERLINE_MASK, Frame, Pen
from pairterm.terminal.widths import width
from pairterm.view.prediction import PredictMode, Predictor
from pairterm.view.shown_panes import ShownPanes
from pairterm.view.typing_place import typing_place
from pairterm.view.viewport import ORIGIN
from tests.laws.view import test_prediction as law
from tests.unit.view import test_prediction as unit

_WALKS, _STEPS = 100, 60
"""The walks of the law that are written down, and the steps of each."""

_cases: list[dict[str, Any]] = []


class Recorder(Predictor):
    """A predictor that writes down what it is told, and what it shows after that."""

    def __init__(self, mode: PredictMode = PredictMode.ADAPTIVE) -> None:
        super().__init__(mode)
        self._steps: list[dict[str, Any]] = []
        self._typing = PageTyping()
        self._marks: dict[int, tuple[int, int]] = {}
        self._now_s = 0.0
        self._shown_rows: list[list[str]] = []
        self._pens: dict[Pen, int] = {}
        _cases.append({"mode": mode.value, "steps": self._steps})

    def typed(self, data: bytes, now_s: float) -> int | None:
        self._now_s = now_s
        serial = super().typed(data, now_s)
        self._write("typed", text=data.decode(), serial=serial, now_ms=now_s * 1000)
        return serial

    def marked(self, serial: int, newest: int, generation: int, now_s: float) -> None:
        self._now_s = now_s
        self._marks[serial] = newest, generation
        self._typing.marked(serial, newest, generation)
        self._take_mark()

    def picture(self, frame: Frame, panes: ShownPanes | None) -> Frame:
        shown = super().picture(frame, panes)
        place = typing_place(frame, panes, ORIGIN, frame.size)
        self._typing.at(place)
        assert place is not None
        rect = place.rect
        pane = {"name": place.name, "row": rect.row, "col": rect.col, "rows": rect.rows, "cols": rect.cols}
        self._write("frame", **self._seen(frame), pane={**pane, "scrolled": place.scrolled})
        self._take_mark()
        return self.shown or shown

    def reset(self) -> None:
        super().reset()
        self._write("reset")

    def _take_mark(self) -> None:
        due = self._typing.due()
        if due is not None:
            newest, generation = self._marks[int(str(due["serial"]))]
            super().marked(int(str(due["serial"])), newest, generation, self._now_s)
            self._write("marked", **due, now_ms=self._now_s * 1000)

    def _seen(self, frame: Frame) -> dict[str, Any]:
        pens = [[self._pens.setdefault(pen, len(self._pens)) for pen in row.pens] for row in frame.rows]
        return {"cells": [row.cells for row in frame.rows], "pens": pens, "cursor": _cursor(frame)}

    def _write(self, step: str, **fields: Any) -> None:
        shown = self.shown
        expected = shown and {
            "cells": [row.cells for row in shown.rows],
            "cursor": _cursor(shown),
            "underlined": [
                [row, col]
                for row, each in enumerate(shown.rows)
                for col, pen in enumerate(each.pens)
                if pen.flags & UNDERLINE_MASK
            ],
        }
        self._steps.append({"step": step, **fields, "shown": expected})


def _cursor(frame: Frame) -> list[object]:
    return [frame.cursor.row, frame.cursor.col, frame.cursor.is_visible]


def _walk(chance: random.Random) -> None:
    """Walk as a person, a line and a program do: the law's own walks hardly ever confirm a prediction."""
    walk = law.Predictions()
    for _ in range(_STEPS):
        match chance.choices(["key", "deliver", "mark", "back", "enter", "print", "settle"], [9, 5, 4, 6, 1, 1, 1])[0]:
            case "key" if walk.typed_line_echoes:
                walk.type_bytes(chance.choices(law.KEYS, [8, 8, 4, 4, 3, 3, 2, 1, 1, 1])[0])
            case "key":
                walk.type_bytes(chance.choice(law.SECRETS).encode())
            case "deliver":
                walk.deliver(chance.randint(1, 3))
            case "mark":
                walk.mark()
            case "back":
                walk.come_back(chance.randint(1, 4), chance.choice([0.01, 0.2]))
            case "enter":
                walk.enter(chance.random() < 0.7)
            case "print":
                walk.print_something(chance.choice(law.NEWS))
            case _:
                walk.settle()
        walk.no_secret_is_shown()


def main() -> None:
    """Print the cases."""
    for module in (unit, law):
        vars(module)["Predictor"] = Recorder
    for name, test in inspect.getmembers(unit, inspect.isfunction):
        if name.startswith("test_"):
            test()
    for seed in range(_WALKS):
        _walk(random.Random(seed))
    chars = {char for case in _cases for step in case["steps"] for char in step.get("text", "")}
    json.dump({"cases": _cases, "widths": {char: width(char) for char in sorted(chars)}}, sys.stdout)


if __name__ == "__main__":
    main()
