//! Work that takes a while and cannot say how much of it is done: a line and a moving bar after two seconds.

use std::io::IsTerminal;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::progress::{LINE_INTERVAL, Verbosity, write_line};

/// How long nothing is said.
const PATIENCE: Duration = Duration::from_secs(2);

/// A phase that is told of while it lasts: until it is dropped.
pub struct Phase {
    ended: Arc<(Mutex<bool>, Condvar)>,
    teller: Option<JoinHandle<()>>,
}

impl Phase {
    /// Begins a phase; `what` says what is being done: `reading cifar10`.
    pub fn begin(what: impl Into<String>, verbosity: Verbosity) -> Self {
        let ended = Arc::new((Mutex::new(false), Condvar::new()));
        let (what, watched) = (what.into(), Arc::clone(&ended));
        // Without a thread to tell of it the work is done all the same.
        let teller = (verbosity == Verbosity::Normal)
            .then(|| std::thread::Builder::new().spawn(move || tell(&what, &watched)))
            .and_then(Result::ok);
        Self { ended, teller }
    }
}

impl Drop for Phase {
    fn drop(&mut self) {
        let (flag, changed) = &*self.ended;
        *flag.lock().unwrap_or_else(PoisonError::into_inner) = true;
        changed.notify_all();
        if let Some(teller) = self.teller.take() {
            // It does nothing that could fail but writing, and nobody is left to be told of that.
            let _ = teller.join();
        }
    }
}

/// Waits for the end of a phase, and tells of it where that is late.
fn tell(what: &str, (flag, changed): &(Mutex<bool>, Condvar)) {
    let started = Instant::now();
    let ends_within = |time| {
        let flag = flag.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = changed.wait_timeout_while(flag, time, |ended| !*ended);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    };
    if ends_within(PATIENCE) {
        return;
    }
    write_line(&format!("{what} ..."));
    let bar = std::io::stderr().is_terminal().then(|| {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{spinner} {msg}, {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_message(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        bar
    });
    while !ends_within(LINE_INTERVAL) {
        if bar.is_none() {
            write_line(&format!(
                "{what}: {} so far",
                HumanDuration(started.elapsed())
            ));
        }
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
}
