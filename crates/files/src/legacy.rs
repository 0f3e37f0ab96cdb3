//! The container of PyTorch before 1.6: five pickles (magic number, protocol, system, object, storage keys), then
//! the raw storages in the order of the keys, each behind its number of elements.
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

use crate::limits::{Budget, reserve};
use crate::pickle::{Node, Pickle, Source, unpickle};
use crate::torch::{Content, NoStorages, Storages, collect};
use crate::{FileError, Limits};

/// The magic number 0x1950a86a20f9469cfc6c as a pickle writes it from protocol 2 on, and before.
const MAGIC: [u8; 12] = [
    0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19,
];
const MAGIC_LINE: &[u8] = b"L119547037146038801333356L\n.";

/// Whether the file begins with the magic number of the legacy container.
pub(crate) fn recognise(start: &[u8]) -> bool {
    let rest = match start {
        // Protocols 4 and 5 put a frame around it.
        [0x80, 4..=5, 0x95, _, _, _, _, _, _, _, _, rest @ ..] => rest,
        [0x80, _, rest @ ..] => rest,
        rest => return rest.starts_with(MAGIC_LINE),
    };
    rest.starts_with(&MAGIC)
}

/// Reads the legacy container.
pub(crate) fn read(
    file: &mut File,
    file_bytes: u64,
    limits: &Limits,
) -> Result<Content, FileError> {
    file.seek(SeekFrom::Start(0))?;
    // Arrays may lie in the pickle itself; nothing is taken beyond what the file has.
    let allowed = file_bytes.min(limits.max_total_bytes);
    let mut source = Source::new(BufReader::new(file), allowed);
    unpickle(&mut source, limits)?; // the magic number, seen by `recognise`
    let protocol = unpickle(&mut source, limits)?;
    if !matches!(protocol.get(protocol.root()), Node::Int(1001)) {
        return Err(FileError::Unsupported {
            seen: "a PyTorch file of an unknown protocol".to_owned(),
            expected: "allowed is protocol 1001".to_owned(),
        });
    }
    let system = unpickle(&mut source, limits)?;
    let big_endian = !little_endian(&system);
    let object = unpickle(&mut source, limits)?;
    let keys = unpickle(&mut source, limits)?;
    let Node::List(keys_list) = keys.get(keys.root()) else {
        return Err(FileError::damaged("the list of storages is missing"));
    };
    // The container counts elements; only the pickle knows their type.
    let sizes = object.storage_sizes();
    let mut places = HashMap::new();
    // The buffered reader is ahead of what was parsed, so its own position would be wrong.
    let mut position = allowed - source.left();
    let reader = source.reader();
    for &id in keys_list {
        let Node::Text(key) = keys.get(id) else {
            return Err(FileError::damaged("a storage's name is not a text"));
        };
        let mut count = [0; 8];
        if file_bytes - position < 8 {
            return Err(FileError::damaged(format!(
                "the file ends before storage `{key}`"
            )));
        }
        reader.read_exact(&mut count)?;
        position += 8;
        let mut count = u64::from_le_bytes(count);
        if big_endian {
            count = count.swap_bytes();
        }
        let size = *sizes
            .get(key.as_str())
            .ok_or_else(|| FileError::damaged(format!("storage `{key}` belongs to no tensor")))?;
        // Without it nobody knows where the next storage begins.
        let size = size.ok_or_else(|| FileError::Unsupported {
            seen: format!(
                "storage `{key}` of a type that ddrank does not know, in this old container,"
            ),
            expected: "load the file with PyTorch and save the tensors again with torch.save"
                .to_owned(),
        })?;
        let bytes = count
            .checked_mul(size)
            .filter(|&n| n <= file_bytes - position);
        let bytes = bytes.ok_or_else(|| {
            FileError::damaged(format!(
                "storage `{key}` of {count} elements of {size} bytes is longer than the rest of the file"
            ))
        })?;
        places.insert(key.clone(), (position, bytes));
        position += bytes;
        // `bytes` is at most the file's size, which the system counts in an i64.
        reader.seek_relative(i64::try_from(bytes).unwrap_or(i64::MAX))?;
    }
    let storages = LegacyStorages {
        reader,
        places,
        big_endian,
        budget: limits.budget(file_bytes),
    };
    collect(&object, storages, file_bytes, limits)
}

/// Reads a plain pickle: numbers and NumPy arrays.
pub(crate) fn read_plain(
    file: &mut File,
    file_bytes: u64,
    limits: &Limits,
) -> Result<Content, FileError> {
    file.seek(SeekFrom::Start(0))?;
    // Its arrays lie in the pickle itself, so the file's own length is its limit.
    let allowed = file_bytes.min(limits.max_total_bytes);
    let pickle = unpickle(&mut Source::new(BufReader::new(file), allowed), limits)?;
    collect(&pickle, NoStorages, file_bytes, limits)
}

fn little_endian(system: &Pickle) -> bool {
    let Node::Dict(items) = system.get(system.root()) else {
        return true;
    };
    !items.iter().any(|&(key, value)| {
        matches!(system.get(key), Node::Text(key) if key == "little_endian")
            && matches!(system.get(value), Node::Bool(false))
    })
}

struct LegacyStorages<'a, 'f> {
    reader: &'a mut BufReader<&'f mut File>,
    places: HashMap<String, (u64, u64)>,
    big_endian: bool,
    budget: Budget,
}

impl Storages for LegacyStorages<'_, '_> {
    fn load(&mut self, key: &str) -> Result<Vec<u8>, FileError> {
        let &(position, bytes) = self
            .places
            .get(key)
            .ok_or_else(|| FileError::damaged(format!("storage `{key}` is not in the file")))?;
        let what = format!("storage `{key}`");
        let length = self.budget.take(&what, bytes)?;
        let mut data = reserve(&what, length)?;
        data.resize(length, 0);
        self.reader.seek(SeekFrom::Start(position))?;
        self.reader.read_exact(&mut data)?;
        Ok(data)
    }

    fn big_endian(&self) -> bool {
        self.big_endian
    }
}
