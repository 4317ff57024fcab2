//! Two windows on an address, for as long as this runs.

use anyhow::Result;
use browser::open;
use machine::exit::Exit;

/// Opens the windows. That there is no browser is no error: the address is printed.
///
/// # Errors
/// None so far.
pub async fn run(url: &str) -> Result<Exit> {
    match open::two_windows(url).await {
        Ok(windows) => {
            anstream::eprintln!("{url} is open in two windows, side by side");
            let _open = windows;
            std::future::pending::<()>().await;
        }
        Err(error) => anstream::eprintln!(
            "no browser could be opened ({error:#})\nOpen {url} in two windows yourself."
        ),
    }
    Ok(Exit::Passed)
}
