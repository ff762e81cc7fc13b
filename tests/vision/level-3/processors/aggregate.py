"""What the last processor of the pipeline runs."""

from typing import TypedDict


class Event(TypedDict):
    amount: float


def process(record: Event) -> Event:
    return record
