//! A program that somebody else wrote, as our child: started, drained, watched, and ended with all that it started.
