// A small WebSocket client (RFC 6455): text frames out, text frames in. Node has one of its own from version 22 on.
import { randomBytes } from "node:crypto";
import { request } from "node:http";

/** Connects; calls onText with each text, and onClose when the server closed. */
export function connect(url, key, onText, onClose) {
  return new Promise((resolve, reject) => {
    const handshake = request(url, {
      headers: {
        Authorization: `Bearer ${key}`,
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
      },
    });
    handshake.on("error", reject);
    handshake.on("response", answer => reject(new Error(`status ${answer.statusCode}`)));
    handshake.on("upgrade", (answer, socket, head) => {
      read(socket, head, onText, onClose);
      resolve({
        send: text => socket.write(frame(0x1, Buffer.from(text))),
        close: () => socket.end(frame(0x8, Buffer.from([0x03, 0xe8]))),
      });
    });
    handshake.end();
  });
}

/** What a client sends is masked. */
function frame(opcode, data) {
  const mask = randomBytes(4);
  let head;
  if (data.length < 126) head = Buffer.from([0x80 | opcode, 0x80 | data.length]);
  else if (data.length < 65536) head = Buffer.from([0x80 | opcode, 0xfe, data.length >> 8, data.length & 0xff]);
  else throw new Error("too long for this client");
  const masked = Buffer.from(data);
  for (let at = 0; at < masked.length; at++) masked[at] ^= mask[at % 4];
  return Buffer.concat([head, mask, masked]);
}

function read(socket, head, onText, onClose) {
  let buffer = head;
  let text = "";
  function next() {
    for (;;) {
      if (buffer.length < 2) return;
      let size = buffer[1] & 0x7f;
      let start = 2;
      if (size === 126) {
        if (buffer.length < 4) return;
        size = buffer.readUInt16BE(2);
        start = 4;
      } else if (size === 127) {
        if (buffer.length < 10) return;
        size = Number(buffer.readBigUInt64BE(2));
        start = 10;
      }
      if (buffer.length < start + size) return;
      const [first] = buffer;
      const data = buffer.subarray(start, start + size);
      buffer = buffer.subarray(start + size);
      const opcode = first & 0xf;
      if (opcode === 0x9) socket.write(frame(0xa, data));
      else if (opcode <= 0x1) {
        // Of ASCII, or in one piece: a character that two frames share would be cut.
        text += data.toString();
        if (first & 0x80) {
          onText(text);
          text = "";
        }
      }
    }
  }
  socket.on("data", more => {
    buffer = Buffer.concat([buffer, more]);
    next();
  });
  socket.on("error", onClose);
  socket.on("close", onClose);
  next();
}
