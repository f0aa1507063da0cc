"""What the sandbox answers, read by hubspot-sdk with strict validation."""

import sys
from importlib.metadata import version

from hubspot_sdk import HubSpot

client = HubSpot(
    access_token="any", base_url=sys.argv[1], max_retries=0, _strict_response_validation=True
)
batch = client.crm.associations.batch
ends = dict(from_object_type="contacts", to_object_type="companies")
bad = 0


def step(what, act):
    global bad
    try:
        print("ok  ", what, act())
    except Exception as error:
        bad += 1
        print("FAIL", what, type(error).__name__, str(error)[:400].replace("\n", " "))


def pair(from_id, to_id, type_id=279):
    spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}
    return {"from": {"id": from_id}, "to": {"id": to_id}, "types": [spec]}


def created():
    told = batch.create(inputs=[pair("1", "2"), pair("101", "3", 1)], **ends)
    ids = sorted((one.from_object_id, one.to_object_id, one.labels) for one in told.results)
    assert [one[:2] for one in ids] == [("1", "2"), ("1001", "3")], ids
    return ids


def unlabelled():
    told = batch.create_default(inputs=[{"from": {"id": "21"}, "to": {"id": "22"}}], **ends)
    one = client.crm.associations.create(
        "24", from_object_type="contacts", from_object_id="23", to_object_type="companies"
    )
    specs = [
        (each.from_.id, each.to.id, each.association_spec.association_type_id)
        for each in told.results + one.results
    ]
    expected = [("21", "22", 279), ("22", "21", 280), ("23", "24", 279), ("24", "23", 280)]
    assert sorted(specs) == expected, specs
    return specs


def partly():
    told = batch.create(inputs=[pair("1", "404"), pair("1", "5")], **ends)
    assert len(told.results) == 1 and told.model_extra["numErrors"] == 1, told
    return told.model_extra["errors"][0]["context"]


def read():
    told = batch.get(inputs=[{"id": "101"}, {"id": "7"}], **ends)
    assert told.model_extra["numErrors"] == 1, told
    return [(one.from_.id, [to.to_object_id for to in one.to]) for one in told.results]


def record():
    told = client.crm.objects.contacts.get("101")
    assert told.id == "1001", told
    return told.properties


def removed():
    batch.delete(inputs=[{"from": {"id": "1"}, "to": [{"id": "2"}]}], **ends)
    left = batch.get(inputs=[{"id": "1"}], **ends)
    return [to.to_object_id for one in left.results for to in one.to]


def limits():
    told = client.crm.associations_schema.limits.list()
    limits = [(one.type_id, one.user_enforced_max_to_object_ids) for one in told.results]
    assert limits == [(280, 500)], told
    between = client.crm.associations_schema.limits.get_by_object_types(
        "companies", from_object_type="contacts"
    )
    assert between.results == [], between
    return limits


print("hubspot-sdk", version("hubspot-sdk"))
step("create", created)
step("create without a label", unlabelled)
step("create, one refused", partly)
step("read", read)
step("record of today", record)
step("limits", limits)
step("remove", removed)
sys.exit(1 if bad else 0)
