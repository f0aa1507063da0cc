"""Metrics files, read by the parser of Prometheus's own Python client, and the expressions of the
alert rules and the dashboard, read by a parser of PromQL."""

import json
import sys
from pathlib import Path

import promql_parser
import yaml
from prometheus_client.parser import text_string_to_metric_families

folder, documents = Path(sys.argv[1]), Path(sys.argv[2])
bad = 0


def step(what, act):
    global bad
    try:
        print("ok  ", what, act())
    except Exception as error:
        bad += 1
        print("FAIL", what, type(error).__name__, str(error)[:400].replace("\n", " "))


def read(name):
    """The samples of a file by name and labels, without those that every sample has."""
    text = (folder / f"{name}.prom").read_text()
    found = {}
    for family in text_string_to_metric_families(text):
        assert family.type in ("gauge", "summary") and family.documentation, family
        for sample in family.samples:
            labels = dict(sample.labels)
            assert labels.pop("run") == name and labels.pop("command") == "import", sample
            assert sample.timestamp is None, sample
            key = (sample.name.removeprefix("hubassoc_run_"), *sorted(labels.values()))
            assert key not in found, sample
            found[key] = sample.value
    return found


def good():
    values = read("good")
    assert values["in_progress",] == values["exit_code",] == values["rows_unsettled",] == 0, values
    assert values["rows", "succeeded"] == 2 and values["rows", "failed"] == 0, values
    assert values["calls", "create"] == values["call_duration_seconds_count", "create"] == 2, values
    end = values["end_timestamp_seconds",]
    assert values["start_timestamp_seconds",] <= end, values
    assert values["last_success_timestamp_seconds",] == end, values
    middle, last = (values["call_duration_seconds", share, "create"] for share in ("0.5", "0.99"))
    assert 0 < middle <= last, values
    return f"{len(values)} samples"


def failed():
    values = read("failed")
    assert values["in_progress",] == 0 and values["exit_code",] == 2, values
    assert values["last_success_timestamp_seconds",] < values["start_timestamp_seconds",], values
    assert values["rows", "succeeded"] == 0 and values["rows_unsettled",] == 2, values
    return f"{len(values)} samples"


def killed():
    values = read("killed")
    assert values["in_progress",] == 1, values
    absent = ("exit_code",), ("end_timestamp_seconds",), ("rows_unsettled",)
    assert not any(key in values for key in absent), values
    assert values["last_update_timestamp_seconds",] >= values["start_timestamp_seconds",], values
    assert values["last_success_timestamp_seconds",] < values["start_timestamp_seconds",], values
    return f"{len(values)} samples"


def alerts():
    groups = yaml.safe_load((documents / "alerts.yml").read_text())["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    for rule in rules:
        promql_parser.parse(rule["expr"])
        assert rule["alert"] and rule["annotations"]["summary"], rule
    return f"{len(rules)} rules"


def dashboard():
    panels = json.loads((documents / "dashboard.json").read_text())["panels"]
    queries = [target["expr"] for panel in panels for target in panel["targets"]]
    for query in queries:
        promql_parser.parse(query)
    return f"{len(queries)} queries"


step("metrics of a good run", good)
step("metrics of a run that was refused after a good one", failed)
step("metrics of a run that was killed after a good one", killed)
step("alert rules", alerts)
step("dashboard", dashboard)
sys.exit(bad > 0)
