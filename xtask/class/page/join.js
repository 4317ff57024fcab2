// The line to join with. The code stands in the part of the address that no browser sends anywhere.

"use strict";

const code = decodeURIComponent(location.hash.slice(1));
const line = document.getElementById("line");
const copy = document.getElementById("copy");

if (/^[a-z]+-[a-z]+-[0-9a-z]{6}$/.test(code)) {
  line.textContent = `cargo xtask join ${location.host} ${code}`;
  // Only a page that came over HTTPS or from this machine may write to the clipboard.
  copy.hidden = navigator.clipboard === undefined;
} else {
  document.getElementById("how").textContent = "The line stands on the board, with a code at its end. It begins like this:";
  line.textContent = `cargo xtask join ${location.host} …`;
}

copy.addEventListener("click", async () => {
  await navigator.clipboard.writeText(line.textContent);
  document.getElementById("copied").textContent = "Copied.";
});
