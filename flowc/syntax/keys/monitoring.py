"""``monitoring:``: what a running pipeline shows of itself."""

from __future__ import annotations

from flowc.syntax.keys.base import Keys, key
from flowc.syntax.keys.kinds import Address, Condition, Listen, Metric, Name, Port, Share, Text


class Dashboard(Keys):
    """``dashboard:`` of `monitoring`, in detail."""

    port: Port | None = key("the port of the page")
    auth: Text | None = key("the token that the page asks for; a variable")


class Metrics(Keys):
    """``metrics:`` of `monitoring`."""

    prometheus: Listen | None = key("where Prometheus reads the metrics")
    custom: list[Metric] | None = key("metrics of your own, each `name: aggregate`")


class Tracing(Keys):
    """``tracing:`` of `monitoring`."""

    sample_rate: Share | None = key("the share of the records that is traced")
    export: Address | None = key("where the traces go")


class Alert(Keys):
    """An item of ``alerts:`` of `monitoring`."""

    name: Name | None = key("what the alert is called")
    condition: Condition | None = key("over metrics: when it is raised")
    action: Name | None = key("what is done then, as `scale-up`")


class Monitoring(Keys):
    """``monitoring:`` in detail; `true` is all of it with its defaults."""

    dashboard: bool | Listen | Dashboard | None = key("the page: `true`, an address, or a map")
    metrics: Metrics | None = key("what is counted, and where it can be read")
    tracing: Tracing | None = key("traces of single records")
    alerts: list[Alert] | None = key("what calls for attention")
