//! Writing a folder so that it appears whole or not at all.

use std::fs;
use std::io;
use std::path::Path;

use ddrank_files::folder_of;

/// Fills a folder under a temporary name beside `path`, then renames it. An empty folder of that name is replaced.
///
/// # Errors
/// What `fill` returns; an I/O error when `path` exists and is no empty folder, or a folder cannot be made or renamed.
/// In all cases nothing is left behind.
pub(crate) fn write_folder<E: From<io::Error>>(
    path: &Path,
    fill: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    check(path)?;
    let parent = folder_of(path);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".ddrank-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The usual mode of a new folder (the umask applies) instead of a temporary one's private mode.
        builder.permissions(fs::Permissions::from_mode(0o777));
    }
    let temporary = builder.tempdir_in(parent)?;
    fill(temporary.path())?;
    if path.is_dir() {
        fs::remove_dir(path)?;
    }
    fs::rename(temporary.path(), path)?;
    // It is no longer temporary.
    let _ = temporary.keep();
    Ok(())
}

/// Whether a whole folder may be written there.
///
/// # Errors
/// When something other than an empty folder is there.
pub fn check(path: &Path) -> io::Result<()> {
    match fs::read_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                "the folder exists and is not empty",
            )),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path) -> io::Result<()> {
        write_folder(path, |folder| fs::write(folder.join("x"), "content"))
    }

    #[test]
    fn a_folder_appears_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        write(&path).unwrap();
        assert_eq!(fs::read_to_string(path.join("x")).unwrap(), "content");
        let error = write(&path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        fs::remove_file(path.join("x")).unwrap();
        write(&path).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode & 0o700, 0o700);
            fs::create_dir(folder.path().join("usual")).unwrap();
            let usual = fs::metadata(folder.path().join("usual")).unwrap();
            assert_eq!(mode, usual.permissions().mode() & 0o777);
        }
    }

    #[test]
    fn a_failure_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let failed = write_folder(&folder.path().join("out"), |folder| {
            fs::write(folder.join("x"), "half")?;
            Err(io::Error::other("no more"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "no more");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

        fs::write(folder.path().join("file"), "x").unwrap();
        assert!(write(&folder.path().join("file")).is_err());
    }
}
