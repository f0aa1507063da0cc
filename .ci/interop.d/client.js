// What the sandbox answers, read by @hubspot/api-client.
const { Client } = require('@hubspot/api-client');
const { version } = require('@hubspot/api-client/package.json');

const client = new Client({ accessToken: 'any', basePath: process.argv[2] });
const batch = client.crm.associations.v4.batchApi;
const ends = ['contacts', 'companies'];
let bad = 0;

async function step(what, act) {
  try {
    console.log('ok  ', what, JSON.stringify(await act()));
  } catch (error) {
    bad += 1;
    console.log('FAIL', what, String(error.message).slice(0, 400));
  }
}

function expect(holds, told) {
  if (!holds) throw new Error(`unexpected: ${JSON.stringify(told)}`);
}

const pair = (from, to) => ({
  _from: { id: from },
  to: { id: to },
  types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 279 }],
});

async function main() {
  console.log('@hubspot/api-client', version);
  await step('create', async () => {
    const told = await batch.create(...ends, { inputs: [pair('101', '2')] });
    expect(told.results[0].fromObjectId === '1001', told);
    return told.results;
  });
  await step('create without a label', async () => {
    const inputs = [{ _from: { id: '21' }, to: { id: '22' } }];
    const many = await batch.createDefault(...ends, { inputs });
    const basic = client.crm.associations.v4.basicApi;
    const one = await basic.createDefault('contacts', '23', 'companies', '24');
    const told = [...many.results, ...one.results].map(
      (each) => `${each._from.id} ${each.to.id} ${each.associationSpec.associationTypeId}`,
    );
    const expected = ['21 22 279', '22 21 280', '23 24 279', '24 23 280'];
    expect(told.sort().join() === expected.join(), told);
    return told;
  });
  await step('create, one refused', async () => {
    const told = await batch.create(...ends, { inputs: [pair('1', '404'), pair('1', '5')] });
    expect(told.results.length === 1, told);
    return told.results.length;
  });
  await step('read', async () => {
    const told = await batch.getPage(...ends, { inputs: [{ id: '1001' }] });
    expect(told.results[0]._from.id === '1001', told);
    return told.results[0].to.map((one) => one.toObjectId);
  });
  await step('record of today', async () => {
    const told = await client.crm.contacts.basicApi.getById('101');
    expect(told.id === '1001', told);
    return told.id;
  });
  await step('remove', async () => {
    await batch.archive(...ends, { inputs: [{ _from: { id: '1001' }, to: [{ id: '2' }] }] });
    return 'done';
  });
  process.exit(bad ? 1 : 0);
}

main();
