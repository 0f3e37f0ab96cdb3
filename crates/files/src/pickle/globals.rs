//! What Python names in a pickle mean.
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

/// Built-in functions that run, open or look up things.
const DANGEROUS_BUILTINS: [&str; 12] = [
    "eval",
    "exec",
    "execfile",
    "compile",
    "open",
    "file",
    "input",
    "getattr",
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

/// The element type of a storage class: `None` for one counted in bytes.
pub(super) fn storage_element(class: &str) -> Result<Option<ElementType>, FileError> {
    let name = match class.strip_prefix("torch.storage.") {
        Some("UntypedStorage" | "_UntypedStorage") => return Ok(None),
        _ => class
            // The device of a storage is passed over: everything is read to the host.
            .strip_prefix("torch.cuda.")
            .or_else(|| class.strip_prefix("torch."))
            .and_then(|name| name.strip_suffix("Storage")),
    };
    Ok(Some(match name {
        Some("Untyped") => return Ok(None),
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
        _ => return Err(FileError::element(class)),
    }))
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
        "torch.uint8" => ElementType::U8,
        "torch.bool" => ElementType::Bool,
        other => return Err(FileError::element(other)),
    })
}
