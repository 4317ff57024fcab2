// The least page that shows what the program behind it says.
const token = location.hash.slice(1) || sessionStorage.getItem("walk-token") || "";
sessionStorage.setItem("walk-token", token);
const views = new WebSocket(`ws://${location.host}/views`, ["walk", token]);
const show = (id, text) => { document.getElementById(id).textContent = text; };
views.onopen = () => show("status", "connected");
views.onclose = () => show("status", "not connected: open the address that the terminal printed");
views.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  if (message.type === "state") show("state", JSON.stringify(message, null, 1));
  else show("frames", document.getElementById("frames").textContent + data + "\n");
};
const does = { ArrowRight: "next", ArrowLeft: "back", a: "apply", r: "run", c: "check", x: "clear" };
addEventListener("keydown", ({ key }) => {
  if (key in does) views.send(JSON.stringify({ do: does[key] }));
});
