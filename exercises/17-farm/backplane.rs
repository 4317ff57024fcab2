//! The backplane: this endpoint tells the others what happens here, and hears what happens there. Explained in step 17.

// TODO: Write `run`, which connects and goes on connecting, and `publish`, which takes one window after the other. Choose the subject, and how long a window is.

// TODO: Write `hear`: tell everybody here what the others publish, if a browser may have sent it, and if it is of now.
