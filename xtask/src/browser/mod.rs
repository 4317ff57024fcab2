//! A real browser: found or installed, started without a window, and driven over the DevTools protocol.
