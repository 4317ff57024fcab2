//! The last word: why we end a connection. Explained in step 12.

// TODO: For the last word.

// The reason of an end has a name.
/// Why we end a connection, as its close frame says it: a code, and words for the person who looks for the mistake.
pub type Goodbye = (u16, &'static str);

// TODO: Write `why`: 1009 if a message is too long, 1007 if a text is not UTF-8, 1002 if it is not a WebSocket frame. Then write `say`, which sends the close frame and waits a second for the answer.
