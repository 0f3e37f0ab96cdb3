//! Something to check.

use super::recorder::Recorder;

/// Something to check, under the name of its reference values.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) run: fn(&mut Recorder),
}

/// The case of that name.
pub(super) const fn case(name: &'static str, run: fn(&mut Recorder)) -> Case {
    Case { name, run }
}
