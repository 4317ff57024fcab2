// The relay as Bun's documentation has it: every client subscribes to one topic, and `publish` reaches all the others.

const { HOST, PORT, JQUERY } = process.env;

Bun.serve({
  hostname: HOST,
  port: PORT,
  routes: {
    // A response that is made once is served from memory.
    "/jquery.js": new Response(await Bun.file(JQUERY).bytes(), {
      headers: { "content-type": "text/javascript; charset=utf-8" },
    }),
    "/ws": (request, server) => {
      if (server.upgrade(request)) return;
      return new Response("no WebSocket", { status: 400 });
    },
  },
  websocket: {
    open(socket) {
      socket.subscribe("spy");
    },
    message(socket, message) {
      const [name, x, y] = JSON.parse(message);
      if (name === "spy") socket.publish("spy", JSON.stringify(["spy", { x, y }]));
    },
  },
});
