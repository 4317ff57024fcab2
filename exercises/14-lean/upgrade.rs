//! The upgrade: an HTTP connection becomes a WebSocket of our own. Explained in step 14.

// TODO: Write `switching_protocols`, the answer to a handshake, and `web_socket`, which makes a WebSocket of what hyper hands over.
