//! Times what an evaluation spends its time on. `benches/peer/compare` runs it in turn with its peers.
//!
//! `ddrank-bench [--device NAME] [--threads N] [--repetitions N] [NAME...]` prints `NAME seconds peak_megabytes` for each
//! case: the median of the repetitions after those that warm up (trials are run once, as they are), and the most memory
//! that the process held on the host. On a GPU a repetition of a step is twenty steps and one wait, divided by twenty.
#![forbid(unsafe_code)]

mod augmentation;
mod failure;
mod images;
mod network;
mod place;
mod trial;

use ddrank_device::ComputeDevice;

use crate::failure::Failure;
use crate::network::Work;
use crate::place::Place;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What is timed.
#[derive(Clone, Copy)]
enum Case {
    /// A network.
    Network(&'static str, Work),
    /// [`augmentation`].
    Augmentation,
    /// [`trial::one`].
    Trial,
    /// [`trial::score`]; on a GPU, as it takes hours on a CPU.
    Score,
}

const CASES: [(&str, Case); 10] = [
    (
        "convnet-3-in-b100-step",
        Case::Network("ConvNet-3", Work::Step(100)),
    ),
    (
        "convnet-3-in-b256-step",
        Case::Network("ConvNet-3", Work::Step(256)),
    ),
    (
        "convnet-3-bn-b100-step",
        Case::Network("ConvNet-3-BN", Work::Step(100)),
    ),
    (
        "convnet-3-bn-b256-step",
        Case::Network("ConvNet-3-BN", Work::Step(256)),
    ),
    (
        "convnet-3-in-test-1000",
        Case::Network("ConvNet-3", Work::Test(1000)),
    ),
    (
        "convnet-3-bn-test-1000",
        Case::Network("ConvNet-3-BN", Work::Test(1000)),
    ),
    (
        "resnet-18-bn-b64-step",
        Case::Network("ResNet-18-BN", Work::Step(64)),
    ),
    ("augment-224-b64", Case::Augmentation),
    ("datm-cifar10-ipc10-trial", Case::Trial),
    ("lrs-cifar10-ipc10", Case::Score),
];

#[expect(clippy::print_stdout, reason = "the figures are the output")]
fn main() -> Result<(), Failure> {
    let (mut threads, mut repetitions, mut names) = (2, 5, Vec::new());
    let mut request = "flex".to_owned();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || {
            arguments
                .next()
                .ok_or(format!("{argument} needs a number"))
                .map(|text| text.parse())
        };
        match argument.as_str() {
            "--device" => request = arguments.next().ok_or("--device needs a name")?,
            "--threads" => threads = number()??,
            "--repetitions" => repetitions = number()??,
            name if CASES.iter().any(|(known, _)| *known == name) => names.push(argument),
            _ => {
                return Err(format!(
                    "{argument} is no case; the cases are {}",
                    CASES.map(|(name, _)| name).join(", ")
                )
                .into());
            }
        }
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()?;
    let opened = ComputeDevice::open(&request.parse()?)?;
    let is_gpu = !matches!(opened.name(), "flex" | "ndarray");
    let place = Place {
        device: opened.device().clone(),
        steps: if is_gpu { 20 } else { 1 },
    };
    for (name, case) in CASES {
        let is_chosen = names.iter().any(|chosen| chosen == name);
        let is_meant = names.is_empty() && (is_gpu || !matches!(case, Case::Score));
        if is_chosen || is_meant {
            let seconds = pool.install(|| match case {
                Case::Network(model, work) => {
                    network::time(model, work, repetitions, &place).map(median)
                }
                Case::Augmentation => augmentation::time(repetitions, &place).map(median),
                Case::Trial => trial::one(&place),
                Case::Score => trial::score(&place),
            })?;
            println!("{name} {seconds:.4} {}", peak_megabytes());
        }
    }
    Ok(())
}

/// The middle one of the repetitions but the first.
fn median(seconds: Vec<f64>) -> f64 {
    let mut timed = seconds[1..].to_vec();
    timed.sort_by(f64::total_cmp);
    timed[timed.len() / 2]
}

/// The most memory that this process has held, in 10^6 bytes; 0 where the system does not tell.
fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kibibytes.unwrap_or_default() * 1024 / 1_000_000
}
