//! Progress of work on images on standard error: a bar on a terminal, a line every now and then without one.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::progress::write_line;

/// How often a line is written where there is no terminal.
const LINE_INTERVAL: Duration = Duration::from_secs(15);

/// Counts images.
#[derive(Debug)]
pub struct ImageProgress {
    bar: ProgressBar,
    lines: bool,
    verb: &'static str,
    started: Instant,
    last_line: Instant,
}

impl ImageProgress {
    /// Nothing done of `total` images; `verb` says what is done to them: `labelled`.
    #[must_use]
    pub fn new(total: usize, verb: &'static str) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(
            Some(total as u64),
            if terminal {
                ProgressDrawTarget::stderr()
            } else {
                ProgressDrawTarget::hidden()
            },
        );
        let template =
            format!("{{bar:24}} {{pos}} of {{len}} images {verb}, {{per_sec}}, {{eta}} left");
        bar.set_style(
            ProgressStyle::with_template(&template)
                .unwrap_or_else(|_| ProgressStyle::default_bar())
                .progress_chars("━╸─"),
        );
        let now = Instant::now();
        Self {
            bar,
            lines: !terminal,
            verb,
            started: now,
            last_line: now,
        }
    }

    /// So many more images are done.
    pub fn advance(&mut self, images: usize) {
        self.bar.inc(images as u64);
        if self.lines && self.last_line.elapsed() >= LINE_INTERVAL {
            self.last_line = Instant::now();
            let done = self.bar.position();
            let rate = done as f64 / self.started.elapsed().as_secs_f64();
            write_line(&format!(
                "{done} of {} images {}, {rate:.1} images/s",
                self.bar.length().unwrap_or(0),
                self.verb
            ));
        }
    }

    /// Removes the bar.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
