//! Where everybody is now: the newest position of each browser. Explained in step 15.

// TODO: Keep the newest position of each browser: `keep_and_send` does both under one lock, and `forget` lets go of a browser that has left.
