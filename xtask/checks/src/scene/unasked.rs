//! What nobody has asked for. A program may send any event at any time, so the next frame of a name need not be the answer.
//!
//! Two things tell an answer from the rest. What a client is told before the answer to a later question is as new as can be;
//! and what is caused by a question comes as often as it is asked.

use serde_json::json;
use wire::client::{Client, Heard};

use crate::Scene;

/// So often a question is asked again before what comes beside its answer counts as caused by it.
pub const ASKED: usize = 3;

impl Scene {
    /// All messages that `client` hears up to the answer to a shout, which is sent now. What it was sent because of something
    /// earlier is among them.
    ///
    /// # Errors
    /// As [`Scene::hear`].
    pub async fn up_to_a_shout(&self, client: &mut Client) -> Result<Vec<Heard>, String> {
        let word = self.shouts(client).await;
        let mut came = Vec::new();
        let shouted = |heard: &Heard| match heard {
            heard if heard.holds(&word) => Some(()),
            Heard::Event(..) | Heard::Text(_) | Heard::Binary(_) => {
                came.push(heard.clone());
                None
            }
            Heard::Ping(_) | Heard::Pong(_) | Heard::Ended(_) | Heard::Silence => None,
        };
        self.hear(client, shouted).await?;
        Ok(came)
    }

    /// Lets `client` shout a word that nobody else shouts, and returns the word.
    pub async fn shouts(&self, client: &mut Client) -> String {
        let word = self.word();
        let _ = client.send(json!(["shout", word]).to_string()).await;
        word
    }

    /// A message that comes each time that `client` does this, and never when it does nothing.
    ///
    /// # Errors
    /// As [`Scene::hear`].
    pub async fn caused_by(
        &self,
        client: &mut Client,
        mut doing: impl AsyncFnMut(&mut Client),
    ) -> Result<Option<Heard>, String> {
        let mut caused = Vec::new();
        for time in 0..=ASKED {
            // The last time it does nothing, and what is late may still come.
            if time < ASKED {
                doing(client).await;
            }
            caused.extend(self.up_to_a_shout(client).await?);
        }
        if caused.len() < ASKED {
            return Ok(None);
        }
        for _ in 0..ASKED {
            if !self.up_to_a_shout(client).await?.is_empty() {
                return Ok(None);
            }
        }
        Ok(caused.pop())
    }
}
