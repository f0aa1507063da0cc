"""Sends the links of a CSV file with pycurl, 16 requests in flight.

Started as `pycurl_links.py BASE-URL FILE ROWS-PER-CALL`. Ends well only if
every answer was 204. Reads and sends; writes no results.
"""

import csv
import json
import os
import sys
from itertools import islice

import pycurl

IN_FLIGHT = 16

base, path, per_call = sys.argv[1], sys.argv[2], int(sys.argv[3])
url = base + "/crm-associations/v1/associations"
if per_call > 1:
    url += "/create-batch"


def bodies(file):
    rows = csv.reader(file)
    next(rows)
    links = (
        {
            "fromObjectId": int(from_id),
            "toObjectId": int(to_id),
            "category": "HUBSPOT_DEFINED",
            "definitionId": int(definition),
        }
        for from_id, to_id, definition in rows
    )
    while batch := list(islice(links, per_call)):
        yield json.dumps(batch if per_call > 1 else batch[0])


def request():
    curl = pycurl.Curl()
    curl.setopt(pycurl.URL, url)
    curl.setopt(pycurl.CUSTOMREQUEST, "PUT")
    token = os.environ["HUBSPOT_ACCESS_TOKEN"]
    headers = [f"Authorization: Bearer {token}", "Content-Type: application/json"]
    curl.setopt(pycurl.HTTPHEADER, headers)
    curl.setopt(pycurl.NOPROXY, "*")
    return curl


def send(bodies):
    multi = pycurl.CurlMulti()
    free, busy = [request() for _ in range(IN_FLIGHT)], 0
    while True:
        for body in islice(bodies, len(free)):
            curl = free.pop()
            curl.setopt(pycurl.POSTFIELDS, body)
            multi.add_handle(curl)
            busy += 1
        if not busy:
            return
        multi.perform()
        _, answered, broken = multi.info_read(IN_FLIGHT)
        if broken:
            sys.exit(f"no answer: {broken[0][2]}")
        for curl in answered:
            if curl.getinfo(pycurl.RESPONSE_CODE) != 204:
                sys.exit("an answer other than 204")
            multi.remove_handle(curl)
            free.append(curl)
            busy -= 1
        if not answered:
            multi.select(1.0)


with open(path, newline="") as file:
    send(bodies(file))
