"""When did what happen? A record's events in the form that chrome://tracing and https://ui.perfetto.dev open.

Source: the Trace Event Format. Complete events ("ph": "X") have their begin and length in microseconds; on one track,
an event stands below the one inside which it lies.
"""

from __future__ import annotations

import json
import os
from typing import Any

from tinytorch.profiler.record import Record

PID = TID = 1  # one process, one thread


def chrome_trace(record: Record) -> dict[str, Any]:
    """The trace as plain dicts and lists; its "otherData" tells how many events were kept, and how many were not."""
    names = (("process_name", f"TinyTorch {os.getpid()}"), ("thread_name", "the profiled thread"))
    events: list[dict[str, Any]] = [
        {"ph": "M", "pid": PID, "tid": TID, "ts": 0, "name": name, "args": {"name": value}} for name, value in names
    ]
    for key, begun, length, flops, size in sorted(record.events, key=lambda event: (event[1], -event[2])):
        name, kind, path = key
        about = {"module": path, "FLOPs": flops, "bytes": size}
        events.append({
            "ph": "X", "pid": PID, "tid": TID, "ts": (begun - record.started) / 1000, "dur": length / 1000,
            "name": name, "cat": kind, "args": {name: value for name, value in about.items() if value},
        })  # fmt: skip
    count = {"events kept": len(record.events), "events left out": record.left_out}
    return {"traceEvents": events, "displayTimeUnit": "ms", "otherData": count}


def as_file(record: Record) -> bytes:
    """The trace as JSON, one event a line."""
    trace = chrome_trace(record)
    lines = ",\n".join(json.dumps(event, separators=(",", ":")) for event in trace.pop("traceEvents"))
    return f'{json.dumps(trace)[:-1]}, "traceEvents": [\n{lines}\n]}}\n'.encode()
