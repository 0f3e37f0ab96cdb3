//! Why a command ended without a result.

/// Why a command ended without a result: the exit code and what to say.
#[derive(Debug)]
pub enum Failure {
    /// The request was wrong: exit code 2.
    Request(anyhow::Error),
    /// The run failed or was stopped: exit code 1.
    Run(anyhow::Error),
}

impl Failure {
    pub(crate) fn request(error: impl Into<anyhow::Error>) -> Self {
        Self::Request(error.into())
    }

    pub(crate) fn run(error: impl Into<anyhow::Error>) -> Self {
        Self::Run(error.into())
    }
}
