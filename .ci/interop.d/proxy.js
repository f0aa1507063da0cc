// Turns paths of 2026-03 and v4 into those of 2026-09, and for v4 the statuses back: there a batch that
// creates is 201, one with errors 207, and a removal 204 without a body. Everything else is passed on as it is.
const http = require('node:http');

const target = new URL(process.argv[2]);
const dated = (path) =>
  path
    .replace(/^\/crm\/(associations|objects)\/2026-03\//, '/crm/$1/2026-09/')
    .replace(/^\/crm\/v4\/(associations|objects)\//, '/crm/$1/2026-09/');

function older(path, status, body) {
  const isBatch = path.startsWith('/crm/v4/') && status === 200;
  if (isBatch && path.endsWith('/archive')) return [204, ''];
  if (isBatch && 'numErrors' in JSON.parse(body)) return [207, body];
  if (isBatch && path.endsWith('/batch/create')) return [201, body];
  return [status, body];
}

const server = http.createServer((request, response) => {
  const options = {
    host: target.hostname,
    port: target.port,
    method: request.method,
    path: dated(request.url),
    headers: request.headers,
  };
  const onward = http.request(options, (answer) => {
    const parts = [];
    answer.on('data', (part) => parts.push(part));
    answer.on('end', () => {
      const whole = Buffer.concat(parts).toString();
      const [status, body] = older(request.url, answer.statusCode, whole);
      const headers = { ...answer.headers };
      delete headers['content-length'];
      response.writeHead(status, headers);
      response.end(body);
    });
  });
  onward.on('error', () => response.destroy());
  request.pipe(onward);
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
