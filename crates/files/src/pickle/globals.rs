//! What Python names in a pickle mean.
use std::sync::Arc;

use super::node::StorageElement;
use crate::{ElementType, FileError};

/// Modules whose names in a data file can only be an attack.
const DANGEROUS_MODULES: [&str; 19] = [
    "os",
    "posix",
    "nt",
    "subprocess",
    "sys",
    "shutil",
    "runpy",
    "socket",
    "importlib",
    "ctypes",
    "pty",
    "code",
    "codeop",
    "pip",
    "webbrowser",
    "multiprocessing",
    "asyncio",
    "http",
    "urllib",
];

/// Built-in functions that run or open things. `getattr` is none: enums inside classes and methods of schedulers are
/// written through it.
const DANGEROUS_BUILTINS: [&str; 11] = [
    "eval",
    "exec",
    "execfile",
    "compile",
    "open",
    "file",
    "input",
    "setattr",
    "__import__",
    "globals",
    "breakpoint",
];

/// Refuses names that exist only to run code.
pub(super) fn check(module: &str, name: &str) -> Result<(), FileError> {
    // Sub-modules too: `os.path` reaches `os`.
    let top = module.split('.').next().unwrap_or_default();
    let builtin = matches!(top, "builtins" | "__builtin__");
    let function = name.rsplit('.').next().unwrap_or_default();
    // Nothing would run anyway. But such a file is an attack, and a user should hear that rather than "no tensor".
    if DANGEROUS_MODULES.contains(&top) || (builtin && DANGEROUS_BUILTINS.contains(&function)) {
        return Err(FileError::Dangerous(format!("{module}.{name}")));
    }
    Ok(())
}

/// What the elements of a storage class are.
pub(super) fn storage_element(class: &Arc<str>) -> StorageElement {
    let name = match class.strip_prefix("torch.storage.") {
        Some("UntypedStorage" | "_UntypedStorage") => return StorageElement::Byte,
        _ => class
            // The device of a storage is passed over: everything is read to the host.
            .strip_prefix("torch.cuda.")
            .or_else(|| class.strip_prefix("torch."))
            .and_then(|name| name.strip_suffix("Storage")),
    };
    let unread = |size| StorageElement::Unread {
        class: Arc::clone(class),
        size,
    };
    StorageElement::Number(match name {
        Some("Untyped") => return StorageElement::Byte,
        Some("Double") => ElementType::F64,
        Some("Float") => ElementType::F32,
        Some("Half") => ElementType::F16,
        Some("BFloat16") => ElementType::BF16,
        Some("Long") => ElementType::I64,
        Some("Int") => ElementType::I32,
        Some("Short") => ElementType::I16,
        Some("Char") => ElementType::I8,
        Some("Byte") => ElementType::U8,
        Some("Bool") => ElementType::Bool,
        Some("ComplexDouble") => return unread(Some(16)),
        Some("ComplexFloat") => return unread(Some(8)),
        Some("QInt32") => return unread(Some(4)),
        Some("QInt8" | "QUInt8" | "QUInt4x2" | "QUInt2x4") => return unread(Some(1)),
        _ => return unread(None),
    })
}

/// The element type that a `torch.float32` or the like names.
pub(super) fn dtype(name: &str) -> Result<ElementType, FileError> {
    Ok(match name {
        "torch.float64" | "torch.double" => ElementType::F64,
        "torch.float32" | "torch.float" => ElementType::F32,
        "torch.float16" | "torch.half" => ElementType::F16,
        "torch.bfloat16" => ElementType::BF16,
        "torch.int64" | "torch.long" => ElementType::I64,
        "torch.int32" | "torch.int" => ElementType::I32,
        "torch.int16" | "torch.short" => ElementType::I16,
        "torch.int8" => ElementType::I8,
        "torch.uint64" => ElementType::U64,
        "torch.uint32" => ElementType::U32,
        "torch.uint16" => ElementType::U16,
        "torch.uint8" => ElementType::U8,
        "torch.bool" => ElementType::Bool,
        other => return Err(FileError::element(other)),
    })
}
