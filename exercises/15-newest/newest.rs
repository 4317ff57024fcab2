//! Where everybody is now: the newest position of each browser. Explained in step 15.

// TODO: For the table.

// TODO: For the channel.
// TODO: Write `keep_and_send`: it keeps a position as the newest of its browser and sends it to everyone, both under one lock.

// TODO: Write `of_the_others`: where all others are now. The channel of the browser that asks then goes on from here.

// TODO: Write `forget`, which removes the position of a browser that has left.
