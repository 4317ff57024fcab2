//! What comes from the room, in words for the learner's terminal.

use room::Down;

use super::line::FromRoom;

/// The words for it; `None` for what nobody need read.
pub fn in_words(said: &FromRoom) -> Option<String> {
    match said {
        FromRoom::Says(Down::Answer { text, .. }) => Some(format!("From the instructor: {text}")),
        FromRoom::Says(Down::Offer { step, stage, .. }) => Some(format!(
            "The instructor offers you the files of stage {stage}; yours are kept:\n    cargo xtask catch-up {step} --stage {stage}"
        )),
        FromRoom::Says(Down::Lowered { .. }) => {
            Some("The instructor has lowered your hand.".into())
        }
        FromRoom::Refuses(why) => Some(format!(
            "The room of the class does not let you in: {why}. To stop asking:\n    cargo xtask leave"
        )),
        _ => None,
    }
}

/// The number of what was said.
pub fn id(down: &Down) -> u64 {
    match down {
        Down::Answer { id, .. } | Down::Offer { id, .. } | Down::Lowered { id } => *id,
        _ => 0,
    }
}
