//! What commands write.

use std::io::Write;

use super::failure::Failure;

/// Writes a result to standard output. A reader that has gone away is not an error.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut output = std::io::stdout().lock();
    match output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush())
    {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::run(error)),
        _ => Ok(()),
    }
}
