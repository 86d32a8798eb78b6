"""Four handled steps between a start and an end, doing nothing: what remains is what the engine itself takes."""

from __future__ import annotations

from typing import Any

from viewflow import this
from viewflow.workflow import flow
from viewflow.workflow.models import Process


class Request(flow.Flow):
    process_class = Process
    start = flow.StartHandle(this.begin).Next(this.one)
    one = flow.Handle(this.go).Next(this.two)
    two = flow.Handle(this.go).Next(this.three)
    three = flow.Handle(this.go).Next(this.four)
    four = flow.Handle(this.go).Next(this.end)
    end = flow.End()

    def begin(self, activation: Any) -> Any:
        return activation.process

    def go(self, activation: Any) -> None:
        """Nothing."""
