// The relay as ws's documentation has a broadcast: one `send` for each of the clients but the one who moved.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import WebSocket, { WebSocketServer } from "ws";

const { HOST, PORT, JQUERY } = process.env;
const jquery = readFileSync(JQUERY);

const http = createServer((request, response) => {
  if (request.url !== "/jquery.js") return response.writeHead(404).end();
  response.writeHead(200, { "content-type": "text/javascript; charset=utf-8", "content-length": jquery.length });
  response.end(jquery);
});

const wss = new WebSocketServer({ server: http, path: "/ws" });

wss.on("connection", (socket) => {
  socket.on("error", console.error);
  socket.on("message", (message) => {
    const [name, x, y] = JSON.parse(message);
    if (name !== "spy") return;
    const event = JSON.stringify(["spy", { x, y }]);
    wss.clients.forEach((client) => {
      if (client !== socket && client.readyState === WebSocket.OPEN) {
        client.send(event);
      }
    });
  });
});

http.listen(PORT, HOST);
