//! The end of the server: every browser hears of it. Explained in step 12.

// TODO: Tell all tasks that the server ends: a watch channel keeps its last value for a task that looks later. Then wait until all seats are given back, but not for long.
