//! Progress on standard error: bars on a terminal, a line every now and then without one.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use ddrank_runner::execution::Work;
use ddrank_runner::execution::executor::ExecutionObserver;
use ddrank_runner::execution::run_directory::RunDirectory;
use ddrank_runner::experiment::Experiment;
use ddrank_runner::plan::{Plan, PlannedTrial};
use ddrank_runner::trial::{Outcome, TrialKey};

/// How often a line is written where there is no terminal.
pub(crate) const LINE_INTERVAL: Duration = Duration::from_secs(15);

/// Whether progress is shown at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verbosity {
    /// Bars or lines.
    Normal,
    /// Nothing but warnings and errors.
    Quiet,
}

impl Verbosity {
    /// What `--quiet` asks for.
    pub fn of(quiet: bool) -> Self {
        if quiet { Self::Quiet } else { Self::Normal }
    }
}

/// Shows an execution.
pub struct Progress {
    total: ProgressBar,
    workers: Vec<ProgressBar>,
    units: BTreeMap<TrialKey, u64>,
    lines: bool,
    state: Mutex<State>,
}

struct State {
    started: Instant,
    last_line: Instant,
    finished: usize,
    /// Work of this session that is finished, and all of it, in [`Work::units`].
    done: u64,
    missing: u64,
    /// Work done of the trials that are not finished; those of a race take turns.
    running: BTreeMap<TrialKey, u64>,
    workers: Vec<WorkerState>,
}

#[derive(Clone)]
struct WorkerState {
    started: Instant,
    images: u64,
}

impl Progress {
    /// Prepares the display of the trials that are missing in `directory`.
    pub fn new(
        plan: &Plan,
        experiment: &Experiment,
        directory: &RunDirectory,
        jobs: usize,
        verbosity: Verbosity,
    ) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let bars = MultiProgress::with_draw_target(match verbosity {
            Verbosity::Normal if terminal => ProgressDrawTarget::stderr(),
            _ => ProgressDrawTarget::hidden(),
        });
        let missing: Vec<&PlannedTrial> = plan
            .trials
            .iter()
            .filter(|trial| directory.outcome(&trial.key).is_none())
            .collect();
        let units: BTreeMap<_, _> = missing
            .iter()
            .map(|trial| (trial.key.clone(), Work::of(trial, experiment).units()))
            .collect();
        let total = bars.add(ProgressBar::new(plan.trials.len() as u64));
        total.set_style(style("{bar:24} {pos} of {len} trials  {msg}"));
        total.set_position((plan.trials.len() - missing.len()) as u64);
        let workers = (0..jobs.min(missing.len()))
            .map(|_| {
                let bar = bars.add(ProgressBar::new(1));
                bar.set_style(style("{bar:24} epoch {pos} of {len}  {msg}"));
                bar
            })
            .collect::<Vec<_>>();
        let now = Instant::now();
        let idle = WorkerState {
            started: now,
            images: 0,
        };
        let state = State {
            started: now,
            last_line: now,
            finished: plan.trials.len() - missing.len(),
            done: 0,
            missing: units.values().sum(),
            running: BTreeMap::new(),
            workers: vec![idle; workers.len()],
        };
        let lines = verbosity == Verbosity::Normal && !terminal;
        Self {
            total,
            workers,
            units,
            lines,
            state: Mutex::new(state),
        }
    }

    /// Removes the bars.
    pub fn clear(&self) {
        for bar in &self.workers {
            bar.finish_and_clear();
        }
        self.total.finish_and_clear();
    }

    fn units_of(&self, trial: &PlannedTrial) -> u64 {
        self.units.get(&trial.key).copied().unwrap_or_default()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn line(&self, state: &mut State, text: &str, now: bool) {
        if self.lines && (now || state.last_line.elapsed() >= LINE_INTERVAL) {
            state.last_line = Instant::now();
            let left = state.time_left().map_or(String::new(), |left| {
                format!(", about {} left", HumanDuration(left))
            });
            write_line(&format!(
                "{} of {} trials done; {text}{left}",
                state.finished,
                self.total.length().unwrap_or(0)
            ));
        }
    }
}

/// Writes one line to standard error.
#[expect(clippy::print_stderr, reason = "progress belongs on standard error")]
pub fn write_line(text: &str) {
    eprintln!("{text}");
}

impl State {
    fn time_left(&self) -> Option<Duration> {
        let done = self.done + self.running.values().sum::<u64>();
        if done == 0 || done >= self.missing {
            return None;
        }
        let left = self.missing.saturating_sub(done) as f64 / done as f64;
        Some(Duration::from_secs(
            (self.started.elapsed().as_secs_f64() * left).round() as u64,
        ))
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━╸─")
}

/// The trial in the words of the field.
fn describe(trial: &PlannedTrial) -> String {
    format!(
        "{} round {} lr {}",
        trial.arm,
        trial.trial.round + 1,
        trial.trial.learning_rate
    )
}

impl ExecutionObserver for Progress {
    fn trial_started(&self, worker: usize, trial: &PlannedTrial) {
        let bar = &self.workers[worker];
        bar.set_length(u64::from(trial.trial.epochs));
        bar.set_position(0);
        bar.set_message(describe(trial));
        self.lock().workers[worker] = WorkerState {
            started: Instant::now(),
            images: 0,
        };
    }

    fn epoch_finished(&self, worker: usize, trial: &PlannedTrial, epoch: u32, images: usize) {
        let mut state = self.lock();
        let entry = &mut state.workers[worker];
        entry.images += images as u64;
        let rate = entry.images as f64 / entry.started.elapsed().as_secs_f64().max(1e-9);
        let epochs = f64::from(trial.trial.epochs);
        let race = trial.trial.race.as_ref();
        let share = race.map_or(1.0, |race| race.share(trial.trial.epochs));
        let done = self.units_of(trial) as f64 * f64::from(epoch) / (epochs * share);
        state.running.insert(trial.key.clone(), done as u64);
        let text = format!("{}, {rate:.0} images/s", describe(trial));
        self.workers[worker].set_position(u64::from(epoch));
        self.workers[worker].set_message(text.clone());
        if let Some(left) = state.time_left() {
            self.total
                .set_message(format!("about {} left", HumanDuration(left)));
        }
        self.line(
            &mut state,
            &format!("epoch {epoch} of {} of {text}", trial.trial.epochs),
            false,
        );
    }

    fn trial_finished(&self, _: usize, trial: &PlannedTrial, outcome: &Outcome) {
        self.total.inc(1);
        let mut state = self.lock();
        state.finished += 1;
        state.done += self.units_of(trial);
        state.running.remove(&trial.key);
        let text = match outcome {
            Outcome {
                diverged: Some(_), ..
            } => "diverged".to_owned(),
            Outcome {
                given_up: Some(epoch),
                ..
            } => format!("given up after epoch {epoch}"),
            _ => "finished".to_owned(),
        };
        self.line(&mut state, &format!("{} {text}", describe(trial)), true);
    }
}
