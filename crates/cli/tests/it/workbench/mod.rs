//! A small experiment on disk, and the `ddrank` binary to run it.
#![allow(dead_code, reason = "every test file uses its own part")]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use image::{Rgb, RgbImage};

/// A temporary folder with a real image folder (`real/`), a distilled one (`syn/`) and a configuration.
pub struct Workbench {
    folder: tempfile::TempDir,
}

pub const CLASSES: usize = 3;
pub const SIDE: u32 = 8;

/// Three rounds, two learning rates: 3 real + 6 synthetic + 6 random trainings of a fraction of a second.
pub const CONFIGURATION: &str = r#"
name = "bench"
rounds = 3

[dataset]
name = "folder"
root = "real"

[synthetic]
images = "syn"
ipc = 2

[agent]
model = "ConvNet-2"
width = 8

[training]
epochs = 12
batch_size = 4
schedule = { name = "step", step_size = 8 }
learning_rates = [0.01, 0.05]
test_interval = 5

[augmentation]
name = "dsa"

[real_training]
epochs = 3
batch_size = 8
learning_rates = [0.02]
"#;

impl Workbench {
    pub fn new() -> Self {
        let bench = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        bench.draw_images("real/train", 12);
        bench.draw_images("real/test", 10);
        bench.draw_images("syn", 2);
        bench.write("bench.toml", CONFIGURATION);
        bench
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.join(name)).unwrap()
    }

    /// The configuration with one piece of text replaced.
    pub fn configure(&self, from: &str, to: &str) {
        assert!(
            CONFIGURATION.contains(from),
            "{from:?} is not in the configuration"
        );
        self.write("bench.toml", CONFIGURATION.replacen(from, to, 1));
    }

    /// `count` images a class: a tone for each class under noise that depends on the place alone.
    pub fn draw_images(&self, folder: &str, count: u32) {
        for class in 0..CLASSES as u32 {
            for index in 0..count {
                let salt = folder.bytes().map(u32::from).sum::<u32>();
                let image = RgbImage::from_fn(SIDE, SIDE, |x, y| {
                    let mut noise = (x + 31 * y + 977 * index + 7919 * class + 104_729 * salt)
                        .wrapping_mul(0x9E37_79B1);
                    noise ^= noise >> 15;
                    noise = noise.wrapping_mul(0x85EB_CA6B);
                    let tone = |channel: u32| {
                        let base = if channel == class { 110 } else { 80 };
                        (base + ((noise >> (8 * channel)) & 0x7f)) as u8
                    };
                    Rgb([tone(0), tone(1), tone(2)])
                });
                let path = self.join(&format!("{folder}/{class}/{index:02}.png"));
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                image.save(path).unwrap();
            }
        }
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ddrank"));
        command
            .current_dir(self.path())
            .args(arguments)
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Finished {
        Finished::from(self.command(arguments).output().unwrap())
    }

    pub fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// `report.json` of a run folder without what depends on the clock.
    pub fn report(&self, run: &str) -> serde_json::Value {
        let mut report: serde_json::Value =
            serde_json::from_str(&self.read(&format!("{run}/report.json"))).unwrap();
        assert!(report.as_object_mut().unwrap().remove("timing").is_some());
        report
    }
}

/// What a finished command said.
#[derive(Debug)]
pub struct Finished {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl From<Output> for Finished {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Finished {
    #[track_caller]
    pub fn succeeded(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self
    }

    /// Failed with this exit code, with every part in its message, without a panic.
    #[track_caller]
    pub fn failed(self, code: i32, parts: &[&str]) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        assert!(!self.err.contains("panicked"), "{}", self.err);
        for part in parts {
            assert!(self.err.contains(part), "{part:?} is not in:\n{}", self.err);
        }
        self
    }
}
