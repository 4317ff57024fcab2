// The relay as socket.io's documentation has it: an emitter for each socket, and `broadcast` for all the others.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Server } from "socket.io";

const { HOST, PORT, JQUERY } = process.env;
const jquery = readFileSync(JQUERY);

const http = createServer((request, response) => {
  if (request.url !== "/jquery.js") return response.writeHead(404).end();
  response.writeHead(200, { "content-type": "text/javascript; charset=utf-8", "content-length": jquery.length });
  response.end(jquery);
});

const io = new Server(http);

io.on("connection", (socket) => {
  socket.on("spy", (x, y) => {
    socket.broadcast.emit("spy", { x, y });
  });
});

http.listen(PORT, HOST);
