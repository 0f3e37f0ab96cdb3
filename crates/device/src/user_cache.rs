//! The folder of what can be made again but takes time: tuned kernels, passed checks.

use std::path::PathBuf;

use etcetera::BaseStrategy;

/// Sets another folder.
const VARIABLE: &str = "DDRANK_CACHE_DIR";

/// `$DDRANK_CACHE_DIR`, or `ddrank` in the user's cache folder (`$XDG_CACHE_HOME`, `~/.cache`; on Windows
/// `%LOCALAPPDATA%`). `None` where there is no such folder; it need not exist yet.
pub(crate) fn folder() -> Option<PathBuf> {
    // Empty counts as unset, as it does for the variables of the XDG specification.
    if let Some(folder) = std::env::var_os(VARIABLE).filter(|folder| !folder.is_empty()) {
        return Some(PathBuf::from(folder));
    }
    Some(
        etcetera::choose_base_strategy()
            .ok()?
            .cache_dir()
            .join("ddrank"),
    )
}
