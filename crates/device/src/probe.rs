//! Trying a device without trusting it.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use burn::tensor::{Device, FloatDType, Tensor};
use ddrank_kernels::total;

thread_local! {
    /// Whether this thread's panics are somebody's result, and nothing to tell the user about.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs something that may panic, and gives the panic's message instead of printing it.
///
/// Other threads' panics are reported as ever.
///
/// # Errors
/// The message of the panic.
pub(crate) fn quietly<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    // The hook is the whole process's. Exchanging it for each call would swallow what other threads say meanwhile, so it
    // is set once and asks the panicking thread.
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                before(panic);
            }
        }));
    });
    // Calls can be nested; the inner one must not make the outer one loud.
    let outer = QUIET.replace(true);
    // Unwind safety: what a failed attempt leaves half done is dropped with it.
    let result = catch_unwind(AssertUnwindSafe(run));
    QUIET.set(outer);
    result.map_err(|panic| message(panic.as_ref()))
}

/// The message of a panic.
pub fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".into())
}

/// Adds four ones and waits: constructors alone prove nothing.
pub(crate) fn add_ones(device: &Device) -> Result<(), String> {
    let sum = quietly(|| {
        // Asking for the number makes the device compute; `sync` brings up errors that it reports late.
        let sum = total(Tensor::<1>::ones([4], device)).into_scalar::<f32>();
        device
            .sync()
            .map(|()| sum)
            .map_err(|error| error.to_string())
    })
    .and_then(|result| result)
    // The messages of drivers can be long; the first line is the sentence.
    .map_err(|reason| reason.lines().next().unwrap_or("no message").to_owned())?;
    if sum == 4.0 {
        Ok(())
    } else {
        Err(format!("it adds four ones to {sum}"))
    }
}

/// The formats beside `f32` that a device says it supports.
pub(crate) fn precisions(device: &Device) -> Vec<&'static str> {
    [
        ("f64", FloatDType::F64),
        ("f16", FloatDType::F16),
        ("bf16", FloatDType::BF16),
    ]
    .into_iter()
    .filter(|(_, format)| quietly(|| device.supports_dtype(*format)).unwrap_or(false))
    .map(|(name, _)| name)
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_its_message() {
        assert_eq!(quietly(|| 3), Ok(3));
        let failed: Result<(), String> = quietly(|| panic!("no driver {}", 7));
        assert_eq!(failed, Err("no driver 7".into()));
        let nested = quietly(|| quietly(|| panic!("inner")).unwrap_or_else(|inner: String| inner));
        assert_eq!(nested, Ok("inner".into()));
    }
}
