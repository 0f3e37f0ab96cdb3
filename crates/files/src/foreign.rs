//! Files that are no tensor files: what they are, and what to do.
use std::path::Path;

use crate::FileError;

/// Bytes of a file's beginning that tell what it is.
pub(crate) const START: u64 = 512;

/// What a file of another kind begins with, what it is, and what to do.
const KNOWN: [(&[u8], &str, &str); 12] = [
    (
        b"version https://git-lfs.github.com/spec/",
        "a Git LFS pointer, which stands for a file that was not downloaded",
        "run `git lfs pull` in its repository, or download the file itself",
    ),
    (
        b"PAR1",
        "a Parquet table",
        "read it in Python and save the arrays with numpy.savez, or its pictures as files in class folders",
    ),
    (
        b"\x89HDF\r\n\x1a\n",
        "an HDF5 file",
        "read it in Python with h5py and save the arrays with numpy.savez",
    ),
    (b"\x1f\x8b", "a gzip archive", "unpack it with gunzip first"),
    (b"BZh", "a bzip2 archive", "unpack it with bunzip2 first"),
    (b"\xfd7zXZ\0", "an xz archive", "unpack it with unxz first"),
    (
        b"\x28\xb5\x2f\xfd",
        "a zstd archive",
        "unpack it with unzstd first",
    ),
    (b"Rar!", "a RAR archive", "unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive", "unpack it first"),
    (
        b"\x89PNG\r\n",
        "a picture",
        "give the folder of the class folders that hold the pictures",
    ),
    (
        b"\xff\xd8\xff",
        "a picture",
        "give the folder of the class folders that hold the pictures",
    ),
    (
        b"MATLAB 5.0",
        "a MATLAB file",
        "read it in Python with scipy.io.loadmat and save the arrays with numpy.savez",
    ),
];

/// The refusal of a file of a known other kind.
pub(crate) fn recognise(start: &[u8]) -> Option<FileError> {
    let is = |what: &str, advice: &str| {
        Some(FileError::Foreign {
            what: what.to_owned(),
            advice: advice.to_owned(),
        })
    };
    if let Some((_, what, advice)) = KNOWN.iter().find(|(magic, ..)| start.starts_with(magic)) {
        return is(what, advice);
    }
    if start.get(257..262) == Some(b"ustar") || start.starts_with(b"sys_info\0") {
        return if start.starts_with(b"sys_info") {
            is(
                "a PyTorch file of before 0.2 (a tar archive)",
                "load it with PyTorch and save it again with torch.save",
            )
        } else {
            is("a tar archive", "unpack it with `tar -xf` first")
        };
    }
    let text = start.trim_ascii_start();
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let begins = |word: &[u8]| {
        text.get(..word.len())
            .is_some_and(|seen| seen.eq_ignore_ascii_case(word))
    };
    if begins(b"<!doctype html") || begins(b"<html") || begins(b"<head") {
        return is(
            "a web page, most likely the answer of a download that failed",
            "open it in a browser to see what it says, and download the file again",
        );
    }
    if begins(b"<?xml") {
        return is(
            "an XML text, perhaps the answer of a download that failed",
            "open it in an editor to see what it says, and download the file again",
        );
    }
    if begins(b"{") {
        let has = |word: &[u8]| start.windows(word.len()).any(|part| part == word);
        return if has(b"\"weight_map\"") || has(b"\"metadata\"") {
            is(
                "an index that names the parts of a checkpoint, not the weights",
                "join the parts in Python and save one file",
            )
        } else {
            is(
                "a JSON text",
                "save the numbers with numpy.save or torch.save",
            )
        };
    }
    // Flax writes maps of up to 15 entries with texts for keys.
    if let [0x81..=0x8f, 0xa1..=0xbf | 0xd9, rest @ ..] = start
        && rest.first().is_some_and(u8::is_ascii_graphic)
    {
        return is(
            "a MessagePack file, as Flax and orbax write checkpoints",
            "load it with flax.serialization.msgpack_restore and save the arrays with numpy.savez",
        );
    }
    None
}

/// Whether a file may be a pickle of protocol 0 or 1, which have no magic number: containers and calls of Python names.
pub(crate) fn may_be_old_pickle(start: &[u8]) -> bool {
    matches!(
        start,
        [
            b'(',
            b'd' | b'l' | b't' | b'i' | b'(' | b'c' | b'I' | b'F' | b'K' | b'G',
            ..
        ] | [b'}' | b']' | b')', ..]
            | [b'c', b'a'..=b'z' | b'_', ..]
            | [b'I' | b'F', b'0'..=b'9' | b'-', ..]
            | [b'G', ..]
    )
}

/// The refusal of a file that nobody knows.
pub(crate) fn unknown(start: &[u8]) -> FileError {
    FileError::UnknownFormat {
        seen: match start {
            [] => "it is empty".to_owned(),
            start => {
                let shown = &start[..start.len().min(16)];
                format!("it begins with `{}`", shown.escape_ascii())
            }
        },
    }
}

/// The refusal of a folder.
pub(crate) fn folder(path: &Path) -> FileError {
    // FKD (and SRe2L, which took its layout over) keeps a file of crops, flips, mixes and logits for every batch.
    let batches = |epoch: &Path| epoch.join("batch_0.tar").is_file();
    if batches(path) || batches(&path.join("epoch_0")) {
        return FileError::Foreign {
            what: "a folder of soft labels by epoch and batch (FKD's layout), whose crops and mixes ddrank does not replay"
                .to_owned(),
            advice: "leave it out and let the same teachers label the images anew: `mode = \"multiple\"` under `[labels]`"
                .to_owned(),
        };
    }
    FileError::UnknownFormat {
        seen: "it is a folder".to_owned(),
    }
}
