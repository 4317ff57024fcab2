// The way to the presenter's program, the same for all three pages: the projector's, the speaker's and a telephone's.
//
// The program sends its whole state after each change, and the page draws it; a key or a button is a command to the program,
// and what comes of it is in the next state. So two windows never differ, and a reload loses nothing.

const KEY = "walk-token";
let socket = null;
let hears = {};
let hasState = false;

// The token stands in the address, behind the `#`, which no browser sends anywhere. A reload finds it in the session.
export function token() {
  const fresh = location.hash.slice(1);
  if (fresh) sessionStorage.setItem(KEY, fresh);
  return fresh || sessionStorage.getItem(KEY) || "";
}

export function send(command) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(command));
}

// Connects to this way to the views, and comes again when the program does: at the same address, with the same token.
// `listeners` has a function for each kind of message: state, frames, notice.
export function connect(way, listeners) {
  hears = listeners;
  sayAway("Connecting to the presenter …");
  addEventListener("hashchange", () => open(way));
  open(way);
}

function open(way) {
  // A subprotocol may not be every text. What no token can be, need not be tried.
  if (!/^\w+$/.test(token())) return sayAway("Open the address that the terminal printed: it lets this page in.");
  const opened = new WebSocket(`ws://${location.host}${way}`, ["walk", token()]);
  socket = opened;
  opened.onopen = () => hears.frames?.({ reset: true, frames: [] }); // The last ones come again.
  opened.onmessage = (message) => received(JSON.parse(message.data));
  opened.onclose = () => {
    if (socket !== opened) return; // Another one took its place.
    sayWhyAway();
    setTimeout(() => socket === opened && open(way), 1000);
  };
}

function received(message) {
  if (message.type === "state") {
    hasState = true;
    document.getElementById("away").hidden = true;
    document.body.classList.remove("is-away");
  }
  hears[message.type]?.(message);
}

// A WebSocket does not say why it was refused. So ask whether anybody is there at all.
async function sayWhyAway() {
  const answer = await fetch(location.pathname, { method: "HEAD" }).catch(() => null);
  if (socket?.readyState === WebSocket.OPEN) return;
  if (answer) {
    sayAway("The presenter does not let this window in. Open the address that the terminal printed.");
  } else {
    sayAway("Not connected: the presenter has ended. Start it again in the terminal, and this page comes back by itself.");
  }
}

function sayAway(words) {
  const away = document.getElementById("away");
  away.textContent = words;
  away.hidden = false;
  document.body.classList.toggle("is-away", !hasState);
  document.body.classList.toggle("was-there", hasState);
}
