//! Small files of users, whole: configurations, lists of words.

use std::fs::{self, File};
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;

/// Reads a regular file of at most `limit` bytes.
///
/// Devices and pipes are refused, because they may never end and opening a pipe waits for its writer; what grows while it
/// is read is refused too.
///
/// # Errors
/// If it cannot be read, is no regular file, or is longer than `limit`.
///
/// ```
/// let error = ddrank_files::read_regular_file("/dev/zero".as_ref(), 1 << 20).unwrap_err();
/// assert_eq!(error.to_string(), "it is no regular file");
/// ```
pub fn read_regular_file(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let refuse = |kind, message: String| Err(Error::new(kind, message));
    let kind = fs::metadata(path)?.file_type();
    if kind.is_dir() {
        return refuse(ErrorKind::IsADirectory, "it is a folder".to_owned());
    }
    if !kind.is_file() {
        return refuse(ErrorKind::InvalidInput, "it is no regular file".to_owned());
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return refuse(
            ErrorKind::FileTooLarge,
            format!("it is over {}", size(limit)),
        );
    }
    Ok(bytes)
}

/// A limit in words.
fn size(limit: u64) -> String {
    match (limit >> 20, limit >> 10) {
        (0, 0) => format!("{limit} bytes"),
        (0, kibibytes) => format!("{kibibytes} KiB"),
        (mebibytes, _) => format!("{mebibytes} MiB"),
    }
}

/// As [`read_regular_file`], for text.
///
/// # Errors
/// As [`read_regular_file`], and if it is not UTF-8.
pub fn read_regular_text(path: &Path, limit: u64) -> Result<String> {
    String::from_utf8(read_regular_file(path, limit)?)
        .map_err(|_| Error::new(ErrorKind::InvalidData, "it is not UTF-8 text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_up_to_the_limit_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("list.txt");
        fs::write(&file, "four").unwrap();
        assert_eq!(read_regular_text(&file, 4).unwrap(), "four");
        let kind = |path: &Path, limit| read_regular_text(path, limit).unwrap_err().kind();
        assert_eq!(kind(&file, 3), ErrorKind::FileTooLarge);
        assert_eq!(kind(folder.path(), 4), ErrorKind::IsADirectory);
        assert_eq!(kind(&folder.path().join("none"), 4), ErrorKind::NotFound);
        fs::write(&file, [0xff]).unwrap();
        assert_eq!(kind(&file, 4), ErrorKind::InvalidData);
        #[cfg(unix)]
        {
            assert_eq!(kind("/dev/zero".as_ref(), 4), ErrorKind::InvalidInput);
            let pipe = folder.path().join("pipe");
            let made = std::process::Command::new("mkfifo").arg(&pipe).status();
            if made.is_ok_and(|status| status.success()) {
                assert_eq!(kind(&pipe, 4), ErrorKind::InvalidInput);
            }
        }
    }
}
