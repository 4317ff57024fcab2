//! The reports that somebody is about to open: each page of one is fetched once, with a ticket, by the frame that shows it.
//!
//! A frame cannot send the token, and the address of a report must not be worth knowing.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use room::Report;

use crate::picture;

/// So many may be about to be opened.
const MOST: usize = 16;

/// The pages, by their tickets, oldest first.
#[derive(Clone, Default)]
pub struct Papers(Arc<Mutex<VecDeque<(String, String)>>>);

impl Papers {
    /// Puts the page of a report there, and returns where it is.
    pub fn put(&self, report: &Report) -> Option<String> {
        let ticket = guard::token().ok()?;
        let mut papers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        papers.push_back((ticket.clone(), picture::page(report)));
        if papers.len() > MOST {
            papers.pop_front();
        }
        Some(format!("/report/{ticket}"))
    }

    /// Takes the page of a ticket away.
    pub fn take(&self, ticket: &str) -> Option<String> {
        let mut papers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |(it, _): &(String, String)| guard::is_same(it.as_bytes(), ticket.as_bytes());
        let at = papers.iter().position(is_it)?;
        papers.remove(at).map(|(_, page)| page)
    }
}
