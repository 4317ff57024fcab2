// The page's end of the WebSocket: events over text frames, in the manner of Socket.IO.
//
//   const socket = connect();               // opens ws://…/ws on the server that this page came from
//   socket.emit("spy", 12, 34);             // sends the text frame ["spy",12,34]
//   socket.on("spy", (position) => { … });  // runs when ["spy",{"x":12,"y":34}] arrives: one argument, an object
//
// A frame holds one JSON array: the event's name, then its arguments.
// When the connection is lost, it is made again: after a quarter of a second, then twice as long, up to four seconds.
// What is emitted meanwhile waits, the newest hundred events of it; the server never hears of the rest.

"use strict";

function connect(url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`) {
  const FIRST_RETRY = 250; // milliseconds
  const LAST_RETRY = 4000;
  const MOST_WAITING = 100; // events

  const handlers = new Map(); // event name → functions
  let waiting = [];
  let retry = FIRST_RETRY;
  let ws;

  function open() {
    ws = new WebSocket(url);
    ws.onopen = () => {
      retry = FIRST_RETRY;
      for (const frame of waiting) ws.send(frame);
      waiting = [];
      run("connect", []);
    };
    ws.onmessage = (message) => receive(message.data);
    ws.onclose = () => {
      run("disconnect", []);
      // A little at random, so that a hundred pages do not all come back in the same instant.
      setTimeout(open, retry * (0.75 + Math.random() / 2));
      retry = Math.min(retry * 2, LAST_RETRY);
    };
  }

  function receive(data) {
    const event = parseEvent(data);
    if (event === undefined) {
      console.error("This frame is not an event. An event is a text frame that holds a JSON array, " +
        'its name first, as in ["spy",{"x":12,"y":34}]. The server sent:', data);
    } else if (event[0] === "error" && !handlers.has("error")) {
      console.error("The server could not use what this page sent. It says:", ...event.slice(1));
    } else if (!handlers.has(event[0])) {
      console.warn(`The event "${event[0]}" came, and nothing on this page listens for it. ` +
        `To listen: socket.on("${event[0]}", function (…) { … }). It came with:`, ...event.slice(1));
    } else {
      run(event[0], event.slice(1));
    }
  }

  function run(name, args) {
    for (const handler of handlers.get(name) ?? []) handler(...args);
  }

  open();
  return {
    // Sends the event `name` with its arguments, as soon as there is a connection.
    emit(name, ...args) {
      const frame = JSON.stringify([name, ...args]);
      if (ws.readyState === WebSocket.OPEN) ws.send(frame);
      else waiting = [...waiting, frame].slice(-MOST_WAITING);
    },
    // Runs `handler` with the arguments of every event `name` that comes; also of "connect" and "disconnect".
    on(name, handler) {
      if (typeof handler !== "function") {
        throw new TypeError(`socket.on("${name}", …) takes a function, and was given: ${handler}`);
      }
      handlers.set(name, [...(handlers.get(name) ?? []), handler]);
    },
  };
}

// The array that a frame holds, or undefined where it holds anything else.
function parseEvent(data) {
  try {
    const event = JSON.parse(data);
    return Array.isArray(event) && typeof event[0] === "string" ? event : undefined;
  } catch {
    return undefined;
  }
}
