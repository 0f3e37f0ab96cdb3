//! `ddrank augment`.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::Args;
use ddrank_augment::Augmentation;
use ddrank_data::Normalisation;
use ddrank_files::{PartsFormat, folder_of};

use super::failure::Failure;
use super::image_arguments::{ImageArguments, check_output};
use super::interrupt::stop_on_signals;
use super::output::print;
use crate::image_progress::ImageProgress;
use ddrank_runner::images::augmented::{AugmentError, Augmenting, Watch};
use ddrank_runner::images::before_after::{BeforeAfter, spread};
use ddrank_runner::images::image_input::{ImageInput, ImageRequest};
use ddrank_runner::images::whole_folder;

// Lines of examples fit 80 columns, and paragraphs are one line each: the terminal's width wraps them once.
const EXAMPLES: &str = "\
Examples:
  ddrank augment images.pt --augmentation dsa --output augmented.safetensors \\
    --grid pairs.png
  ddrank augment photos/ --dataset cifar10 --output augmented/ \\
    --augmentation '[{ name = \"resize-crop\", size = 32 }, { name = \"flip\" }]'
  ddrank augment images.pt --config experiment.toml --count 64 \\
    --output some.npy --grid pairs.png

A tensor file is augmented as it is; pictures are normalised first and brought back to bytes after it. The augmentations and their keys are in configs/README.md. Mixing ones find their partners in the same batch, whose images come from all over the set.";

/// Arguments of `ddrank augment`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct AugmentArguments {
    /// A tensor file with images (.pt .pth .safetensors .npy .npz) or an image folder
    input: PathBuf,

    /// What to do: a name, or TOML as in the `augmentation` key of a configuration
    #[arg(long, value_name = "TOML", value_parser = parse_augmentation, required_unless_present = "config",
          conflicts_with = "config")]
    augmentation: Option<Augmentation>,

    /// Take the `augmentation` of this TOML file
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Where the images go: a .safetensors or .npy file for a tensor file, a new folder for a folder
    #[arg(long, short, value_name = "PATH")]
    output: PathBuf,

    /// Draw up to 8 x 8 images beside their augmented copies into this PNG
    #[arg(long, value_name = "PNG")]
    grid: Option<PathBuf>,

    /// The seed of the random numbers
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    /// Augment so many images only, spread evenly over the set
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,

    #[command(flatten)]
    image: ImageArguments,
}

impl AugmentArguments {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let augmentation = self.augmentation()?;
        self.check_outputs()?;
        let device = self.image.device()?;
        let ImageRequest {
            key,
            normalisation,
            size,
        } = self.image.request()?;
        let is_folder = self.input.is_dir();
        if !is_folder && normalisation.is_some() && self.grid.is_none() {
            return Err(Failure::Request(anyhow!(
                "{} is a tensor file: it is augmented as it is, so statistics have no meaning without `--grid`",
                self.input.display()
            )));
        }
        let request = ImageRequest {
            key,
            normalisation: normalisation.clone().filter(|_| is_folder),
            size,
        };
        let input = ImageInput::open(&self.input, &request).map_err(Failure::request)?;
        let count = self.count(&input)?;
        let augmenting = Augmenting {
            augmentation: &augmentation,
            seed: self.seed,
            batch: self.image.batch_size,
            device: device.device(),
        };
        let (before, after) = (
            input.shape(),
            augmenting.shape(input.shape()).map_err(Failure::request)?,
        );
        let mut pairs = match self.grid {
            Some(_) => {
                check_drawable(before.channels, normalisation.as_ref())?;
                Some(BeforeAfter::new(count, before, after))
            }
            None => None,
        };

        let stop = stop_on_signals("stopping: nothing is written; once more to end at once")?;
        let mut progress = ImageProgress::new(count, "augmented");
        let positions = spread(count, input.count());
        let mut watch = Watch {
            done: &mut |images| progress.advance(images),
            stop: &stop,
            pairs: pairs.as_mut(),
        };
        let written = match &input {
            ImageInput::Tensor { .. } => {
                augmenting.write_tensor(&input, &positions, &self.output, &mut watch)
            }
            ImageInput::Folder {
                folder,
                normalisation,
            } => {
                augmenting.write_folder(folder, normalisation, &positions, &self.output, &mut watch)
            }
        };
        progress.clear();
        written.map_err(|error| match error {
            AugmentError::Images(_)
            | AugmentError::Augmentation(_)
            | AugmentError::SameName { .. }
            | AugmentError::TooLarge { .. } => Failure::request(error),
            error => Failure::run(error),
        })?;
        let mut text = format!(
            "{augmentation}: wrote {count} images of {after} to {}\n",
            self.output.display()
        );
        if let (Some(pairs), Some(grid)) = (&pairs, &self.grid) {
            let drawn = pairs
                .draw(normalisation.as_ref(), grid)
                .map_err(Failure::run)?;
            text.push_str(&format!(
                "drew {} of them, each on the right of its original, to {}\n",
                drawn.drawn / 2,
                grid.display()
            ));
        }
        print(&text)
    }

    fn augmentation(&self) -> Result<Augmentation, Failure> {
        match (&self.augmentation, &self.config) {
            (Some(augmentation), _) => Ok(augmentation.clone()),
            (None, Some(path)) => read_augmentation(path),
            // The command line demands one of the two.
            (None, None) => Err(Failure::Request(anyhow!("no augmentation is given"))),
        }
    }

    /// Refuses outputs that cannot be written before any work is done.
    fn check_outputs(&self) -> Result<(), Failure> {
        check_output(&self.output, &self.input)?;
        if self.input.is_dir() {
            whole_folder::check(&self.output).map_err(|error| {
                Failure::Request(anyhow!(error).context(format!(
                    "cannot write {}; expected a path where nothing is",
                    self.output.display()
                )))
            })?;
            let inside =
                |path: &Path| match (folder_of(path).canonicalize(), self.input.canonicalize()) {
                    (Ok(parent), Ok(input)) => parent.starts_with(input),
                    _ => false,
                };
            if inside(&self.output) {
                return Err(Failure::Request(anyhow!(
                    "the output {} lies inside the input folder; expected another place",
                    self.output.display()
                )));
            }
        } else {
            PartsFormat::of(&self.output).map_err(Failure::request)?;
        }
        let Some(grid) = &self.grid else {
            return Ok(());
        };
        check_output(grid, &self.input)?;
        if *grid == self.output {
            return Err(Failure::Request(anyhow!(
                "`--grid` and `--output` are both {}; expected two paths",
                grid.display()
            )));
        }
        Ok(())
    }

    fn count(&self, input: &ImageInput) -> Result<usize, Failure> {
        let total = input.count();
        match self.count {
            None => Ok(total),
            Some(count) => match usize::try_from(count) {
                Ok(count) if count <= total => Ok(count),
                _ => Err(Failure::Request(anyhow!(
                    "`--count {count}`: {} has {total} images",
                    self.input.display()
                ))),
            },
        }
    }
}

fn check_drawable(channels: usize, normalisation: Option<&Normalisation>) -> Result<(), Failure> {
    if !matches!(channels, 1 | 3) {
        return Err(Failure::Request(anyhow!(
            "`--grid` draws images of 1 or 3 channels, these have {channels}"
        )));
    }
    match normalisation.map(Normalisation::channels) {
        Some(found) if found != channels => Err(Failure::Request(anyhow!(
            "the statistics have {found} channels, the images {channels}"
        ))),
        _ => Ok(()),
    }
}

/// A bare name, the keys of one table, an inline table or a list.
fn parse_augmentation(text: &str) -> Result<Augmentation, String> {
    let text = text.trim();
    let is_name = !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    let value = if is_name {
        toml::Table::from_iter([("name".to_owned(), toml::Value::from(text))]).into()
    } else if text.starts_with(['{', '[']) && !text.starts_with("[[") {
        let document: toml::Table = toml::from_str(&format!("augmentation = {text}"))
            .map_err(|error| error.message().to_owned())?;
        only_key(document)?
    } else {
        let document: toml::Table =
            toml::from_str(text).map_err(|error| error.message().to_owned())?;
        toml::Value::Table(document)
    };
    value
        .try_into()
        .map_err(|error: toml::de::Error| error.message().to_owned())
}

/// The value of `augmentation`, which is alone.
fn only_key(mut document: toml::Table) -> Result<toml::Value, String> {
    let value = document.remove("augmentation");
    match (value, document.keys().next()) {
        (Some(value), None) => Ok(value),
        (_, Some(key)) => Err(format!("unexpected `{key}` after the table or list")),
        (None, None) => Err("expected a table or a list".to_owned()),
    }
}

/// The `augmentation` of a configuration; whatever else is in it is not looked at.
fn read_augmentation(path: &Path) -> Result<Augmentation, Failure> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::Request(anyhow!(error).context(format!("cannot read {shown}")))
    })?;
    let mut table: toml::Table = toml::from_str(&text)
        .map_err(|error| Failure::Request(anyhow!("{shown} is not TOML: {error}")))?;
    let Some(value) = table.remove("augmentation") else {
        return Err(Failure::Request(anyhow!(
            "{shown} has no `augmentation`; expected a table [augmentation] or a list"
        )));
    };
    value.try_into().map_err(|error: toml::de::Error| {
        Failure::Request(anyhow!("{shown}, key `augmentation`: {}", error.message()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_configuration_is_understood() {
        let flip = parse_augmentation("flip").unwrap();
        for text in [
            "name = \"flip\"",
            "{ name = \"flip\" }",
            " { name = 'flip' } ",
        ] {
            assert_eq!(parse_augmentation(text).unwrap(), flip, "{text}");
        }
        let list = parse_augmentation("[{ name = \"flip\" }, { name = \"cutmix\" }]").unwrap();
        for text in [
            "transforms = [{ name = \"flip\" }, { name = \"cutmix\" }]",
            "[[transforms]]\nname = \"flip\"\n[[transforms]]\nname = \"cutmix\"",
        ] {
            assert_eq!(parse_augmentation(text).unwrap(), list, "{text}");
        }
    }

    #[test]
    fn other_texts_are_errors_that_say_what_is_wrong() {
        for (text, part) in [
            ("", "name"),
            ("flipp", "flipp"),
            ("name = \"flip\"\nspeed = 3", "speed"),
            ("[]", "at least one"),
            ("{ name = \"flip\"", ""),
            ("{ name = \"flip\" }\nother = 1", "other"),
            ("3", ""),
            ("Flip", ""),
        ] {
            let error = parse_augmentation(text).unwrap_err();
            assert!(error.contains(part), "{text:?}: {error}");
        }
    }
}
