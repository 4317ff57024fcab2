//! The silence of a browser: after how much of it do we ask, and when do we give up? Explained in step 12.

// TODO: Write `Silence`: a clock that ticks every SETTINGS.ping_every, and whether a ping is unanswered.
