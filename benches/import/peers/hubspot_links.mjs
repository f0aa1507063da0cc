// Sends the links of a CSV file with HubSpot's own client, 16 requests in flight.
//
// Started as `hubspot_links.mjs NODE-MODULES BASE-URL FILE ROWS-PER-CALL`. Ends
// well only if every answer was 204. Reads and sends; writes no results.

import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

const IN_FLIGHT = 16;

const [folder, basePath, file, size] = process.argv.slice(2);
const { Client } = createRequire(resolve(folder, 'x'))('@hubspot/api-client');
const perCall = Number(size);
const path = '/crm-associations/v1/associations' + (perCall > 1 ? '/create-batch' : '');

// Without `limiterOptions` and retries the client has neither.
const client = new Client({ accessToken: process.env.HUBSPOT_ACCESS_TOKEN, basePath });

async function* bodies() {
  const lines = createInterface({ input: createReadStream(file) })[Symbol.asyncIterator]();
  await lines.next();
  let batch = [];
  for await (const line of lines) {
    const [fromObjectId, toObjectId, definitionId] = line.split(',').map(Number);
    batch.push({ fromObjectId, toObjectId, category: 'HUBSPOT_DEFINED', definitionId });
    if (batch.length === perCall) {
      yield perCall > 1 ? batch : batch[0];
      batch = [];
    }
  }
  if (batch.length > 0) {
    yield batch;
  }
}

const shared = bodies();

async function send() {
  // `for await` would end the shared rows for all when one sender is done.
  for (let next = await shared.next(); !next.done; next = await shared.next()) {
    const answer = await client.apiRequest({ method: 'PUT', path, body: next.value });
    if (answer.status !== 204) {
      throw new Error('an answer other than 204');
    }
  }
}

await Promise.all(Array.from({ length: IN_FLIGHT }, send));
