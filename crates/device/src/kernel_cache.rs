//! Where GPU backends keep compiled and tuned kernels between runs.

use std::path::PathBuf;
use std::sync::Once;

use burn::cubecl::config::cache::CacheConfig;
use burn::cubecl::config::{CubeClRuntimeConfig, RuntimeConfig};

use crate::user_cache;

/// Sets the folder, once, before the first device is touched.
///
/// A `cubecl.toml` or `burn.toml` of the user is honoured; only where it leaves the place open (CubeCL's own default is
/// the `target` folder of the Cargo project that the working directory happens to be in) ddrank's is used.
pub(crate) fn settle() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let mut config = CubeClRuntimeConfig::from_current_dir().override_from_env();
        if matches!(config.environment.path, CacheConfig::Target)
            && let Some(folder) = folder()
        {
            config.environment.path = CacheConfig::Directory(folder);
        }
        // Whoever embeds this library may have set it first.
        let _ = CubeClRuntimeConfig::try_set(config);
    });
}

fn folder() -> Option<PathBuf> {
    Some(user_cache::folder()?.join("kernels"))
}
