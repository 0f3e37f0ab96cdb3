//! `ddrank relabel`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use ddrank_files::PartsFormat;
use ddrank_models::{InputShape, Source};

use super::failure::Failure;
use super::image_arguments::{ImageArguments, check_output};
use super::interrupt::stop_on_signals;
use super::output::print;
use super::teacher_argument::TeacherArgument;
use crate::image_progress::ImageProgress;
use crate::progress::write_line;
use ddrank_runner::images::image_input::ImageInput;
use ddrank_runner::images::relabelling::{Precision, RelabelError, Relabelling};
use ddrank_runner::input::teacher_files::{TeacherFile, load_teachers};
use ddrank_runner::input::{TeacherRecord, TeacherUse};

// Lines of examples fit 80 columns, and paragraphs are one line each: the terminal's width wraps them once.
const EXAMPLES: &str = "\
Examples:
  ddrank relabel images.pt --teacher ConvNet-3=teacher.pt --classes 10 \\
    --output labels.safetensors
  ddrank relabel photos/ --teacher ResNet-18-BN=r18.pt --source torchvision \\
    --classes 10 --dataset cifar10 --size 32,32 --precision f16 \\
    --output labels.safetensors

An image folder is <class>/<file>; its labels come in the order in which `score` reads the same folder. Several teachers answer with the mean of their logits. A teacher with other options than its name says is written as in a configuration:
  --teacher '{ model = \"ConvNet-3\", width = 64, weights = \"teacher.pt\" }'";

/// Arguments of `ddrank relabel`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct RelabelArguments {
    /// A tensor file with normalised images (.pt .pth .safetensors .npy .npz), used as it is, or an image folder
    images: PathBuf,

    /// A model and its state dict (.pt .pth .safetensors); several times for an ensemble
    #[arg(long = "teacher", value_name = "MODEL=WEIGHTS", required = true)]
    teachers: Vec<TeacherArgument>,

    /// Whose definition of the models is meant: ddranking or torchvision [default: what the name means]
    #[arg(long, value_name = "NAME", value_parser = parse_source)]
    source: Option<Source>,

    /// Number of classes
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=65536))]
    classes: u32,

    /// Where the logits `[count, classes]` go: a .safetensors or .npy file
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,

    /// How logits are stored
    #[arg(long, value_enum, default_value_t = PrecisionName::F32)]
    precision: PrecisionName,

    #[command(flatten)]
    image: ImageArguments,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PrecisionName {
    /// Single precision
    F32,
    /// Half precision
    F16,
}

fn parse_source(text: &str) -> Result<Source, String> {
    [Source::Ddranking, Source::Torchvision]
        .into_iter()
        .find(|source| source.as_str() == text)
        .ok_or_else(|| "expected ddranking or torchvision".to_owned())
}

impl RelabelArguments {
    pub(super) fn run(&self) -> Result<(), Failure> {
        PartsFormat::of(&self.output).map_err(Failure::request)?;
        check_output(&self.output, &self.images)?;
        let files = self.teacher_files()?;
        let device = self.image.device()?;
        let input =
            ImageInput::open(&self.images, &self.image.request()?).map_err(Failure::request)?;
        if let ImageInput::Folder { folder, .. } = &input
            && let [first, ..] = folder.odd()
        {
            let (count, first) = (folder.odd().len(), first.display());
            write_line(&format!(
                "warning: {count} files or folders are no pictures in class folders and are left out, such as {first}"
            ));
        }
        let shape = input.shape();
        let classes = self.classes as usize;
        let shape = InputShape {
            channels: shape.channels,
            height: shape.height,
            width: shape.width,
        };
        let loaded =
            load_teachers(&files, shape, classes, device.device()).map_err(Failure::request)?;
        for (file, origin) in files.iter().zip(&loaded.origins) {
            let found = TeacherRecord::beside(&file.weights).map(|record| {
                record.mismatches(&TeacherUse {
                    model: &file.model,
                    weights: &origin.fingerprint,
                    image: [shape.channels, shape.height, shape.width],
                    dataset: None,
                    preparation: None,
                    class_names: None,
                })
            });
            for found in origin.remark().into_iter().chain(found.unwrap_or_default()) {
                write_line(&format!("warning: {}: {found}", file.weights.display()));
            }
        }
        let teachers = loaded.teachers;
        let relabelling = Relabelling {
            teachers: &teachers,
            classes,
            batch: self.image.batch_size,
            precision: match self.precision {
                PrecisionName::F32 => Precision::Single,
                PrecisionName::F16 => Precision::Half,
            },
            device: device.device(),
        };

        let stop = stop_on_signals("stopping: nothing is written; once more to end at once")?;
        let mut progress = ImageProgress::new(input.count(), "labelled");
        let written = relabelling.write(
            &input,
            &self.output,
            &mut |images| progress.advance(images),
            &stop,
        );
        progress.clear();
        let written = written.map_err(|error| match error {
            RelabelError::Images(_) | RelabelError::NotFinite(_) => Failure::request(error),
            error => Failure::run(error),
        })?;

        let mut text = format!(
            "wrote the logits [{}, {classes}] of {} to {}\n",
            written.images,
            match files.as_slice() {
                [only] => only.model.name.to_string(),
                several => format!("{} teachers (their mean)", several.len()),
            },
            self.output.display()
        );
        if let Some(in_class) = written.in_class {
            let percent = 100.0 * in_class as f64 / written.images as f64;
            text.push_str(&format!(
                "{percent:.2} % of the pictures get the class of their folder\n"
            ));
        }
        print(&text)
    }

    fn teacher_files(&self) -> Result<Vec<TeacherFile>, Failure> {
        let plain = |teacher: &TeacherArgument| matches!(teacher, TeacherArgument::Plain(..));
        if self.source.is_some() && !self.teachers.iter().any(plain) {
            return Err(Failure::Request(anyhow::anyhow!(
                "`--source` has no teacher MODEL=WEIGHTS to act on; a table has its own key `source`"
            )));
        }
        let files = self
            .teachers
            .iter()
            .map(|teacher| teacher.file(self.source));
        Ok(files.collect())
    }
}
