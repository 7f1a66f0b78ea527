// The resident JavaScript interpreter: executions arrive on descriptor 3, see interpreter.py.
const fs = require('fs'), vm = require('vm'), net = require('net');
Object.assign(globalThis, {require, module, exports});
const HEADER_BYTES = 27;
// Where a message says where the input comes from, and the value for the request itself.
const INPUT_AT = 22, GIVEN = 0;
let inputGiven = false, standardInput = null, fifo = null;

function parse(payload) {
  const lengths = [10, 14, 18].map((at) => payload.readUInt32BE(at));
  let from = HEADER_BYTES;
  return lengths.map((length) => payload.subarray(from, from += length));
}

// Descriptor 0 takes the lowest number that is free.
function setInput(stdin, path) {
  endInput();
  if (path) {
    // Opened for both first, which waits for nobody.
    const both = fs.openSync(path, 'r+');
    fs.closeSync(0);
    fs.openSync(path, 'r');
    fs.closeSync(both);
  } else if (stdin.length) {
    const file = '/run/gatehouse/javascript.in';
    fs.rmSync(file, {force: true});
    fs.writeFileSync(file, stdin, {flag: 'wx'});
    fs.closeSync(0);
    fs.openSync(file, 'r');
    fs.rmSync(file, {force: true});
  } else if (inputGiven) {
    fs.closeSync(0);
    fs.openSync('/dev/null', 'r');
  }
  fifo = path;
  inputGiven = Boolean(path) || stdin.length > 0;
}

function endInput() {
  if (standardInput) standardInput.destroy();
  standardInput = fifo = null;
}

// Each execution has its own. A FIFO is opened once more: who waits for it holds up neither the rest nor process.exit().
function openStandardInput() {
  if (!fifo) return fs.createReadStream(null, {fd: 0, autoClose: false});
  const flags = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK;
  return new net.Socket({fd: fs.openSync(fifo, flags), readable: true, writable: false});
}
Object.defineProperty(process, 'stdin', {
  configurable: true, enumerable: true, get: () => standardInput ??= openStandardInput(),
});

async function run(number, payload) {
  const [code, stdin, env] = parse(payload);
  const given = env.toString().split('\0').slice(0, -1)
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]);
  const former = given.map(([name]) => [name, process.env[name]]);
  for (const [name, value] of given) process.env[name] = value;
  const began = process.hrtime.bigint();
  try {
    setInput(stdin, payload[INPUT_AT] === GIVEN ? null : '/run/gatehouse/' + number + '.in');
    await vm.runInThisContext(code.toString(), {filename: '<execution ' + number + '>'});
    return [0, began];
  } catch (e) {
    console.error(e);
    return [1, began];
  } finally {
    endInput();
    for (const [name, value] of former) {
      if (value === undefined) delete process.env[name]; else process.env[name] = value;
    }
  }
}

let last = Promise.resolve(), received = Buffer.alloc(0);
function take() {
  while (received.length >= 9 && received.length >= 9 + received.readUInt32BE(5)) {
    const kind = received[0], number = received.readUInt32BE(1);
    let payload = received.subarray(9, 9 + received.readUInt32BE(5));
    received = received.subarray(9 + payload.length);
    if (kind === 'F'.charCodeAt(0)) payload = fs.readFileSync(payload.toString());
    last = last.then(() => run(number, payload)).then(([status, began]) =>
      fs.writeSync(4, '\n' + number + '\t' + status + '\t' + (process.hrtime.bigint() - began) + '\n'));
  }
}
// A socket, not a file stream: a read that blocks in the thread pool would hold up process.exit().
const asked = new net.Socket({fd: 3});
asked.on('data', (data) => { received = Buffer.concat([received, data]); take(); });
asked.on('close', () => process.exit(0));
process.on('uncaughtException', (e) => console.error(e));
