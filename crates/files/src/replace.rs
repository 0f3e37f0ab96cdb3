//! Writing a file so that it appears whole or not at all.
#[cfg(unix)]
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Writes under a temporary name in the same folder, syncs, and renames over `path`.
///
/// # Errors
/// If any of these steps fails; an earlier file of that name is then untouched.
pub fn replace_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let folder = folder_of(path);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".ddrank-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The usual mode of a new file (the umask applies) instead of a temporary file's private one.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    // In the same folder: a rename across file systems is a copy, which can be seen half done.
    let temporary = builder.tempfile_in(folder)?;
    let mut writer = BufWriter::with_capacity(1 << 20, temporary.as_file());
    write(&mut writer)?;
    writer.flush()?;
    drop(writer);
    // Before the rename, or a power cut could leave the new name with no content.
    temporary.as_file().sync_all()?;
    temporary.persist(path).map_err(|error| error.error)?;
    // Without this the rename itself may be lost in a power cut. Not every platform opens folders.
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

/// The folder that a path lies in; `.` for a bare name.
#[must_use]
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        // The parent of a bare file name is the empty path, which cannot be opened.
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
