"""Sends the links of a CSV file with aiohttp, 16 requests in flight.

Started as `aiohttp_links.py BASE-URL FILE ROWS-PER-CALL`. Ends well only if
every answer was 204. Reads and sends; writes no results.
"""

import asyncio
import csv
import os
import sys
from itertools import islice

import aiohttp

IN_FLIGHT = 16


def batches(file, per_call):
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
        yield batch if per_call > 1 else batch[0]


async def send(session, url, batches):
    for batch in batches:
        async with session.put(url, json=batch) as answer:
            if answer.status != 204:
                sys.exit("an answer other than 204")


async def main(base, path, per_call):
    url = base + "/crm-associations/v1/associations"
    if per_call > 1:
        url += "/create-batch"
    headers = {"Authorization": "Bearer " + os.environ["HUBSPOT_ACCESS_TOKEN"]}
    with open(path, newline="") as file:
        shared = batches(file, per_call)
        async with aiohttp.ClientSession(headers=headers) as session:
            senders = (send(session, url, shared) for _ in range(IN_FLIGHT))
            await asyncio.gather(*senders)


asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
