//! The pace of a browser: how fast it may send, and what happens if it sends faster. Explained in step 13.

// TODO: Write `Pace`: when is the next message due at this rate, and when did the browser last keep to it? It may be one second ahead.

// TODO: Write `time_for`: how much of its time a number of bytes takes. A second has room for SETTINGS.events_per_second times 512 bytes.
