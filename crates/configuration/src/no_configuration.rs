//! Files that are often given in the place of a configuration, and what to do with them.

use std::path::Path;

/// What a file is that is no configuration, and where it belongs, by its name and how it begins.
pub(crate) fn why_none(path: &Path, beginning: &[u8]) -> Option<&'static str> {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    let is_archive = beginning.starts_with(b"PK") || beginning.starts_with(b"\x93NUMPY");
    Some(match extension.to_lowercase().as_str() {
        _ if path.is_dir() => {
            "it is a folder; pictures are named by `synthetic.images` or `dataset.root`"
        }
        "pt" | "pth" | "safetensors" | "npy" | "npz" | "pkl" | "pickle" | "bin" => TENSORS,
        _ if is_archive => TENSORS,
        "png" | "jpg" | "jpeg" | "webp" => {
            "it is a picture; a folder of them is named by `synthetic.images` or `dataset.root`"
        }
        "yaml" | "yml" => {
            "it is YAML; `ddrank import` turns a configuration of DD-Ranking into one"
        }
        "json" => {
            "it is JSON; `ddrank import` turns a configuration of DD-Ranking into one, and `ddrank report` shows a finished run"
        }
        _ => return None,
    })
}

const TENSORS: &str = "it is a file of tensors; a configuration names it, as `synthetic.images` for distilled images or as `weights` for a teacher";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_for_a_configuration_is_told_where_it_belongs() {
        for (name, beginning, part) in [
            ("images.pt", &b"PK"[..], "`synthetic.images`"),
            ("IMAGES.PT", b"", "`synthetic.images`"),
            ("without-ending", b"PK\x03\x04", "tensors"),
            ("array", b"\x93NUMPY", "tensors"),
            ("0.png", b"", "picture"),
            ("dc.yaml", b"", "ddrank import"),
        ] {
            let reason = why_none(Path::new(name), beginning);
            assert!(reason.is_some_and(|reason| reason.contains(part)), "{name}");
        }
        assert_eq!(why_none(Path::new("demo.toml"), b"name = 1"), None);
        assert_eq!(why_none(Path::new("demo"), b"name = 1"), None);
    }
}
